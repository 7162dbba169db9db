"""What was opened about a person: who read which of their sealed data, when and why."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from timebank.deeds.queries import done_to
from timebank.people.queries.briefs import briefs
from timebank.values import By


@dataclass(frozen=True, slots=True)
class Opening:
    """One opening of sealed data. ``by_name`` is the whole name of the reader, for the person."""

    at: datetime
    by_name: str
    is_own: bool
    columns: tuple[str, ...]
    reason: str


def openings_of(session: Session, by: By, *, limit: int = 100) -> list[Opening]:
    """What was opened about the person who asks, newest first."""
    if by.person_id is None:
        return []
    subject = ("person", by.person_id)
    lines = done_to(session, by.community_id, subject, name="reveal", limit=limit)
    readers = briefs(session, by.community_id, {one.person_id for one in lines if one.person_id})
    return [
        Opening(
            at=one.at,
            by_name=readers[one.person_id].name if one.person_id in readers else "",
            is_own=one.person_id == by.person_id,
            columns=tuple(one.facts.get("columns", ())),
            reason=str(one.facts.get("reason", "")),
        )
        for one in lines
    ]
