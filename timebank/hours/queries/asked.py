"""What waits on the service pages of a person: sessions to confirm, and their running shift.

Helpers are masked.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, and_, bindparam, or_, select, union_all
from sqlalchemy.orm import Session

from timebank.db import Cursor, Keyset, up_to, written
from timebank.hours.rules import ENTERED, OPEN, RECIPIENT
from timebank.hours.tables import confirmation, service, service_record
from timebank.people.queries import KIN_IDS, person_names
from timebank.people.rules.names import mask_name
from timebank.values import By


@dataclass(frozen=True, slots=True)
class WordAsked:
    """A session that somebody received and has not confirmed yet. **Units**: minutes."""

    record_id: int
    service_zh: str
    service_en: str
    started_at: datetime
    started_on: date
    ended_at: datetime | None
    real_minutes: int
    helper: str


@dataclass(frozen=True, slots=True)
class RunningShift:
    """The shift in which somebody has checked in and not yet out."""

    record_id: int
    service_zh: str
    service_en: str
    started_at: datetime


_RECORD, _NAMES = service_record.c, person_names()
_SPOKEN = select(confirmation.c.record_id).where(
    confirmation.c.community_id == _RECORD.community_id,
    confirmation.c.record_id == _RECORD.id,
    confirmation.c.side == RECIPIENT,
)
_SESSIONS: Select[Any] = (
    select(
        _RECORD.id.label("record_id"),
        service.c.name_zh.label("service_zh"),
        service.c.name_en.label("service_en"),
        _RECORD.started_at,
        _RECORD.started_on,
        _RECORD.ended_at,
        _RECORD.real_minutes,
        _RECORD.state,
        _NAMES.c.name.label("helper"),
    )
    .join(
        service,
        and_(service.c.community_id == _RECORD.community_id, service.c.id == _RECORD.service_id),
    )
    .join(
        _NAMES,
        and_(_NAMES.c.community_id == _RECORD.community_id, _NAMES.c.id == _RECORD.person_id),
    )
    .where(_RECORD.community_id == bindparam("of_community"))
)
_KEY = Keyset((_RECORD.started_at, _RECORD.id), is_descending=False)
_WORDS = (
    _SESSIONS.where(
        _RECORD.state == written(ENTERED),
        # Without a household the parameter is NULL, which equals nothing.
        or_(
            _RECORD.recipient_person_id == bindparam("of_person"),
            _RECORD.recipient_household_id == bindparam("of_household"),
        ),
        ~_SPOKEN.exists(),
        _RECORD.person_id.not_in(KIN_IDS),  # Whoever is close confirms nothing.
        _KEY.beyond,
    )
    .order_by(*_KEY.order)
    .limit(up_to())
)
_SHIFT = _SESSIONS.where(
    _RECORD.state == written(OPEN), _RECORD.person_id == bindparam("of_person")
)
_BOTH = union_all(select(_WORDS.subquery()), _SHIFT)


def words_asked(
    session: Session, by: By, *, limit: int = 50, after: Cursor | None = None
) -> list[WordAsked]:
    """A page of the unconfirmed sessions of this person or household, oldest first.

    It takes one statement.
    """
    return _waiting(session, by, _WORDS, {"most": limit} | _KEY.asked(after))[1]


def service_now(
    session: Session, by: By, *, limit: int = 50
) -> tuple[RunningShift | None, list[WordAsked]]:
    """The running shift of a person, and the sessions to confirm, in one statement."""
    return _waiting(session, by, _BOTH, {"most": limit} | _KEY.asked(None))


def _waiting(
    session: Session, by: By, statement: Any, page: dict[str, int]
) -> tuple[RunningShift | None, list[WordAsked]]:
    asked = {
        "of_community": by.community_id,
        "of_person": by.person_id,
        "of_household": by.household_id,
    } | page
    rows = [dict(row) for row in session.execute(statement, asked).mappings()]
    words = [_word(row) for row in rows if row["state"] == ENTERED]
    return next((_shift(row) for row in rows if row["state"] == OPEN), None), words


def _word(row: dict[str, Any]) -> WordAsked:
    fields = {name: row[name] for name in WordAsked.__slots__}
    return WordAsked(**fields | {"helper": mask_name(row["helper"])})


def _shift(row: dict[str, Any]) -> RunningShift:
    return RunningShift(**{name: row[name] for name in RunningShift.__slots__})
