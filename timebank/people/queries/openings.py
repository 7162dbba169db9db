"""Who opened sealed data of whom, when and why: read from the audit trail.

And the alarms of those who have used up the openings of a day.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from timebank.db import Cursor, waiting_row
from timebank.deeds.queries import AuditLine, lines_about, lines_of_person
from timebank.errors import NotFound
from timebank.people import may
from timebank.people.queries.briefs import briefs
from timebank.people.queries.kin import not_of_kin
from timebank.people.tables import opening_alarm as alarm_table
from timebank.people.tables import person
from timebank.values import By, local_instant

OPENED = "reveal"  # The name of the audit line.


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """One opening: the whole name of the member of staff, the masked name of whose data it was."""

    id: int
    at: datetime
    opener_name: str
    masked_name: str
    columns: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OpeningAlarm:
    """Somebody used up ``openings_max`` openings on a day and tried to open more."""

    id: int
    person_id: int
    name: str
    on_day: date
    openings_max: int
    raised_at: datetime


def openings_about(
    session: Session,
    community_id: int,
    person_id: int,
    *,
    limit: int = 100,
    before: Cursor | None = None,
) -> list[Opening]:
    """A page of who opened a person's sealed data, newest first, without their own openings."""
    found = lines_about(
        session, community_id, ("person", person_id), name=OPENED, limit=limit, before=before,
        not_by=person_id,
    )  # fmt: skip
    return _openings(session, community_id, found)


def openings_by(session: Session, community_id: int, person_id: int, on: date) -> list[Opening]:
    """What a member of staff opened on a local day, oldest first; their own data is left out."""
    between = local_instant(on), local_instant(on + timedelta(days=1))
    found = lines_of_person(session, community_id, person_id, name=OPENED, between=between)
    return _openings(
        session, community_id, [opening for opening in found if opening.subject_id != person_id]
    )


def _openings(session: Session, community_id: int, lines: list[AuditLine]) -> list[Opening]:
    ids = {id_ for line in lines for id_ in (line.person_id, line.subject_id) if id_ is not None}
    people = briefs(session, community_id, ids)
    return [
        Opening(
            id=line.id,
            at=line.at,
            opener_name=people[line.person_id].name if line.person_id in people else "",
            masked_name=people[line.subject_id].masked_name if line.subject_id in people else "",
            columns=tuple(line.facts.get("columns", ())),
            reason=str(line.facts.get("reason", "")),
        )
        for line in lines
    ]


def opening_alarm(session: Session, community_id: int, alarm_id: int) -> OpeningAlarm:
    """**Refuses**: ``NotFound``."""
    row = session.execute(
        select(alarm_table, person.c.name)
        .join(
            person,
            (person.c.community_id == alarm_table.c.community_id)
            & (person.c.id == alarm_table.c.person_id),
        )
        .where(alarm_table.c.community_id == community_id, alarm_table.c.id == alarm_id)
    ).first()
    if row is None:
        raise NotFound(kind="opening")
    return OpeningAlarm(
        id=row.id,
        person_id=row.person_id,
        name=row.name,
        on_day=row.on_day,
        openings_max=row.openings_max,
        raised_at=row.raised_at,
    )


def waiting_alarms(by: By) -> Select[Any] | None:
    """Alarms that wait for a second person; one's own waits for somebody who is not close."""
    if not may.ALLOW_OPENINGS.is_held_everywhere(by):
        return None
    return waiting_row(
        "opening", alarm_table.c.id, since=alarm_table.c.raised_at,
        person_id=alarm_table.c.person_id, count=alarm_table.c.openings_max,
    ).where(
        alarm_table.c.community_id == by.community_id,
        alarm_table.c.answered_at.is_(None),
        not_of_kin(by, person_id=alarm_table.c.person_id),
    )  # fmt: skip
