"""The content of a day sheet: opening, in, out, counted, differences, clearing, late.

Movements are the difference of the counters at two moments. So no history is summed, and nothing
that was written meanwhile can be missed.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from timebank.closing.queries.days import (
    Day,
    Till,
    cuts_of,
    last_closed_at,
    till_of,
)
from timebank.closing.rules import Judged, Moved, moved
from timebank.goods.queries import (
    InClearing,
    LotAccount,
    in_clearing,
    kiosks_of_store,
    lots_handled,
)
from timebank.ledger.accounts import AccountBalance, accounts_of_kind
from timebank.ledger.periods import LateLine, Passed, late_lines, passed_through
from timebank.values import local_day, to_us

FORMAT = "timebank-day-sheet-1"
CLEARING = "clearing"


@dataclass(frozen=True, slots=True)
class LotLine:
    """One lot over the day, and its count. **Units**: pieces."""

    lot_id: int
    item_id: int
    account_id: int
    is_living: bool
    received_on: date
    passed: Passed
    moved: Moved
    count: Judged | None

    @property
    def is_told(self) -> bool:
        """Tell whether a lot is on the sheet: not if it was empty all day and was not counted."""
        change = self.moved
        return bool(
            change.opening or change.came_in or change.went_out or change.closing or self.count
        )


@dataclass(frozen=True, slots=True)
class Draft:
    """Everything on a sheet except its signer and the time of signing.

    ``lots`` are all that may have moved, ``told`` those on the sheet.
    """

    lots: tuple[LotLine, ...]
    till: Till | None
    till_passed: Passed
    till_moved: Moved
    till_count: Judged | None
    clearing: tuple[InClearing, ...]
    clearing_books: Mapping[int, Mapping[str, int]]
    late: tuple[LateLine, ...]

    @property
    def told(self) -> tuple[LotLine, ...]:
        return tuple(line for line in self.lots if line.is_told)

    @property
    def is_cleared(self) -> bool:
        """Tell whether clearing is empty, by the deposits and in the books."""
        return not self.clearing and not self.clearing_books


def draft_sheet(
    session: Session, community_id: int, store_id: int, day: Day, *, is_posted: bool = False
) -> Draft:
    """Collect the sheet of the open day.

    ``is_posted``: the differences of its count are already in the books.
    """
    cuts = cuts_of(session, community_id, store_id, day.no - 1)
    since = last_closed_at(session, community_id, store_id)
    lots = lots_handled(
        session, community_id, store_id,
        since=day.day if since is None else local_day(since),
        lot_ids=[cut.lot_id for cut in cuts if cut.lot_id is not None],
    )  # fmt: skip
    till = till_of(session, community_id, store_id)
    accounts = [lot.account_id for lot in lots] + ([till.account_id] if till else [])
    passed = passed_through(session, community_id, accounts)
    before = {cut.account_id: Passed(cut.posted_in, cut.posted_out) for cut in cuts}
    count = day.count
    counted = {line.id: line for line in count.lots} if count else {}
    lines = tuple(_line(lot, (before, passed), counted, is_posted=is_posted) for lot in lots)
    waiting = in_clearing(session, community_id, store_id)
    standing = _clearing(session, community_id, store_id)
    accounts += [entry.account_id for entry in standing]
    till_count = count.cash if count else None
    zero = Passed(0, 0)
    now_passed = passed.get(till.account_id, zero) if till else zero
    was_passed = before.get(till.account_id, zero) if till else zero
    return Draft(
        lots=lines,
        till=till,
        till_passed=now_passed,
        till_moved=moved(was_passed, now_passed, _posted(till_count, is_posted)),
        till_count=till_count,
        clearing=tuple(waiting),
        clearing_books=_books(standing),
        late=_late(session, community_id, accounts, since),
    )


def _line(
    lot: LotAccount,
    readings: tuple[Mapping[int, Passed], Mapping[int, Passed]],
    counted: Mapping[int, Judged],
    *,
    is_posted: bool,
) -> LotLine:
    zero = Passed(0, 0)
    was, now = (reading.get(lot.account_id, zero) for reading in readings)
    count = counted.get(lot.id)
    change = moved(was, now, _posted(count, is_posted))
    return LotLine(
        lot_id=lot.id,
        item_id=lot.item_id,
        account_id=lot.account_id,
        is_living=lot.is_living,
        received_on=lot.received_on,
        passed=now,
        moved=change,
        count=count,
    )


def _posted(count: Judged | None, is_posted: bool) -> int:
    """The part of a movement that is the difference of the count."""
    return count.difference if count is not None and is_posted else 0


def _clearing(session: Session, community_id: int, store_id: int) -> list[AccountBalance]:
    """The clearing accounts of a store's kiosks, empty or not."""
    accounts = accounts_of_kind(session, community_id, CLEARING)
    owners = {account.owner_id for account in accounts}
    ours = kiosks_of_store(session, community_id, store_id, owners) if accounts else set()
    return [account for account in accounts if account.owner_id in ours]


def _books(standing: Iterable[AccountBalance]) -> dict[int, dict[str, int]]:
    books: dict[int, dict[str, int]] = {}
    for entry in standing:
        if entry.posted:
            books.setdefault(entry.owner_id, {})[entry.commodity_code] = entry.posted
    return books


def _late(
    session: Session, community_id: int, accounts: list[int], since: datetime | None
) -> tuple[LateLine, ...]:
    if since is None:
        return ()
    return tuple(late_lines(session, community_id, accounts, since=since))


def sheet_of_draft(draft: Draft) -> dict[str, Any]:
    """Convert a draft to the plain values that are signed."""
    return {
        "format": FORMAT,
        "lots": [_lot_told(line) for line in draft.told],
        "cash": _cash_told(draft),
        "clearing": [
            {
                "deposit_id": entry.deposit_id, "device_id": entry.device_id, "code": entry.code,
                "since_us": to_us(entry.since_at), "pieces": entry.pieces,
            }
            for entry in draft.clearing
        ],
        "clearing_books": {
            str(device_id): dict(counts) for device_id, counts in draft.clearing_books.items()
        },
        "late": [
            {
                "txn_id": line.txn_id, "kind": line.kind, "commodity": line.commodity_code,
                "quantity": line.quantity, "effective_us": to_us(line.effective_at),
                "posted_us": to_us(line.posted_at),
            }
            for line in draft.late
        ],
    }  # fmt: skip


def _lot_told(line: LotLine) -> dict[str, Any]:
    return {
        "lot_id": line.lot_id, "item_id": line.item_id,
        **_moved_told(line.moved), **_count_told(line.count),
    }  # fmt: skip


def _cash_told(draft: Draft) -> dict[str, Any] | None:
    if draft.till is None:
        return None
    return {**_moved_told(draft.till_moved), **_count_told(draft.till_count)}


def _moved_told(change: Moved) -> dict[str, int]:
    return {
        "opening": change.opening, "in": change.came_in, "out": change.went_out,
        "variance": change.variance, "closing": change.closing,
    }  # fmt: skip


def _count_told(count: Judged | None) -> dict[str, Any]:
    if count is None:
        return {"expected": None, "counted": None, "reason": None, "note": ""}
    return {
        "expected": count.expected, "counted": count.counted,
        "reason": count.reason, "note": count.note,
    }  # fmt: skip
