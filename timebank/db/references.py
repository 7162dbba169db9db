"""Which rows of other tables refer to some rows, by the foreign keys of the whole schema."""

from collections.abc import Collection

from sqlalchemy import Column, ForeignKeyConstraint, Table, bindparam, select
from sqlalchemy.orm import Session

from timebank.db.columns import among


def first_reference(
    session: Session,
    community_id: int,
    ids: Collection[int],
    *,
    of: Table,
    besides: Collection[Table] = (),
) -> str | None:
    """The name of a table with a row that refers to one of these ids; otherwise None."""
    for known in of.metadata.sorted_tables:
        for column in () if known in besides else _columns_to(known, of):
            asked = {"of_community": community_id, "ids": ids}
            query = select(column).where(
                known.c.community_id == bindparam("of_community"), among(column, "ids")
            )
            if session.execute(query.limit(1), asked).first() is not None:
                return str(known.name)
    return None


def _columns_to(known: Table, of: Table) -> list[Column[int]]:
    """The columns of a table that hold the id of the other one, after its community."""
    _community, own, *_rest = of.primary_key.columns
    return [
        key.parent
        for constraint in known.constraints
        if isinstance(constraint, ForeignKeyConstraint) and constraint.referred_table is of
        for key in constraint.elements
        if key.column is own
    ]
