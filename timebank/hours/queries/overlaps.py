"""Pairs of records in which somebody helped and was helped at once, until a supervisor has asked.

A pair of which one record is refused or reversed needs no answer any more.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, func, or_, select
from sqlalchemy.orm import Session

from timebank.db import among, waiting_row
from timebank.errors import NotFound
from timebank.hours import may
from timebank.hours.rules import VOID
from timebank.hours.tables import OVERLAP_IS_OPEN, service, service_overlap, service_record
from timebank.people.queries import not_of_kin
from timebank.values import By

_PAIR = service_overlap.c
_RECORD = service_record.alias("record")
_OTHER = service_record.alias("other")
_BOTH_STAND = and_(_RECORD.c.state.not_in(VOID), _OTHER.c.state.not_in(VOID))


@dataclass(frozen=True, slots=True)
class Overlap:
    """``person_id`` helped in one of the two records and was helped in the other."""

    id: int
    record_id: int
    other_record_id: int
    person_id: int
    found_at: datetime


def _joined(query: Select[Any]) -> Select[Any]:
    ours, other = _RECORD.c, _OTHER.c
    return query.join(
        _RECORD, and_(ours.community_id == _PAIR.community_id, ours.id == _PAIR.record_id)
    ).join(
        _OTHER, and_(other.community_id == _PAIR.community_id, other.id == _PAIR.other_record_id)
    )


_OPEN = _joined(select(_PAIR.record_id, _PAIR.other_record_id)).where(
    _PAIR.community_id == bindparam("of_community"),
    OVERLAP_IS_OPEN,
    _BOTH_STAND,
    or_(among(_PAIR.record_id, "record_ids"), among(_PAIR.other_record_id, "record_ids")),
)


def open_overlaps(session: Session, community_id: int, record_ids: Collection[int]) -> set[int]:
    """Those of the records that stand in an open pair."""
    wanted = set(record_ids)
    if not wanted:
        return set()
    found = session.execute(_OPEN, {"of_community": community_id, "record_ids": wanted})
    return {person_id for row in found for person_id in row if person_id in wanted}


def is_asked_about(record: Any) -> ColumnElement[bool]:
    """Match records that stand in an open pair, in a statement on ``service_record``."""
    pairs = (
        _joined(select(_PAIR.id))
        .where(
            _PAIR.community_id == record.community_id,
            OVERLAP_IS_OPEN,
            _BOTH_STAND,
            or_(_PAIR.record_id == record.id, _PAIR.other_record_id == record.id),
        )
        .correlate(service_record)
    )
    return pairs.exists()


_ONE = select(
    _PAIR.id, _PAIR.record_id, _PAIR.other_record_id, _PAIR.person_id, _PAIR.found_at
).where(_PAIR.community_id == bindparam("of_community"), _PAIR.id == bindparam("overlap_id"))


def overlap(session: Session, community_id: int, overlap_id: int) -> Overlap:
    """**Refuses**: ``NotFound``, also for a pair of another community."""
    asked = {"of_community": community_id, "overlap_id": overlap_id}
    row = session.execute(_ONE, asked).first()
    if row is None:
        raise NotFound(kind="service_overlap")
    return Overlap(**row._mapping)


def waiting_overlaps(by: By) -> Select[Any] | None:
    """Pairs that wait for a supervisor who took no part in them; ``count`` is minutes."""
    if not may.SUPERVISE.is_held_everywhere(by):
        return None
    query = _joined(
        waiting_row(
            "overlap", _PAIR.id, since=_PAIR.found_at, person_id=_PAIR.person_id,
            names=(service.c.name_zh, service.c.name_en),
            count=func.coalesce(_RECORD.c.real_minutes, 0),
        )
    ).join(
        service,
        and_(
            service.c.community_id == _RECORD.c.community_id, service.c.id == _RECORD.c.service_id
        ),
    )  # fmt: skip
    return query.where(
        _PAIR.community_id == by.community_id,
        OVERLAP_IS_OPEN,
        _BOTH_STAND,
        *(_is_not_of(side.c, by) for side in (_RECORD, _OTHER)),
    )


def _is_not_of(record: Any, by: By) -> ColumnElement[bool]:
    return and_(
        not_of_kin(by, person_id=record.person_id),
        not_of_kin(
            by, person_id=record.recipient_person_id, household_id=record.recipient_household_id
        ),
    )
