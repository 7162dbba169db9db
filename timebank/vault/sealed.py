"""The sealed columns of every subject: open samples, find what cannot be read, seal again.

A column says in its declaration that it is sealed (``db.sealed_as``), so this module needs no list.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import (
    Column,
    LargeBinary,
    MetaData,
    Select,
    Table,
    and_,
    bindparam,
    func,
    inspect,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.orm import Session

from timebank.vault.cipher import CannotOpen, Vault
from timebank.vault.rules import HEADER_BYTES

SAMPLE = 500  # Opened from each end of a column.
NAMED = 5  # Rows that a report names.
_UNNAMED = b"\x01"


@dataclass(frozen=True, slots=True)
class SealedColumn:
    """A column of sealed values, and the column of their digests, if there is one."""

    stored: Column[Any]
    name: str
    digest: Column[Any] | None
    at_once: int = 0  # Of large values, so many are read together.

    @property
    def table(self) -> Table:
        return self.stored.table


@dataclass(frozen=True, slots=True)
class Sampled:
    """What was found in one column: how many values, how many were opened, which cannot be."""

    name: str
    values: int
    opened: int
    unreadable: tuple[str, ...]  # The keys of rows.
    foreign: int  # Values that name a key which is not here.


@dataclass(slots=True)
class Resealed:
    """What sealing again has done; ``last`` is the key of the last row, or None at the end."""

    values: int = 0
    unreadable: list[str] = field(default_factory=list)
    last: tuple[Any, ...] | None = None


def sealed_columns(metadata: MetaData) -> list[SealedColumn]:
    """List every column that is declared as sealed."""
    return [
        SealedColumn(
            stored=column,
            name=column.info["sealed"],
            digest=table.c.get(column.info["digest"]),
            at_once=column.info["at_once"],
        )
        for table in metadata.sorted_tables
        for column in table.columns
        if "sealed" in column.info
    ]


def columns_there(session: Session, columns: Sequence[SealedColumn]) -> list[SealedColumn]:
    """The columns that the database has: a migration under way has not created the later ones."""
    look = inspect(session.connection())
    tables = set(look.get_table_names())
    wanted = {column.table.name for column in columns} & tables
    known = {(name, one["name"]) for name in wanted for one in look.get_columns(name)}
    return [column for column in columns if (column.table.name, column.stored.name) in known]


def is_any_sealed(session: Session, columns: Sequence[SealedColumn]) -> bool:
    """Tell whether the database holds a sealed value."""
    return any(
        session.execute(select(column.stored).where(column.stored.is_not(None)).limit(1)).first()
        for column in columns
    )


def sample(session: Session, vault: Vault, column: SealedColumn, *, most: int = SAMPLE) -> Sampled:
    """Open the first and the last values of a column, and all that name a key not held here."""
    filled, most = column.stored.is_not(None), _at_most(most, [column])
    begins = func.substr(column.stored, 1, HEADER_BYTES, type_=LargeBinary())
    is_foreign = and_(
        filled,
        begins.not_in([vault.header(key_id) for key_id in vault.key_ids]),
        func.substr(column.stored, 1, 1, type_=LargeBinary()) != _UNNAMED,
    )
    count = select(func.count()).select_from(column.table)
    rows: dict[str, Any] = {}
    for condition, is_last in ((filled, False), (filled, True), (is_foreign, False)):
        for row in session.execute(_ends(column, is_last=is_last).where(condition).limit(most)):
            rows[_key_of(column.table, row)] = row[0]
    spoilt = [key for key, sealed in rows.items() if _opened(vault, sealed, column.name) is None]
    return Sampled(
        name=column.name,
        values=session.scalar(count.where(filled)) or 0,
        opened=len(rows) - len(spoilt),
        unreadable=tuple(spoilt),
        foreign=session.scalar(count.where(is_foreign)) or 0,
    )


def _at_most(most: int, columns: Sequence[SealedColumn]) -> int:
    """Bound how many rows are read at once, where their values are large."""
    return min([most, *(column.at_once for column in columns if column.at_once)])


def _opened(vault: Vault, sealed: bytes, name: str) -> str | None:
    try:
        return vault.open(sealed, name)
    except CannotOpen:
        return None


def _ends(one: SealedColumn, *, is_last: bool) -> Select[Any]:
    keys = list(one.table.primary_key.columns)
    order = [key.desc() if is_last else key for key in keys]
    return select(one.stored, *keys).order_by(*order)


def _key_of(table: Table, row: Any) -> str:
    names = [key.name for key in table.primary_key.columns]
    return f"{table.name} {row._mapping['id'] if 'id' in names else tuple(row[1:])}"


def tables_of(columns: Sequence[SealedColumn]) -> Iterator[list[SealedColumn]]:
    """Group the columns by their table."""
    for table in dict.fromkeys(column.table for column in columns):
        yield [column for column in columns if column.table is table]


def reseal_some(
    session: Session,
    vault: Vault,
    columns: Sequence[SealedColumn],
    *,
    after: tuple[Any, ...] | None,
    most: int,
) -> Resealed:
    """Seal the next rows of one table by the vault's first key, with their digests.

    Rows that it has sealed already are left alone, so it goes on wherever it was stopped. A value
    that cannot be read stays as it is.
    """
    resealed, most = Resealed(), _at_most(most, columns)
    table, header = columns[0].table, vault.header(vault.key_ids[0])
    keys = list(table.primary_key.columns)
    is_due = or_(*(_is_due(column, header) for column in columns))
    query = select(*keys, *(column.stored for column in columns)).where(is_due).order_by(*keys)
    if after is not None:
        query = query.where(tuple_(*keys) > tuple_(*after))
    rows = session.execute(query.limit(most).with_for_update()).all()
    for row in rows:
        cells = _sealed_again(vault, columns, row._mapping, resealed=resealed)
        if cells:
            place = [key == row._mapping[key] for key in keys]
            session.execute(update(table).where(*place).values(cells))
    if len(rows) == most:
        resealed.last = tuple(rows[-1][: len(keys)])
    return resealed


def _is_due(one: SealedColumn, header: bytes) -> Any:
    begins = func.substr(one.stored, 1, HEADER_BYTES, type_=LargeBinary())
    return and_(one.stored.is_not(None), begins != bindparam(None, header, LargeBinary()))


def _sealed_again(
    vault: Vault, columns: Sequence[SealedColumn], row: Any, *, resealed: Resealed
) -> dict[str, bytes]:
    header = vault.header(vault.key_ids[0])
    cells: dict[str, bytes] = {}
    for column in columns:
        sealed = row[column.stored]
        if sealed is None or bytes(sealed).startswith(header):
            continue
        text = _opened(vault, sealed, column.name)
        if text is None:
            resealed.unreadable.append(
                f"{column.table.name} {row.get('id')} ({column.stored.name})"
            )
            continue
        cells[column.stored.name] = vault.seal(text, column.name)
        if column.digest is not None:
            cells[column.digest.name] = vault.digest(column.name, text)
        resealed.values += 1
    return cells
