"""The open hours of a shop, as they were last set."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from timebank.goods.opening import Hours, ShopHours, read_hours
from timebank.goods.rules import WEEKDAYS
from timebank.goods.tables import store_special_day, store_week

_WEEKS = (
    select(store_week.c.since_on, *(store_week.c[name] for name in WEEKDAYS))
    .where(
        store_week.c.community_id == bindparam("of_community"),
        store_week.c.store_id == bindparam("of_store"),
    )
    .order_by(store_week.c.id)
)
_DAYS = (
    select(store_special_day.c.day_on, store_special_day.c.hours, store_special_day.c.note)
    .where(
        store_special_day.c.community_id == bindparam("of_community"),
        store_special_day.c.store_id == bindparam("of_store"),
    )
    .order_by(store_special_day.c.id)
)


@dataclass(frozen=True, slots=True)
class SpecialDay:
    """A day with hours of its own, and why; without hours it is closed."""

    on: date
    hours: Hours
    note: str


def opening_of(session: Session, community_id: int, store_id: int) -> ShopHours:
    """The hours of a shop. A week that was set later replaces all that begin after it."""
    asked = {"of_community": community_id, "of_store": store_id}
    weeks: list[tuple[date, tuple[Hours, ...]]] = []
    for since_on, *written in session.execute(_WEEKS, asked):
        weeks = [week for week in weeks if week[0] < since_on]
        weeks.append((since_on, tuple(map(read_hours, written))))
    days = {row.day_on: read_hours(row.hours) for row in session.execute(_DAYS, asked)}
    return ShopHours(weeks=tuple(weeks), days=days)


def special_days(
    session: Session, community_id: int, store_id: int, *, since: date
) -> list[SpecialDay]:
    """The single days of a shop from a day on, in order."""
    asked = {"of_community": community_id, "of_store": store_id}
    found = {
        row.day_on: SpecialDay(row.day_on, read_hours(row.hours), row.note)
        for row in session.execute(_DAYS, asked)
    }
    return [found[day] for day in sorted(found) if day >= since]
