"""Encryption of private columns, and keyed digests to look their values up.

AES-256-GCM for id numbers, phones, doors, contacts, notes, card tokens and what names the papers of
a household; HMAC-SHA256 for look-ups. A vault holds one key, and while it is being replaced also
the one before. Not here: where the keys come from (``timebank/keyring.py``), which is in force
(``keys.py``), how values get another key (``sealed.py``), passwords and PINs, who may read what.
"""

import hashlib
import hmac
import logging
import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import cast

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import select
from sqlalchemy.orm import Session

from timebank.db import StaleRow, written
from timebank.keyfile import KeyUnfit, create_key, read_keys, require_length
from timebank.vault.rules import CURRENT, NONCE_BYTES
from timebank.vault.tables import data_key

KEY_VARIABLE = "TIMEBANK_KEY"
_ID_BYTES = 4
_UNNAMED, _NAMED = b"\x01", b"\x02"  # Version 1 does not name its key.
_IN_FORCE = "vault_in_force"  # In ``session.info``: the vault with the key of this unit of work.
_HELD = "vault_held"  # The savepoint in which its key was locked.
_CURRENT = select(data_key.c.key_id).where(data_key.c.state == written(CURRENT))
VaultUnfit = KeyUnfit
_log = logging.getLogger("timebank.vault")


class CannotOpen(Exception):
    """An encrypted value was changed, moved to another column, or encrypted with another key."""


class KeyNotHere(KeyUnfit):
    """The database uses a key that this process does not have."""


class _Key:
    """One key: its id, and the keys derived from it for each purpose."""

    def __init__(self, key: bytes) -> None:
        require_length(key)
        self.cipher = AESGCM(_derive(key, "seal"))
        self.digest_key = _derive(key, "digest")
        self.id = _derive(key, "id")[:_ID_BYTES]
        self.check_value = _derive(key, "check")

    @property
    def header(self) -> bytes:
        """What begins each value that this key has sealed."""
        return _NAMED + self.id


class Vault:
    """Encrypts text for one column and computes digests for one kind of look-up.

    The first key seals, and makes new digests; the others only open what they once sealed.
    """

    def __init__(self, *keys: bytes) -> None:
        self.read_again: Callable[[], tuple[bytes, ...]] | None = None
        self._hold(keys)

    def _hold(self, keys: Iterable[bytes]) -> None:
        found = {key.id.hex(): key for key in map(_Key, keys)}
        if not found:
            raise KeyUnfit("there is no key")
        self._keys, self._first = found, next(iter(found.values()))

    def __repr__(self) -> str:
        return "<Vault>"

    @classmethod
    def load(cls, environ: Mapping[str, str], path: Path) -> "Vault":
        """Take the keys from the environment, otherwise from a file that the first start creates.

        Only for a database without sealed values; ``keys.open_vault`` finds out.
        """
        keys = read_keys(environ, KEY_VARIABLE, path)
        if not keys:
            create_key(path)
            keys = read_keys(environ, KEY_VARIABLE, path)
        return cls(*keys)

    @property
    def key_ids(self) -> tuple[str, ...]:
        """The ids of the keys; the first one seals."""
        return tuple(self._keys)

    def check_value(self, key_id: str) -> bytes:
        """Return 32 bytes by which a key is recognised, and which reveal nothing of it."""
        return self._keys[key_id].check_value

    def header(self, key_id: str) -> bytes:
        """Return what begins each value that this key has sealed."""
        return self._keys[key_id].header

    def sealing_with(self, key_id: str) -> "Vault":
        """Return a vault of the same keys in which this one seals.

        If the key is not among them, it was added since the start: read the keys again.
        **Refuses**: ``KeyNotHere``.
        """
        if key_id == self.key_ids[0]:
            return self
        if self._key_of(key_id) is None:
            raise KeyNotHere(
                f"the database uses key {key_id}, which this process does not have: put it into"
                f" the key file or {KEY_VARIABLE}, and restart"
            )
        chosen = Vault.__new__(Vault)
        chosen.read_again = None
        chosen._first = self._keys[key_id]
        chosen._keys = {key_id: chosen._first, **self._keys}
        return chosen

    def _key_of(self, key_id: str) -> _Key | None:
        """The key of an id; it may have been added since the start."""
        if key_id not in self._keys and self.read_again is not None:
            self._hold(self.read_again())
        return self._keys.get(key_id)

    def seal(self, text: str, column: str) -> bytes:
        """Encrypt ``text`` for ``column`` (``person.id_no``); it cannot be decrypted for another
        column.
        """
        nonce, header = os.urandom(NONCE_BYTES), self._first.header
        bound = header + column.encode()
        return header + nonce + self._first.cipher.encrypt(nonce, text.encode(), bound)

    def open(self, sealed: bytes, column: str) -> str:
        """Decrypt a value of ``column``; raise ``CannotOpen`` for anything else."""
        sealed = bytes(sealed)
        if sealed[:1] == _UNNAMED:
            return self._opened(sealed[1:], self._keys.values(), column, bound=b"")
        key = self._key_of(sealed[1 : 1 + _ID_BYTES].hex())
        if sealed[:1] != _NAMED or key is None:
            raise CannotOpen(column)
        return self._opened(sealed[1 + _ID_BYTES :], [key], column, bound=key.header)

    def _opened(self, rest: bytes, keys: Iterable[_Key], column: str, *, bound: bytes) -> str:
        nonce, body = rest[:NONCE_BYTES], rest[NONCE_BYTES:]
        if len(nonce) < NONCE_BYTES:
            raise CannotOpen(column)
        for key in keys:
            try:
                return key.cipher.decrypt(nonce, body, bound + column.encode()).decode()
            except (InvalidTag, UnicodeDecodeError):
                continue
        raise CannotOpen(column)

    def open_or_none(self, sealed: bytes, column: str) -> str | None:
        """Decrypt a value, or return None for one that cannot be read.

        One spoilt row must not spoil the page or the list that it stands in.
        """
        try:
            return self.open(sealed, column)
        except CannotOpen:
            _log.error("a value of %s cannot be read: run `timebank check`", column)
            return None

    def digest(self, kind: str, text: str) -> bytes:
        """Return a keyed digest of ``text``, 32 bytes. Digests of different kinds never collide."""
        return _digest(self._first, kind, text)

    def digests(self, kind: str, text: str) -> tuple[bytes, ...]:
        """Return the digest by each key, to look up what an older key may have stored."""
        return tuple(_digest(key, kind, text) for key in self._keys.values())


