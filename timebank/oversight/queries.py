"""The audit trail with the names that its readers may see: staff by name, everybody else masked.

Not here: the trail itself (``deeds/trail.py``), and who opened sealed data of one person
(``people/queries/openings.py``).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy.orm import Session

from timebank.db import Cursor
from timebank.deeds.queries import AuditLine
from timebank.deeds.trail import TrailWanted, trail, trail_key
from timebank.people.queries import (
    briefs,
    household,
    household_briefs,
    people_of_users,
    staff,
)
from timebank.values import By, local_instant

PERSON, HOUSEHOLD, USER = "person", "household", "user"
LINES_AT_ONCE = 500  # As many as an export reads in one go.


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditWanted:
    """What a reader looks for; a part that is None leaves everything in.

    ``household_id`` asks for what was done to a household, or to somebody who lives in it now.
    **Units**: ``from_on`` and ``until_on`` are local days, both inclusive.
    """

    name: str | None = None
    user_id: int | None = None
    household_id: int | None = None
    from_on: date | None = None
    until_on: date | None = None
    is_oldest_first: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditTold:
    """A line and its names.

    ``actor`` is None for the program itself and for a kiosk. ``whom`` is None where the line is
    about no person and no household.
    """

    line: AuditLine
    actor: str | None
    whom: str | None


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody with a role, for the choice on the page."""

    user_id: int
    name: str
    login_name: str


def audit_trail(
    session: Session, by: By, wanted: AuditWanted, *, limit: int, before: Cursor | None = None
) -> list[AuditTold]:
    """A page of the trail. **Refuses**: ``NotFound`` for an unknown household."""
    sought = _sought(session, by.community_id, wanted)
    lines = trail(session, by.community_id, sought, limit=limit, before=before)
    return _told(session, by.community_id, lines)


def whole_trail(session: Session, by: By, wanted: AuditWanted) -> Iterator[AuditTold]:
    """Every line, read in parts. **Refuses**: as ``audit_trail``."""
    before: Cursor | None = None
    while part := audit_trail(session, by, wanted, limit=LINES_AT_ONCE, before=before):
        yield from part
        before = trail_key(part[-1].line)


def actors(session: Session, community_id: int) -> list[Actor]:
    """Everybody who holds a role now, each once, by name."""
    known = {row.user_id: row for row in staff(session, community_id)}
    found = [Actor(row.user_id, row.name, row.login_name) for row in known.values()]
    return sorted(found, key=lambda actor: (actor.name, actor.login_name))


def _sought(session: Session, community_id: int, wanted: AuditWanted) -> TrailWanted:
    subjects = None
    if wanted.household_id is not None:
        home = household(session, community_id, wanted.household_id)
        subjects = {HOUSEHOLD: [home.id], PERSON: [member.id for member in home.members]}
    return TrailWanted(
        name=wanted.name,
        user_id=wanted.user_id,
        subjects=subjects,
        since=local_instant(wanted.from_on) if wanted.from_on else None,
        until=local_instant(wanted.until_on + timedelta(days=1)) if wanted.until_on else None,
        is_oldest_first=wanted.is_oldest_first,
    )


def _told(session: Session, community_id: int, lines: Sequence[AuditLine]) -> list[AuditTold]:
    users = people_of_users(session, community_id, _ids(lines, USER))
    people = {line.person_id for line in lines} | _ids(lines, PERSON) | set(users.values())
    known = briefs(session, community_id, [person for person in people if person is not None])
    homes = household_briefs(session, community_id, _ids(lines, HOUSEHOLD))
    members = {row.person_id for row in staff(session, community_id)}

    def name(person_id: int | None) -> str | None:
        brief = known.get(person_id or 0)
        if brief is None:
            return None
        return brief.name if brief.id in members else brief.masked_name

    def whom(line: AuditLine) -> str | None:
        if line.subject_kind == PERSON:
            return name(line.subject_id)
        if line.subject_kind == USER:
            return name(users.get(line.subject_id or 0))
        home = homes.get(line.subject_id or 0) if line.subject_kind == HOUSEHOLD else None
        return home.household_no if home else None

    return [AuditTold(line=line, actor=name(line.person_id), whom=whom(line)) for line in lines]


def _ids(lines: Sequence[AuditLine], kind: str) -> set[int]:
    return {line.subject_id for line in lines if line.subject_kind == kind and line.subject_id}
