"""Look up pick-up codes. Wrong codes are throttled.

A refusal is stored with its deed, so wrong codes are counted there. The hand-over is in
``issuing``.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, bindparam, select

from timebank.aid import may
from timebank.aid.queries.codes import CODE_COLUMN, code_digests, has_code, shown_code
from timebank.aid.refusals import WrongPickupCode
from timebank.aid.rules import (
    ISSUED,
    KIOSK_WRONG_CODES_MAX,
    WRONG_CODES_MAX,
    WRONG_CODES_WINDOW,
    check_code_shape,
    shut_until,
)
from timebank.aid.tables import IS_READY, claim
from timebank.db import written
from timebank.deeds.action import OneTimeCode, action
from timebank.deeds.deed import Deed
from timebank.deeds.queries import refusals_since
from timebank.errors import NotAllowed
from timebank.goods.actions import new_code
from timebank.goods.queries import store_brief
from timebank.people.refusals import TooManyTries
from timebank.vault.cipher import vault_to_seal

_COUNTED = ("find_by_code", "issue_goods", "note_visit")


@dataclass(frozen=True, slots=True)
class CodeFound:
    """The claim of a code."""

    claim_id: int


@action("find_by_code", counts_refusals=True)
def find_by_code(deed: Deed, *, store_id: int, pickup_code: str) -> CodeFound:
    """Find the claim with a code that is ready at a store, before anything is handed over.

    At the counter a claim that was handed over within a day is found too, so that a code shown
    twice leads to the slip and is no wrong guess.

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
    try:
        return CodeFound(row_by_code(deed, store_id, pickup_code).id)
    except WrongPickupCode:
        issued_id = None if deed.by.channel == "kiosk" else _issued(deed, store_id, pickup_code)
        if issued_id is None:
            raise
        return CodeFound(issued_id)


def _issued(deed: Deed, store_id: int, pickup_code: str) -> int | None:
    """The claim that was handed over with this code within a day."""
    return deed.session.scalar(
        select(claim.c.id)
        .where(
            claim.c.community_id == deed.community_id,
            claim.c.store_id == store_id,
            claim.c.state == written(ISSUED),
            claim.c.pickup_digest.in_(code_digests(deed.session, pickup_code)),
            claim.c.issued_at > deed.now - timedelta(days=1),
        )
        .order_by(claim.c.issued_at.desc())
        .limit(1)
    )


def row_by_code(deed: Deed, store_id: int, pickup_code: str) -> Row[Any]:
    """The ready claim of a code.

    **Refuses**: ``WrongPickupCode``.
    """
    row = deed.session.execute(
        select(claim).where(
            claim.c.community_id == deed.community_id,
            claim.c.store_id == store_id,
            IS_READY,
            has_code(deed.session, pickup_code),
        )
    ).first()
    if row is None:
        raise WrongPickupCode()
    return row


# What is written when a claim is handed over or ends: nobody can use its code any more.
WIPED = {"pickup_sealed": None}


_READY = select(claim.c.pickup_digest).where(
    claim.c.community_id == bindparam("of_community"),
    claim.c.store_id == bindparam("of_store"),
    IS_READY,
)


@dataclass(frozen=True, slots=True)
class NewCode:
    """A drawn code, and the cells in which a claim keeps it."""

    code: str = field(repr=False)
    cells: dict[str, bytes]


def draw_code(deed: Deed, store_id: int) -> NewCode:
    """Draw a code that no other ready claim of the store has."""
    vault = vault_to_seal(deed.session)
    of_store = {"of_community": deed.community_id, "of_store": store_id}
    taken = {bytes(digest) for digest in deed.session.scalars(_READY, of_store)}
    while taken.intersection(vault.digests(CODE_COLUMN, code := new_code(()))):
        pass
    sealed, digest = vault.seal(code, CODE_COLUMN), vault.digest(CODE_COLUMN, code)
    return NewCode(code, {"pickup_sealed": sealed, "pickup_digest": digest})


def told_again(deed: Deed, receipt: Any) -> str | None:
    """The code of a claim for a replay, as long as it opens anything."""
    own = claim.c.community_id == deed.community_id, claim.c.id == receipt.claim_id
    row = deed.session.execute(select(claim).where(*own)).first()
    return None if row is None else shown_code(deed.session, row)


# The receipts of claims do not keep their code.
RECEIPT_CODE = OneTimeCode("pickup_code", told_again)


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
    most = KIOSK_WRONG_CODES_MAX if deed.by.channel == "kiosk" else WRONG_CODES_MAX
    until = shut_until(tries, deed.now, most=most)
    if until is not None:
        raise TooManyTries(until_at=until.isoformat())
