"""Shifts by check-in and check-out, and what happens after a forgotten check-out."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import SimpleNamespace
from typing import Any

from sqlalchemy import Row, insert, select, update
from sqlalchemy.orm import Session

from timebank.deeds.action import action
from timebank.deeds.audit import audit
from timebank.deeds.deed import Deed
from timebank.errors import BadInput, NotAllowed, WrongState
from timebank.hours import may
from timebank.hours.actions.both_roles import note_both_roles
from timebank.hours.actions.guards import (
    Span,
    check_free,
    check_instant,
    check_not_own,
    check_organiser,
    check_places,
    check_reached,
    check_recipient,
    check_services,
    check_writer,
    grid_of,
    homes_known,
    people_known,
    take_records,
    take_volunteers,
)
from timebank.hours.messages import ask_to_confirm
from timebank.hours.queries import record
from timebank.hours.refusals import AlreadyCheckedIn, NotCheckedIn, TimeOverlap
from timebank.hours.rules import (
    ENTERED,
    KIOSK,
    LONGEST_SESSION,
    OPEN,
    PHONE,
    PROPOSED,
    SAME_START,
    UNENDED,
    VOID,
    VOLUNTEER,
    is_forgotten,
    is_same_start,
    real_minutes,
)
from timebank.hours.tables import confirmation, service_record
from timebank.people.closeness import Involved, require_other
from timebank.people.minors import require_guardian
from timebank.people.queries import PersonBrief, briefs, kin_now, require_no_part_today
from timebank.people.queries.merged import records_of
from timebank.people.sight import person_reached
from timebank.values import By, local_day, new_id


@dataclass(frozen=True, slots=True)
class CheckInReceipt:
    """``again`` means that the same start was tapped a moment ago."""

    record_id: int
    started_at: datetime
    again: bool = False


@dataclass(frozen=True, slots=True)
class CheckOutReceipt:
    """``state`` is ``entered``, or ``unended`` if the check-out came far too late.

    ``is_asked``: a supervisor asks about it before it counts.
    """

    record_id: int
    started_at: datetime
    ended_at: datetime | None
    real_minutes: int | None
    state: str
    again: bool = False
    is_asked: bool = False


@dataclass(frozen=True, slots=True)
class EndProposed:
    record_id: int
    real_minutes: int


@dataclass(frozen=True, slots=True)
class EndAccepted:
    record_id: int
    real_minutes: int


@action("check_in")
def check_in(
    deed: Deed,
    *,
    person_id: int,
    service_id: int,
    at: datetime | None = None,
    recipient_person_id: int | None = None,
    recipient_household_id: int | None = None,
    place: str = "",
    place_id: int | None = None,
) -> CheckInReceipt:
    """Start a shift now, or at the time that a kiosk noted while offline.

    **Refuses**: ``NotAllowed``; ``NotAVolunteer``; ``NotFound``; ``AlreadyCheckedIn``;
    ``TimeOverlap``; ``NotVolunteerService``; ``MinorNoGuardian``; ``BadInput``.
    """
    _check_may_clock(deed, person_id, "check_in")
    at = at or deed.now
    check_instant(at, deed.now)
    people = people_known(deed.session, deed.community_id, [person_id, recipient_person_id])
    require_guardian(deed.session, deed.community_id, [(people[person_id], local_day(at))])
    take_volunteers(deed.session, deed.community_id, [person_id])
    running = _running(deed.session, deed.community_id, person_id)
    if running is not None and is_same_start(running.started_at, at):
        return CheckInReceipt(running.id, running.started_at, again=True)
    _leave_behind(deed.session, running, at)
    check_services(deed.session, deed.community_id, [(service_id, local_day(at))])
    check_places(deed.session, deed.community_id, [place_id] if place_id is not None else [])
    _check_start_is_free(deed.session, deed.community_id, person_id, at)
    columns = {
        "person_id": person_id,
        "service_id": service_id,
        "recipient_person_id": recipient_person_id,
        "recipient_household_id": recipient_household_id,
        "place": place.strip(),
        "place_id": place_id,
    }
    record_id = _start(deed, at=at, columns=columns, people=people)
    _audit(deed, name="check_in", record_id=record_id)
    return CheckInReceipt(record_id, at)


def _start(
    deed: Deed, *, at: datetime, columns: Mapping[str, Any], people: Mapping[int, PersonBrief]
) -> int:
    homes = homes_known(deed.session, deed.community_id, [columns["recipient_household_id"]])
    helper = people[columns["person_id"]]
    recipient = people.get(columns["recipient_person_id"] or 0)
    home = homes.get(columns["recipient_household_id"] or 0)
    if _clocks_for_others(deed.by, helper.id):
        check_reached(deed.by, recipient, home)
    check_recipient(helper, recipient, home)
    record_id = new_id()
    row = {
        **columns,
        "community_id": deed.community_id,
        "id": record_id,
        "state": OPEN,
        "source": KIOSK if deed.by.channel == "kiosk" else PHONE,
        "started_at": at,
        "started_on": local_day(at),
        "grid_id": grid_of(helper, recipient, home),
        "recorded_at": deed.now,
        "recorded_by": deed.by.client,
        "recorded_by_person_id": deed.by.person_id,
    }
    deed.session.execute(insert(service_record), [row])
    return record_id


@action("check_out")
def check_out(deed: Deed, *, person_id: int, at: datetime | None = None) -> CheckOutReceipt:
    """End the running shift; a check-out half a day late ends nothing by itself.

    **Refuses**: ``NotAllowed``; ``NotAVolunteer``; ``NotCheckedIn``; ``TimeOverlap``;
    ``BadInput``.
    """
    _check_may_clock(deed, person_id, "check_out")
    at = at or deed.now
    check_instant(at, deed.now)
    take_volunteers(deed.session, deed.community_id, [person_id])
    running = _running(deed.session, deed.community_id, person_id)
    if running is None:
        return _ended_just_now(deed.session, deed.community_id, person_id, at)
    if at < running.started_at:
        raise BadInput(field="at", why="before_start")
    if is_forgotten(running.started_at, at):
        _set(deed.session, running, state=UNENDED)
        _audit(deed, name="check_out", record_id=running.id)
        return CheckOutReceipt(
            record_id=running.id,
            started_at=running.started_at,
            ended_at=None,
            real_minutes=None,
            state=UNENDED,
        )
    check_free(
        deed.session, deed.community_id, [Span(person_id, running.started_at, at, running.id)]
    )
    served = real_minutes(running.started_at, at)
    _set(
        deed.session,
        running,
        state=ENTERED,
        ended_at=at,
        real_minutes=served,
        ended_by=deed.by.client,
        ended_by_person_id=deed.by.person_id,
    )
    asked_ids = note_both_roles(deed, [_with_end(running, at)])
    ask_to_confirm(deed, [running], {running.id: served})
    _audit(deed, name="check_out", record_id=running.id)
    return CheckOutReceipt(
        record_id=running.id,
        started_at=running.started_at,
        ended_at=at,
        real_minutes=served,
        state=ENTERED,
        is_asked=bool(asked_ids),
    )


def _with_end(row: Row[Any], ended_at: datetime) -> SimpleNamespace:
    """A record as it stands now that it has an end."""
    return SimpleNamespace(**{**row._mapping, "ended_at": ended_at})


@action("propose_end")
def propose_end(deed: Deed, *, record_id: int, ended_at: datetime, note: str) -> EndProposed:
    """Propose when a shift without a check-out ended; the volunteer must agree before it counts.

    **Refuses**: ``NotFound``; ``NotAllowed``; ``SelfConfirm``; ``WrongState``; ``TimeOverlap``;
    ``BadInput``.
    """
    person_id = record(deed.session, deed.community_id, record_id).person_id
    take_volunteers(deed.session, deed.community_id, [person_id])  # The volunteer first, as always.
    shift = take_records(deed.session, deed.community_id, [record_id])[0]
    kin = kin_now(deed.session, deed.by, now=deed.now)
    check_not_own(kin, shift, _people_of(deed, shift), on_either_side=True)
    check_organiser(deed.by, shift)
    if shift.state not in (OPEN, UNENDED):
        raise WrongState(kind="service_record", state=shift.state)
    check_instant(ended_at, deed.now)
    if not shift.started_at <= ended_at <= shift.started_at + LONGEST_SESSION:
        raise BadInput(field="ended_at", why="range")
    if not note.strip():
        raise BadInput(field="note", why="missing")
    span = Span(shift.person_id, shift.started_at, ended_at, shift.id)
    check_free(deed.session, deed.community_id, [span])
    served = real_minutes(shift.started_at, ended_at)
    _set(
        deed.session, shift, state=PROPOSED, ended_at=ended_at, real_minutes=served,
        note=note.strip(), ended_by=deed.by.client, ended_by_person_id=deed.by.person_id,
    )  # fmt: skip
    note_both_roles(deed, [_with_end(shift, ended_at)])
    _audit(deed, name="propose_end", record_id=record_id)
    return EndProposed(record_id, served)


@action("accept_end")
def accept_end(deed: Deed, *, record_id: int) -> EndAccepted:
    """Agree to a proposed end, as the volunteer or through another member of staff.

    **Refuses**: ``NotFound``; ``SelfConfirm``; ``SamePerson`` for whoever proposed it, and for
    their housemates; ``WrongState``.
    """
    shift = take_records(deed.session, deed.community_id, [record_id])[0]
    is_own = deed.by.person_id == shift.person_id
    if not is_own:
        people = _people_of(deed, shift)
        check_not_own(kin_now(deed.session, deed.by, now=deed.now), shift, people)
        check_writer(deed.by, shift)
        home = people[shift.person_id].household_id
        own = {"person_ids": [shift.person_id]}
        require_no_part_today(deed.session, deed.by, [home], deed.now, **own)
        proposed_by = Involved((shift.ended_by or "",), (shift.ended_by_person_id,))
        require_other(deed, proposed_by)
    if shift.state != PROPOSED:
        raise WrongState(kind="service_record", state=shift.state)
    deed.session.execute(
        insert(confirmation).values(
            community_id=deed.community_id, record_id=record_id, side=VOLUNTEER,
            person_id=shift.person_id, on_behalf=not is_own, given_by=deed.by.client,
            given_by_person_id=deed.by.person_id, given_at=deed.now,
        )
    )  # fmt: skip
    _set(deed.session, shift, state=ENTERED)
    ask_to_confirm(deed, [shift], {shift.id: shift.real_minutes})
    _audit(deed, name="accept_end", record_id=record_id)
    return EndAccepted(record_id, shift.real_minutes)


def _clocks_for_others(by: By, person_id: int) -> bool:
    vouched = by.channel == "kiosk" and by.person_id is None
    return by.person_id != person_id and not vouched


def _check_may_clock(deed: Deed, person_id: int, name: str) -> None:
    """Volunteers check in themselves; a kiosk acts for the card it read; staff help at the
    counter, within their reach.
    """
    if not _clocks_for_others(deed.by, person_id):
        return
    if not may.ENTER_FOR_OTHERS.is_held(deed.by):
        raise NotAllowed(deed=name)
    brief = person_reached(deed.session, deed.by, person_id, may.ENTER_FOR_OTHERS)
    home, own = brief.household_id, {"person_ids": [person_id]}
    require_no_part_today(deed.session, deed.by, [home], deed.now, **own)


def _running(session: Session, community_id: int, person_id: int) -> Row[Any] | None:
    return session.execute(
        select(service_record)
        .where(
            service_record.c.community_id == community_id,
            service_record.c.person_id.in_(records_of(community_id, [person_id])),
            service_record.c.state == OPEN,
        )
        .with_for_update(key_share=True)
    ).first()


def _leave_behind(session: Session, running: Row[Any] | None, at: datetime) -> None:
    """Set a shift with a forgotten check-out aside, so that today's can start."""
    if running is None:
        return
    if not is_forgotten(running.started_at, at):
        raise AlreadyCheckedIn(since_at=running.started_at.isoformat())
    _set(session, running, state=UNENDED)


