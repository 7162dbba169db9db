"""Write when a shop is open: the hours of a week, and of single days.

The deeds are in ``aid``, because reservations follow the hours.
"""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import insert

from timebank.deeds.audit import audit
from timebank.deeds.deed import Deed
from timebank.errors import BadInput
from timebank.goods import may
from timebank.goods.opening import (
    OPEN_BEFORE_END,
    SPANS_MAX,
    WEEK,
    Hours,
    is_possible,
    written_hours,
)
from timebank.goods.queries import store_brief
from timebank.goods.rules import WEEKDAYS
from timebank.goods.tables import store_special_day, store_week
from timebank.values import local_day, new_id


@dataclass(frozen=True, slots=True)
class OpeningSet:
    """The hours that are in force from ``since_on`` on, or on this one day."""

    store_id: int
    since_on: date


def write_week(
    deed: Deed, *, store_id: int, since_on: date, hours: tuple[Hours, ...]
) -> OpeningSet:
    """Set the hours of Monday to Sunday from a day on.

    **Refuses**: ``NotAllowed`` to all but a keeper of the store and the coordinator;
    ``NotFound``; ``BadInput`` for a day in the past, for impossible hours, and for a week in which
    no day is open for two hours.
    """
    _check_may_set(deed, store_id)
    if since_on < local_day(deed.now):
        raise BadInput(field="since_on", why="past")
    if len(hours) != WEEK:
        raise BadInput(field="hours", why="count")
    for name, spans in zip(WEEKDAYS, hours, strict=True):
        _check_hours(name, spans)
    longest = max(sum(span.closes - span.opens for span in spans) for spans in hours)
    if longest < OPEN_BEFORE_END.total_seconds() / 60:
        raise BadInput(field=WEEKDAYS[0], why="short")
    written = dict(zip(WEEKDAYS, map(written_hours, hours), strict=True))
    deed.session.execute(
        insert(store_week), _row(deed, store_id) | {"since_on": since_on} | written
    )
    audit(deed, name="set_store_week", subject_kind="store", subject_id=store_id, facts=written)
    return OpeningSet(store_id, since_on)


def write_day(
    deed: Deed, *, store_id: int, day_on: date, hours: Hours = (), note: str
) -> OpeningSet:
    """Set the hours of a single day; without hours the shop is closed then.

    **Refuses**: ``NotAllowed`` to all but a keeper of the store and the coordinator;
    ``NotFound``; ``BadInput`` for a day in the past, impossible hours, and without a note.
    """
    _check_may_set(deed, store_id)
    if day_on < local_day(deed.now):
        raise BadInput(field="day_on", why="past")
    _check_hours("hours", hours)
    if not note.strip():
        raise BadInput(field="note", why="needed")
    written = {"day_on": day_on, "hours": written_hours(hours), "note": note.strip()[:80]}
    deed.session.execute(insert(store_special_day), _row(deed, store_id) | written)
    facts = {"day_on": day_on.isoformat(), "hours": written_hours(hours)}
    audit(deed, name="set_store_day", subject_kind="store", subject_id=store_id, facts=facts)
    return OpeningSet(store_id, day_on)


def _check_may_set(deed: Deed, store_id: int) -> None:
    may.SET_OPENING.require(deed.by)
    place_id = store_brief(deed.session, deed.community_id, store_id).place_id
    may.SET_OPENING.require_at(deed.by, place_id)


def _check_hours(field: str, hours: Hours) -> None:
    if not is_possible(hours) or len(hours) > SPANS_MAX:
        raise BadInput(field=field, why="range")


def _row(deed: Deed, store_id: int) -> dict[str, object]:
    return {
        "community_id": deed.community_id,
        "id": new_id(),
        "store_id": store_id,
        "recorded_at": deed.now,
        "recorded_by": deed.by.client,
    }
