"""Read the shops and donation points of a description. Pure."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from timebank.founding import shapes
from timebank.founding.faults import shown
from timebank.founding.places import GRIDS_MAX
from timebank.founding.plan import ClosedDay, PlannedStore
from timebank.founding.shapes import Reading, Unread
from timebank.goods.opening import OPEN_BEFORE_END, Hours
from timebank.goods.rules import ISSUES_GOODS, STORE_KINDS, WEEKDAYS

STORES_MAX = 20
CLOSED_DAYS_MAX = 60
USUAL_HOURS = "09:00-17:30"
_MAY = ("name_en", "grid", "address", "phone", "hours", "closed_weekdays", "closed_days")
_ALL_WEEK = (*WEEKDAYS,)


def read_stores(
    reading: Reading, given: Mapping[str, Any], *, grids: int, today: date
) -> tuple[PlannedStore, ...]:
    """The shops and points; at least one of them is a shop."""
    wanted = {
        "code": shapes.store_code,
        "kind": shapes.choice(STORE_KINDS),
        "name_zh": shapes.text(80),
        "name_en": shapes.text(80),
        "grid": shapes.whole(1, grids or GRIDS_MAX),
        "address": shapes.text(120),
        "phone": shapes.phone,
        "hours": _opening,
        **dict.fromkeys(_ALL_WEEK, shapes.hours),
        "closed_weekdays": _weekdays,
        "closed_days": _closed_days(today),
    }
    rows = reading.rows(
        "store", given.get("store", []), wanted, may=(*_MAY, *_ALL_WEEK), most=STORES_MAX
    )
    _check_rows(reading, rows)
    return tuple(_store(row) for row in rows) if not reading.faults else ()


def _check_rows(reading: Reading, rows: list[dict[str, Any]]) -> None:
    for number, row in enumerate(rows, start=1):
        if row.get("code") in [other.get("code") for other in rows[: number - 1]]:
            reading.fault("store", "code", "twice", number=number, found=shown(row.get("code")))
        week = _week(row)
        longest = max(sum(span.closes - span.opens for span in spans) for spans in week)
        if longest < OPEN_BEFORE_END.total_seconds() / 60:
            reading.fault("store", "hours", "opens", number=number)
    if not any(row.get("kind") in (ISSUES_GOODS, None) for row in rows):
        reading.fault("store", "", "shop")


def _store(row: dict[str, Any]) -> PlannedStore:
    return PlannedStore(
        code=row["code"],
        kind=row["kind"],
        name_zh=row["name_zh"],
        name_en=row.get("name_en") or row["name_zh"],
        grid=row.get("grid", 1),
        address=row.get("address", ""),
        phone=row.get("phone", ""),
        week=_week(row),
        closed_days=row.get("closed_days", ()),
    )


def _week(row: dict[str, Any]) -> tuple[Hours, ...]:
    """The hours of Monday to Sunday: those of the day, or of all days; none on a closed one."""
    usual = row.get("hours", shapes.hours(USUAL_HOURS))
    closed = row.get("closed_weekdays", ())
    return tuple(row.get(name, () if name in closed else usual) for name in WEEKDAYS)


def _opening(value: Any) -> Hours:
    """The hours of every open day: they cannot be empty."""
    found: Hours = shapes.hours(value)
    if not found:
        raise Unread("hours", found=shown(value))
    return found


def _weekdays(value: Any) -> tuple[str, ...]:
    return () if value == [] else tuple(shapes.choices(WEEKDAYS)(value))


def _closed_days(today: date) -> shapes.Shape:
    """Days with their reasons: ``[{ day = 2027-02-06, note = "春节" }]``."""
    note = shapes.text(80)

    def one(value: Any) -> ClosedDay:
        if not isinstance(value, dict) or set(value) != {"day", "note"}:
            raise Unread("day", found=shown(value))
        day_on = shapes.day(value["day"])
        if day_on < today:
            raise Unread("day_past", found=shown(str(day_on)))
        return ClosedDay(day_on=day_on, note=note(value["note"]))

    def read(value: Any) -> tuple[ClosedDay, ...]:
        if not isinstance(value, list) or len(value) > CLOSED_DAYS_MAX:
            raise Unread("list", found=shown(value))
        days = tuple(map(one, value))
        if len({day.day_on for day in days}) < len(days):
            raise Unread("twice", found=shown(str(days[-1].day_on)))
        return days

    return read
