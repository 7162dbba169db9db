"""Judge deposits, value them, and choose the lot to issue first.

Pure values and decisions. Not here: who may take what (``aid``), clocks, the database.
"""

import base64
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from timebank.deeds.working_days import WorkingDays
from timebank.errors import BadInput
from timebank.goods.acceptance import (
    CONDITION,
    Refused,
    is_cleaned_first,
    is_too_worn,
    refused_for,
)
from timebank.goods.refusals import NotAccepted, OpenedFood, TooCloseToExpiry
from timebank.policy.rules import Parameters
from timebank.typed import code_in, joined
from timebank.values import local_day, local_instant

NEW, NINE_TENTHS, EIGHT_TENTHS, WORSE = "new", "nine_tenths", "eight_tenths", "worse"
CONDITIONS = (NEW, NINE_TENTHS, EIGHT_TENTHS, WORSE)  # Worse than eight-tenths goes back.
ITEM_KINDS = (
    "food", "household", "clothes", "bedding", "toys", "books", "electrical", "mobility", "other",
)  # fmt: skip
# Must be cleaned and signed before they may be issued. Source: domain.md C.2, P4.
CLEANED_KINDS = frozenset({"clothes", "bedding", "toys"})

# Why pieces are refused: the codes of refusals, so that the texts are in one table.
TOO_CLOSE_TO_EXPIRY = TooCloseToExpiry.code
OPENED_FOOD = OpenedFood.code
NOT_ACCEPTED = NotAccepted.code
OTHER = "OTHER"  # Needs a note that says what.
REFUSE_CODES = (TOO_CLOSE_TO_EXPIRY, OPENED_FOOD, NOT_ACCEPTED, OTHER)

RECEIPT, AS_POINTS = "receipt", "points"
THANKS = (RECEIPT, AS_POINTS)  # One or the other, never both. Source: domain.md, C.2 and C.3.
POINTS_PER_YUAN = 1  # Of the value. Source: domain.md, C.2.
ISSUES_GOODS = "store"  # A donation point only receives.
STORE_KINDS = (ISSUES_GOODS, "donation_point")
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
PIECES_MAX = 999  # Pieces in one line; more is a typing error.
# Whoever claims or announces the same again within this time is asked first. Source: our default.
AGAIN_WITHIN = timedelta(minutes=10)
LINES_MAX = 30  # Lines in one deposit or claim.
# Working days that pieces recorded by a kiosk may stand beside it before it is an alarm.
CLEARING_WORKING_DAYS = 1

ANNOUNCED, BROUGHT, RECEIVED, DECLINED, LAPSED = (
    "announced", "brought", "received", "declined", "lapsed",
)  # fmt: skip
DEPOSIT_STATES = (ANNOUNCED, BROUGHT, RECEIVED, DECLINED, LAPSED)
OPEN_DEPOSIT_STATES = (ANNOUNCED, BROUGHT)  # A keeper has still to judge it.

AWAITING_CLEANING, ON_SHELF, DISPOSAL, FINISHED = (
    "awaiting_cleaning", "on_shelf", "disposal", "finished",
)  # fmt: skip
LOT_STATES = (AWAITING_CLEANING, ON_SHELF, DISPOSAL, FINISHED)
LIVING_LOT_STATES = (AWAITING_CLEANING, ON_SHELF)


@dataclass(frozen=True, slots=True)
class AnnouncedLine:
    """A line that a donor announces; ``described`` if the catalogue has no such item.

    ``lacking`` and ``refused_kind`` are what the donor answered about it, as in ``JudgedLine``.
    """

    item_id: int | None
    pieces: int
    condition: str = "new"
    best_before_on: date | None = None
    described: str = ""
    lacking: tuple[str, ...] = ()
    refused_kind: str | None = None


@dataclass(frozen=True, slots=True)
class JudgedLine:
    """The keeper's judgement of a line: ``accepted`` of ``brought`` pieces are good.

    ``refuse_code`` says why the rest is refused; ``refuse_note`` explains the code ``OTHER``.
    ``lacking`` are the requirements of its kind that it does not meet, ``refused_kind`` the kind
    never taken that the keeper recognised. These, expired goods and opened packs need no code: the
    rules refuse them.
    """

    item_id: int | None
    brought: int
    accepted: int
    condition: str = "new"
    best_before_on: date | None = None
    described: str = ""
    opened: bool = False
    refuse_code: str | None = None
    refuse_note: str = ""
    announced_line: int | None = None
    lacking: tuple[str, ...] = ()
    refused_kind: str | None = None
    maker_lot: str = ""


