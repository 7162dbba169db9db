"""Enter service afterwards, one record or a thousand, in the same few statements."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from types import SimpleNamespace
from typing import Any

from sqlalchemy import insert

from timebank.deeds.action import action
from timebank.deeds.audit import audit
from timebank.deeds.deed import Deed
from timebank.deeds.queries import working_days
from timebank.deeds.working_days import WorkingDays
from timebank.errors import BadInput, NotAllowed
from timebank.hours import may
from timebank.hours.actions.both_roles import note_both_roles
from timebank.hours.actions.guards import (
    Span,
    check_free,
    check_places,
    check_reached,
    check_recipient,
    check_services,
    grid_of,
    homes_known,
    people_known,
    take_volunteers,
)
from timebank.hours.messages import ask_to_confirm
from timebank.hours.queries import terms_on
from timebank.hours.refusals import LateRecord
from timebank.hours.rules import (
    BATCH_MAX,
    ENTERED,
    LONGEST_SESSION,
    TYPED,
    Terms,
    may_write_for,
    real_minutes,
)
from timebank.hours.tables import service_record
from timebank.people.minors import require_guardian
from timebank.people.queries import PersonBrief, require_no_part_today
from timebank.values import local_day, new_id


@dataclass(frozen=True, slots=True)
class NewRecord:
    """A session to enter; without a recipient it is a group activity."""

    person_id: int
    service_id: int
    started_at: datetime
    ended_at: datetime
    recipient_person_id: int | None = None
    recipient_household_id: int | None = None
    place: str = ""
    place_id: int | None = None
    late_reason: str = ""


@dataclass(frozen=True, slots=True)
class RecordsEntered:
    """``asked_record_ids`` are those about which a supervisor asks before they count."""

    record_ids: tuple[int, ...]
    asked_record_ids: tuple[int, ...] = ()


@action("enter_records")
def enter_records(deed: Deed, *, records: tuple[NewRecord, ...]) -> RecordsEntered:
    """Enter sessions without check-in; they wait for confirmation. All of them, or none.

    **Refuses**: ``NotAllowed``; ``NotAVolunteer``; ``NotFound``; ``NotVolunteerService``;
    ``MinorNoGuardian``; ``LateRecord``; ``TimeOverlap``; ``BadInput``; ``PinResetToday``,
    ``CardIssuedToday``.
    """
    if not 0 < len(records) <= BATCH_MAX:
        raise BadInput(field="records", why="count")
    is_own = all(new.person_id == deed.by.person_id for new in records)
    if not is_own and not may.ENTER_FOR_OTHERS.is_held(deed.by):
        raise NotAllowed(deed="enter_records")
    people = people_known(
        deed.session,
        deed.community_id,
        [i for new in records for i in (new.person_id, new.recipient_person_id)],
    )
    days = [(people[new.person_id], local_day(new.started_at)) for new in records]
    require_guardian(deed.session, deed.community_id, days)
    take_volunteers(deed.session, deed.community_id, {new.person_id for new in records})
    used = {(new.service_id, local_day(new.started_at)) for new in records}
    check_services(deed.session, deed.community_id, used)
    grids = _check_each(deed, records, people)
    check_free(
        deed.session,
        deed.community_id,
        [Span(new.person_id, new.started_at, new.ended_at) for new in records],
    )
    rows = [_row(deed, new, grid_id) for new, grid_id in zip(records, grids, strict=True)]
    deed.session.execute(_NEW_RECORDS, rows)
    entered = [SimpleNamespace(**row) for row in rows]
    asked_ids = note_both_roles(deed, entered)
    ask_to_confirm(deed, entered, {row["id"]: row["real_minutes"] for row in rows})
    audit(
        deed,
        name="enter_records",
        subject_kind="service_record",
        subject_id=rows[0]["id"],
        facts={"count": len(rows)},
    )
    return RecordsEntered(tuple(row["id"] for row in rows), asked_ids)


_NEW_RECORDS = insert(service_record)


def _check_each(
    deed: Deed, records: Sequence[NewRecord], people: Mapping[int, PersonBrief]
) -> list[int | None]:
    """Check each record alone, and find the grid whose worker will see it."""
    homes = homes_known(
        deed.session, deed.community_id, [n.recipient_household_id for n in records]
    )
    _require_no_part(deed, records, people)
    places = {new.place_id for new in records if new.place_id is not None}
    check_places(deed.session, deed.community_id, places)
    terms = terms_on(deed.session, deed.community_id, {local_day(new.ended_at) for new in records})
    calendar = working_days(deed.session, deed.community_id)
    grids = []
    for new in records:
        _check_times(new, deed.now)
        helper = people[new.person_id]
        recipient = people.get(new.recipient_person_id or 0)
        home = homes.get(new.recipient_household_id or 0)
        grid_id = grid_of(helper, recipient, home)
        if deed.by.person_id != new.person_id:
            check_reached(deed.by, helper, recipient, home)
            if not may_write_for(deed.by, grid_id, new.place_id):
                raise NotAllowed(deed="enter_records")
        check_recipient(helper, recipient, home)
        _check_in_time(deed, new, terms=terms, calendar=calendar)
        grids.append(grid_id)
    return grids


def _require_no_part(
    deed: Deed, records: Sequence[NewRecord], people: Mapping[int, PersonBrief]
) -> None:
    """Check that nobody enters hours for somebody whose card, PIN or password they made today."""
    others = [new for new in records if new.person_id != deed.by.person_id]
    if not others:
        return
    sides = {new.person_id for new in others} | {new.recipient_person_id for new in others}
    homes = {person.household_id for person in people.values() if person.id in sides}
    homes |= {new.recipient_household_id for new in others}
    require_no_part_today(deed.session, deed.by, homes, deed.now, person_ids=sides)


def _check_times(new: NewRecord, now: datetime) -> None:
    if new.ended_at > now:
        raise BadInput(field="ended_at", why="future")
    if new.ended_at <= new.started_at:
        raise BadInput(field="ended_at", why="before_start")
    if new.ended_at - new.started_at > LONGEST_SESSION:
        raise BadInput(field="ended_at", why="too_long")


def _check_in_time(
    deed: Deed, new: NewRecord, *, terms: Mapping[date, Terms], calendar: WorkingDays
) -> None:
    """Refuse a record after the last day for recording, except from a supervisor with a reason.

    **Source**: domain.md C.1, b:B13 art 11.
    """
    day = local_day(new.ended_at)
    last = calendar.after(day, terms[day].recording_working_days)
    if local_day(deed.now) <= last.on:
        return
    if may.SUPERVISE.is_held_everywhere(deed.by) and new.late_reason.strip():
        return
    provisional_on = {"provisional_on": last.on.isoformat()} if last.is_provisional else {}
    raise LateRecord(last_on=last.on.isoformat(), **provisional_on)


def _row(deed: Deed, new: NewRecord, grid_id: int | None) -> dict[str, Any]:
    return {
        "community_id": deed.community_id,
        "id": new_id(),
        "person_id": new.person_id,
        "service_id": new.service_id,
        "state": ENTERED,
        "source": TYPED,
        "started_at": new.started_at,
        "started_on": local_day(new.started_at),
        "ended_at": new.ended_at,
        "real_minutes": real_minutes(new.started_at, new.ended_at),
        "recipient_person_id": new.recipient_person_id,
        "recipient_household_id": new.recipient_household_id,
        "place": new.place.strip(),
        "place_id": new.place_id,
        "grid_id": grid_id,
        "recorded_at": deed.now,
        "recorded_by": deed.by.client,
        "recorded_by_person_id": deed.by.person_id,
        "note": new.late_reason.strip() or None,
    }
