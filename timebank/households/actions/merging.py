"""Two records of one person: one of staff asks, another one answers; the same to take it back.

The second record keeps its cards, numbers and history. It is read as of the record that is kept,
until two people take the merge back within thirty days.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from timebank.deeds.action import action
from timebank.deeds.audit import audit
from timebank.deeds.deed import Deed
from timebank.errors import BadInput, WrongState
from timebank.households.actions.records import join_records, part_records
from timebank.people import may
from timebank.people.actions.by_two import evening_of
from timebank.people.actions.cards import lock_people
from timebank.people.actions.merges import (
    check_pair,
    insert_question,
    require_in_force,
    take_question,
    write_answer,
)
from timebank.people.closeness import Involved, require_other, require_unrelated
from timebank.people.queries import (
    are_two_people,
    person_merge_named,
)
from timebank.people.rules.merging import MERGE_ANSWERS, ONE_PERSON


@dataclass(frozen=True, slots=True)
class MergeAsked:
    """A question that a second person answers until ``until_at``."""

    merge_id: int
    until_at: datetime


@dataclass(frozen=True, slots=True)
class MergeAnswered:
    """What was said, and under which record the person is kept."""

    merge_id: int
    answer: str
    person_id: int


@action("ask_merge")
def ask_merge(deed: Deed, *, person_id: int, into_person_id: int, reason: str) -> MergeAsked:
    """Ask a second person whether a record is of the same person as another one, which is kept.

    **Refuses**: ``NotAllowed``, also for oneself and who is close; ``NotFound``; ``BadInput``, also
    where the other record is to be kept; ``WrongState`` where it is asked, answered or merged.
    """
    may.MERGE_PEOPLE.require_everywhere(deed.by)
    if person_id == into_person_id:
        raise BadInput(field="into_person_id", why="repeated")
    for one in (person_id, into_person_id):
        require_unrelated(deed.session, deed.by, one, may.MERGE_PEOPLE)
    lock_people(deed.session, deed.community_id, (person_id, into_person_id))
    check_pair(deed, person_id, into_person_id)
    if are_two_people(deed.session, deed.community_id, person_id, into_person_id):
        raise WrongState(kind="person", state="two_people")
    return _asked(deed, person_id, into_person_id, reason=reason)


@action("ask_merge_undone")
def ask_merge_undone(deed: Deed, *, merge_id: int, reason: str) -> MergeAsked:
    """Ask a second person to take a merge back, within thirty days.

    **Refuses**: ``NotAllowed``; ``NotFound``; ``BadInput`` for the reason; ``WrongState`` for a
    merge that was not made, was taken back, or is too old.
    """
    may.MERGE_PEOPLE.require_everywhere(deed.by)
    merge = person_merge_named(deed.session, deed.community_id, merge_id)
    for one in (merge.person_id, merge.into_person_id):
        require_unrelated(deed.session, deed.by, one, may.MERGE_PEOPLE)
    lock_people(deed.session, deed.community_id, (merge.person_id, merge.into_person_id))
    require_in_force(deed, merge_id)
    return _asked(deed, merge.person_id, merge.into_person_id, reason=reason, undoes_id=merge_id)


def _asked(
    deed: Deed, person_id: int, into_id: int, *, reason: str, undoes_id: int | None = None
) -> MergeAsked:
    merge_id = insert_question(deed, person_id, into_id, reason=reason, undoes_id=undoes_id)
    name = "ask_merge" if undoes_id is None else "ask_merge_undone"
    facts = {"merge_id": merge_id, "other_person_id": person_id}
    audit(deed, name=name, subject_kind="person", subject_id=into_id, facts=facts)
    return MergeAsked(merge_id, evening_of(deed.now))


@action("answer_merge")
def answer_merge(deed: Deed, *, merge_id: int, answer: str) -> MergeAnswered:
    """Say as the second person whether two records are of one person, and merge or part them.

    To a question about taking a merge back, *one person* means that it is taken back.

    **Refuses**: ``NotAllowed``; ``SamePerson``; ``NotFound``; ``BadInput``; ``WrongState`` the next
    day, a second time, or if the records changed meanwhile; ``ClaimsOpen``;
    ``InsufficientBalance`` where what a merge brought is spent.
    """
    may.MERGE_PEOPLE.require_everywhere(deed.by)
    if answer not in MERGE_ANSWERS:
        raise BadInput(field="answer", why="choice")
    row = take_question(deed, merge_id)
    for one in (row.person_id, row.into_person_id):
        require_unrelated(deed.session, deed.by, one, may.MERGE_PEOPLE)
    require_other(deed, Involved(person_ids=(row.asked_by_person_id,)))
    if row.answered_at is not None or row.until_at <= deed.now:
        raise WrongState(kind="person_merge", state="over")
    cells = _carried_out(deed, row) if answer == ONE_PERSON else {}
    write_answer(deed, merge_id, answer, cells)
    facts = {"merge_id": merge_id, "answer": answer, "is_undo": row.undoes_id is not None}
    audit(
        deed, name="answer_merge", subject_kind="person", subject_id=row.into_person_id,
        facts={**facts, "other_person_id": row.person_id},
    )  # fmt: skip
    return MergeAnswered(merge_id, answer, row.into_person_id)


def _carried_out(deed: Deed, row: Any) -> dict[str, Any]:
    """Merge or part the records; return the cells that say what was done."""
    if row.undoes_id is not None:
        merged = take_question(deed, row.undoes_id)
        return part_records(deed, merged, check=lambda: require_in_force(deed, row.undoes_id))
    pair = (row.person_id, row.into_person_id)
    return join_records(deed, row, check=lambda: check_pair(deed, *pair))
