"""Parsing signed checkpoints (C2SP signed-note, Ed25519) and verifying their signatures."""

import base64
import binascii
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

SEAL_KEY_VARIABLE = "TIMEBANK_SEAL_KEY"


class Unfit(Exception):
    """The input is malformed or does not match; the message says why."""


@dataclass(frozen=True, slots=True)
class CheckpointText:
    """The content of a checkpoint. **Units**: microseconds since 1970."""

    origin: str
    size: int
    root: bytes
    signed_us: int


@dataclass(frozen=True, slots=True)
class Keys:
    """The public keys for verification: by log, and one for all other logs."""

    by_origin: Mapping[str, bytes]
    house: bytes | None = None

    def of(self, origin: str) -> bytes | None:
        return self.by_origin.get(origin, self.house)


def read_keys(verifiers: Iterable[str], environ: Mapping[str, str], key_file: Path) -> Keys:
    """Take the given verifier keys, otherwise the public part of the server's own key, if any.

    Raises ``Unfit`` for a malformed key.
    """
    keys = dict(_verifier(verifier) for verifier in verifiers)
    if keys:
        return Keys(keys)
    secret = environ.get(SEAL_KEY_VARIABLE) or (key_file.read_text() if key_file.exists() else "")
    if not secret:
        return Keys({})
    try:
        private = Ed25519PrivateKey.from_private_bytes(
            base64.b64decode(secret.strip(), validate=True)
        )
    except ValueError as fault:
        raise Unfit("the key of this server is not an Ed25519 key") from fault
    return Keys({}, private.public_key().public_bytes_raw())


def _verifier(text: str) -> tuple[str, bytes]:
    """Parse ``name+key id+key``; the key may contain a plus, the name may not."""
    parts = text.strip().split("+", 2)
    try:
        key = base64.b64decode(parts[2], validate=True)
    except (IndexError, binascii.Error) as fault:
        raise Unfit("a verifier key has the form name+id+key") from fault
    if len(key) != 33 or key[:1] != b"\x01" or _key_id(parts[0], key[1:]).hex() != parts[1]:
        raise Unfit("the verifier key is incomplete")
    return parts[0], key[1:]


def _key_id(name: str, public: bytes) -> bytes:
    return hashlib.sha256(name.encode() + b"\x0a\x01" + public).digest()[:4]


def read_note(note: str) -> tuple[str, CheckpointText]:
    """Parse a note into its signed text and its content, without verifying a signature.

    Raises ``Unfit``.
    """
    body, gap, _ = note.partition("\n\n")
    try:
        origin, size, root, *more = body.split("\n")
        times = [int(line[5:]) for line in more if line.startswith("time ")]
        checkpoint = CheckpointText(
            origin, int(size), base64.b64decode(root, validate=True), times[0]
        )
    except (ValueError, IndexError) as fault:
        raise Unfit("the note is not a checkpoint") from fault
    if not gap or len(checkpoint.root) != 32 or body != _body(checkpoint, more):
        raise Unfit("the note is not a checkpoint")
    return body + "\n", checkpoint


def _body(checkpoint: CheckpointText, more: list[str]) -> str:
    root = base64.b64encode(checkpoint.root).decode()
    return "\n".join((checkpoint.origin, str(checkpoint.size), root, *more))


def check_signature(note: str, public: bytes) -> None:
    """Verify the signature of the log's owner. Raises ``Unfit``."""
    body, checkpoint = read_note(note)
    is_there = False
    for line in note[len(body) + 1 :].removesuffix("\n").split("\n"):
        dash, name, signed = ([*line.split(" "), "", ""])[:3]
        if dash != "—" or not name or not signed:
            raise Unfit("a line below the checkpoint is not a signature")
        if name != checkpoint.origin:
            continue  # A witness signs with another name.
        try:
            raw = base64.b64decode(signed, validate=True)
            if raw[:4] != _key_id(name, public):
                continue
            Ed25519PublicKey.from_public_bytes(public).verify(raw[4:], body.encode())
        except (InvalidSignature, ValueError) as fault:
            raise Unfit("the signature is wrong") from fault
        is_there = True
    if not is_there:
        raise Unfit("the signature of this key is missing")
