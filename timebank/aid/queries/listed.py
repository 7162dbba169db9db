"""Every claim of a community in one line each, in parts: for the sheets."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from timebank.aid.tables import claim
from timebank.db import Cursor, Keyset, built, up_to


@dataclass(frozen=True, slots=True)
class ClaimListed:
    """A claim, its household and its store. **Units**: pieces."""

    id: int
    claim_no: str
    household_id: int
    person_id: int
    store_id: int
    channel: str
    state: str
    asked_at: datetime
    asked_pieces: int
    approved_pieces: int
    issued_at: datetime | None


_KEY = Keyset((claim.c.id,))
_CLAIMS = (
    select(*(claim.c[name] for name in ClaimListed.__slots__))
    .where(claim.c.community_id == bindparam("of_community"), _KEY.beyond)
    .order_by(*_KEY.order)
    .limit(up_to())
)


def claims_in_parts(
    session: Session, community_id: int, *, limit: int, before: Cursor | None = None
) -> list[ClaimListed]:
    """A part of all claims, newest first."""
    asked = {"of_community": community_id, "most": limit}
    return built(ClaimListed, session.execute(_CLAIMS, asked | _KEY.asked(before)))
