"""Who had a part today in opening somebody's sign-in: they do nothing more for them that day."""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import Select, Table, bindparam, func, or_, select, union_all
from sqlalchemy.orm import Session

from timebank.db import Instant, written
from timebank.people.refusals import CardIssuedToday, PasswordResetToday, PinResetToday
from timebank.people.tables import card_issue, password_reset, person, pin_reset
from timebank.values import By, local_day, local_instant

_REFUSALS = {
    "pin_reset": PinResetToday,
    "card_issue": CardIssuedToday,
    "password_reset": PasswordResetToday,
}


def _homes(made: Table, second: str) -> Select[tuple[str, int, int]]:
    """The people for whom somebody took part in a PIN, a card or a password, and their homes."""
    return (
        select(
            written(made.name).label("kind"),
            person.c.household_id,
            func.coalesce(person.c.merged_into_id, person.c.id).label("id"),
        )
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
    _homes(pin_reset, "set_by_person_id"),
    _homes(card_issue, "given_by_person_id"),
    _homes(password_reset, "set_by_person_id"),
)


def require_no_part_today(
    session: Session,
    by: By,
    household_ids: Collection[int | None],
    now: datetime,
    *,
    person_ids: Collection[int | None] = (),
) -> None:
    """Check that the actor had no part today in a PIN, a card or a password of these people.

    Otherwise two colleagues could open a neighbour's card, and one of them act for the neighbour;
    or open a colleague's sign-in, and countersign what was done with it.

    **Refuses**: ``PinResetToday``; ``CardIssuedToday``; ``PasswordResetToday``.
    """
    on = local_day(now)
    asked = {
        "of_community": by.community_id, "of_person": by.person_id or -1,
        "since": local_instant(on),
    }  # fmt: skip
    homes, people = set(household_ids) - {None}, set(person_ids)
    for row in session.execute(_TOOK_PART, asked):
        if row.household_id in homes or row.id in people:
            raise _REFUSALS[row.kind](free_on=(on + timedelta(days=1)).isoformat())
