"""Who had a part today in opening a household's card: they do nothing more for it that day."""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import Select, Table, bindparam, or_, select, union_all
from sqlalchemy.orm import Session

from timebank.db import Instant, written
from timebank.people.refusals import CardIssuedToday, PinResetToday
from timebank.people.tables import card_issue, person, pin_reset
from timebank.values import By, local_day, local_instant

_REFUSALS = {"pin_reset": PinResetToday, "card_issue": CardIssuedToday}


def _homes(made: Table, second: str) -> Select[tuple[str, int]]:
    """The households of the people for whom somebody took part in a PIN or a card."""
    return (
        select(written(made.name).label("kind"), person.c.household_id)
        .join(
            made, (made.c.community_id == person.c.community_id) & (made.c.person_id == person.c.id)
        )
        .where(
            made.c.community_id == bindparam("of_community"),
            made.c.asked_at >= bindparam("since", type_=Instant),
            or_(
                made.c.asked_by_person_id == bindparam("of_person"),
                made.c[second] == bindparam("of_person"),
            ),
        )
    )


_TOOK_PART = union_all(
    _homes(pin_reset, "set_by_person_id"), _homes(card_issue, "given_by_person_id")
)


def require_no_part_today(
    session: Session, by: By, household_ids: Collection[int | None], now: datetime
) -> None:
    """Check that the actor had no part today in a PIN or a card of somebody of these households.

    Otherwise two colleagues could open a neighbour's card, and one of them act for the neighbour.

    **Refuses**: ``PinResetToday``; ``CardIssuedToday``.
    """
    on = local_day(now)
    asked = {
        "of_community": by.community_id, "of_person": by.person_id or -1,
        "since": local_instant(on),
    }  # fmt: skip
    homes = set(household_ids) - {None}
    for row in session.execute(_TOOK_PART, asked):
        if row.household_id in homes:
            raise _REFUSALS[row.kind](free_on=(on + timedelta(days=1)).isoformat())
