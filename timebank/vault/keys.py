"""The register of keys of the sealed columns: which key is in force, which only opens.

It holds check values, never keys. Not here: the keys themselves (``cipher.py``), their file and
their replacement (``timebank/keyring.py``).
"""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from timebank.db import insert_new
from timebank.vault.cipher import Vault
from timebank.vault.rules import CURRENT, OLD, REMOVED
from timebank.vault.tables import data_key


@dataclass(frozen=True, slots=True)
class DataKey:
    """A key that the database knows, by its id and check value."""

    key_id: str
    check_value: bytes
    state: str
    added_at: datetime

    def is_in(self, vault: Vault) -> bool:
        """Tell whether the vault holds exactly this key."""
        return self.key_id in vault.key_ids and hmac.compare_digest(
            vault.check_value(self.key_id), self.check_value
        )


def data_keys(session: Session) -> list[DataKey]:
    """Every key that the database ever used, oldest first."""
    rows = session.execute(
        select(
            data_key.c.key_id, data_key.c.check_value, data_key.c.state, data_key.c.added_at
        ).order_by(data_key.c.added_at, data_key.c.key_id)
    )
    return [DataKey(row.key_id, bytes(row.check_value), row.state, row.added_at) for row in rows]


def in_state(keys: Sequence[DataKey], *states: str) -> list[DataKey]:
    return [key for key in keys if key.state in states]


def register_first(session: Session, vault: Vault, now: datetime) -> None:
    """Register the key of a database that knows none; where another process was first, nothing."""
    insert_new(session, data_key, [_row(vault, vault.key_ids[0], now)])


def put_in_force(session: Session, vault: Vault, now: datetime) -> None:
    """Let the first key of the vault seal from now on; the one before it only opens.

    On PostgreSQL this waits for the units of work that seal with the one before.
    """
    key_id = vault.key_ids[0]
    session.execute(update(data_key).where(data_key.c.state == CURRENT).values(state=OLD))
    session.execute(insert(data_key).values(**_row(vault, key_id, now)))


def remove_old(session: Session, now: datetime) -> int:
    """Note that no value is sealed by the old keys any more; return how many there were."""
    done = session.execute(
        update(data_key)
        .where(data_key.c.state == OLD)
        .values(state=REMOVED, removed_at=now)
        .returning(data_key.c.key_id)
    )
    return len(done.all())


def _row(vault: Vault, key_id: str, now: datetime) -> dict[str, object]:
    return {
        "key_id": key_id,
        "check_value": vault.check_value(key_id),
        "state": CURRENT,
        "added_at": now,
        "removed_at": None,
    }
