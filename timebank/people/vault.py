"""Encryption of private columns, and keyed digests to look their values up.

AES-256-GCM for id numbers, phones, doors, contacts, notes and card tokens; HMAC-SHA256 for
look-ups. There is one master key, from the environment or from a file that only its owner may
read. Not here: passwords and PINs (``passwords.py``), who may read what (``actions``).
"""

import hashlib
import hmac
import os
from collections.abc import Mapping
from pathlib import Path
from typing import cast

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy.orm import Session

from timebank.keyfile import KeyUnfit, load_key, require_length

KEY_VARIABLE = "TIMEBANK_KEY"
_NONCE_BYTES = 12
_VERSION = b"\x01"
VaultUnfit = KeyUnfit


class CannotOpen(Exception):
    """An encrypted value was changed, moved to another column, or encrypted with another key."""


class Vault:
    """Encrypts text for one column and computes digests for one kind of look-up."""

    def __init__(self, key: bytes) -> None:
        require_length(key)
        self._cipher = AESGCM(_derive(key, "seal"))
        self._digest_key = _derive(key, "digest")

    def __repr__(self) -> str:
        return "<Vault>"

    @classmethod
    def load(cls, environ: Mapping[str, str], path: Path) -> "Vault":
        """Take the key from the environment, otherwise from a file that the first start creates."""
        return cls(load_key(environ, KEY_VARIABLE, path))

    def seal(self, text: str, column: str) -> bytes:
        """Encrypt ``text`` for ``column`` (``person.id_no``); it cannot be decrypted for another
        column.
        """
        nonce = os.urandom(_NONCE_BYTES)
        return _VERSION + nonce + self._cipher.encrypt(nonce, text.encode(), column.encode())

    def open(self, sealed: bytes, column: str) -> str:
        """Decrypt a value of ``column``; raise ``CannotOpen`` for anything else."""
        sealed = bytes(sealed)
        nonce, body = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
        if sealed[:1] != _VERSION or len(nonce) != _NONCE_BYTES:
            raise CannotOpen(column)
        try:
            return self._cipher.decrypt(nonce, body, column.encode()).decode()
        except InvalidTag as fault:
            raise CannotOpen(column) from fault

    def digest(self, kind: str, text: str) -> bytes:
        """Return a keyed digest of ``text``, 32 bytes. Digests of different kinds never collide."""
        name = hmac.digest(self._digest_key, kind.encode(), hashlib.sha256)
        return hmac.digest(name, text.encode(), hashlib.sha256)


def vault_of(session: Session) -> Vault:
    """Return the vault from the session's ``info``."""
    return cast(Vault, session.info["vault"])


def _derive(key: bytes, purpose: str) -> bytes:
    """Derive one key per purpose, so that a digest reveals nothing about an encryption key."""
    return hmac.digest(key, b"timebank/1/" + purpose.encode(), hashlib.sha256)
