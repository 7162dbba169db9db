"""Seal what older versions stored in clear text: birth dates, kinds of papers, pick-up codes.

A revision of the schema has no key, so ``timebank migrate`` does this after it. Each unit of work
seals some rows and clears their old column; killed at whatever moment, it goes on where it stopped
when it is run again. The new program reads both meanwhile. At the end the files are rewritten.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

from sqlalchemy.orm import Session

from timebank.aid.wiping import wipe_used_codes
from timebank.db import Database
from timebank.db.remains import has_remains, note_remains, remove_remains
from timebank.people.sealed import (
    SealedColumn,
    clear_columns,
    is_any_clear,
    seal_some,
    sealed_columns,
)
from timebank.people.vault import vault_to_seal
from timebank.schema import every_table
from timebank.values import local_day

AT_ONCE = 200  # Rows in one unit of work: a page never waits long for this.
_REWRITTEN = ("deed", "kiosk_pairing")  # The revision wiped codes there.


def has_clear_text(database: Database) -> bool:
    """Tell whether a row of an older version is not sealed yet, or its remains are in the files."""
    with database.reading() as session:
        return is_any_clear(session, _columns()) or has_remains(session.connection())


def seal_clear_text(
    database: Database,
    *,
    at_once: int = AT_ONCE,
    report: Callable[[int], object] = lambda values: None,
) -> int:
    """Seal every value in clear text, then remove what is left of it; return how many there were.

    **Refuses**: ``CannotClean`` while other programs keep the files from being rewritten.
    """
    values = 0
    for column in _columns():
        while some := database.write(partial(_seal_some, column=column, most=at_once)):
            values += some
            report(values)
    database.write(lambda session, now: wipe_used_codes(session))
    with database.reading() as session:
        is_due = has_remains(session.connection())
    if is_due:
        tables = dict.fromkeys(column.table.name for column in _columns())
        remove_remains(database.engine, (*tables, *_REWRITTEN))
    return values


def _columns() -> Sequence[SealedColumn]:
    return clear_columns(sealed_columns(every_table()))


def _seal_some(session: Session, now: datetime, *, column: SealedColumn, most: int) -> int:
    count = seal_some(session, vault_to_seal(session), column, on=local_day(now), most=most)
    if count:
        note_remains(session)
    return count
