"""Checkpoints as signed notes, in a format that other tools read. Pure.

**Source**: C2SP tlog-checkpoint and signed-note, with Ed25519. Other signature lines may follow
ours, such as those of witnesses. Not here: where the key is stored.
"""

import base64
import binascii
import hashlib
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from timebank.sealing.rules import HASH_BYTES, Tip

_ED25519 = b"\x01"
_KEY_ID_BYTES = 4
_LARGEST_NOTE = 16_384  # Characters; a longer note is not ours.


class NoteUnfit(Exception):
    """Not a note of this log: another name, another key, malformed, or changed."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What the server signs: this log had this size and this root at that time.

    **Units**: ``signed_us`` in microseconds since 1970.
    """

    origin: str
    size: int
    root: bytes
    signed_us: int

    @property
    def tip(self) -> Tip:
        return Tip(self.size, self.root)


def origin_of(community_code: str) -> str:
    """The name of a community's log."""
    return f"timebank/{community_code}"


def checkpoint_text(checkpoint: Checkpoint) -> str:
    """The lines that are signed."""
    root = base64.b64encode(checkpoint.root).decode()
    return f"{checkpoint.origin}\n{checkpoint.size}\n{root}\ntime {checkpoint.signed_us}\n"


def sign_note(text: str, name: str, key: bytes) -> str:
    """Append our signature to a text that ends with a line feed. **Refuses**: ``ValueError``."""
    if not name or "+" in name or any(letter.isspace() for letter in name):
        raise ValueError(f"{name!r} cannot stand before a signature")
    private = Ed25519PrivateKey.from_private_bytes(key)
    key_id = _key_id(name, private.public_key().public_bytes_raw())
    signature = base64.b64encode(key_id + private.sign(text.encode())).decode()
    return f"{text}\n— {name} {signature}\n"


def verifier_key(name: str, key: bytes) -> str:
    """The public verifier key for our notes; ``key`` is the private one."""
    public = Ed25519PrivateKey.from_private_bytes(key).public_key().public_bytes_raw()
    encoded = base64.b64encode(_ED25519 + public).decode()
    return f"{name}+{_key_id(name, public).hex()}+{encoded}"


def read_checkpoint(note: str, verifier: str) -> Checkpoint:
    """Read a note that the holder of the verifier's key has signed.

    **Refuses**: ``NoteUnfit`` for anything else.
    """
    name, public = _read_verifier(verifier)
    text, signatures = _split(note)
    if not any(_is_by(line, text, name=name, public=public) for line in signatures):
        raise NoteUnfit("it has no signature of the expected key")
    checkpoint = read_text(text)
    if checkpoint.origin != name:
        raise NoteUnfit("it is signed, but for another log")
    return checkpoint


def read_text(text: str) -> Checkpoint:
    """Parse the lines of a checkpoint without checking a signature. **Refuses**: ``NoteUnfit``."""
    origin, size, root, *more = text.split("\n")[:-1] + [""] * 3
    times = [line[5:] for line in more if line.startswith("time ")]
    if not origin or not times or not _is_number(size) or not _is_number(times[0]):
        raise NoteUnfit("it is not a checkpoint")
    decoded = _decode(root)
    if len(decoded) != HASH_BYTES:
        raise NoteUnfit("its root has another length")
    return Checkpoint(origin, int(size), decoded, int(times[0]))


def _is_number(text: str) -> bool:
    """Tell whether a text is an integer in our canonical form."""
    return len(text) < 20 and text.isascii() and text.isdigit() and str(int(text)) == text


def _split(note: str) -> tuple[str, list[str]]:
    text, gap, signatures = note.rpartition("\n\n")
    if not gap or not signatures.endswith("\n") or len(note) > _LARGEST_NOTE:
        raise NoteUnfit("it is not a signed note")
    return f"{text}\n", signatures.split("\n")[:-1]


def _is_by(line: str, text: str, *, name: str, public: bytes) -> bool:
    """Tell whether a line is a valid signature of this key; lines of other keys are ignored.

    **Refuses**: ``NoteUnfit`` for a line of this key whose signature is wrong.
    """
    dash, signer, signature = ([*line.split(" "), "", ""])[:3]
    if dash != "—" or signer != name:
        return False
    signed = _decode(signature)
    if signed[:_KEY_ID_BYTES] != _key_id(name, public):
        return False
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signed[_KEY_ID_BYTES:], text.encode())
    except (InvalidSignature, ValueError) as fault:
        raise NoteUnfit("its signature is wrong") from fault
    return True


def _read_verifier(verifier: str) -> tuple[str, bytes]:
    name, key_id, encoded = ([*verifier.split("+", 2), "", ""])[:3]
    key = _decode(encoded)
    is_whole = key[:1] == _ED25519 and len(key) == 1 + HASH_BYTES
    if not is_whole or _key_id(name, key[1:]).hex() != key_id:
        raise NoteUnfit("the verifier key is incomplete")
    return name, key[1:]


def _key_id(name: str, public: bytes) -> bytes:
    return hashlib.sha256(name.encode() + b"\n" + _ED25519 + public).digest()[:_KEY_ID_BYTES]


def _decode(text: str) -> bytes:
    try:
        decoded = base64.b64decode(text, validate=True)
        if base64.b64encode(decoded).decode() != text:  # Refuse unused bits that are not zero.
            raise ValueError("not the one way to write it")
        return decoded
    except (binascii.Error, ValueError) as fault:
        raise NoteUnfit("it is not base64") from fault
