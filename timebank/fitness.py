"""Checks of a database that need no subject's rules: foreign keys and kept totals.

Not here: whether the books are correct (``checking/``), whether the engine is set up (``db``).
"""

from collections.abc import Iterator

from sqlalchemy import Connection, ForeignKeyConstraint, Select, Table, and_, func, select

from timebank.db.kept_totals import is_kept_total, wrong_groups
from timebank.schema import every_table


def kept_totals() -> list[Table]:
    """List the kept totals of all subjects."""
    return [table for table in every_table().sorted_tables if is_kept_total(table)]


def wrong_totals(connection: Connection) -> Iterator[str]:
    """List each kept total that is not the sum of its rows.

    The database keeps them equal. A difference means that somebody wrote past its triggers.
    """
    for total in kept_totals():
        count = wrong_groups(connection, total)
        if count:
            yield f"{count} rows of {total.name} are not the sums that they stand for"


def dangling(connection: Connection) -> Iterator[str]:
    """List each foreign key whose rows refer to rows that do not exist.

    The engine prevents this. Such rows mean that somebody deleted rows with foreign keys turned
    off.
    """
    for table in every_table().sorted_tables:
        for key in sorted(table.foreign_key_constraints, key=lambda key: str(key.name)):
            count = connection.scalar(_dangling_rows(key))
            if count:
                columns = ", ".join(key.column_keys[1:] or key.column_keys)  # Skip community_id.
                target = key.referred_table.name
                yield f"{count} rows of {table.name} refer to a missing {target} ({columns})"


def _dangling_rows(key: ForeignKeyConstraint) -> Select[int]:
    target = key.referred_table.alias()  # It may be the same table.
    pairs = [(element.parent, target.c[element.column.name]) for element in key.elements]
    source = key.table.outerjoin(target, and_(*(own == there for own, there in pairs)))
    is_told = and_(*(own.is_not(None) for own, _ in pairs))
    return select(func.count()).select_from(source).where(is_told, pairs[0][1].is_(None))
