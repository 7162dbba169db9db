"""Write what is asked and answered about two records of one person, and how they stand since.

No action stands here: whoever merges records also looks at their households and balances, which
``timebank/households`` joins.
"""

from typing import Any

from sqlalchemy import insert, select, update

from timebank.deeds.deed import Deed
from timebank.errors import BadInput, WrongState
from timebank.people.actions.by_two import evening_of, take_asked
from timebank.people.actions.homes import take_papers
from timebank.people.queries.merges import is_undone, waiting_merge_of
from timebank.people.rules import check_reason
from timebank.people.rules.merging import ONE_PERSON, undo_ends_at
from timebank.people.rules.records import HEAD, MOVED
from timebank.people.tables import home_change, person, person_merge
from timebank.values import local_day, new_id


def insert_question(
    deed: Deed, person_id: int, into_id: int, *, reason: str, undoes_id: int | None = None
) -> int:
    """Ask about two locked records, of which none waits for an answer; return the id.

    **Refuses**: ``WrongState``; ``BadInput`` for the reason.
    """
    for one in (person_id, into_id):
        if waiting_merge_of(deed.session, deed.community_id, one, now=deed.now) is not None:
            raise WrongState(kind="person_merge", state="asked")
    merge_id = new_id()
    row = {
        "community_id": deed.community_id, "id": merge_id, "person_id": person_id,
        "into_person_id": into_id, "undoes_id": undoes_id, "reason": check_reason(reason)[:200],
        "asked_by_person_id": deed.by.person_id, "asked_at": deed.now,
        "until_at": evening_of(deed.now),
    }  # fmt: skip
    deed.session.execute(insert(person_merge), row)
    return merge_id


def take_question(deed: Deed, merge_id: int) -> Any:
    """Read and lock a question. **Refuses**: ``NotFound``."""
    return take_asked(deed, person_merge, merge_id)


def write_answer(deed: Deed, merge_id: int, answer: str, done: dict[str, Any]) -> None:
    """Write what the second person said, and what was ``done`` after it."""
    said = {"answered_by_person_id": deed.by.person_id, "answered_at": deed.now, **done}
    deed.session.execute(
        update(person_merge)
        .where(person_merge.c.community_id == deed.community_id, person_merge.c.id == merge_id)
        .values(answer=answer, **said)
    )


def check_pair(deed: Deed, person_id: int, into_id: int) -> None:
    """Check that one record can be read as of the other one; both are locked.

    **Refuses**: ``WrongState`` for a record that is merged, has others, or has another document;
    ``BadInput`` where only the record that would go lives in a household.
    """
    rows = deed.session.execute(
        select(person).where(
            person.c.community_id == deed.community_id,
            person.c.id.in_((person_id, into_id)) | (person.c.merged_into_id == person_id),
        )
    ).all()
    known = {row.id: row for row in rows}
    gone, kept = known[person_id], known[into_id]
    if gone.merged_into_id is not None or kept.merged_into_id is not None:
        raise WrongState(kind="person", state="merged")
    if len(rows) > 2:
        raise WrongState(kind="person", state="has_records")
    if gone.id_no_digest is not None and kept.id_no_digest is not None:
        raise WrongState(kind="person", state="two_documents")
    if gone.household_id is not None and kept.household_id is None:
        raise BadInput(field="into_person_id", why="keep_other")


def require_in_force(deed: Deed, merge_id: int) -> None:
    """**Refuses**: ``WrongState`` for a merge that cannot be taken back (any more)."""
    merge = person_merge.c
    row = deed.session.execute(
        select(
            merge.answer, merge.answered_at, merge.undoes_id,
            is_undone(merge.community_id, merge.id).label("is_undone"),
        ).where(merge.community_id == deed.community_id, merge.id == merge_id)
    ).one()  # fmt: skip
    if row.answer != ONE_PERSON or row.undoes_id is not None or row.is_undone:
        raise WrongState(kind="person_merge", state="not_in_force")
    if undo_ends_at(row.answered_at) <= deed.now:
        raise WrongState(kind="person_merge", state="too_old")


def homes_of(deed: Deed, person_ids: tuple[int, ...]) -> dict[int, int | None]:
    """Where people live, before anything is locked."""
    rows = deed.session.execute(
        select(person.c.id, person.c.household_id).where(
            person.c.community_id == deed.community_id, person.c.id.in_(person_ids)
        )
    )
    return {row.id: row.household_id for row in rows}


def mark_merged(deed: Deed, gone_id: int, kept_id: int, *, home_id: int | None) -> str | None:
    """Read a record as of another one from now on; return what it was to its head."""
    relation = deed.session.scalar(select(person.c.relation_to_head).where(*_of(deed, gone_id)))
    values = {"merged_into_id": kept_id, "merged_at": deed.now, "relation_to_head": None}
    deed.session.execute(
        update(person).where(*_of(deed, gone_id)).values(household_id=home_id, **values)
    )
    return relation


def mark_parted(deed: Deed, person_id: int, *, home_id: int | None, relation: str | None) -> None:
    """Let a record stand for itself again; a household that has a head keeps that one."""
    if relation == HEAD and _has_head(deed, home_id):
        relation = "other"
    values = {"merged_into_id": None, "merged_at": None, "relation_to_head": relation}
    deed.session.execute(
        update(person).where(*_of(deed, person_id)).values(household_id=home_id, **values)
    )


def write_record_move(deed: Deed, person_id: int, *, from_id: int | None, to_id: int) -> None:
    """Write down that a record, with the papers in its name, belongs to another household."""
    change = {
        "community_id": deed.community_id, "id": new_id(), "person_id": person_id,
        "from_household_id": from_id, "to_household_id": to_id, "why": MOVED,
        "happened_on": local_day(deed.now), "note": "", "recorded_at": deed.now,
        "recorded_by_person_id": deed.by.person_id,
    }  # fmt: skip
    deed.session.execute(insert(home_change), change)
    take_papers(deed, person_id, to_id)


def _of(deed: Deed, person_id: int) -> tuple[Any, ...]:
    return (person.c.community_id == deed.community_id, person.c.id == person_id)


def _has_head(deed: Deed, household_id: int | None) -> bool:
    head = select(person.c.id).where(
        person.c.community_id == deed.community_id,
        person.c.household_id == household_id,
        person.c.relation_to_head == HEAD,
    )
    return household_id is not None and deed.session.scalar(head) is not None
