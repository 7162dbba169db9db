"""Remove households and people that were enrolled by mistake, while nothing knows of them.

Whoever has done or received anything here is never removed: they move away, and their history
stays. The caller has checked that nothing in the books is theirs.
"""

from collections.abc import Collection

from sqlalchemy import Column, ForeignKeyConstraint, Table, bindparam, delete, select
from sqlalchemy.orm import Session

from timebank.db import among
from timebank.deeds.deed import Deed
from timebank.people.tables import household, person


def what_knows(
    session: Session, community_id: int, ids: Collection[int], *, of: Table
) -> str | None:
    """The name of a table with a row about one of these people or households; None if there is
    none.
    """
    for known in of.metadata.sorted_tables:
        if known is person and of is household:
            continue  # Its own members: the caller removes them first.
        for column in _columns_to(known, of):
            asked = {"of_community": community_id, "ids": ids}
            query = select(column).where(
                known.c.community_id == bindparam("of_community"), among(column, "ids")
            )
            if session.execute(query.limit(1), asked).first() is not None:
                return str(known.name)
    return None


def _columns_to(known: Table, of: Table) -> list[Column[int]]:
    """The columns of a table that point to people or households."""
    return [
        key.parent
        for constraint in known.constraints
        if isinstance(constraint, ForeignKeyConstraint) and constraint.referred_table is of
        for key in constraint.elements
        if key.column.name == "id"
    ]


def remove_enrolled(
    deed: Deed, *, household_ids: Collection[int], person_ids: Collection[int]
) -> str | None:
    """Remove people and their households; return what knows of them, and remove nothing then."""
    for of, ids in ((person, person_ids), (household, household_ids)):
        found = what_knows(deed.session, deed.community_id, ids, of=of)
        if found is not None:
            return found
    left = select(person.c.id).where(
        person.c.community_id == bindparam("of_community"), among(person.c.household_id, "homes"),
        ~among(person.c.id, "ids"),
    )  # fmt: skip
    asked = {"of_community": deed.community_id, "homes": household_ids, "ids": person_ids}
    if deed.session.execute(left.limit(1), asked).first() is not None:
        return "person"  # Somebody moved in since.
    for of, ids in ((person, person_ids), (household, household_ids)):
        gone = delete(of).where(
            of.c.community_id == bindparam("of_community"), among(of.c.id, "ids")
        )
        deed.session.execute(gone, {"of_community": deed.community_id, "ids": ids})
    return None
