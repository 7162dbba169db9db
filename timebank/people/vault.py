"""Sealing what nobody needs to read in the database, and keyed digests to find it again.

AES-256-GCM for id numbers, phones, doors, contacts, notes and card tokens; HMAC-SHA256
for look-ups. One master key, from the environment or from a file that only its owner may
read. Not here: passwords and PINs (``passwords.py``), who may open what (``actions``).
"""

import base64
import binascii
import hashlib
import hmac
import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import cast

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy.orm import Session

KEY_BYTES = 32
KEY_VARIABLE = "TIMEBANK_KEY"
_NONCE_BYTES = 12
_VERSION = b"\x01"


class VaultUnfit(Exception):
    """The key is missing, has the wrong shape, or can be read by others."""


class CannotOpen(Exception):
    """A sealed value was changed, moved to another column, or sealed with another key."""


class Vault:
    """Seals text for one column and makes digests for one kind of look-up."""

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            raise VaultUnfit(f"the key has {len(key)} bytes, it needs {KEY_BYTES}")
        self._cipher = AESGCM(_derive(key, "seal"))
        self._digest_key = _derive(key, "digest")

    def __repr__(self) -> str:
        return "<Vault>"

    @classmethod
    def load(cls, environ: Mapping[str, str], path: Path) -> "Vault":
        """Take the key from the environment, else from a file made at the first start."""
        if text := environ.get(KEY_VARIABLE):
            return cls(_decode(text))
        if not path.exists():
            _create(path)
        return cls(_read(path))

    def seal(self, text: str, column: str) -> bytes:
        """Seal ``text`` for ``column`` (``person.id_no``); in another column it does not open."""
        nonce = os.urandom(_NONCE_BYTES)
        return _VERSION + nonce + self._cipher.encrypt(nonce, text.encode(), column.encode())

    def open(self, sealed: bytes, column: str) -> str:
        """Open what was sealed for ``column``; raise ``CannotOpen`` for anything else."""
        sealed = bytes(sealed)
        nonce, body = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
        if sealed[:1] != _VERSION or len(nonce) != _NONCE_BYTES:
            raise CannotOpen(column)
        try:
            return self._cipher.decrypt(nonce, body, column.encode()).decode()
        except InvalidTag as fault:
            raise CannotOpen(column) from fault

    def digest(self, kind: str, text: str) -> bytes:
        """Name ``text`` by 32 bytes that cannot be guessed back; kinds never collide."""
        name = hmac.digest(self._digest_key, kind.encode(), hashlib.sha256)
        return hmac.digest(name, text.encode(), hashlib.sha256)


def vault_of(session: Session) -> Vault:
    """The vault that the database hands to each of its sessions."""
    return cast(Vault, session.info["vault"])


def _derive(key: bytes, purpose: str) -> bytes:
    """Make one key a purpose, so that a digest never weakens a seal."""
    return hmac.digest(key, b"timebank/1/" + purpose.encode(), hashlib.sha256)


def _decode(text: str) -> bytes:
    try:
        return base64.b64decode(text.strip(), validate=True)
    except binascii.Error as fault:
        raise VaultUnfit("the key is not base64") from fault


def _create(path: Path) -> None:
    """Write a fresh key beside ``path`` and link it there: two first starts agree on one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
    file = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(file, base64.b64encode(os.urandom(KEY_BYTES)) + b"\n")
        os.fsync(file)
    finally:
        os.close(file)
    try:
        os.link(draft, path)
    except FileExistsError:
        pass  # Somebody else started first; his key is the key.
    finally:
        draft.unlink()


def _read(path: Path) -> bytes:
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        raise VaultUnfit(f"{path.name} has mode {mode:o}; make it 600, only its owner may read it")
    return _decode(path.read_text())
