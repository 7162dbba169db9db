"""Seal what older versions stored in clear text, such as birth dates and kinds of papers.

A revision of the schema has no key. So ``timebank migrate`` stops before the revision that drops
the old columns, does this, and goes on. Each unit of work seals some rows and clears their old
columns; killed at whatever moment, it goes on where it stopped when it is run again. At the end the
files are rewritten.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, partial
from itertools import groupby
from typing import Any

from sqlalchemy import (
    ColumnElement,
    TableClause,
    and_,
    column,
    false,
    or_,
    select,
    table,
    text,
    tuple_,
    update,
)
from sqlalchemy.orm import Session

from timebank.aid.wiping import wipe_used_codes
from timebank.db import Database
from timebank.db.remains import has_remains, note_remains, remove_remains
from timebank.kiosks.kept_bytes import ENCODING
from timebank.people.rules.ages import age_cells
from timebank.schema import every_table
from timebank.values import local_day
from timebank.vault.cipher import Vault, vault_to_seal

AT_ONCE = 200  # Rows in one unit of work: a page never waits long for this.
_REWRITTEN = ("kiosk_pairing",)  # A revision wiped codes there.
_HAS_CODE = {
    "sqlite": "instr(raw, CAST('\"pickup_code\"' AS BLOB)) > 0",
    "postgresql": "position(convert_to('\"pickup_code\"', 'UTF8') IN raw) > 0",
}
_IS_PRIVATE = "name IN ('claim_goods', 'issue_at_counter', 'issue_goods')"


@dataclass(frozen=True, slots=True)
class OldColumn:
    """A column in clear text, and the sealed one beside it that has taken its place.

    ``empty`` is what a sealed row keeps in the old column; ``only`` tells on each engine which rows
    are meant; ``beside`` gives the cells that follow from a value on a day.
    """

    table: str
    clear: str
    sealed: str
    empty: str | bytes | None = None
    only: Mapping[str, str] | None = None
    beside: Callable[[str, date], Mapping[str, object]] | None = None


def _old(table: str, clear: str, *, sealed: str = "", **options: Any) -> OldColumn:
    return OldColumn(table=table, clear=clear, sealed=sealed or f"{clear}_sealed", **options)


# Those of one table stand together, and are sealed together.
OLD_COLUMNS = (
    _old("person", "birth_on", sealed="birth_sealed", beside=age_cells),
    _old("proof", "kind"),
    _old("claim", "pickup_code", sealed="pickup_sealed"),
    _old("claim", "refusal_facts"),
    _old("decision", "facts", empty=""),
    _old("decision", "trace", empty=""),
    _old("decision", "reasons", empty=""),
    _old("decision", "missing", empty=""),
    _old("deed", "answer", empty="", only=dict.fromkeys(_HAS_CODE, _IS_PRIVATE)),
    _old("kiosk_inbox", "raw", empty=b"", only=_HAS_CODE),
    _old("kiosk_quarantine", "raw", empty=b"", only=_HAS_CODE),
    _old("kiosk_review", "facts", empty=""),
)


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
    for _, group in groupby(OLD_COLUMNS, lambda one: one.table):
        work = partial(_seal_some, columns=tuple(group), most=at_once)
        count, last = database.write(work)
        while count:
            values += count
            report(values)
            count, last = (0, None) if last is None else database.write(partial(work, after=last))
    database.write(lambda session, now: wipe_used_codes(session))
    with database.reading() as session:
        is_due = has_remains(session.connection())
    if is_due:
        tables = dict.fromkeys(old_column.table for old_column in OLD_COLUMNS)
        remove_remains(database.engine, (*tables, *_REWRITTEN))
    return values


def has_clear_text(database: Database) -> bool:
    """Tell whether a row of an older version is not sealed yet, or its remains are in the files."""
    with database.reading() as session:
        dialect = session.get_bind().dialect.name
        return has_remains(session.connection()) or any(
            session.execute(
                select(_keys(old_column.table)[0]).where(_is_due(old_column, dialect)).limit(1)
            ).first()
            for old_column in OLD_COLUMNS
        )


def _seal_some(
    session: Session,
    now: datetime,
    *,
    columns: Sequence[OldColumn],
    most: int,
    after: tuple[Any, ...] | None = None,
) -> tuple[int, tuple[Any, ...] | None]:
    """Seal the next rows; return how many values, and the key of the last row if there are more."""
    name = columns[0].table
    of_table, keys = _table(name), _keys(name)
    dues = {
        old_column.clear: _is_due(old_column, session.get_bind().dialect.name)
        for old_column in columns
    }
    clear: list[ColumnElement[Any]] = [column(due) for due in dues]
    marks = [due.label(f"{name}_is_due") for name, due in dues.items()]
    query = select(*keys, *clear, *marks).select_from(of_table).where(or_(false(), *dues.values()))
    if after is not None:
        query = query.where(tuple_(*keys) > tuple_(*after))
    rows = session.execute(query.order_by(*keys).limit(most).with_for_update()).all()
    vault, values = vault_to_seal(session), 0
    for row in rows:
        due = [old_column for old_column in columns if row._mapping[f"{old_column.clear}_is_due"]]
        place = [key == row._mapping[key.name] for key in keys]
        cells = _cells(vault, due, dict(row._mapping), on=local_day(now))
        session.execute(update(of_table).where(*place).values(cells))
        values += len(due)
    if rows:
        note_remains(session)
    return values, tuple(rows[-1][: len(keys)]) if len(rows) == most else None


def _cells(
    vault: Vault, columns: Sequence[OldColumn], row: Mapping[str, Any], *, on: date
) -> dict[str, Any]:
    cells: dict[str, Any] = {}
    for old_column in columns:
        text_ = _text(row[old_column.clear])
        info = every_table().tables[old_column.table].c[old_column.sealed].info
        cells |= {
            old_column.clear: old_column.empty,
            old_column.sealed: vault.seal(text_, info["sealed"]),
        }
        if info["digest"]:
            cells[info["digest"]] = vault.digest(info["sealed"], text_)
        if old_column.beside is not None:
            cells |= old_column.beside(text_, on)
    return cells


def _text(value: Any) -> str:
    if isinstance(value, date):
        return value.isoformat()
    return value if isinstance(value, str) else bytes(value).decode(ENCODING)


def _is_due(one: OldColumn, dialect: str) -> ColumnElement[bool]:
    """The rows that still hold a value in clear text."""
    clear: ColumnElement[Any] = column(one.clear)
    some: list[Any] = [column(one.sealed).is_(None), clear.is_not(None)]
    if one.empty is not None:
        some.append(clear != one.empty)
    if one.only is not None:
        some.append(text(one.only[dialect]))
    return and_(*some)


@cache
def _table(name: str) -> TableClause:
    """The table as it is before the old columns are dropped."""
    known = every_table().tables[name].columns
    columns: dict[str, Any] = {old.clear: column(old.clear) for old in OLD_COLUMNS}
    columns |= {each.name: column(each.name, each.type) for each in known}
    return table(name, *columns.values())


def _keys(name: str) -> list[ColumnElement[Any]]:
    return [_table(name).c[key.name] for key in every_table().tables[name].primary_key.columns]
