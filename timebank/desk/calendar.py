"""Bring the calendar up to date, and compute the open deadlines again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, insert, select, union_all
from sqlalchemy.orm import Session

from timebank.db import Database
from timebank.deeds.audit import audit
from timebank.deeds.calendars import keep_year
from timebank.deeds.deed import Deed
from timebank.deeds.queries import calendar_sources, working_days
from timebank.deeds.working_days import CalendarYear, Deadline, WorkingDays
from timebank.desk import may
from timebank.desk.queries import Key, Kinds, values_of
from timebank.desk.rules import promised_until
from timebank.desk.tables import deadline_change
from timebank.people.rules import ROLE_NAMES
from timebank.values import By, Role, new_id


@dataclass(frozen=True, slots=True)
class CalendarTaken:
    """An edition of a year is in force; so many open deadlines changed with it."""

    calendar_id: int
    year: int
    changed: int


@dataclass(frozen=True, slots=True)
class DeadlineChange:
    """How the promised day of a case moved, and the source of the new calendar."""

    old_on: date
    was_provisional: bool
    new_on: date
    is_provisional: bool
    source: str
    changed_at: datetime


def take_calendar(deed: Deed, *, new: CalendarYear, kinds: Kinds) -> CalendarTaken:
    """Store an edition of a year, and record each open deadline that it changes.

    The deadlines themselves follow from the calendar, so nothing else is written.

    **Refuses**: ``BadInput`` with the field.
    """
    before = working_days(deed.session, deed.community_id)
    calendar_id = keep_year(deed, new)
    after = working_days(deed.session, deed.community_id)
    old = _open_deadlines(deed, kinds, before)
    changed = {
        key: (old[key], until)
        for key, until in _open_deadlines(deed, kinds, after).items()
        if key in old and old[key] != until
    }
    if changed:
        deed.session.execute(insert(deadline_change), _rows(deed, calendar_id, changed))
    audit(
        deed,
        name="take_calendar",
        subject_kind="calendar",
        subject_id=calendar_id,
        facts={"year": new.year, "source": new.source, "changed": len(changed)},
    )
    return CalendarTaken(calendar_id, new.year, len(changed))


def keep_calendar(database: Database, *, by: By, new: CalendarYear, kinds: Kinds) -> CalendarTaken:
    """Take an edition of a year from a page; sent twice, the second changes no deadline.

    **Refuses**: ``NotAllowed``; as ``take_calendar``.
    """
    may.KEEP_CALENDAR.require_everywhere(by)
    return database.write(
        lambda session, now: take_calendar(Deed(session, by, now), new=new, kinds=kinds)
    )


def _open_deadlines(deed: Deed, kinds: Kinds, calendar: WorkingDays) -> dict[Key, Deadline]:
    """The deadline of every case that waits for anybody, by a calendar."""
    everybody = By(
        community_id=deed.community_id, client="job:calendar", channel="job",
        roles=frozenset(Role(name) for name in ROLE_NAMES),
    )  # fmt: skip
    days = {kind.name: kind.promised_days for kind in kinds if kind.promised_days is not None}
    parts = [kind.waiting(everybody) for kind in kinds if kind.name in days]
    asked = [select(part.subquery()) for part in parts if part is not None]
    if not asked:
        return {}
    rows = deed.session.execute(union_all(*asked), values_of(kinds, deed.now, calendar))
    return {
        Key(row.kind, row.id): promised_until(
            days[row.kind], row.since_at, row.until_at, calendar=calendar
        )
        for row in rows
    }


def _rows(
    deed: Deed, calendar_id: int, changed: dict[Key, tuple[Deadline, Deadline]]
) -> Sequence[dict[str, Any]]:
    return [
        {
            "community_id": deed.community_id, "id": new_id(), "kind": key.kind,
            "case_id": key.id, "old_on": old.on, "was_provisional": old.is_provisional,
            "new_on": new.on, "is_provisional": new.is_provisional,
            "calendar_id": calendar_id, "changed_at": deed.now,
        }
        for key, (old, new) in changed.items()
    ]  # fmt: skip


_CHANGES = (
    select(deadline_change)
    .where(
        deadline_change.c.community_id == bindparam("of_community"),
        deadline_change.c.kind == bindparam("of_kind"),
        deadline_change.c.case_id == bindparam("of_case"),
    )
    .order_by(deadline_change.c.id)
)


def deadline_changes(session: Session, community_id: int, key: Key) -> list[DeadlineChange]:
    """How the deadline of a case moved, oldest first."""
    wanted = {"of_community": community_id, "of_kind": key.kind, "of_case": key.id}
    rows = session.execute(_CHANGES, wanted).all()
    sources = calendar_sources(session, community_id, [row.calendar_id for row in rows])
    return [
        DeadlineChange(
            old_on=row.old_on,
            was_provisional=row.was_provisional,
            new_on=row.new_on,
            is_provisional=row.is_provisional,
            source=sources[row.calendar_id],
            changed_at=row.changed_at,
        )
        for row in rows
    ]
