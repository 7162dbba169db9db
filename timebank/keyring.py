"""The key of the sealed columns: take it at the start, check it, replace it.

A server without its key, or with another one, must not start: it would seal new values by a key
that opens none of the old ones, and tell nobody. Not here: the cipher (``vault/cipher.py``), the
register in the database (``vault/keys.py``), the sealed columns (``vault/sealed.py``).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from timebank.db import Database
from timebank.keyfile import KeyUnfit, alone, create_key, new_key, read_keys, write_keys
from timebank.schema import every_table
from timebank.vault.cipher import KEY_VARIABLE, Vault
from timebank.vault.keys import (
    DataKey,
    data_keys,
    in_state,
    put_in_force,
    register_first,
    remove_old,
)
from timebank.vault.rules import CURRENT, OLD
from timebank.vault.sealed import (
    Resealed,
    Sampled,
    columns_there,
    is_any_sealed,
    reseal_some,
    sample,
    sealed_columns,
    tables_of,
)

AT_ONCE = 200  # Rows in one unit of work: a page never waits long for a replacement of the key.
LOST = "If it is lost for good, see “A lost key” in docs/operations.md."


@dataclass(frozen=True, slots=True)
class Keyring:
    """Where the keys come from: a variable of the environment, otherwise a file."""

    environ: Mapping[str, str]
    path: Path

    @property
    def is_file(self) -> bool:
        return not self.environ.get(KEY_VARIABLE)

    @property
    def place(self) -> str:
        return str(self.path) if self.is_file else KEY_VARIABLE

    def read(self) -> tuple[bytes, ...]:
        return read_keys(self.environ, KEY_VARIABLE, self.path)


def open_vault(database: Database, keyring: Keyring) -> Vault:
    """Return the vault for a database, after a check that it holds the right key.

    A database without sealed values makes its key, and registers it.

    **Refuses**: ``KeyUnfit`` for a missing or wrong key, with what to do. Nothing is created then.
    """
    with database.reading() as session:
        known = data_keys(session)
        is_filled = bool(known) or is_any_sealed(
            session, columns_there(session, sealed_columns(every_table()))
        )
    keys = keyring.read()
    if not keys:
        if is_filled:
            raise KeyUnfit(_told_missing(keyring, known))
        create_key(keyring.path)
        keys = keyring.read()
    vault = Vault(*keys)
    vault.read_again = keyring.read
    if not known:
        known = _register(database, vault, keyring)
    _require(vault, known, keyring)
    return vault


def _told_missing(keyring: Keyring, known: list[DataKey]) -> str:
    current = in_state(known, CURRENT)
    which = f"its key {current[0].key_id}" if current else "its key"
    return (
        f"The database holds sealed data, but {which} is missing: put the file {keyring.path} back,"
        f" or set {KEY_VARIABLE}. No new key was made. {LOST}"
    )


def _register(database: Database, vault: Vault, keyring: Keyring) -> list[DataKey]:
    """Register the first key. Where values are sealed already, it must open them."""
    with database.reading() as session:
        faults = [
            found
            for sealed_column in columns_there(session, sealed_columns(every_table()))
            if (found := sample(session, vault, sealed_column)).unreadable and not found.opened
        ]
    if faults:
        raise KeyUnfit(
            f"The key in {keyring.place} opens no value of {faults[0].name}: it is not the key of"
            f" this database. Put the right one there. {LOST}"
        )
    database.write(lambda session, now: register_first(session, vault, now))
    with database.reading() as session:
        return data_keys(session)


def _require(vault: Vault, known: list[DataKey], keyring: Keyring) -> None:
    for key in in_state(known, CURRENT, OLD):
        if not key.is_in(vault):
            held = ", ".join(vault.key_ids)
            also = "also " if key.state == OLD else ""
            raise KeyUnfit(
                f"The database {also}uses key {key.key_id}, but {keyring.place} holds {held}: put"
                f" the right key there. Nothing was changed. {LOST}"
            )


def samples(database: Database) -> list[Sampled]:
    """Open samples of every sealed column."""
    with database.reading() as session:
        vault: Vault = session.info["vault"]
        return [
            sample(session, vault, sealed_column) for sealed_column in sealed_columns(every_table())
        ]


@dataclass(frozen=True, slots=True)
class Rotated:
    """A replaced key; ``unreadable`` values stay as they were."""

    key_id: str
    before: tuple[str, ...]
    values: int
    unreadable: tuple[str, ...]


def rotate(
    database: Database,
    keyring: Keyring,
    *,
    at_once: int = AT_ONCE,
    report: Callable[[int], object] = lambda values: None,
) -> Rotated:
    """Replace the key: add a new one, seal every value by it, remove the old one.

    People may work meanwhile. Interrupted at whatever moment, it goes on where it stopped when it
    is run again: the database knows which key is in force, each value names the key that sealed it.

    **Refuses**: ``KeyUnfit``.
    """
    with alone(keyring.path):
        return _rotated(database, keyring, at_once=at_once, report=report)


def _rotated(
    database: Database, keyring: Keyring, *, at_once: int, report: Callable[[int], object]
) -> Rotated:
    vault = open_vault(database, keyring)
    with database.reading() as session:
        known = data_keys(session)
    if vault.key_ids == (in_state(known, CURRENT)[0].key_id,):
        vault = _with_new_key(database, keyring)
    if vault.key_ids[0] not in {key.key_id for key in known}:
        database.write(lambda session, now: put_in_force(session, vault, now))
    with database.reading() as session:
        current = in_state(data_keys(session), CURRENT)[0]
    resealing = partial(
        _reseal, database, vault.sealing_with(current.key_id), at_once=at_once, report=report
    )
    values, last = 0, resealing()
    while last.values:  # The old key is removed only after a pass that finds nothing more.
        values, last = values + last.values, resealing()
    database.write(lambda session, now: remove_old(session, now))
    if keyring.is_file:
        kept = {Vault(key).key_ids[0]: key for key in keyring.read()}[current.key_id]
        write_keys(keyring.path, [kept])
    before = tuple(key_id for key_id in vault.key_ids if key_id != current.key_id)
    return Rotated(current.key_id, before, values, tuple(last.unreadable))


def _with_new_key(database: Database, keyring: Keyring) -> Vault:
    """Put a new key before the one in the file."""
    if not keyring.is_file:
        raise KeyUnfit(
            f"The key comes from {KEY_VARIABLE}: set it to NEW,OLD for the server and for this"
            " command (a new key: openssl rand -base64 32), restart the server, and run this again."
        )
    write_keys(keyring.path, [new_key(), *keyring.read()])
    return open_vault(database, keyring)


def _reseal(
    database: Database, vault: Vault, *, at_once: int, report: Callable[[int], object]
) -> Resealed:
    resealed = Resealed()
    for columns in tables_of(sealed_columns(every_table())):
        after = None
        while True:
            work = partial(_reseal_some, vault=vault, columns=columns, after=after, most=at_once)
            some = database.write(work)
            resealed.values += some.values
            resealed.unreadable += some.unreadable
            report(resealed.values)
            after = some.last
            if after is None:
                break
    return resealed


def _reseal_some(session: Session, now: datetime, **options: Any) -> Resealed:
    return reseal_some(session, **options)


def give_up_key(database: Database, keyring: Keyring) -> str:
    """Go on with a new key after the old one was lost for good; return the id of the new one.

    What the lost key sealed cannot be read any more. If it turns up again, ``rotate`` recovers it.

    **Refuses**: ``KeyUnfit`` while a key is there.
    """
    if keyring.read():
        raise KeyUnfit(f"There is a key in {keyring.place}: this is only for a key that is lost.")
    create_key(keyring.path)
    vault = Vault(*keyring.read())

    def change(session: Session, now: datetime) -> None:
        put_in_force(session, vault, now)
        remove_old(session, now)

    database.write(change)
    return vault.key_ids[0]
