"""How many pieces of a claim may be issued, and of which lots.

Pure. ``policy`` decides whether a household may take anything; ``goods`` decides which lot is
issued first. Here they meet: the minimum of asked, quota and stock.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from timebank.aid.refusals import NotConfirmed
from timebank.errors import BadInput, TimebankError, refusal_of
from timebank.goods.opening import ShopHours
from timebank.goods.refusals import OutOfStock
from timebank.goods.rules import LINES_MAX, PIECES_MAX, LotPieces, Pick, pick_pieces
from timebank.people.rules.throttles import CLOCKS_DIFFER
from timebank.policy.refusals import HouseholdCap
from timebank.policy.rules import Answer
from timebank.typed import code_in

REVIEW, REFUSED, READY, ISSUED, LAPSED, CANCELLED = (
    "review", "refused", "ready", "issued", "lapsed", "cancelled",
)  # fmt: skip
CLAIM_STATES = (REVIEW, REFUSED, READY, ISSUED, LAPSED, CANCELLED)
OPEN_CLAIM_STATES = (READY, REVIEW)  # Somebody has still to see to it.

HOUSEHOLD_CAP = HouseholdCap.code
OUT_OF_STOCK = OutOfStock.code
NOT_DECIDED = "NOT_DECIDED"  # A person decides, or the rules refused the whole claim.
CUT_CODES = (HOUSEHOLD_CAP, OUT_OF_STOCK, NOT_DECIDED)

REVIEW_DAYS = 3  # Working days until a review is answered. Source: our own promise.

EXPIRED_ON_SHELF = "EXPIRED_ON_SHELF"
BY_CLAIMANT = "BY_CLAIMANT"
BY_STAFF = "BY_STAFF"
END_REASONS = (EXPIRED_ON_SHELF, BY_CLAIMANT, BY_STAFF)


# Wrong codes from one sender before a delay. Source: our own default.
WRONG_CODES_MAX = 5
# A kiosk counts the wrong codes of each visit itself: one person's errors stop nobody else. This
# stops who begins visit after visit to guess.
KIOSK_WRONG_CODES_MAX = 20
WRONG_CODES_WINDOW = timedelta(minutes=15)

WITHDRAWAL_SOURCES = ("issued", "carried_over", "elsewhere")


@dataclass(frozen=True, slots=True)
class ClaimLine:
    """A number of pieces of one item, as asked."""

    item_id: int
    pieces: int


@dataclass(frozen=True, slots=True)
class AgreedLot:
    """Pieces of a lot that were shown at the counter, and agreed to."""

    lot_id: int
    pieces: int


@dataclass(frozen=True, slots=True)
class PlannedLine:
    """The result of a line: ``approved`` of ``asked`` pieces, from these lots.

    ``cut_code`` says why the rest was not approved.
    """

    item_id: int
    asked: int
    approved: int
    cut_code: str | None = None
    picks: tuple[Pick, ...] = ()


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why nothing of a claim was approved: the code and facts of the refusal."""

    code: str
    facts: dict[str, Any] = field(default_factory=dict)

    def error(self) -> TimebankError:
        """Create the refusal that a caller may raise."""
        return refusal_of(self.code, self.facts)


def check_lines(lines: Sequence[ClaimLine]) -> None:
    """**Refuses**: ``BadInput`` for no lines or too many, a repeated item, an impossible number."""
    if not 1 <= len(lines) <= LINES_MAX:
        raise BadInput(field="lines", why="count", most=LINES_MAX)
    seen: set[int] = set()
    for number, line in enumerate(lines):
        if not 1 <= line.pieces <= PIECES_MAX:
            raise BadInput(field=f"lines.{number}.pieces", why="range")
        if line.item_id in seen:
            raise BadInput(field=f"lines.{number}.item_id", why="repeated")
        seen.add(line.item_id)


def plan_lines(
    lines: Sequence[ClaimLine], lots: Sequence[LotPieces], quota: int | None
) -> tuple[PlannedLine, ...]:
    """Approve line by line what quota and stock allow, from the lot that expires first.

    **Units**: ``quota`` pieces are still free in all; None means no limit.
    """
    left = sum(line.pieces for line in lines) if quota is None else quota
    planned = []
    for line in lines:
        of_item = [lot for lot in lots if lot.item_id == line.item_id]
        stock = sum(lot.available for lot in of_item)
        approved = min(line.pieces, left, stock)
        cut = None
        if approved < line.pieces:
            cut = HOUSEHOLD_CAP if left <= stock else OUT_OF_STOCK
        picks = pick_pieces(of_item, approved)
        planned.append(
            PlannedLine(
                item_id=line.item_id,
                asked=line.pieces,
                approved=approved,
                cut_code=cut,
                picks=picks,
            )
        )
        left -= approved
    return tuple(planned)


def pieces_by_item(lines: Iterable[ClaimLine]) -> dict[int, int]:
    return {line.item_id: line.pieces for line in lines}


