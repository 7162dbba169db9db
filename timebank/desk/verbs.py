"""What a story tells of the community's calendar."""

from datetime import date, timedelta
from itertools import chain
from typing import Any

from timebank.deeds.calendars import keep_year
from timebank.deeds.deed import Deed
from timebank.deeds.working_days import CalendarYear
from timebank.stories.shapes import Keyed, Many, day, shaped, text, whole
from timebank.stories.stage import Body, Stage
from timebank.values import By


def span(value: Any, where: str) -> tuple[date, ...]:
    """A single day, or a span such as ``2027-02-05/2027-02-11``."""
    first, _, last = str(value).partition("/")
    begun, ended = day(first, where), day(last or first, where)
    return tuple(begun + timedelta(days=number) for number in range((ended - begun).days + 1))


@shaped(Keyed({"year": whole, "source": text}, {"rests": Many(span), "works": Many(span)}))
def calendar(stage: Stage, by: By, body: Body) -> Body:
    """Take the published days of a ``year``: ``rests`` and ``works`` are days or spans of days."""
    new = CalendarYear(
        year=body["year"],
        source=body["source"],
        rests=tuple(chain.from_iterable(body.get("rests", ()))),
        works=tuple(chain.from_iterable(body.get("works", ()))),
    )
    stage.sent += 1
    request_id = f"story-{stage.sent}"
    stage.database.write(lambda session, now: keep_year(Deed(session, by, now, request_id), new))
    return {"year": new.year}
