"""The hours' part of the worklist: sessions to confirm, forgotten check-outs.

It lists only what the reader may really do. It leaves out their own hours, those of their
household, and records where they would be the second person as well as the first.
"""

from datetime import timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    and_,
    false,
    func,
    literal,
    or_,
    select,
    true,
    type_coerce,
)

from timebank.db import NOW, state_among, waiting_row, written
from timebank.hours import may
from timebank.hours.queries.overlaps import is_asked_about
from timebank.hours.rules import (
    ENTERED,
    LONGEST_SESSION,
    OPEN,
    ORGANISER,
    RECIPIENT,
    UNENDED,
    VOLUNTEER,
)
from timebank.hours.tables import confirmation, service, service_record
from timebank.people.queries import kin_of, not_of_kin
from timebank.values import By

_LONGEST_US = LONGEST_SESSION // timedelta(microseconds=1)


def waiting_records(by: By) -> Select[Any] | None:
    """Sessions that wait for this organiser's confirmation; ``count`` is minutes."""
    if not may.ORGANISE.is_held(by):
        return None
    record = service_record.c
    return _named("record", record.recorded_at, func.coalesce(record.real_minutes, 0)).where(
        record.community_id == by.community_id, record.state == written(ENTERED), may_confirm(by)
    )


def waiting_shifts(by: By) -> Select[Any] | None:
    """Shifts without a check-out by ``NOW``, for which this organiser proposes an end."""
    if not may.ORGANISE.is_held(by):
        return None
    record = service_record.c
    forgotten = or_(
        record.state == written(UNENDED),
        and_(
            record.state == written(OPEN),
            type_coerce(record.started_at, BigInteger) + _LONGEST_US < NOW,
        ),
    )
    return _named("shift", record.started_at, literal(0)).where(
        record.community_id == by.community_id,
        state_among(record.state, (OPEN, UNENDED)),  # Redundant, but an index serves it.
        forgotten,
        within_roles(by),
        _not_own(by),
    )


def may_confirm(by: By) -> ColumnElement[bool]:
    """Match the records that this person may still confirm as the organiser.

    The same conditions in SQL as ``actions.confirm_records`` checks for one record.
    """
    return and_(
        within_roles(by), _not_own(by), ~_spoken(ORGANISER), _is_second_person(by),
        ~is_asked_about(service_record.c),
    )  # fmt: skip


def within_roles(by: By) -> ColumnElement[bool]:
    """Match the records that the roles cover, as ``rules.may_organise`` does for one."""
    roles = [role for role in by.roles if role.name in may.ORGANISE.roles]
    if any(role.place_id is None for role in roles):
        return true()
    place_ids = [role.place_id for role in roles]
    if not place_ids:
        return false()
    record = service_record.c
    return or_(record.grid_id.in_(place_ids), record.place_id.in_(place_ids))


def _named(kind: str, since: Any, count: Any) -> Select[Any]:
    record = service_record.c
    return waiting_row(
        kind, record.id, since=since, person_id=record.person_id,
        names=(service.c.name_zh, service.c.name_en), count=count,
    ).join(
        service,
        and_(service.c.community_id == record.community_id, service.c.id == record.service_id),
    )  # fmt: skip


def _not_own(by: By) -> ColumnElement[bool]:
    record = service_record.c
    return and_(
        not_of_kin(by, person_id=record.person_id),
        not_of_kin(
            by, person_id=record.recipient_person_id, household_id=record.recipient_household_id
        ),
    )


def _spoken(side: str, *conditions: Any) -> ColumnElement[bool]:
    record = service_record.c
    return (
        select(confirmation.c.record_id)
        .where(
            confirmation.c.community_id == record.community_id,
            confirmation.c.record_id == record.id,
            confirmation.c.side == side,
            *conditions,
        )
        .exists()
    )


def _is_second_person(by: By) -> ColumnElement[bool]:
    """Leave out records that this person or a housemate typed in, clocked in or out for another,
    or confirmed for the recipient.
    """
    record = service_record.c
    typed = _same_hand(by, record.recorded_by, record.recorded_by_person_id)
    ended = and_(~_spoken(VOLUNTEER), _same_hand(by, record.ended_by, record.ended_by_person_id))
    given = confirmation.c
    signed = _spoken(
        RECIPIENT, given.on_behalf, _same_hand(by, given.given_by, given.given_by_person_id)
    )
    return and_(~typed, ~ended, ~signed)


def _same_hand(by: By, client: Any, person_id: Any) -> ColumnElement[bool]:
    by_client: ColumnElement[bool] = func.coalesce(client, "") == by.client
    if by.person_id is None:
        return by_client
    return or_(func.coalesce(person_id, -1).in_(kin_of(by)), and_(person_id.is_(None), by_client))
