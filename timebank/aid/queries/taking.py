"""What a household may take today: every item, how many pieces, and why not more."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from timebank.aid.queries.freed import lots_to_offer, shelf_now
from timebank.aid.queries.standing import decide_household
from timebank.aid.rules import (
    NOT_DECIDED,
    OUT_OF_STOCK,
    ClaimLine,
    Refusal,
    check_lines,
    fetchable,
    nothing_of,
    plan_lines,
    refusal_from,
    refusal_out_of_stock,
)
from timebank.goods.queries import ShelfRow, items, opening_of
from timebank.goods.refusals import LoanOnly
from timebank.policy.queries import parameters_on
from timebank.policy.rules import Answer, Reason
from timebank.values import local_day


@dataclass(frozen=True, slots=True)
class MayTake:
    """One item as a household sees it today.

    **Units**: pieces. ``available`` are on the shelf, ``remaining`` are left of the quota (None
    means no limit), ``most`` would be approved now. ``next_on`` is the next day on which a refusal
    may change.
    """

    item_id: int
    name_zh: str
    name_en: str
    unit_zh: str
    unit_en: str
    kind: str
    is_loan: bool
    answer: str
    code: str | None
    reasons: tuple[Reason, ...]
    available: int
    near_expiry: int
    remaining: int | None
    most: int
    next_on: date | None

    @property
    def may(self) -> bool:
        return self.most > 0


@dataclass(frozen=True, slots=True)
class OfferedLine:
    """What would be approved of a line if it were claimed now."""

    item_id: int
    asked: int
    approved: int
    cut_code: str | None


@dataclass(frozen=True, slots=True)
class OfferedLot:
    """Pieces of a lot that would be taken if it were claimed now."""

    lot_id: int
    item_id: int
    pieces: int


@dataclass(frozen=True, slots=True)
class Offer:
    """The answer to a claim that is not filed; nothing is reserved.

    ``share_left`` is what would stay of the household's share; None means no limit.
    """

    lines: tuple[OfferedLine, ...]
    answer: str
    refusal: Refusal | None
    lots: tuple[OfferedLot, ...] = ()
    share_left: int | None = None


def may_take(
    session: Session,
    community_id: int,
    household_id: int,
    now: datetime,
    *,
    store_id: int | None = None,
) -> list[MayTake]:
    """List every item with how many pieces a household may take today, or why none."""
    decided = decide_household(session, community_id, household_id, now=now)
    rows = shelf_now(session, community_id, now, store_id)
    return [_may_take(row, decided.answer) for row in rows]


def _may_take(row: ShelfRow, answer: Answer) -> MayTake:
    most = 0
    if answer.is_eligible:
        most = row.available if answer.remaining is None else min(row.available, answer.remaining)
    code = answer.reasons[0].code if answer.reasons else None
    if answer.is_eligible and not row.available:
        code = LoanOnly.code if row.is_loan else OUT_OF_STOCK
    return MayTake(
        item_id=row.item_id,
        name_zh=row.name_zh,
        name_en=row.name_en,
        unit_zh=row.unit_zh,
        unit_en=row.unit_en,
        kind=row.kind,
        is_loan=row.is_loan,
        answer=answer.kind,
        code=code,
        reasons=answer.reasons,
        available=row.available,
        near_expiry=row.near_expiry,
        remaining=answer.remaining,
        most=most,
        next_on=answer.next_on,
    )


def offer(
    session: Session,
    community_id: int,
    household_id: int,
    *,
    store_id: int,
    lines: tuple[ClaimLine, ...],
    now: datetime,
    at_once: bool = False,
) -> Offer:
    """Compute the result of a claim now, without filing it.

    With ``at_once`` the pieces leave the shop now, so its opening hours do not matter.

    **Refuses**: ``BadInput`` for lines that no claim could have; ``LoanOnly``.
    """
    check_lines(lines)
    asked = {line.item_id for line in lines}
    if any(item.is_loan for item in items(session, community_id, asked)):
        raise LoanOnly()
    on = local_day(now)
    parameters = parameters_on(session, community_id, on)
    decided = decide_household(
        session, community_id, household_id, now=now,
        pieces=sum(line.pieces for line in lines), parameters=parameters,
    )  # fmt: skip
    answer = decided.answer
    refusal = refusal_from(answer)
    planned = nothing_of(lines, NOT_DECIDED)
    if refusal is None:
        wanted = {line.item_id: line.pieces for line in lines}
        lots = lots_to_offer(session, community_id, wanted, store_id=store_id, now=now)
        if not at_once:
            lots = fetchable(lots, opening_of(session, community_id, store_id), now)
        planned = plan_lines(lines, lots, answer.remaining)
        if not any(line.approved for line in planned):
            refusal = refusal_out_of_stock(planned)
    offered = tuple(OfferedLine(p.item_id, p.asked, p.approved, p.cut_code) for p in planned)
    picks = [pick for line in planned for pick in line.picks]
    taken = tuple(OfferedLot(pick.lot.lot_id, pick.lot.item_id, pick.pieces) for pick in picks)
    left = None if answer.remaining is None else answer.remaining - sum(p.pieces for p in picks)
    return Offer(lines=offered, answer=answer.kind, refusal=refusal, lots=taken, share_left=left)
