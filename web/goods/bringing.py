"""By which day announced goods must come, so that the shop can still take them in."""

from datetime import date

from sqlalchemy.orm import Session

from timebank.goods.queries import Deposit, items
from timebank.goods.rules import ANNOUNCED, last_taken_in
from timebank.policy.queries import parameters_on
from timebank.values import local_day
from web import units


def last_days(session: Session, deposit: Deposit) -> dict[int, date]:
    """The last day on which each line is taken in, if that is before the last of the list.

    It may have passed already: the shop says at the counter what it can still take.
    """
    until = deposit.valid_until_on
    if deposit.state != ANNOUNCED or until is None or deposit.announced_at is None:
        return {}
    wanted = {line.item_id for line in deposit.announced if line.item_id is not None}
    traits = {one.id: one.traits for one in items(session, units.community_id(), wanted)}
    on = local_day(deposit.announced_at)
    parameters = parameters_on(session, units.community_id(), on)
    days = (
        (line.line, last_taken_in(traits.get(line.item_id or 0), line.best_before_on, parameters))
        for line in deposit.announced
    )
    return {line: day for line, day in days if day is not None and day < until}