@dataclass(frozen=True, slots=True)
class ItemTraits:
    """What the rules need of a catalogue item. **Units**: ``reference_fen`` per new piece."""

    kind: str
    reference_fen: int
    needs_cleaning: bool
    shelf_life_days: int | None = None
    asks: tuple[str, ...] = ()  # What its own entry asks, beside what its kind requires.

    @property
    def is_food(self) -> bool:
        return self.kind == "food"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The result for one line. ``accepted + refused`` is what was brought."""

    accepted: int
    refused: int
    refuse_code: str | None = None
    refuse_note: str = ""
    refuse_why: tuple[str, ...] = ()
    value_yuan: int = 0
    waits_for_cleaning: bool = False


def judge(
    line: JudgedLine,
    item: ItemTraits | None,
    *,
    on: date,
    parameters: Parameters,
    number: int = 0,
) -> Verdict:
    """Judge one line. The rules may refuse pieces that the keeper accepted.

    **Refuses**: ``BadInput`` with the field of line ``number``.
    """
    _check_shape(line, item, number)
    seen = _refused_by_rule(line, item, on=on, parameters=parameters)
    if seen is None:
        _check_dated(line, item, number)
    accepted = 0 if seen else line.accepted
    refused = line.brought - accepted
    code = (seen.code if seen else line.refuse_code) if refused else None
    if refused and code not in REFUSE_CODES:
        raise _bad(number, "refuse_code", "needed")
    if code == OTHER and not line.refuse_note.strip():
        raise _bad(number, "refuse_note", "needed")
    note = line.refuse_note.strip() if refused else ""
    if item is None or not accepted:
        return Verdict(
            accepted=accepted,
            refused=refused,
            refuse_code=code,
            refuse_note=note,
            refuse_why=seen.why if seen else (),
        )
    percent = parameters.percent("goods.condition_percents", line.condition)
    value = value_yuan(accepted, item.reference_fen, percent)
    return Verdict(
        accepted=accepted,
        refused=refused,
        refuse_code=code,
        refuse_note=note,
        value_yuan=value,
        waits_for_cleaning=is_cleaned_first(item.kind, item.needs_cleaning, parameters),
    )


def _check_shape(line: JudgedLine, item: ItemTraits | None, number: int) -> None:
    check_told(line.brought, line.condition, number=number)
    if not 0 <= line.accepted <= line.brought:
        raise _bad(number, "accepted", "range")
    if item is None:
        if line.accepted:
            raise _bad(number, "item_id", "needed")
        if not line.described.strip():
            raise _bad(number, "described", "needed")


def _check_dated(line: JudgedLine, item: ItemTraits | None, number: int) -> None:
    """Check that food has its last day."""
    is_food = item is not None and item.is_food
    if is_food and line.accepted and line.best_before_on is None:
        raise _bad(number, "best_before_on", "needed")


def check_told(pieces: int, condition: str, *, number: int) -> None:
    """Check the fields that every line has, announced or judged."""
    if not 1 <= pieces <= PIECES_MAX:
        raise _bad(number, "pieces", "range")
    if condition not in CONDITIONS:
        raise _bad(number, "condition", "choice")


def _bad(number: int, field: str, why: str) -> BadInput:
    return BadInput(field=f"lines.{number}.{field}", why=why)


def _refused_by_rule(
    line: JudgedLine, item: ItemTraits | None, *, on: date, parameters: Parameters
) -> Refused | None:
    """The rule that refuses the whole line, whatever the keeper accepted."""
    if line.opened and (item is None or item.is_food):
        return Refused(OPENED_FOOD)
    refused = refused_for(
        item.kind if item else None,
        lacking=line.lacking,
        refused_kind=line.refused_kind,
        parameters=parameters,
        also=item.asks if item else (),
    )
    if refused is not None:
        return refused
    last_on = last_taken_in(item, line.best_before_on, parameters)
    if last_on is not None and on > last_on:
        return Refused(TOO_CLOSE_TO_EXPIRY)
    return Refused(NOT_ACCEPTED, (CONDITION,)) if _is_too_worn(line, item, parameters) else None


def _is_too_worn(line: JudgedLine, item: ItemTraits | None, parameters: Parameters) -> bool:
    if line.condition == WORSE or item is None:
        return line.condition == WORSE
    percent = parameters.percent("goods.condition_percents", line.condition)
    return is_too_worn(item.kind, percent, parameters)


def days_left_min(item: ItemTraits | None, parameters: Parameters) -> int:
    """The least days that food must have left when it is taken in: less if it keeps briefly."""
    shelf_life_days = item.shelf_life_days if item else None
    return parameters.step("goods.food_days_left_min", shelf_life_days or 0)


def last_taken_in(
    item: ItemTraits | None, best_before_on: date | None, parameters: Parameters
) -> date | None:
    """The last day on which food may be taken in; None for what no day is asked of."""
    if item is None or not item.is_food or best_before_on is None:
        return None
    return best_before_on - timedelta(days=days_left_min(item, parameters))


def days_left(best_before_on: date | None, on: date) -> int:
    """Count the days to the last usable one; goods that never expire get the largest number."""
    return ((best_before_on or date.max) - on).days


def value_yuan(pieces: int, reference_fen: int, percent: int) -> int:
    """Value a line for thanks and reports: price times condition, to the nearest yuan.

    Half a yuan is rounded up. The value gives no right to anything.
    """
    return (pieces * reference_fen * percent + 5000) // 10000


def points_of(thanks: str, value_yuan: int) -> int:
    """The points of a received deposit: none for whoever chose a receipt."""
    return value_yuan * POINTS_PER_YUAN if thanks == AS_POINTS else 0


def needs_cleaning(kind: str) -> bool:
    return kind in CLEANED_KINDS


def receipt_no(store_code: str, year: int, number: int) -> str:
    """Format a receipt number: ``S1-2025-000123``."""
    return f"{store_code}-{year}-{number:06d}"


_UNSPACED_RECEIPT_NO = re.compile(r"(\w+?)([0-9]{4})([0-9]{6})")


def tidy_receipt_no(typed: str) -> str:
    """Normalise a typed receipt number: ``ｓ１ 2025 000123`` is ``S1-2025-000123``."""
    found = _UNSPACED_RECEIPT_NO.fullmatch(code_in(typed))
    return "-".join(found.groups()) if found else joined(typed).upper()


def receipt_code(token: str, txn_id: int, leaf_hash: bytes) -> str:
    """Encode a receipt's QR: its token, the id of the transaction, and its leaf in the log.

    So the paper itself proves what must be in the books. **Shape**: ``GZR2:`` token ``-`` id ``-``
    leaf, the latter two in base32, which a QR code packs tightly.
    """
    packed = (
        base64.b32encode(part).decode().rstrip("=") for part in (txn_id.to_bytes(8), leaf_hash)
    )
    return "-".join((f"GZR2:{token.removeprefix('GZR1:')}", *packed))


def receipt_token_in(typed: str) -> str | None:
    """Find the token in the text of a QR code of either version; None for any other text."""
    scheme, _, rest = joined(typed).upper().partition(":")
    return f"GZR1:{rest.split('-')[0]}" if scheme in ("GZR1", "GZR2") and rest else None


def is_in_store_ean(code: str) -> bool:
    """Tell whether a code is an EAN-13 of the range for in-store use (2…)."""
    if len(code) != 13 or not code.isascii() or not code.isdigit() or code[0] != "2":
        return False
    digits = [int(digit) for digit in code]
    return (sum(digits[::2]) + 3 * sum(digits[1::2])) % 10 == 0


def in_store_ean(number: int) -> str:
    """The EAN-13 for in-store use of a number of up to eleven digits: 1 is ``2000000000015``."""
    digits = f"2{number:011d}"
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))
    return f"{digits}{-total % 10}"


def is_near_expiry(
    best_before_on: date | None, *, on: date, shelf_life_days: int | None, parameters: Parameters
) -> bool:
    """Tell whether a lot is near its last day, and not past it."""
    if best_before_on is None or shelf_life_days is None:
        return False
    return best_before_on >= on >= near_expiry_since(best_before_on, shelf_life_days, parameters)


def near_expiry_since(best_before_on: date, shelf_life_days: int, parameters: Parameters) -> date:
    """The first day on which a lot is near expiry: items with a long shelf life begin early."""
    return best_before_on - timedelta(days=parameters.step("goods.near_expiry", shelf_life_days))


def is_expired(best_before_on: date | None, on: date) -> bool:
    """Tell whether the last day has passed. The printed last day itself is still usable."""
    return best_before_on is not None and best_before_on < on


@dataclass(frozen=True, slots=True)
class LotPieces:
    """A lot on the shelf of one store, and the pieces of it that can be promised now."""

    lot_id: int
    item_id: int
    available: int
    best_before_on: date | None
    received_on: date
    account_id: int = 0
    issued_account_id: int = 0


@dataclass(frozen=True, slots=True)
class Pick:
    """A number of pieces of one lot."""

    lot: LotPieces
    pieces: int


def first_expired_first(lots: Iterable[LotPieces]) -> list[LotPieces]:
    """Order lots as they must be issued: earliest last day, then longest on the shelf."""
    return sorted(
        lots, key=lambda lot: (lot.best_before_on or date.max, lot.received_on, lot.lot_id)
    )


def pick_pieces(lots: Sequence[LotPieces], pieces: int) -> tuple[Pick, ...]:
    """Take pieces from the lots, first expired first out, as far as they reach."""
    picks, left = [], pieces
    for lot in first_expired_first(lots):
        taken = min(left, lot.available)
        if taken > 0:
            picks.append(Pick(lot, taken))
            left -= taken
    return tuple(picks)


def aged_before(now: datetime, calendar: WorkingDays) -> datetime:
    """The instant before which pieces in clearing count as there for too long.

    Pieces may stay until the end of the next working day.
    """
    return local_instant(calendar.before(local_day(now), CLEARING_WORKING_DAYS))
