"""Hours of the whole community by month, for the open pages: sums only, nobody is named."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import extract, func, select
from sqlalchemy.orm import Session

from timebank.hours.rules import CONFIRMED, CREDITED
from timebank.hours.tables import service_record
from timebank.values import month_start


@dataclass(frozen=True, slots=True)
class MonthOfHours:
    """One month, named by its first day. **Units**: minutes, people, records."""

    month_on: date
    records: int = 0
    volunteers: int = 0
    real_minutes: int = 0
    credited_minutes: int = 0


def hours_by_month(
    session: Session, community_id: int, until_on: date, *, months: int = 12
) -> list[MonthOfHours]:
    """The months up to the one of ``until_on``, oldest first; quiet months read as zero."""
    first = month_start(until_on, months - 1)
    day = service_record.c.started_on
    year, month = extract("year", day), extract("month", day)
    rows = session.execute(
        select(
            year,
            month,
            func.count(),
            func.count(service_record.c.person_id.distinct()),
            func.sum(service_record.c.real_minutes),
            func.sum(service_record.c.credited_minutes),
        )
        .where(
            service_record.c.community_id == community_id,
            service_record.c.state.in_((CONFIRMED, CREDITED)),
            day.between(first, until_on),
        )
        .group_by(year, month)
    )
    known = {
        (int(row[0]), int(row[1])): MonthOfHours(
            date(int(row[0]), int(row[1]), 1), *(int(number) for number in row[2:])
        )
        for row in rows
    }
    all_months = [month_start(until_on, back) for back in range(months - 1, -1, -1)]
    return [known.get((m.year, m.month), MonthOfHours(m)) for m in all_months]


def hours_of_month(session: Session, community_id: int, on: date) -> MonthOfHours:
    """The month of a day, up to that day."""
    return hours_by_month(session, community_id, on, months=1)[0]
