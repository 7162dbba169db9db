"""Every deposit at some stores in one line each, in parts: for the sheets."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from timebank.db import Cursor, Keyset, among, built, up_to
from timebank.goods.tables import deposit


@dataclass(frozen=True, slots=True)
class DepositListed:
    """A deposit with its donor. **Units**: pieces; ``value_yuan`` for thanks only."""

    id: int
    store_id: int
    donor_person_id: int | None
    donor_organisation_id: int | None
    channel: str
    state: str
    announced_at: datetime | None
    received_at: datetime | None
    receipt_no: str | None
    accepted_pieces: int
    refused_pieces: int
    value_yuan: int


_KEY = Keyset((deposit.c.id,))
_AT_STORES = (
    select(*(deposit.c[name] for name in DepositListed.__slots__))
    .where(
        deposit.c.community_id == bindparam("of_community"),
        among(deposit.c.store_id, "store_ids"),
        _KEY.beyond,
    )
    .order_by(*_KEY.order)
    .limit(up_to())
)


def deposits_in_parts(
    session: Session,
    community_id: int,
    store_ids: Iterable[int],
    *,
    limit: int,
    before: Cursor | None = None,
) -> list[DepositListed]:
    """A part of the deposits in any state, newest first."""
    asked = {"of_community": community_id, "store_ids": sorted(store_ids), "most": limit}
    return built(DepositListed, session.execute(_AT_STORES, asked | _KEY.asked(before)))
