"""Look up pick-up codes. Wrong codes are throttled.

A refusal is stored with its deed, so wrong codes are counted there. The hand-over is in
``issuing``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select

from timebank.aid import may
from timebank.aid.refusals import WrongPickupCode
from timebank.aid.rules import WRONG_CODES_WINDOW, check_code_shape, same_code, shut_until
from timebank.aid.tables import IS_READY, claim
from timebank.deeds.action import action
from timebank.deeds.deed import Deed
from timebank.deeds.queries import refusals_since
from timebank.errors import NotAllowed
from timebank.goods.queries import store_brief
from timebank.people.refusals import TooManyTries

_COUNTED = ("find_by_code", "issue_goods")


@dataclass(frozen=True, slots=True)
class CodeFound:
    """The claim of a code."""

    claim_id: int


@action("find_by_code", counts_refusals=True)
def find_by_code(deed: Deed, *, store_id: int, pickup_code: str) -> CodeFound:
    """Find the claim with a code that is ready at a store, before anything is handed over.

    **Refuses**: ``NotAllowed`` to all but a keeper of the store and a kiosk; ``NotFound``;
    ``BadInput`` for what is no code, which counts as no guess; ``WrongPickupCode``, after several
    ``TooManyTries``.
    """
    if deed.by.channel != "kiosk" and not may.SERVE_COUNTER.is_held(deed.by):
        raise NotAllowed(deed="find_by_code")
    place_id = store_brief(deed.session, deed.community_id, store_id).place_id
    if deed.by.channel != "kiosk" and not may.SERVE_COUNTER.is_held_at(deed.by, place_id):
        raise NotAllowed(deed="find_by_code")
    check_code_shape(pickup_code)
    check_tries(deed)
    return CodeFound(row_by_code(deed, store_id, pickup_code).id)


def row_by_code(deed: Deed, store_id: int, pickup_code: str) -> Row[Any]:
    """The ready claim of a code; every code is compared in constant time.

    **Refuses**: ``WrongPickupCode``.
    """
    rows = deed.session.execute(
        select(claim).where(
            claim.c.community_id == deed.community_id,
            claim.c.store_id == store_id,
            IS_READY,
        )
    ).all()
    found = [row for row in rows if same_code(row.pickup_code, pickup_code)]
    if not found:
        raise WrongPickupCode()
    return found[0]


def check_tries(deed: Deed, *, beside: Sequence[datetime] = ()) -> None:
    """Throttle attempts to guess a code; ``beside`` are wrong codes that no deed stored.

    **Refuses**: ``TooManyTries``.
    """
    since = deed.now - WRONG_CODES_WINDOW
    tries = list(beside)
    for name in _COUNTED:
        tries += refusals_since(
            deed.session, deed.by, name=name, code=WrongPickupCode.code, since=since
        )
    until = shut_until(tries, deed.now)
    if until is not None:
        raise TooManyTries(until_at=until.isoformat())
