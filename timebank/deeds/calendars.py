"""Store an edition of a year in the calendar of a community."""

from sqlalchemy import insert

from timebank.deeds.deed import Deed
from timebank.deeds.tables import calendar_day, calendar_year
from timebank.deeds.working_days import CalendarYear
from timebank.errors import BadInput
from timebank.values import new_id


def keep_year(deed: Deed, new: CalendarYear) -> int:
    """Store an edition of a year; return its id. **Refuses**: ``BadInput`` with the field."""
    if fault := new.fault():
        raise BadInput(field=fault[0], why=fault[1])
    key = {"community_id": deed.community_id}
    calendar_id = new_id()
    edition = {
        "id": calendar_id, "year": new.year, "source": new.source.strip()[:200],
        "recorded_at": deed.now, "recorded_by": deed.by.client,
    }  # fmt: skip
    deed.session.execute(insert(calendar_year), key | edition)
    rows = [
        key | {"calendar_id": calendar_id, "day_on": day, "is_worked": is_worked}
        for day, is_worked in sorted(new.days())
    ]
    if rows:
        deed.session.execute(insert(calendar_day), rows)
    return calendar_id
