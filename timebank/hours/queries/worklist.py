"""Sessions that wait for a confirmation, as recipient or organiser. Names are masked."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import ColumnElement, and_, false, or_, select
from sqlalchemy.orm import Session

from timebank.db import Cursor, Keyset, up_to, written
from timebank.hours.queries.records import ServiceRecord, record_of, record_query
from timebank.hours.queries.waiting import may_confirm
from timebank.hours.rules import (
    ENTERED,
    RECIPIENT,
)
from timebank.hours.tables import confirmation, service_record, volunteer
from timebank.people.queries import (
    HouseholdBrief,
    PersonBrief,
    briefs,
    household_briefs,
    not_of_kin,
)
from timebank.values import By


@dataclass(frozen=True, slots=True)
class RecordToConfirm:
    """A record with its details. ``heard`` lists the sides that have confirmed already."""

    record: ServiceRecord
    volunteer_no: str
    volunteer_masked_name: str
    recipient_masked_name: str | None
    recipient_household_no: str | None
    heard: tuple[str, ...]


_KEY = Keyset((service_record.c.started_at, service_record.c.id), is_descending=False)


def records_to_confirm(
    session: Session,
    by: By,
    as_: Literal["recipient", "organiser"] = "recipient",
    *,
    limit: int = 50,
    after: Cursor | None = None,
    service_id: int | None = None,
) -> list[RecordToConfirm]:
    """A page of the records that wait for this person's confirmation, oldest first.

    ``service_id`` keeps those of one service.

    As a recipient: sessions for them or their household. As an organiser: records within their
    roles that were done neither by nor for somebody who is close to them. Whoever is close to the
    volunteer confirms nothing as a recipient either.
    """
    mine = _for_me(session, by) if as_ == RECIPIENT else may_confirm(by)
    record = service_record.c
    spoken = select(confirmation.c.record_id).where(
        confirmation.c.community_id == record.community_id,
        confirmation.c.record_id == record.id,
        confirmation.c.side == as_,
    )
    query = (
        record_query()
        .where(
            record.community_id == by.community_id,
            record.state == written(ENTERED),
            mine,
            ~spoken.exists(),
            _KEY.beyond,
        )
        .order_by(*_KEY.order)
        .limit(up_to())
    )
    if service_id is not None:
        query = query.where(record.service_id == service_id)
    asked = _KEY.asked(after) | {"most": limit}
    found = [record_of(row) for row in session.execute(query, asked)]
    return _with_case(session, by, found)


def _for_me(session: Session, by: By) -> ColumnElement[bool]:
    if by.person_id is None:
        return false()
    me = briefs(session, by.community_id, [by.person_id]).get(by.person_id)
    if me is None:
        return false()
    own = service_record.c.recipient_person_id == me.id
    if me.household_id is not None:
        own = or_(own, service_record.c.recipient_household_id == me.household_id)
    return and_(own, not_of_kin(by, person_id=service_record.c.person_id))


def _with_case(session: Session, by: By, records: Sequence[ServiceRecord]) -> list[RecordToConfirm]:
    people, numbers = _helpers(session, by, records)
    homes = household_briefs(
        session,
        by.community_id,
        {r.recipient_household_id for r in records if r.recipient_household_id is not None},
    )
    heard = _heard(session, by.community_id, records)
    return [_case(record, people, numbers, homes=homes, heard=heard) for record in records]


def _case(
    record: ServiceRecord,
    people: dict[int, PersonBrief],
    numbers: dict[int, str],
    *,
    homes: dict[int, HouseholdBrief],
    heard: dict[int, list[str]],
) -> RecordToConfirm:
    recipient = people.get(record.recipient_person_id or 0)
    home = homes.get(record.recipient_household_id or 0)
    household_no = recipient.household_no if recipient is not None else None
    return RecordToConfirm(
        record=record,
        volunteer_no=numbers[record.person_id],
        volunteer_masked_name=people[record.person_id].masked_name,
        recipient_masked_name=recipient.masked_name if recipient is not None else None,
        recipient_household_no=home.household_no if home is not None else household_no,
        heard=tuple(sorted(heard.get(record.id, ()))),
    )


def _helpers(
    session: Session, by: By, found: Sequence[ServiceRecord]
) -> tuple[dict[int, PersonBrief], dict[int, str]]:
    helpers = {record.person_id for record in found}
    wanted = helpers | {r.recipient_person_id for r in found if r.recipient_person_id is not None}
    wanted |= {by.person_id} if by.person_id is not None else set()
    rows = session.execute(
        select(volunteer.c.person_id, volunteer.c.volunteer_no).where(
            volunteer.c.community_id == by.community_id, volunteer.c.person_id.in_(helpers)
        )
    )
    numbers: dict[int, str] = {row.person_id: row.volunteer_no for row in rows}
    return briefs(session, by.community_id, sorted(wanted)), numbers


def _heard(
    session: Session, community_id: int, found: Sequence[ServiceRecord]
) -> dict[int, list[str]]:
    rows: Any = session.execute(
        select(confirmation.c.record_id, confirmation.c.side).where(
            confirmation.c.community_id == community_id,
            confirmation.c.record_id.in_({record.id for record in found}),
        )
    )
    heard: dict[int, list[str]] = {}
    for record_id, side in rows:
        heard.setdefault(record_id, []).append(side)
    return heard
