"""Row locks and checks that several actions on hours share."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Row, bindparam, or_, select
from sqlalchemy.orm import Session

from timebank.db import among
from timebank.errors import BadInput, NotFound, WrongState
from timebank.hours import may
from timebank.hours.refusals import NotAVolunteer, NotVolunteerService, SelfConfirm, TimeOverlap
from timebank.hours.rules import (
    CLOCK_SLACK,
    UNENDED,
    VOID,
    may_organise,
    may_write_for,
    overlaps,
    shares_household,
)
from timebank.hours.tables import service, service_record, volunteer
from timebank.ledger.rows import lock_balances
from timebank.ledger.rules import Counters
from timebank.people.queries import (
    HouseholdBrief,
    PersonBrief,
    briefs,
    household_briefs,
    places,
)
from timebank.people.queries.merged import kept_ids
from timebank.people.rules.relations import Kin
from timebank.people.sight import reaches
from timebank.values import By


@dataclass(frozen=True, slots=True)
class Span:
    """The time span of a session to add to a person's day."""

    person_id: int
    started_at: datetime
    ended_at: datetime
    record_id: int = 0


_TAKE_VOLUNTEERS = (
    select(volunteer.c.person_id)
    .where(
        volunteer.c.community_id == bindparam("of_community"),
        among(volunteer.c.person_id, "person_ids"),
    )
    .order_by(volunteer.c.person_id)
    .with_for_update(key_share=True)
)


def take_volunteers(session: Session, community_id: int, person_ids: Collection[int]) -> None:
    """Lock the rows of the volunteers in id order: one deed at a time changes a person's day."""
    taken = session.scalars(
        _TAKE_VOLUNTEERS, {"of_community": community_id, "person_ids": set(person_ids)}
    )
    if missing := set(person_ids) - set(taken):
        raise NotAVolunteer(person_id=min(missing))


_TAKE_RECORDS = (
    select(service_record)
    .where(
        service_record.c.community_id == bindparam("of_community"),
        among(service_record.c.id, "record_ids"),
    )
    .order_by(service_record.c.id)
    .with_for_update(key_share=True)
)


def take_records(
    session: Session, community_id: int, record_ids: Collection[int]
) -> list[Row[Any]]:
    """Lock the rows of the records in id order, and read them after the lock."""
    rows = session.execute(
        _TAKE_RECORDS, {"of_community": community_id, "record_ids": set(record_ids)}
    ).all()
    if missing := set(record_ids) - {row.id for row in rows}:
        raise NotFound(kind="service_record", record_id=min(missing))
    return list(rows)


def take_balances(
    session: Session, community_id: int, account_ids: Iterable[int]
) -> dict[int, Counters]:
    """Lock all balances before deciding, at once and in id order."""
    return lock_balances(session.connection(), community_id, list(account_ids))


_SERVICES = select(service.c.id, service.c.retired_on).where(
    service.c.community_id == bindparam("of_community"), among(service.c.id, "service_ids")
)


def check_services(session: Session, community_id: int, used: Collection[tuple[int, date]]) -> None:
    """Check that each service was offered on its day.

    **Refuses**: ``NotFound``; ``WrongState`` for a service that was not offered any more.
    """
    asked = {"of_community": community_id, "service_ids": {service_id for service_id, _ in used}}
    ends = {row.id: row.retired_on for row in session.execute(_SERVICES, asked)}
    for service_id, on in used:
        if service_id not in ends:
            raise NotFound(kind="service")
        retired_on = ends[service_id]
        if retired_on is not None and retired_on <= on:
            raise WrongState(kind="service", state="retired")


def check_places(session: Session, community_id: int, place_ids: Collection[int]) -> None:
    if place_ids and set(place_ids) - {place.id for place in places(session, community_id)}:
        raise NotFound(kind="place")


def people_known(
    session: Session, community_id: int, person_ids: Iterable[int | None]
) -> dict[int, PersonBrief]:
    """The briefs of these people; each must be of this community."""
    wanted = {person_id for person_id in person_ids if person_id is not None}
    people = briefs(session, community_id, wanted)
    if wanted - people.keys():
        raise NotFound(kind="person")
    return people


def homes_known(
    session: Session, community_id: int, household_ids: Iterable[int | None]
) -> dict[int, HouseholdBrief]:
    """The briefs of these households; each must be of this community."""
    wanted = {household_id for household_id in household_ids if household_id is not None}
    homes = household_briefs(session, community_id, wanted) if wanted else {}
    if wanted - homes.keys():
        raise NotFound(kind="household")
    return homes


