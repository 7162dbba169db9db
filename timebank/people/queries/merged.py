"""Records of one person: which record is kept, and which others are read as of it.

A record that was merged keeps its cards, numbers and history; every statement that begins with one
of these asks here for the record that is kept.
"""

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, bindparam, func, or_, select
from sqlalchemy.orm import Session

from timebank.db import among
from timebank.people.tables import person


def kept_id(community_id: Any, person_id: Any) -> ColumnElement[int]:
    """The id of the record that is kept of a person; their own where nothing was merged."""
    entered = person.alias("entered")
    return (
        select(func.coalesce(entered.c.merged_into_id, entered.c.id))
        .where(entered.c.community_id == community_id, entered.c.id == person_id)
        .scalar_subquery()
    )


def kept_of(rows: Any) -> ColumnElement[int]:
    """The kept record of ``person_id`` of a table, under the same name."""
    return kept_id(rows.c.community_id, rows.c.person_id).label("person_id")


def records_of(community_id: Any, person_ids: Collection[int] | ColumnElement[int]) -> Any:
    """Select the ids of all records of people, given those that are kept."""
    entered = person.alias("entered")
    ids = person_ids if isinstance(person_ids, ColumnElement) else sorted(set(person_ids))

    def is_one(column: ColumnElement[Any]) -> ColumnElement[bool]:
        return column == ids if isinstance(ids, ColumnElement) else column.in_(ids)

    return select(entered.c.id).where(
        entered.c.community_id == community_id,
        or_(is_one(entered.c.id), is_one(entered.c.merged_into_id)),
    )


# All records of the person of a statement that is built once.
OWN_RECORDS = records_of(bindparam("of_community"), bindparam("of_person"))


def kept_ids(
    session: Session, community_id: int, person_ids: Collection[int | None], *, lock: bool = False
) -> dict[int, int]:
    """The kept record for each of these ids, and for every other record of the same people.

    With ``lock`` none of them is merged or parted before the end of the unit of work.
    """
    wanted = sorted({one for one in person_ids if one is not None})
    query = select(person.c.id, person.c.merged_into_id).where(
        person.c.community_id == community_id,
        or_(among(person.c.id, "ids"), among(person.c.merged_into_id, "ids")),
    )
    if lock:
        query = query.order_by(person.c.id).with_for_update(read=True)
    rows = session.execute(query, {"ids": wanted}) if wanted else ()
    kept = {row.id: row.merged_into_id or row.id for row in rows}
    missing = set(kept.values()) - kept.keys()
    return kept | (kept_ids(session, community_id, missing, lock=lock) if missing else {})
