"""Builders of volunteers and their sessions, acting through the actions of hours."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session

from tests.factories import make_by
from tests.factories.goods import make_preset
from tests.factories.people import (
    LONG_AGO,
    Town,
    a_request_id,
    make_household,
    make_person,
    make_town,
    new_person,
)
from timebank.deeds.deed import Deed
from timebank.hours import actions, queries
from timebank.hours.actions import NewRecord, NewService, NewVolunteer, RecordsConfirmed
from timebank.values import By, local_instant

JUNE_10 = date(2025, 6, 10)


def at(time: str, on: date = JUNE_10) -> datetime:
    """The instant of a local time of day: ``at("09:00")``."""
    hour, minute = (int(part) for part in time.split(":"))
    return local_instant(on, hour, minute)


@dataclass(frozen=True, slots=True)
class Cast:
    """A volunteer, a neighbour whom they help, and the staff who organise it."""

    town: Town
    service_ids: dict[str, int]
    volunteer: By
    recipient: By
    organiser: By
    coordinator: By


SERVICES = (
    ("company", "elders", "陪伴", "Keeping company"),
    ("shopping", "convenience", "代购", "Shopping for somebody"),
    ("to_the_doctor", "elders", "陪同就医", "Going along to the doctor"),
    ("cleaning", "families", "家庭保洁", "Cleaning at home"),
    ("meals", "elders", "送餐", "Bringing meals"),
)


def make_services(session: Session, town: Town) -> dict[str, int]:
    """Offer a few services, unless they are offered already; return their ids by code."""
    if not queries.services(session, town.community_id):
        new = tuple(NewService(*service) for service in SERVICES)
        actions.add_services(Deed(session, town.by, LONG_AGO, a_request_id()), services=new)
    return {one.code: one.id for one in queries.services(session, town.community_id)}


def make_neighbour(session: Session, town: Town, *, building: int = 0) -> By:
    """A resident who lives alone, as an actor."""
    family = make_household(session, town, new_person(), building=building)
    return make_by(
        community_id=town.community_id,
        person_id=family.person_ids[0],
        household_id=family.household_id,
    )


def register(session: Session, town: Town, *person_ids: int) -> tuple[str, ...]:
    """Register people as volunteers."""
    done = actions.register_volunteers(
        Deed(session, town.by, LONG_AGO, a_request_id()),
        volunteers=tuple(NewVolunteer(person_id, date(2024, 1, 2)) for person_id in person_ids),
    )
    return done.volunteer_nos


def make_volunteer(session: Session, town: Town, *, building: int = 0) -> By:
    by = make_neighbour(session, town, building=building)
    assert by.person_id is not None
    register(session, town, by.person_id)
    return by


def make_staff(session: Session, town: Town, role: str, place_id: int | None = None) -> By:
    """A member of staff who lives elsewhere."""
    return make_by(
        role,
        community_id=town.community_id,
        place_id=place_id,
        person_id=make_person(session, town, born=1985),
    )


def make_cast(session: Session, community_id: int = 1) -> Cast:
    """Everybody whom a session needs, with the ``demo`` parameters in force."""
    town = make_town(session, community_id)
    make_preset(session, town)
    return Cast(
        town,
        make_services(session, town),
        make_volunteer(session, town),
        make_neighbour(session, town, building=1),
        make_staff(session, town, "social_worker"),
        make_staff(session, town, "coordinator"),
    )


def told(
    cast: Cast,
    start: str = "09:00",
    end: str = "11:50",
    *,
    on: date = JUNE_10,
    person_id: int | None = None,
    recipient_person_id: int | None = None,
    in_group: bool = False,
    late_reason: str = "",
) -> NewRecord:
    """A session as entered by hand; the volunteer of the cast helped its recipient."""
    recipient = None if in_group else recipient_person_id or cast.recipient.person_id
    helper = person_id or cast.volunteer.person_id
    assert helper is not None
    return NewRecord(
        helper,
        cast.service_ids["company"],
        at(start, on),
        at(end, on),
        recipient_person_id=recipient,
        place="2号楼",
        late_reason=late_reason,
    )


def enter(
    session: Session, cast: Cast, *records: NewRecord, now: datetime, by: By | None = None
) -> tuple[int, ...]:
    """Enter sessions, as the volunteer unless somebody else is given."""
    done = actions.enter_records(
        Deed(session, by or cast.volunteer, now, a_request_id()), records=records
    )
    return done.record_ids


def confirm(
    session: Session, by: By, *record_ids: int, as_: str = "organiser", now: datetime
) -> RecordsConfirmed:
    """Confirm records for one side."""
    return actions.confirm_records(
        Deed(session, by, now, a_request_id()), record_ids=record_ids, as_=as_
    )


def confirm_both(session: Session, cast: Cast, *record_ids: int, now: datetime) -> RecordsConfirmed:
    """Confirm as recipient and as organiser, so that the hours are credited."""
    confirm(session, cast.recipient, *record_ids, as_="recipient", now=now)
    return confirm(session, cast.organiser, *record_ids, now=now)


def open_hours(
    session: Session, cast: Cast, *, minutes: int, served_minutes: int, now: datetime
) -> None:
    """Import the volunteer's opening hours."""
    assert cast.volunteer.person_id is not None
    actions.open_balance(
        Deed(session, cast.coordinator, now, a_request_id()),
        person_id=cast.volunteer.person_id,
        minutes=minutes,
        served_minutes=served_minutes,
        note="旧志愿者登记本结转",
    )


@contextmanager
def statements(session: Session) -> Iterator[list[str]]:
    """Collect the statements that are sent within the block."""
    sent: list[str] = []
    connection = session.connection()

    def listen(conn: Any, cursor: Any, statement: str, *rest: Any) -> None:
        sent.append(statement)

    event.listen(connection, "before_cursor_execute", listen)
    yield sent
    event.remove(connection, "before_cursor_execute", listen)
