"""Keys, signatures, card references, codes and slip numbers.

Ed25519 signs what a device says. HMAC under the device's own secret protects what only device and
server may know. Not here: where a key is stored.
"""

import base64
import hashlib
import hmac

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from timebank.kiosks.refusals import BadSignature
from timebank.typed import code_in

# Characters that are easy to read aloud and type: without I, L, O, U.
CODE_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_LENGTH = 8


def digest(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


# Keys and signatures.
def new_key() -> bytes:
    """Create the private key of a device; it never leaves the device."""
    return Ed25519PrivateKey.generate().private_bytes_raw()


def public_key(key: bytes) -> bytes:
    return Ed25519PrivateKey.from_private_bytes(key).public_key().public_bytes_raw()


def sign(key: bytes, raw: bytes) -> bytes:
    return Ed25519PrivateKey.from_private_bytes(key).sign(raw)


def is_signed(public: bytes, raw: bytes, signature: bytes) -> bool:
    """Tell whether the device signed the bytes, without parsing them."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, raw)
    except (InvalidSignature, ValueError):
        return False
    return True


def fingerprint(public: bytes) -> str:
    """Shorten a public key to a text that two people can compare aloud: ``7K2M-9QXA-4T``."""
    number = int.from_bytes(hashlib.sha256(public).digest()[:7], "big") >> 6
    letters = "".join(CODE_LETTERS[number >> 5 * place & 31] for place in reversed(range(10)))
    return f"{letters[:4]}-{letters[4:8]}-{letters[8:]}"


def request_bytes(method: str, path: str, body: bytes, *, nonce: str) -> bytes:
    """Build the bytes that a device signs for a request; the nonce comes from the server."""
    return f"{method.upper()}\n{path}\n{digest(body)}\n{nonce}".encode()


def seal_of(secret: bytes, body: bytes) -> str:
    """Compute the MAC of an answer to one device, so that nobody else can have written it."""
    return hmac.new(secret, b"snapshot\n" + body, hashlib.sha256).hexdigest()


# Cards.
def card_ref(secret: bytes, text: str) -> str:
    """Hash a card under the device's own key; the hash is useless on any other machine."""
    return hmac.new(secret, b"card\n" + text.strip().upper().encode(), hashlib.sha256).hexdigest()[
        :32
    ]


def ref_of_actor(actor: str | None) -> str | None:
    """Read the card hash from ``card:<ref>``; other actors give None."""
    kind, _, ref = (actor or "").partition(":")
    return ref if kind == "card" and ref else None


# Codes and slips.
def pairing_code(drawn: bytes) -> str:
    """Write random bytes, or a digest, as a code to type."""
    return "".join(CODE_LETTERS[byte % len(CODE_LETTERS)] for byte in drawn[:CODE_LENGTH])


def tidy_code(typed: str) -> str:
    """Normalise a typed code: lower case, spaces, O for 0, I and L for 1."""
    return code_in(typed).translate(str.maketrans("OIL", "011"))


def slip_no(store_code: str, epoch: int, seq: int) -> str:
    """Number a slip, so that staff find the event even before it has reached the server."""
    return f"{store_code}-K{epoch}-{seq:05d}"


def to_text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def to_bytes(text: str) -> bytes:
    """Decode base64. **Refuses**: ``BadSignature`` for anything else."""
    try:
        return base64.b64decode(text, validate=True)
    except ValueError as fault:
        raise BadSignature() from fault
