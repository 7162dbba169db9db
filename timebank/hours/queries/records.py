"""The records of one person, the shift in progress, and the confirmations of a record."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, Select, and_, bindparam, select
from sqlalchemy.orm import Session

from timebank.db import Cursor, Keyset, among, up_to, written
from timebank.errors import NotFound
from timebank.hours.rules import OPEN
from timebank.hours.tables import confirmation, service_record
from timebank.hours.tables import service as service_table
from timebank.people.queries.merged import OWN_RECORDS, records_of


@dataclass(frozen=True, slots=True)
class ServiceRecord:
    """One session: its real minutes, and the minutes that are credited. **Units**: minutes."""

    id: int
    person_id: int
    service_id: int
    service_zh: str
    service_en: str
    state: str
    source: str
    started_at: datetime
    ended_at: datetime | None
    started_on: date
    real_minutes: int | None
    credited_minutes: int | None
    over_cap_minutes: int | None
    pool_minutes: int | None
    recipient_person_id: int | None
    recipient_household_id: int | None
    place: str
    place_id: int | None
    grid_id: int | None
    recorded_at: datetime
    note: str | None
    reason: str | None
    settled_at: datetime | None
    txn_id: int | None
    reversal_txn_id: int | None


@dataclass(frozen=True, slots=True)
class Word:
    """One side's confirmation of a record; ``on_behalf`` if staff entered it."""

    side: str
    person_id: int | None
    on_behalf: bool
    given_at: datetime


@dataclass(frozen=True, slots=True)
class OpenShift:
    """A shift in progress: the kiosk shows it before it offers the check-out."""

    record_id: int
    service_id: int
    service_zh: str
    service_en: str
    started_at: datetime
    place: str


_SERVICE_NAMES = {
    "service_zh": service_table.c.name_zh.label("service_zh"),
    "service_en": service_table.c.name_en.label("service_en"),
}
_RECORD = select(
    *(
        _SERVICE_NAMES[name] if name in _SERVICE_NAMES else service_record.c[name]
        for name in ServiceRecord.__slots__
    )
).join(
    service_table,
    and_(
        service_table.c.community_id == service_record.c.community_id,
        service_table.c.id == service_record.c.service_id,
    ),
)
_ONE = _RECORD.where(
    service_record.c.community_id == bindparam("of_community"),
    service_record.c.id == bindparam("record_id"),
)
_SOME = _RECORD.where(
    service_record.c.community_id == bindparam("of_community"),
    among(service_record.c.id, "record_ids"),
)
_KEY = Keyset((service_record.c.started_at, service_record.c.id))
_OF_PERSON = (
    _RECORD.where(
        service_record.c.community_id == bindparam("of_community"),
        service_record.c.person_id.in_(OWN_RECORDS),
        _KEY.beyond,
    )
    .order_by(*_KEY.order)
    .limit(up_to())
)
_WORDS = (
    select(
        confirmation.c.record_id,
        confirmation.c.side,
        confirmation.c.person_id,
        confirmation.c.on_behalf,
        confirmation.c.given_at,
    )
    .where(
        confirmation.c.community_id == bindparam("of_community"),
        among(confirmation.c.record_id, "record_ids"),
    )
    .order_by(confirmation.c.given_at, confirmation.c.side)
)


def record_query() -> Select[Any]:
    """Select records with the names of their services, in the order of ``ServiceRecord``."""
    return _RECORD


def record_of(row: Row[Any]) -> ServiceRecord:
    """Build a record from a row that begins with the columns of ``record_query``."""
    return ServiceRecord(**dict(zip(ServiceRecord.__slots__, row, strict=False)))


def record(session: Session, community_id: int, record_id: int) -> ServiceRecord:
    """**Refuses**: ``NotFound``, also for a record of another community."""
    asked = {"of_community": community_id, "record_id": record_id}
    row = session.execute(_ONE, asked).first()
    if row is None:
        raise NotFound(kind="service_record")
    return record_of(row)


def records_named(
    session: Session, community_id: int, record_ids: Collection[int]
) -> dict[int, ServiceRecord]:
    """Some records by their ids; ids of other communities are left out."""
    asked = {"of_community": community_id, "record_ids": sorted(record_ids)}
    return {row.id: record_of(row) for row in session.execute(_SOME, asked)}


def records_of_person(
    session: Session,
    community_id: int,
    person_id: int,
    *,
    limit: int = 50,
    before: Cursor | None = None,
) -> list[ServiceRecord]:
    """A page of a volunteer's records in any state, newest first."""
    asked = {"of_community": community_id, "of_person": person_id, "most": limit}
    return [record_of(row) for row in session.execute(_OF_PERSON, asked | _KEY.asked(before))]


def words_on(
    session: Session, community_id: int, record_ids: Sequence[int]
) -> dict[int, list[Word]]:
    """The confirmations of some records, oldest first."""
    words: dict[int, list[Word]] = {record_id: [] for record_id in record_ids}
    asked = {"of_community": community_id, "record_ids": record_ids}
    for record_id, *word in session.execute(_WORDS, asked):
        words[record_id].append(Word(*word))
    return words


def open_shift(session: Session, community_id: int, person_id: int) -> OpenShift | None:
    """The shift in progress of a person, or None."""
    query = _open_query(community_id).where(
        service_record.c.person_id.in_(records_of(community_id, [person_id]))
    )
    row = session.execute(query).first()
    return None if row is None else _shift_of(row)


def open_shifts(session: Session, community_id: int) -> dict[int, OpenShift]:
    """Every shift in progress, by person."""
    rows = session.execute(_open_query(community_id))
    return {row.person_id: _shift_of(row) for row in rows}


def _open_query(community_id: int) -> Select[Any]:
    return record_query().where(
        service_record.c.community_id == community_id, service_record.c.state == written(OPEN)
    )


def _shift_of(row: Row[Any]) -> OpenShift:
    return OpenShift(
        record_id=row.id,
        service_id=row.service_id,
        service_zh=row.service_zh,
        service_en=row.service_en,
        started_at=row.started_at,
        place=row.place,
    )
