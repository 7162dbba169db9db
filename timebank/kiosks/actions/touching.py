"""What people do by touch: claim goods, announce goods, name the household that they help.

Each goes through the same action as on the web. Not here: bytes, chains and times (``applying``).
"""

import hashlib
from dataclasses import replace
from datetime import timedelta
from typing import Any

from timebank.aid import actions as aid
from timebank.aid.rules import READY, REFUSED, ClaimLine
from timebank.deeds.deed import Deed
from timebank.deeds.running import perform_in
from timebank.errors import NotFound
from timebank.goods import actions as goods
from timebank.goods.rules import AnnouncedLine
from timebank.kiosks import wire
from timebank.kiosks.actions.cards import whose_card
from timebank.kiosks.queries import CardOwner, Device
from timebank.people.queries import household_by_no
from timebank.people.refusals import CardUnknown

CHANGED = "changed"  # Less was there than had been confirmed: nothing was filed.
# A claim that comes later was not answered on the screen; the household may have claimed again.
CLAIM_FRESH = timedelta(minutes=10)


class _LessThanConfirmed(Exception):
    """Raised inside a savepoint, so that nothing of the claim remains."""


def claim_by_touch(
    deed: Deed, *, owner: CardOwner, store_id: int, body: wire.GoodsClaimed, is_exact: bool
) -> dict[str, Any]:
    """Claim for the household of a card; return the claim's id, or that less was there.

    ``is_exact``: the person has seen and confirmed every line. So either all of it is set aside,
    or nothing.

    **Refuses**: as ``claim_goods``; ``NotFound`` for a card without a household.
    """
    if owner.household_id is None:
        raise NotFound(kind="household")
    try:
        with deed.session.begin_nested():
            receipt = _claimed(deed, owner, store_id=store_id, body=body)
            is_less = any(line.approved < line.asked for line in receipt.lines)
            if is_exact and is_less and (receipt.state == READY or not body.asks_person):
                raise _LessThanConfirmed
    except _LessThanConfirmed:
        return {"state": CHANGED}
    return {"claim_id": receipt.claim_id}


def _claimed(
    deed: Deed, owner: CardOwner, *, store_id: int, body: wire.GoodsClaimed
) -> aid.ClaimReceipt:
    receipt: aid.ClaimReceipt = perform_in(
        deed, aid.claim_goods,
        household_id=owner.household_id, person_id=owner.person_id, store_id=store_id,
        lines=tuple(ClaimLine(line.item_id, line.pieces) for line in body.lines),
    )  # fmt: skip
    if body.asks_person and receipt.state == REFUSED:
        key = hashlib.sha256(f"{deed.request_id}:ask".encode()).hexdigest()
        asking = replace(deed, request_id=key)
        perform_in(asking, aid.ask_for_person, claim_id=receipt.claim_id)
    return receipt


def announce_by_touch(
    deed: Deed, *, owner: CardOwner, store_id: int, body: wire.GoodsAnnounced
) -> goods.DepositAnnounced:
    """Announce goods that the holder of a card will bring.

    **Refuses**: as ``announce_deposit``.
    """
    announced: goods.DepositAnnounced = perform_in(
        deed, goods.announce_deposit,
        store_id=store_id, donor_person_id=owner.person_id, thanks=body.thanks,
        lines=announced_lines(body.lines), will_bring=True,
    )  # fmt: skip
    return announced


def announced_lines(lines: tuple[wire.WireDepositLine, ...]) -> tuple[AnnouncedLine, ...]:
    """The lines of a donor as the goods know them."""
    return tuple(
        AnnouncedLine(
            item_id=line.item_id,
            pieces=line.pieces,
            condition=line.condition,
            best_before_on=line.best_before_on,
        )
        for line in lines
    )


def helped_by(deed: Deed, device: Device, body: wire.ShiftStarted) -> dict[str, int]:
    """Whom a service is for, as ``check_in`` names it. A holder without a household is a person.

    **Refuses**: ``CardUnknown``; ``NotFound`` for an unknown number.
    """
    if body.helped_id is not None:
        return {"recipient_household_id": body.helped_id}
    if body.helped_no is not None:
        home = household_by_no(deed.session, deed.community_id, body.helped_no)
        return {"recipient_household_id": home.id}
    if body.helped_ref is None:
        return {}
    owner = whose_card(deed.session, device, body.helped_ref)
    if owner is None:
        raise CardUnknown()
    if owner.household_id is None:
        return {"recipient_person_id": owner.person_id}
    return {"recipient_household_id": owner.household_id}