def vault_to_open(session: Session) -> Vault:
    """Return a vault that only opens values, without a statement.

    A sealed value names its key, so it does not matter which key is in force.
    """
    return cast(Vault, session.info["vault"])


def vault_of(session: Session) -> Vault:
    """Return the vault of this unit of work, to make a ``digest`` by the key in force.

    The database says which key is in force, because another process may be replacing it.
    """
    found = session.info.get(_IN_FORCE)
    if found is None:
        given = cast(Vault, session.info["vault"])
        current = session.scalar(_CURRENT)
        found = given if current is None else given.sealing_with(current)
        session.info[_IN_FORCE] = found
    return cast(Vault, found)


def vault_to_seal(session: Session) -> Vault:
    """Return the vault of this unit of work, to store sealed values and digests.

    On PostgreSQL it holds the key in force until the unit of work ends. So no value is stored
    under a key that was replaced meanwhile. Asked again in the same savepoint, it asks nobody.
    """
    savepoint = session.get_nested_transaction()
    if session.info.get(_HELD, _HELD) is savepoint:
        return vault_of(session)
    given = cast(Vault, session.info["vault"])
    current = session.scalar(_CURRENT.with_for_update(read=True))
    if current is None:
        if session.scalar(select(data_key.c.key_id).limit(1)) is not None:
            raise StaleRow("the key was replaced while this unit of work waited for it")
        found = given  # No key is registered: a database of the tests.
    else:
        found = given.sealing_with(current)
    session.info[_IN_FORCE] = found
    session.info[_HELD] = savepoint
    return found


def _digest(key: _Key, kind: str, text: str) -> bytes:
    name = hmac.digest(key.digest_key, kind.encode(), hashlib.sha256)
    return hmac.digest(name, text.encode(), hashlib.sha256)


def _derive(key: bytes, purpose: str) -> bytes:
    """Derive one key per purpose, so that a digest reveals nothing about an encryption key."""
    return hmac.digest(key, b"timebank/1/" + purpose.encode(), hashlib.sha256)
