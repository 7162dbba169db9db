"""Post a hand-over that has taken place: a fact is not refused, and no rule is asked.

A kiosk may report it days later. Meanwhile the claim may have lapsed or been cancelled, and its
pieces may be promised to somebody else; they were handed over all the same.
"""

from datetime import datetime

from timebank.aid.actions.holding import claim_row, lock_household, write_released
from timebank.aid.actions.issuing import IssuedLot, IssueReceipt, check_bearer, hand_over
from timebank.aid.queries import named_lots
from timebank.aid.rules import ISSUED
from timebank.deeds.action import action
from timebank.deeds.audit import audit
from timebank.deeds.deed import Deed
from timebank.errors import NotAllowed, NotFound, WrongState
from timebank.ledger.rules import RECORD
from timebank.ledger.shortfalls import lacked


@action("record_issue")
def record_issue(
    deed: Deed,
    *,
    claim_id: int,
    store_id: int,
    happened_at: datetime,
    pickup_code: str | None = None,
) -> IssueReceipt:
    """Post that a claim was handed over at a kiosk, whatever happened to it since.

    The pieces leave the lots of the claim as far as these have them; suspense covers the rest, and
    it appears on the worklist. The decision is that of the claim.

    **Refuses**: ``NotAllowed`` to all but a kiosk; ``NotFound``; ``WrongPickupCode`` or
    ``BadInput`` without proof that it was the household; ``WrongState`` for a claim that was
    handed over before, or never reserved.
    """
    if deed.by.channel != "kiosk":
        raise NotAllowed(deed="record_issue")
    found = claim_row(deed.session, deed.community_id, claim_id)
    if store_id != found.store_id:
        raise NotFound(kind="claim")
    check_bearer(deed, found, pickup_code=pickup_code)
    lock_household(deed.session, deed.community_id, found.household_id)
    row = claim_row(deed.session, deed.community_id, claim_id)
    named = named_lots(deed.session, deed.community_id, claim_id)
    if row.state == ISSUED or not named:
        raise WrongState(kind="claim", state=row.state)
    txn_id = hand_over(
        deed, row, named, decision_id=row.decision_id, kind="record_issue",
        happened_at=happened_at, mode=RECORD,
    )  # fmt: skip
    write_released(deed, named, None)
    pieces = sum(lot.pieces for lot in named)
    lacking = lacked(deed.session, deed.community_id, txn_id)
    audit(
        deed, name="record_issue", subject_kind="claim", subject_id=row.id,
        facts={"claim_no": row.claim_no, "pieces": pieces, "lacking": lacking, "was": row.state},
    )  # fmt: skip
    lots = tuple(IssuedLot(lot.lot_id, lot.item_id, lot.pieces) for lot in named)
    return IssueReceipt(
        claim_id=row.id,
        claim_no=row.claim_no,
        household_id=row.household_id,
        pieces=pieces,
        lots=lots,
        decision_id=row.decision_id,
        lacking=lacking,
    )
