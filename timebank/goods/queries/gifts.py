"""What somebody donated, one line per deposit, for the statement of their passbook."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Row, and_, bindparam, select
from sqlalchemy.orm import Session

from timebank.db import Cursor, Keyset, up_to, written
from timebank.goods.rules import RECEIVED, points_of
from timebank.goods.tables import deposit, deposit_line, item
from timebank.people.queries.merged import OWN_RECORDS


@dataclass(frozen=True, slots=True)
class Gift:
    """A deposit that was received. **Units**: pieces.

    The names and the unit are those of its first accepted item; ``kinds`` is the number of items.
    ``points`` are what its donor was credited with, if they chose them instead of a receipt.
    """

    deposit_id: int
    receipt_no: str | None
    thanks: str
    value_yuan: int
    received_at: datetime
    accepted: int
    kinds: int
    name_zh: str
    name_en: str
    unit_zh: str
    unit_en: str

    @property
    def points(self) -> int:
        return points_of(self.thanks, self.value_yuan)


_KEY = Keyset((deposit.c.received_at, deposit.c.id))
_NEWEST = (
    select(deposit.c.id)
    .where(
        deposit.c.community_id == bindparam("of_community"),
        deposit.c.donor_person_id.in_(OWN_RECORDS),
        deposit.c.state == written(RECEIVED),
        deposit.c.accepted_pieces > 0,
        _KEY.beyond,
    )
    .order_by(*_KEY.order)
    .limit(up_to())
)
_GIFTS = (
    select(
        deposit.c.id,
        deposit.c.receipt_no,
        deposit.c.thanks,
        deposit.c.value_yuan,
        deposit.c.received_at,
        deposit.c.accepted_pieces,
        item.c.name_zh,
        item.c.name_en,
        item.c.unit_zh,
        item.c.unit_en,
    )
    .join(
        deposit_line,
        and_(
            deposit_line.c.community_id == deposit.c.community_id,
            deposit_line.c.deposit_id == deposit.c.id,
        ),
    )
    .join(
        item,
        and_(
            item.c.community_id == deposit_line.c.community_id, item.c.id == deposit_line.c.item_id
        ),
    )
    .where(
        deposit.c.community_id == bindparam("of_community"),
        deposit.c.id.in_(_NEWEST),
        deposit_line.c.accepted_pieces > 0,
    )
    .order_by(*_KEY.order, deposit_line.c.line)
)


def gifts_of_person(
    session: Session,
    community_id: int,
    person_id: int,
    *,
    limit: int = 50,
    before: Cursor | None = None,
) -> list[Gift]:
    """A page of what was accepted from a person, newest first, in one statement."""
    asked = {"of_community": community_id, "of_person": person_id, "most": limit}
    asked |= _KEY.asked(before)
    by_id: Any = groupby(session.execute(_GIFTS, asked), lambda row: row.id)
    return [_gift(lines) for _, lines in by_id]


def _gift(lines: Iterable[Row[Any]]) -> Gift:
    first, *others = lines
    return Gift(
        deposit_id=first.id,
        receipt_no=first.receipt_no,
        thanks=first.thanks,
        value_yuan=first.value_yuan,
        received_at=first.received_at,
        accepted=first.accepted_pieces,
        kinds=1 + len(others),
        name_zh=first.name_zh,
        name_en=first.name_en,
        unit_zh=first.unit_zh,
        unit_en=first.unit_en,
    )
