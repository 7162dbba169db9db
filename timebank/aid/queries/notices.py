"""The notices that households got about their claims without asking."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from timebank.aid.tables import claim_notice
from timebank.db import Cursor, Keyset, up_to


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice to a household about a claim."""

    id: int
    claim_id: int
    code: str
    facts: dict[str, Any]
    told_at: datetime


_KEY = Keyset((claim_notice.c.told_at, claim_notice.c.id))
_NOTICES = (
    select(claim_notice)
    .where(
        claim_notice.c.community_id == bindparam("of_community"),
        claim_notice.c.household_id == bindparam("of_household"),
        _KEY.beyond,
    )
    .order_by(*_KEY.order)
    .limit(up_to())
)


def notices_of_household(
    session: Session,
    community_id: int,
    household_id: int,
    *,
    limit: int = 20,
    before: Cursor | None = None,
) -> list[Notice]:
    """A page of the notices that a household got without asking, newest first."""
    asked = {"of_community": community_id, "of_household": household_id, "most": limit}
    rows = session.execute(_NOTICES, asked | _KEY.asked(before))
    return [
        Notice(
            id=row.id,
            claim_id=row.claim_id,
            code=row.code,
            facts=msgspec.json.decode(row.facts),
            told_at=row.told_at,
        )
        for row in rows
    ]
