"""Two records of one person: what was asked and answered, and until when it can be taken back."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from timebank.people import may
from timebank.people.queries.by_two import ByTwo, StepsOfTwo
from timebank.people.queries.kin import not_of_kin
from timebank.people.rules.merging import ONE_PERSON, TWO_PEOPLE, undo_ends_at
from timebank.people.tables import person, person_merge
from timebank.values import By


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonMerge(StepsOfTwo):
    """A question whether two records are of one person; or whether a merge is taken back."""

    into_person_id: int
    undoes_id: int | None
    reason: str
    answer: str | None
    txn_id: int | None

    @property
    def is_undo(self) -> bool:
        return self.undoes_id is not None

    @property
    def is_done(self) -> bool:
        """Tell whether the records were merged, or parted again."""
        return self.answer == ONE_PERSON

    @property
    def undo_until_at(self) -> datetime | None:
        """Until when the merge can be taken back; None before it was made."""
        return None if self.done_at is None else undo_ends_at(self.done_at)


_MERGES = ByTwo(person_merge, "answered", PersonMerge, right=may.MERGE_PEOPLE)
person_merge_named = _MERGES.named


def waiting_merges(by: By) -> Select[Any] | None:
    """Questions that a second member of staff can answer, who is close to neither record."""
    waiting = _MERGES.waiting(by)
    if waiting is None or not may.MERGE_PEOPLE.is_held_everywhere(by):
        return None
    return waiting.where(not_of_kin(by, person_id=person_merge.c.into_person_id))


def pair_of(person_id: int, other_id: int) -> Any:
    """Match the rows about two records, whichever of them is kept."""
    merge = person_merge.c
    return or_(
        and_(merge.person_id == person_id, merge.into_person_id == other_id),
        and_(merge.person_id == other_id, merge.into_person_id == person_id),
    )


def waiting_merge_of(
    session: Session, community_id: int, person_id: int, *, now: datetime
) -> PersonMerge | None:
    """The open question about a record, be it kept or not."""
    merge = person_merge.c
    return _MERGES.waiting_of(
        session,
        community_id,
        or_(merge.person_id == person_id, merge.into_person_id == person_id),
        now=now,
    )


def are_two_people(session: Session, community_id: int, person_id: int, other_id: int) -> bool:
    """Tell whether a second person has said of two records that they are two people."""
    said = select(person_merge.c.id).where(
        person_merge.c.community_id == community_id,
        pair_of(person_id, other_id),
        person_merge.c.answer == TWO_PEOPLE,
        person_merge.c.undoes_id.is_(None),
    )
    return session.scalar(said.limit(1)) is not None


def is_undone(community_id: Any, merge_id: Any) -> ColumnElement[bool]:
    """Match a merge that was taken back."""
    undo = person_merge.alias("undo")
    return (
        select(undo.c.id)
        .where(
            undo.c.community_id == community_id,
            undo.c.undoes_id == merge_id,
            undo.c.answer == ONE_PERSON,
        )
        .exists()
    )


def merge_in_force(session: Session, community_id: int, person_id: int) -> PersonMerge | None:
    """The merge by which a record is read as of another one now, or None."""
    merge = person_merge.c
    newest = select(func.max(merge.id)).where(
        merge.community_id == community_id,
        merge.person_id == person_id,
        merge.answer == ONE_PERSON,
        merge.undoes_id.is_(None),
        ~is_undone(merge.community_id, merge.id),
    )
    merge_id = session.scalar(newest)
    return None if merge_id is None else person_merge_named(session, community_id, merge_id)


def merges_of(session: Session, community_id: int, person_id: int) -> list[PersonMerge]:
    """The merges in force into a record, the oldest first."""
    merged = session.scalars(
        select(person.c.id)
        .where(person.c.community_id == community_id, person.c.merged_into_id == person_id)
        .order_by(person.c.merged_at, person.c.id)
    ).all()
    found = [merge_in_force(session, community_id, one) for one in merged]
    return [one for one in found if one is not None]