def approved_by_item(planned: Iterable[PlannedLine]) -> dict[int, int]:
    """The pieces that would be given, without the items of which none would be."""
    return {line.item_id: line.approved for line in planned if line.approved}


def taken_by_lot(planned: Iterable[PlannedLine]) -> dict[int, int]:
    """The pieces that would be taken from each lot."""
    return {pick.lot.lot_id: pick.pieces for line in planned for pick in line.picks}


def agreed_lines(shown: NotConfirmed) -> tuple[ClaimLine, ...]:
    """What somebody confirms who agrees to what they were shown."""
    lines: Any = shown.facts["lines"]
    return tuple(ClaimLine(line["item_id"], line["approved"]) for line in lines if line["approved"])


def nothing_of(lines: Sequence[ClaimLine], cut_code: str) -> tuple[PlannedLine, ...]:
    """Approve nothing: the rules refused, or a person has to decide."""
    return tuple(
        PlannedLine(item_id=line.item_id, asked=line.pieces, approved=0, cut_code=cut_code)
        for line in lines
    )


def refusal_from(answer: Answer) -> Refusal | None:
    """The nearest reason of an answer that approves nothing."""
    if answer.is_eligible and answer.remaining != 0:
        return None
    reason = answer.reasons[0]
    return Refusal(reason.code, dict(reason.facts))


def refusal_out_of_stock(planned: Sequence[PlannedLine]) -> Refusal:
    """The refusal for a claim whose items are all out of stock."""
    return Refusal(OUT_OF_STOCK, {"available": sum(line.approved for line in planned)})


_PICKUP_CODE = re.compile("[0-9]{6}")


def check_code_shape(typed: str) -> None:
    """See that a text can be a pick-up code at all: a typing error is no wrong guess.

    **Refuses**: ``BadInput``.
    """
    if not _PICKUP_CODE.fullmatch(code_in(typed)):
        raise BadInput(field="pickup_code", why="digits")


def shut_until(
    tries: Sequence[datetime], now: datetime, *, most: int = WRONG_CODES_MAX
) -> datetime | None:
    """Until when further codes are refused after these wrong ones; None if not at all.

    What was written before the clock was set back lies in the future, and closes nothing.
    """
    recent = sorted(at for at in tries if now - WRONG_CODES_WINDOW <= at <= now + CLOCKS_DIFFER)
    if len(recent) < most:
        return None
    return recent[-most] + WRONG_CODES_WINDOW


def claim_no(store_code: str, year: int, number: int) -> str:
    """Format a claim number: ``S1-Q2025-000045``. It reveals nothing about the claim."""
    return f"{store_code}-Q{year}-{number:06d}"


def booking_closed_until(on: date, no_shows: int, *, most: int, days: int) -> date | None:
    """The first day on which booking is open again after so many no-shows."""
    return on + timedelta(days=days) if no_shows >= most else None


@dataclass(frozen=True, slots=True)
class HoldEnd:
    """When a reservation ends. ``full_until_at`` is given if the goods end it before its time.

    Then what is left of it, or other lots in place of those that end, may stand until then.
    """

    until_at: datetime
    full_until_at: datetime | None = None


def hold_end(opening: ShopHours, at: datetime, last_days: Iterable[date | None]) -> HoldEnd:
    """The end of a reservation that should end at ``at``: the shop is open, the goods are good."""
    full = opening.hold_end(at)
    ends = (opening.last_open(day) for day in last_days if day is not None)
    until = min([full, *(end for end in ends if end is not None)])
    return HoldEnd(until, full if until < full else None)


def fetchable(lots: Iterable[LotPieces], opening: ShopHours, now: datetime) -> list[LotPieces]:
    """The lots that somebody who reserves them now can still fetch while they are good."""
    found = []
    for lot in lots:
        last = None if lot.best_before_on is None else opening.last_open(lot.best_before_on)
        if last is None or last > now:
            found.append(lot)
    return found


def cover_again(
    needs: Mapping[tuple[int, int], int], lots: Mapping[int, Sequence[LotPieces]]
) -> dict[tuple[int, int], tuple[Pick, ...]]:
    """Find other lots for pieces whose lot has expired, in the order of the claims.

    **Shape**: ``needs`` maps (claim id, item id) to pieces, ``lots`` item id to lots.
    """
    left = {lot.lot_id: lot.available for some in lots.values() for lot in some}
    covers: dict[tuple[int, int], tuple[Pick, ...]] = {}
    for (claim_id, item_id), pieces in sorted(needs.items()):
        still = [
            LotPieces(
                lot_id=lot.lot_id, item_id=lot.item_id, available=left[lot.lot_id],
                best_before_on=lot.best_before_on, received_on=lot.received_on,
                account_id=lot.account_id, issued_account_id=lot.issued_account_id,
            )
            for lot in lots.get(item_id, ())
        ]  # fmt: skip
        picks = pick_pieces(still, pieces)
        for pick in picks:
            left[pick.lot.lot_id] -= pick.pieces
        covers[claim_id, item_id] = picks
    return covers
