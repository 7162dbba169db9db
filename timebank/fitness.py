"""Whether a database is fit for service, as far as it can be seen without any subject's rules.

Not here: whether the books come out (``checking/``), whether the engine has our hooks (``db``).
"""

from collections.abc import Iterator

from sqlalchemy import Connection, ForeignKeyConstraint, Select, and_, func, select

from timebank.schema import every_table


def dangling(connection: Connection) -> Iterator[str]:
    """Name each column whose rows name a row that is not there, though a key forbids it.

    Only somebody past the keys of the database leaves such rows: he cut the books and left what
    stands on them, or the other way round.
    """
    for table in every_table().sorted_tables:
        for key in sorted(table.foreign_key_constraints, key=lambda key: str(key.name)):
            count = connection.scalar(_dangling_rows(key))
            if count:
                columns = ", ".join(key.column_keys[1:] or key.column_keys)  # The community leads.
                target = key.referred_table.name
                yield f"{count} rows of {table.name} name a {target} that is not there ({columns})"


def _dangling_rows(key: ForeignKeyConstraint) -> Select[int]:
    target = key.referred_table.alias()  # It may be the same table.
    pairs = [(element.parent, target.c[element.column.name]) for element in key.elements]
    source = key.table.outerjoin(target, and_(*(own == there for own, there in pairs)))
    is_told = and_(*(own.is_not(None) for own, _ in pairs))
    return select(func.count()).select_from(source).where(is_told, pairs[0][1].is_(None))
