"""The second signature: post the differences, write the sheet, close the day."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import insert

from timebank.aid.queries import promises_on
from timebank.closing import may
from timebank.closing.actions.counting import check_serves, require_open, write_cut
from timebank.closing.queries.days import Day, Round
from timebank.closing.queries.sheets import Draft, draft_sheet, sheet_of_draft
from timebank.closing.refusals import PromisedPiecesMissing
from timebank.closing.rules import (
    CLOSE_DAY,
    SIGNED,
    SIGNING,
    Found,
    Judged,
    digest_of,
    outdated,
    sheet_text,
)
from timebank.closing.tables import day_closing
from timebank.deeds.action import action
from timebank.deeds.audit import audit
from timebank.deeds.deed import Deed
from timebank.errors import WrongState
from timebank.goods.actions import (
    FoundPieces,
    LockedLot,
    OpenedLot,
    finish_empty_lots,
    lock_lots,
    open_found_lots,
)
from timebank.goods.queries import lots_handled, store_brief
from timebank.ledger.actions import ensure_account, post_one
from timebank.ledger.queries import Balances, balances_of
from timebank.ledger.rows import lock_balances
from timebank.ledger.rules import Move
from timebank.people.closeness import Involved, require_other
from timebank.values import FEN, SHEETS, local_day, pieces_of, to_us

VARIANCE = "variance"  # The kind of account; the community has one per commodity.


@dataclass(frozen=True, slots=True)
class DayClosed:
    """A day that two people have signed; ``digest`` identifies the sheet."""

    store_id: int
    no: int
    digest: str
    variance_txn_id: int | None


@action("close_day")
def close_day(deed: Deed, *, store_id: int, no: int, round_id: int) -> DayClosed:
    """Sign another person's count, post its differences and its sheet, and close the day.

    **Refuses**: ``NotAllowed`` to all but a keeper of the store and the coordinator; ``NotFound``;
    ``WrongState`` if the day is closed, not counted yet, or counted again since the signer looked;
    ``SamePerson`` for the person who counted and their housemates;
    ``PromisedPiecesMissing`` if missing pieces are reserved for somebody; ``CountOutdated`` if more
    is missing than is left on the shelf or in the till.
    """
    check_serves(deed, store_id, may.SIGN_DAY)
    # A concurrent signer waits here, and then finds the day closed.
    locked = _lock(deed, store_id)
    day = require_open(deed, store_id, no)
    count = _count_to_sign(deed, day, round_id)
    opened = _open_found(deed, store_id, count)
    txn_id = _post(deed, count, locked, opened)
    count = replace(count, lots=(*count.lots, *(_as_line(*pair) for pair in opened)))
    day = replace(day, count=count)
    draft = draft_sheet(deed.session, deed.community_id, store_id, day, is_posted=True)
    _write_cut(deed, draft, store_id=store_id, no=no)
    sheet = _sheet(deed, store_id, day, count, draft=draft)
    text = sheet_text({**sheet, "variance_txn_id": txn_id})
    digest = digest_of(text)
    _post_sheet(deed, store_id, digest)
    deed.session.execute(
        insert(day_closing).values(
            community_id=deed.community_id, store_id=store_id, no=no, round_id=count.id,
            counted_by=count.counted_by, closed_at=deed.now, closed_by=deed.by.client,
            closed_person_id=deed.by.person_id, variance_txn_id=txn_id, sheet=text, digest=digest,
        )
    )  # fmt: skip
    audit(
        deed,
        name="close_day",
        subject_kind="store",
        subject_id=store_id,
        facts={"no": no, "digest": digest},
    )
    return DayClosed(store_id, no, digest, txn_id)


def _lock(deed: Deed, store_id: int) -> dict[int, LockedLot]:
    """Lock the living lots of the store: nothing moves on them until the day is closed."""
    living = lots_handled(deed.session, deed.community_id, store_id, since=None, lot_ids=())
    locked = lock_lots(
        deed.session, deed.community_id, on=local_day(deed.now),
        item_ids={lot.item_id for lot in living}, store_ids=[store_id],
    )  # fmt: skip
    return {lot.pieces.lot_id: lot for lot in locked}


def _count_to_sign(deed: Deed, day: Day, round_id: int) -> Round:
    """The count of the day, if this person may sign it."""
    if day.count is None:
        raise WrongState(state="day_not_counted")
    if day.count.id != round_id:
        raise WrongState(state="day_counted_anew")
    counter = Involved((day.count.counted_by,), (day.count.counted_person_id,))
    require_other(deed, counter)
    return day.count


def _open_found(deed: Deed, store_id: int, count: Round) -> list[tuple[Found, OpenedLot]]:
    """Open a lot for each item that was counted where the books have none."""
    pieces = [
        FoundPieces(find.item_id, find.counted, find.condition, find.best_before_on)
        for find in count.found
    ]
    opened = open_found_lots(deed, store_id=store_id, finds=pieces)
    return list(zip(count.found, opened, strict=True))


def _as_line(found: Found, opened: OpenedLot) -> Judged:
    """A find as a line of the sheet: the books expected none of it."""
    return Judged(
        id=opened.lot_id, expected=0, counted=found.counted, difference=found.counted,
        reason=found.reason, note=found.note,
    )  # fmt: skip


def _post(
    deed: Deed,
    count: Round,
    locked: Mapping[int, LockedLot],
    opened: Iterable[tuple[Found, OpenedLot]],
) -> int | None:
    """Post all differences of a count as one transaction; none if there are no differences."""
    accounts = {lot_id: lot.pieces.account_id for lot_id, lot in locked.items()}
    balances = balances_of(deed.session, deed.community_id, list(accounts.values()))
    by_lot = {lot_id: balances[account] for lot_id, account in accounts.items()}
    _check_missing(deed, count.differences, by_lot)
    if count.cash is not None:
        _check_till(deed, count.cash)
    moves = [
        _move(deed, accounts[line.id], line, pieces_of(locked[line.id].pieces.item_id))
        for line in count.differences
    ]
    moves += [
        _move(deed, lot.account_id, _as_line(found, lot), pieces_of(found.item_id))
        for found, lot in opened
    ]
    if count.cash is not None and count.cash.difference:
        moves.append(_move(deed, count.cash.id, count.cash, FEN))
    if not moves:
        return None
    txn_id = post_one(deed, kind="stock_variance", lines=moves)
    finish_empty_lots(
        deed.session, deed.community_id, {line.id: accounts[line.id] for line in count.differences}
    )
    return txn_id


def _check_missing(deed: Deed, lines: Iterable[Judged], balances: Mapping[int, Balances]) -> None:
    """Check that the missing pieces can be taken from their lot.

    **Refuses**: ``PromisedPiecesMissing``; ``CountOutdated``.
    """
    for line in lines:
        balance = balances.get(line.id)
        short = max(-line.difference, 0)
        if balance is None or short > balance.posted:
            # Issued or disposed of after the count.
            raise outdated(line.id, line.expected, balance.posted if balance else 0)
        if short > balance.available:
            waiting = promises_on(deed.session, deed.community_id, [line.id])
            raise PromisedPiecesMissing(
                line=line.id,
                missing_pieces=short - balance.available,
                claims="、".join(
                    dict.fromkeys(waiting_claim.claim_no for waiting_claim in waiting)
                ),
            )


def _check_till(deed: Deed, line: Judged) -> None:
    """Check that the missing money can be taken from the till.

    **Refuses**: ``CountOutdated`` if too much was paid out since the count.
    """
    # Lock the account, so that nobody pays out between this read and the posting.
    is_now = lock_balances(deed.session.connection(), deed.community_id, [line.id])[line.id].posted
    if -line.difference > is_now:
        raise outdated(line.id, line.expected, is_now, is_till=True)


def _post_sheet(deed: Deed, store_id: int, digest: str) -> None:
    """Post one more sheet of the store, with its digest as request key."""
    source = ensure_account(deed.session, deed.community_id, SIGNING, SHEETS)
    ours = ensure_account(
        deed.session, deed.community_id, SIGNED, SHEETS, owner_id=store_id, floor=0
    )
    lines = [Move(source, ours, 1)]
    post_one(deed.under(digest), kind=CLOSE_DAY, lines=lines)


def _move(deed: Deed, account_id: int, line: Judged, commodity: str) -> Move:
    variance = ensure_account(deed.session, deed.community_id, VARIANCE, commodity)
    if line.difference < 0:
        return Move(account_id, variance, -line.difference)
    return Move(variance, account_id, line.difference)


def _write_cut(deed: Deed, draft: Draft, *, store_id: int, no: int) -> None:
    """Store the counters, from which the next day begins.

    Lots that came and ended today are included, because tomorrow reads them once more.
    """
    today = local_day(deed.now)
    kept = [line for line in draft.lots if line.is_living or line.received_on >= today]
    rows: list[tuple[Any, ...]] = [
        (kept_lot.lot_id, kept_lot.account_id, *kept_lot.passed) for kept_lot in kept
    ]
    if draft.till is not None:
        rows.append((None, draft.till.account_id, *draft.till_passed))
    write_cut(deed, store_id=store_id, no=no, rows=rows)


def _sheet(deed: Deed, store_id: int, day: Day, count: Round, *, draft: Draft) -> dict[str, Any]:
    """Everything that the two people sign, in plain values."""
    return {
        **sheet_of_draft(draft),
        "community_id": deed.community_id,
        "store_id": store_id,
        "store": store_brief(deed.session, deed.community_id, store_id).code,
        "no": day.no,
        "day": str(day.day),
        "opened_at_us": to_us(day.opened_at or deed.now),
        "opened_by": day.opened_by,
        "opened_person_id": day.opened_person_id,
        "counted_at_us": to_us(count.counted_at),
        "counted_by": count.counted_by,
        "counted_person_id": count.counted_person_id,
        "round": count.number,
        "closed_at_us": to_us(deed.now),
        "closed_by": deed.by.client,
        "closed_person_id": deed.by.person_id,
    }
