"""What a story tells of the community's calendar."""

from datetime import date, timedelta

from timebank.deeds.calendars import keep_year
from timebank.deeds.deed import Deed
from timebank.deeds.working_days import CalendarYear
from timebank.stories.stage import Body, Stage
from timebank.values import By


def calendar(stage: Stage, by: By, body: Body) -> Body:
    """Take the published days of a ``year``: ``rests`` and ``works`` are days or spans of days."""
    new = CalendarYear(
        year=body["year"],
        source=body["source"],
        rests=_days(body.get("rests", [])),
        works=_days(body.get("works", [])),
    )
    stage.sent += 1
    request_id = f"story-{stage.sent}"
    stage.database.write(lambda session, now: keep_year(Deed(session, by, now, request_id), new))
    return {"year": new.year}


def _days(told: list[str | date]) -> tuple[date, ...]:
    """Read single days, and spans such as ``2027-02-05/2027-02-11``."""
    found = []
    for written in told:
        first, _, last = str(written).partition("/")
        day, end = date.fromisoformat(first), date.fromisoformat(last or first)
        found += [day + timedelta(days=number) for number in range((end - day).days + 1)]
    return tuple(found)
