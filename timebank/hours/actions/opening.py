"""Hours that people bring along from an earlier list: all of a list as one transaction."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam, select

from timebank.db import among
from timebank.deeds.deed import Deed
from timebank.hours import may
from timebank.hours.actions.guards import take_balances
from timebank.hours.actions.register import open_accounts
from timebank.hours.queries import terms_on
from timebank.hours.refusals import SelfConfirm
from timebank.hours.tables import opening
from timebank.ledger.actions import ensure_account, post_one
from timebank.ledger.queries import funded_from
from timebank.ledger.rules import Move
from timebank.people.closeness import Involved, closeness
from timebank.values import MINUTES, SERVED, local_day

PEOPLE_AT_ONCE = 500  # Two postings each, in one transaction.


@dataclass(frozen=True, slots=True)
class OpeningHours:
    """What somebody brings along. **Units**: minutes."""

    person_id: int
    minutes: int
    served_minutes: int


def open_balances(deed: Deed, *, hours: Sequence[OpeningHours], key: str) -> int:
    """Post the hours of many people as one transaction; return it.

    **Refuses**: ``NotAllowed``; ``SelfConfirm`` for somebody close; ``AboveCeiling``.
    """
    may.SUPERVISE.require_everywhere(deed.by)
    person_ids = [one.person_id for one in hours]
    if closeness(deed.session, deed.by, Involved(person_ids=tuple(person_ids))):
        raise SelfConfirm()
    today = local_day(deed.now)
    terms = terms_on(deed.session, deed.community_id, [today])[today]
    spend, served = open_accounts(deed.session, deed.community_id, person_ids, terms)
    from_minutes, from_served = (
        ensure_account(deed.session, deed.community_id, "opening", code)
        for code in (MINUTES, SERVED)
    )
    touched = [from_minutes, from_served, *spend.values(), *served.values()]
    take_balances(deed.session, deed.community_id, touched)
    moves = [
        move
        for one in hours
        for move in (
            Move(from_minutes, spend[one.person_id], one.minutes),
            Move(from_served, served[one.person_id], one.served_minutes),
        )
        if move.quantity
    ]
    return post_one(deed.under(f"{deed.request_id}:{key}"), kind="hours_opening", lines=moves)


def take_balances_back(deed: Deed, *, txn_ids: Collection[int]) -> None:
    """Reverse such transactions. **Refuses**: ``InsufficientBalance`` if hours are spent."""
    may.SUPERVISE.require_everywhere(deed.by)
    for txn_id in txn_ids:
        key = f"{deed.request_id}:{txn_id}"
        post_one(deed.under(key), kind="hours_opening_reversal", reverses_id=txn_id)


_OPENED = select(opening.c.person_id).where(
    opening.c.community_id == bindparam("of_community"), among(opening.c.person_id, "person_ids")
)


def already_opened(deed: Deed, person_ids: Collection[int]) -> set[int]:
    """Who of them has brought hours along before, by a list or alone, and keeps them."""
    asked = {"of_community": deed.community_id, "person_ids": person_ids}
    alone = set(deed.session.scalars(_OPENED, asked))
    return alone | funded_from(deed.session, deed.community_id, "opening", person_ids)