def grid_of(
    helper: PersonBrief, recipient: PersonBrief | None, home: HouseholdBrief | None
) -> int | None:
    """The grid whose worker sees a record: the recipient's, otherwise the volunteer's."""
    if recipient is not None:
        return recipient.grid_id
    return home.grid_id if home is not None else helper.grid_id


def check_instant(at: datetime, now: datetime) -> None:
    """Refuse a time in the future; a kiosk's clock may run a little ahead."""
    if at > now + CLOCK_SLACK:
        raise BadInput(field="at", why="future")


def check_recipient(
    helper: PersonBrief, recipient: PersonBrief | None, home: HouseholdBrief | None
) -> None:
    """Refuse family duty: help for oneself or one's own household is not volunteer service.

    **Source**: domain.md C.1, b:B13 art 19.
    """
    if recipient is not None and home is not None:
        raise BadInput(field="recipient", why="two")
    if recipient is not None and recipient.id == helper.id:
        raise NotVolunteerService(why="oneself")
    theirs = recipient.household_id if recipient is not None else home.id if home else None
    if shares_household(helper.household_id, theirs):
        raise NotVolunteerService(why="same_household")


def check_free(session: Session, community_id: int, spans: Sequence[Span]) -> None:
    """Refuse a session that overlaps with another of the same person, here or on record."""
    kept_by_id = kept_ids(session, community_id, {span.person_id for span in spans})
    taken = [*_recorded(session, community_id, spans, kept_by_id)]
    by_person: dict[int, list[tuple[datetime, datetime | None, int]]] = {}
    for person_id, start, end, record_id in taken:
        by_person.setdefault(person_id, []).append((start, end, record_id))
    for span in spans:
        others = by_person.setdefault(kept_by_id[span.person_id], [])
        for start, end, record_id in others:
            is_other = record_id != span.record_id or not record_id
            if is_other and overlaps(
                span.started_at, span.ended_at, other_start=start, other_end=end
            ):
                raise TimeOverlap(other_started_at=start.astimezone(UTC).isoformat())
        others.append((span.started_at, span.ended_at, span.record_id))


_RECORD = service_record.c
_RECORDED = select(
    _RECORD.person_id, _RECORD.started_at, _RECORD.ended_at, _RECORD.state, _RECORD.id
).where(
    _RECORD.community_id == bindparam("of_community"),
    among(_RECORD.person_id, "person_ids"),
    _RECORD.state.not_in(VOID),
    _RECORD.started_at < bindparam("last_at"),
    or_(_RECORD.ended_at.is_(None), _RECORD.ended_at > bindparam("first_at")),
)


def _recorded(
    session: Session, community_id: int, spans: Sequence[Span], kept_by_id: Mapping[int, int]
) -> Iterable[tuple[int, datetime, datetime | None, int]]:
    asked = {
        "of_community": community_id,
        "person_ids": set(kept_by_id),
        "first_at": min(span.started_at for span in spans),
        "last_at": max(span.ended_at for span in spans),
    }
    for row in session.execute(_RECORDED, asked):
        # Nobody knows how long a forgotten shift lasted: only its start is sure.
        end = row.started_at if row.state == UNENDED else row.ended_at
        yield kept_by_id[row.person_id], row.started_at, end, row.id


def check_not_own(
    kin: Kin, row: Any, people: Mapping[int, PersonBrief], *, on_either_side: bool = False
) -> None:
    """Refuse confirmations of hours of oneself, of one's household and of one's relatives.

    ``on_either_side`` also refuses the recipient: an organiser is not part of the session.
    """
    sides = [row.person_id, *([row.recipient_person_id] if on_either_side else [])]
    is_close = any(kin.why_person(person_id, people) is not None for person_id in sides)
    if on_either_side and kin.why((), (row.recipient_household_id,)) is not None:
        is_close = True
    if is_close:
        raise SelfConfirm(record_id=row.id)


def check_organiser(by: By, row: Any) -> None:
    """**Refuses**: ``NotFound`` for a record outside one's grid and one's store."""
    if not may_organise(by, row.grid_id, row.place_id):
        raise NotFound(kind="service_record", record_id=row.id)


def check_writer(by: By, row: Any) -> None:
    """**Refuses**: ``NotFound`` for a record for which one may not write for others."""
    if not may_write_for(by, row.grid_id, row.place_id):
        raise NotFound(kind="service_record", record_id=row.id)


def check_reached(by: By, *people: PersonBrief | HouseholdBrief | None) -> None:
    """Check that somebody who writes for others may see everybody whom they name.

    **Refuses**: ``NotFound``.
    """
    for person in people:
        if person is not None and not reaches(by, may.ENTER_FOR_OTHERS, person.grid_id):
            raise NotFound(kind="person" if isinstance(person, PersonBrief) else "household")
