"""The parameters of the time bank as they were in force, day by day."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy.orm import Session

from timebank.hours.rules import Terms
from timebank.policy.queries import parameter_history
from timebank.policy.rules import Parameters


def terms_on(session: Session, community_id: int, days: Iterable[date]) -> dict[date, Terms]:
    """Read the terms of several days in one statement; an old session keeps its day's rules."""
    rows = parameter_history(session, community_id)
    return {day: terms_of(Parameters.of(rows, day)) for day in set(days)}


def terms_of(parameters: Parameters) -> Terms:
    """The terms that some values in force amount to."""
    return Terms(
        rounding_minutes=parameters.whole("hours.rounding_minutes"),
        shortest_minutes=parameters.whole("hours.shortest_minutes"),
        daily_cap_minutes=parameters.whole("hours.daily_cap_minutes"),
        balance_cap_minutes=parameters.whole("hours.balance_cap_minutes"),
        recording_working_days=parameters.whole("hours.recording_working_days"),
    )
