"""Claims of a household in one line each, for the passbook."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Row, and_, bindparam, select, union_all
from sqlalchemy.orm import Session

from timebank.aid.queries.claims import is_provisional
from timebank.aid.queries.codes import shown_code
from timebank.aid.rules import ISSUED, READY
from timebank.aid.tables import IS_READY, claim, claim_hold, claim_line
from timebank.db import Cursor, Keyset, up_to, written
from timebank.deeds.queries import days_known_until
from timebank.goods.queries import item_names


@dataclass(frozen=True, slots=True)
class TakenLine:
    """A claim that is ready or was handed over. **Units**: pieces.

    The names and the unit are those of its first approved item; ``kinds`` is the number of items.
    """

    claim_id: int
    claim_no: str
    state: str
    pieces: int
    pickup_code: str | None
    hold_until_at: datetime | None
    issued_at: datetime | None
    kinds: int
    name_zh: str
    name_en: str
    unit_zh: str
    unit_en: str
    hold_is_provisional: bool

    @property
    def is_ready(self) -> bool:
        return self.state == READY


_NAMES = item_names()
_KEY = Keyset((claim.c.issued_at, claim.c.id))
_OF_HOUSEHOLD = select(claim.c.id).where(
    claim.c.community_id == bindparam("of_community"),
    claim.c.household_id == bindparam("of_household"),
)
_READY = _OF_HOUSEHOLD.where(claim.c.state == written(READY))
_ISSUED = (
    _OF_HOUSEHOLD.where(claim.c.state == written(ISSUED), claim.c.approved_pieces > 0, _KEY.beyond)
    .order_by(*_KEY.order)
    .limit(up_to())
)
_BOTH = union_all(select(_READY.subquery()), select(_ISSUED.subquery()))
_LINES = (
    select(
        claim.c.id,
        claim.c.claim_no,
        claim.c.state,
        claim.c.held_pieces,
        claim.c.pickup_sealed,
        claim.c.hold_until_at,
        claim.c.issued_at,
        _NAMES.c.name_zh,
        _NAMES.c.name_en,
        _NAMES.c.unit_zh,
        _NAMES.c.unit_en,
    )
    .join(
        claim_line,
        and_(
            claim_line.c.community_id == claim.c.community_id, claim_line.c.claim_id == claim.c.id
        ),
    )
    .join(
        _NAMES,
        and_(
            _NAMES.c.community_id == claim_line.c.community_id, _NAMES.c.id == claim_line.c.item_id
        ),
    )
    .where(
        claim.c.community_id == bindparam("of_community"),
        claim.c.id.in_(_BOTH),
        claim_line.c.approved_pieces > 0,
    )
    .order_by(*_KEY.order, claim_line.c.line)
)


def taken_lines(
    session: Session,
    community_id: int,
    household_id: int,
    *,
    limit: int = 50,
    before: Cursor | None = None,
) -> list[TakenLine]:
    """All ready claims of a household and a page of those handed over, newest first."""
    asked = {"of_community": community_id, "of_household": household_id, "most": limit}
    asked |= _KEY.asked(before)
    rows = session.execute(_LINES, asked).all()
    known_until_on = days_known_until(session, community_id, (row.hold_until_at for row in rows))
    by_id: Any = groupby(rows, lambda row: row.id)
    return [_taken(session, lines, known_until_on) for _, lines in by_id]


def _taken(session: Session, lines: Iterable[Row[Any]], known_until_on: date) -> TakenLine:
    first, *others = lines
    return TakenLine(
        claim_id=first.id,
        claim_no=first.claim_no,
        state=first.state,
        pieces=first.held_pieces,
        pickup_code=shown_code(session, first),
        hold_until_at=first.hold_until_at,
        issued_at=first.issued_at,
        kinds=1 + len(others),
        name_zh=first.name_zh,
        name_en=first.name_en,
        unit_zh=first.unit_zh,
        unit_en=first.unit_en,
        hold_is_provisional=is_provisional(known_until_on, first.hold_until_at),
    )


@dataclass(frozen=True, slots=True)
class Promise:
    """Pieces of a lot that are reserved for a household."""

    lot_id: int
    claim_id: int
    claim_no: str
    pieces: int


def promises_on(session: Session, community_id: int, lot_ids: Iterable[int]) -> list[Promise]:
    """The reservations on some lots: whoever they are for is affected if pieces are missing."""
    hold = claim_hold.c
    rows = session.execute(
        select(hold.lot_id, hold.claim_id, claim.c.claim_no, hold.pieces)
        .join(claim, and_(claim.c.community_id == hold.community_id, claim.c.id == hold.claim_id))
        .where(
            hold.community_id == community_id,
            hold.lot_id.in_(sorted(set(lot_ids))),
            hold.released_at.is_(None),
            IS_READY,
        )
        .order_by(hold.lot_id, claim.c.claim_no, hold.number)
    )
    return [Promise(*row) for row in rows]
