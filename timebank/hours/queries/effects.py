"""For whom a change of the rules of the time bank changes something."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from timebank.db import state_among, written
from timebank.hours.queries.terms import terms_of
from timebank.hours.rules import CONFIRMED, CREDITED, ENTERED, Terms, credit_of
from timebank.hours.tables import service_record
from timebank.ledger.queries import owners_above
from timebank.policy.rules.effects import Affected, Effect, ParameterChange, effect, told
from timebank.values import MINUTES, local_day

LOOKED_BACK = timedelta(days=30)  # As far as a change of the credit is tried out.
_RECORDS = (
    select(service_record.c.person_id, service_record.c.started_on, service_record.c.real_minutes)
    .where(
        service_record.c.community_id == bindparam("of_community"),
        state_among(service_record.c.state, (CONFIRMED, CREDITED)),
        service_record.c.started_on > bindparam("since"),
    )
    .order_by(service_record.c.person_id, service_record.c.started_at, service_record.c.id)
)
_WAITING = select(func.count()).where(
    service_record.c.community_id == bindparam("of_community"),
    service_record.c.state == written(ENTERED),
)


def balance_effects(
    session: Session, community_id: int, change: ParameterChange
) -> tuple[Effect, ...]:
    """People above the new cap, and those above the old one who have room again."""
    caps = [terms_of(rows).balance_cap_minutes for rows in (change.before, change.after)]
    held = owners_above(session, community_id, "person", MINUTES, above=min(caps) - 1)
    old, new = caps
    over = [
        Affected(person_id=person_id, before=minutes)
        for person_id, minutes in held.items()
        if old > minutes >= new
    ]
    room = [
        Affected(person_id=person_id, before=minutes)
        for person_id, minutes in held.items()
        if new > minutes >= old
    ]
    return told(effect("over_cap", over), effect("room_again", room))


def credit_effects(
    session: Session, community_id: int, change: ParameterChange
) -> tuple[Effect, ...]:
    """People whose last thirty days would have been credited otherwise; nothing is changed."""
    asked = {"of_community": community_id, "since": local_day(change.now) - LOOKED_BACK}
    rows = session.execute(_RECORDS, asked).all()
    before, after = (_credited(rows, terms_of(rows_)) for rows_ in (change.before, change.after))
    less = [_moved(one, before, after) for one in before if after[one] < before[one]]
    more = [_moved(one, before, after) for one in before if after[one] > before[one]]
    return told(effect("credited_less", less), effect("credited_more", more))


def _credited(rows: Iterable[Any], terms: Terms) -> dict[int, int]:
    """The minutes of each person by some terms; each day has its own cap."""
    of_day: dict[tuple[int, date], int] = defaultdict(int)
    total: dict[int, int] = defaultdict(int)
    for person_id, day, real in rows:
        credit = credit_of(real, credited_that_day=of_day[person_id, day], terms=terms)
        of_day[person_id, day] += credit.credited_minutes
        total[person_id] += credit.credited_minutes
    return total


def _moved(person_id: int, before: dict[int, int], after: dict[int, int]) -> Affected:
    return Affected(person_id=person_id, before=before[person_id], after=after[person_id])


def records_waiting(
    session: Session, community_id: int, change: ParameterChange
) -> tuple[Effect, ...]:
    """Sessions that wait to be confirmed: they were entered in time and stay so."""
    count = session.scalar(_WAITING, {"of_community": community_id}) or 0
    return told(Effect("records_keep", count))


EFFECTS = {
    "hours.balance_cap_minutes": balance_effects,
    "hours.daily_cap_minutes": credit_effects,
    "hours.rounding_minutes": credit_effects,
    "hours.shortest_minutes": credit_effects,
    "hours.recording_working_days": records_waiting,
}
