"""What a household claimed a moment ago: whoever presses again is asked whether they mean it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from timebank.aid.rules import ISSUED, OPEN_CLAIM_STATES, ClaimLine
from timebank.aid.tables import claim, claim_line
from timebank.db import state_among

_STATE = select(claim.c.state).where(
    claim.c.community_id == bindparam("of_community"), claim.c.id == bindparam("of_claim")
)
_LINES = (
    select(claim.c.id, claim.c.claim_no, claim.c.asked_at, claim.c.state, claim_line.c.item_id,
           claim_line.c.asked_pieces)
    .join(
        claim_line,
        (claim_line.c.community_id == claim.c.community_id)
        & (claim_line.c.claim_id == claim.c.id),
    )
    .where(
        claim.c.community_id == bindparam("of_community"),
        claim.c.household_id == bindparam("of_household"),
        claim.c.asked_at >= bindparam("since"),
        state_among(claim.c.state, (*OPEN_CLAIM_STATES, ISSUED)),
    )
    .order_by(claim.c.id.desc())
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class SameClaim:
    """A claim of exactly the same things."""

    id: int
    claim_no: str
    asked_at: datetime


def same_claim_since(
    session: Session,
    community_id: int,
    household_id: int,
    lines: Iterable[ClaimLine],
    *,
    since: datetime,
    issued: bool = False,
) -> SameClaim | None:
    """The newest open claim of the same pieces of the same items; ``issued`` ones too if asked."""
    asked = {"of_community": community_id, "of_household": household_id, "since": since}
    claims: dict[SameClaim, dict[int, int]] = {}
    for row in session.execute(_LINES, asked):
        if issued or row.state != ISSUED:
            same = SameClaim(row.id, row.claim_no, row.asked_at)
            claims.setdefault(same, {})[row.item_id] = row.asked_pieces
    wanted = {line.item_id: line.pieces for line in lines}
    return next((same for same, pieces in claims.items() if pieces == wanted), None)


def is_handed_over(session: Session, community_id: int, claim_id: int) -> bool:
    """Tell whether the goods of a claim were handed over."""
    asked = {"of_community": community_id, "of_claim": claim_id}
    return session.scalar(_STATE, asked) == ISSUED