def _check_start_is_free(session: Session, community_id: int, person_id: int, at: datetime) -> None:
    column = service_record.c
    busy = session.scalar(
        select(column.started_at).where(
            column.community_id == community_id,
            column.person_id.in_(records_of(community_id, [person_id])),
            column.state.not_in(VOID),
            column.started_at <= at,
            column.ended_at > at,
        )
    )
    if busy is not None:
        raise TimeOverlap(other_started_at=busy.isoformat())


def _ended_just_now(
    session: Session, community_id: int, person_id: int, at: datetime
) -> CheckOutReceipt:
    """Answer a second tap of the same check-out with the receipt of the first."""
    column = service_record.c
    last = session.execute(
        select(service_record)
        .where(
            column.community_id == community_id,
            column.person_id.in_(records_of(community_id, [person_id])),
            column.state == ENTERED,
            column.source.in_((KIOSK, PHONE)),
            column.ended_at.between(at - SAME_START, at + SAME_START),
        )
        .order_by(column.ended_at.desc())
    ).first()
    if last is None:
        raise NotCheckedIn()
    return CheckOutReceipt(
        record_id=last.id,
        started_at=last.started_at,
        ended_at=last.ended_at,
        real_minutes=last.real_minutes,
        state=last.state,
        again=True,
    )


def _set(session: Session, row: Row[Any], **values: Any) -> None:
    session.execute(
        update(service_record)
        .where(service_record.c.community_id == row.community_id, service_record.c.id == row.id)
        .values(**values)
    )


def _people_of(deed: Deed, row: Row[Any]) -> dict[int, PersonBrief]:
    wanted = (row.person_id, row.recipient_person_id, deed.by.person_id)
    return briefs(deed.session, deed.community_id, [p for p in wanted if p is not None])


def _audit(deed: Deed, *, name: str, record_id: int) -> None:
    audit(deed, name=name, subject_kind="service_record", subject_id=record_id, facts={})
