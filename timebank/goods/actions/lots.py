"""Handle the lots on the shelf: sign cleaning, lock lots, dispose of expired ones."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import and_, bindparam, select, update
from sqlalchemy.orm import Session

from timebank.db import among
from timebank.deeds.action import action
from timebank.deeds.audit import audit
from timebank.deeds.deed import Deed
from timebank.errors import NotFound, WrongState
from timebank.goods import may
from timebank.goods.queries import store_brief
from timebank.goods.refusals import LoanOnly
from timebank.goods.rules import (
    AWAITING_CLEANING,
    DISPOSAL,
    FINISHED,
    ON_SHELF,
    LotPieces,
    is_expired,
)
from timebank.goods.tables import IS_LIVING, item, lot
from timebank.ledger.actions import post_one
from timebank.ledger.queries import balances_of
from timebank.ledger.rows import lock_balances
from timebank.ledger.rules import Move


@dataclass(frozen=True, slots=True)
class CleaningSigned:
    """Pieces of a lot that may be issued from now on."""

    lot_id: int
    item_id: int
    pieces: int


@dataclass(frozen=True, slots=True)
class DisposedLot:
    """Pieces that were taken off the shelf for good, and their lot."""

    lot_id: int
    item_id: int
    pieces: int


@dataclass(frozen=True, slots=True)
class LockedLot:
    """A living lot whose row and balance are locked by this unit of work.

    **Units**: pieces. ``pieces.available`` is 0 for lots that must not be issued: expired, or not
    cleaned yet, or only lent.
    """

    pieces: LotPieces
    store_id: int
    state: str
    is_loan: bool
    on_hand: int
    disposed_account_id: int


@action("sign_cleaning")
def sign_cleaning(deed: Deed, *, lot_id: int) -> CleaningSigned:
    """Sign that a lot was cleaned and disinfected: from now on it may be issued.

    **Refuses**: ``NotAllowed`` to all but a keeper of the store; ``NotFound``; ``WrongState`` if
    it does not wait for cleaning.
    """
    may.SIGN_CLEANING.require(deed.by)
    row = deed.session.execute(
        select(lot.c.store_id, lot.c.item_id, lot.c.state, lot.c.account_id)
        .where(lot.c.community_id == deed.community_id, lot.c.id == lot_id)
        .with_for_update(key_share=True)
    ).first()
    if row is None:
        raise NotFound(kind="lot")
    place_id = store_brief(deed.session, deed.community_id, row.store_id).place_id
    may.SIGN_CLEANING.require_at(deed.by, place_id)
    if row.state != AWAITING_CLEANING:
        raise WrongState(kind="lot", state=row.state)
    deed.session.execute(
        update(lot)
        .where(lot.c.community_id == deed.community_id, lot.c.id == lot_id)
        .values(state=ON_SHELF, cleaned_at=deed.now, cleaned_by=deed.by.client)
    )
    pieces = balances_of(deed.session, deed.community_id, [row.account_id])[row.account_id].posted
    audit(
        deed, name="sign_cleaning", subject_kind="lot", subject_id=lot_id, facts={"pieces": pieces}
    )
    return CleaningSigned(lot_id, row.item_id, pieces)


_LOCK = (
    select(lot, item.c.is_loan, item.c.issued_account_id, item.c.disposed_account_id)
    .join(item, and_(item.c.community_id == lot.c.community_id, item.c.id == lot.c.item_id))
    .where(
        lot.c.community_id == bindparam("of_community"),
        among(lot.c.store_id, "store_ids"),
        among(lot.c.item_id, "item_ids"),
        IS_LIVING,
    )
    .order_by(lot.c.id)
    .with_for_update(key_share=True, of=lot)
)


def lock_lots(
    session: Session,
    community_id: int,
    *,
    on: date,
    item_ids: Collection[int],
    store_ids: Collection[int],
) -> list[LockedLot]:
    """Lock the living lots of some items in id order, then their balances, and read both.

    Every action that promises or takes pieces calls this first, so that no piece is promised
    twice.
    """
    asked = {
        "of_community": community_id, "item_ids": list(item_ids), "store_ids": list(store_ids),
    }  # fmt: skip
    rows = session.execute(_LOCK, asked).all()
    # Lock the account where the pieces will end too: its id is smaller than those of the lots, and
    # a hand-over locks it first.
    wanted = {row.account_id for row in rows} | {row.issued_account_id for row in rows}
    counters = lock_balances(session.connection(), community_id, wanted)
    return [_locked(row, counters[row.account_id], on) for row in rows]


def require_given(lots: Iterable[LockedLot]) -> None:
    """Check that no lot is of an item that is only lent. **Refuses**: ``LoanOnly``."""
    if any(past_lot.is_loan for past_lot in lots):
        raise LoanOnly()


def _locked(row: Any, counters: Any, on: date) -> LockedLot:
    is_past = is_expired(row.best_before_on, on)
    may_leave = row.state == ON_SHELF and not row.is_loan and not is_past
    pieces = LotPieces(
        lot_id=row.id,
        item_id=row.item_id,
        available=counters.available if may_leave else 0,
        best_before_on=row.best_before_on,
        received_on=row.received_on,
        account_id=row.account_id,
        issued_account_id=row.issued_account_id,
    )
    return LockedLot(
        pieces=pieces,
        store_id=row.store_id,
        state=row.state,
        is_loan=row.is_loan,
        on_hand=counters.posted,
        disposed_account_id=row.disposed_account_id,
    )


@dataclass(frozen=True, slots=True)
class PastLot:
    """A living lot whose last day is over."""

    lot_id: int
    item_id: int
    store_id: int


_PAST = (
    select(lot.c.id, lot.c.item_id, lot.c.store_id)
    .where(
        lot.c.community_id == bindparam("of_community"),
        IS_LIVING,
        lot.c.best_before_on < bindparam("today"),
    )
    .order_by(lot.c.id)
)


def lots_past_last_day(session: Session, community_id: int, on: date) -> list[PastLot]:
    """Find the living lots that must not be issued any more; on the last day itself they still
    may.
    """
    rows = session.execute(_PAST, {"of_community": community_id, "today": on})
    return [PastLot(*row) for row in rows]


def dispose_lots(deed: Deed, *, lots: Sequence[LockedLot]) -> tuple[DisposedLot, ...]:
    """Take lots off the shelf for good: post what is left of them out of the stock.

    The caller has locked them and ended every hold on them.
    """
    gone = [past_lot for past_lot in lots if past_lot.on_hand]
    if gone:
        moves = [
            Move(gone_lot.pieces.account_id, gone_lot.disposed_account_id, gone_lot.on_hand)
            for gone_lot in gone
        ]
        post_one(deed, kind="dispose_lots", lines=moves)
    _move_on(
        deed.session,
        deed.community_id,
        {gone_lot.pieces.lot_id: gone_lot.on_hand for gone_lot in gone},
        DISPOSAL,
    )
    empty = {past_lot.pieces.lot_id: 0 for past_lot in lots if not past_lot.on_hand}
    _move_on(deed.session, deed.community_id, empty, FINISHED)
    return tuple(
        DisposedLot(gone_lot.pieces.lot_id, gone_lot.pieces.item_id, gone_lot.on_hand)
        for gone_lot in gone
    )


def finish_empty_lots(session: Session, community_id: int, accounts: Mapping[int, int]) -> None:
    """Close the lots that are empty now; ``accounts`` maps lot id to account id.

    The caller has posted on these accounts in this unit of work, so their rows are locked.
    """
    balances = balances_of(session, community_id, list(accounts.values()))
    empty = {lot_id: 0 for lot_id, account in accounts.items() if not balances[account].posted}
    _move_on(session, community_id, empty, FINISHED)


_MOVE_ON = (
    update(lot)
    .where(
        lot.c.community_id == bindparam("of_community"),
        lot.c.id == bindparam("of_lot"),
        lot.c.state != DISPOSAL,  # A fact may name a lot that ended so long ago.
    )
    .values(state=bindparam("to_state"), disposed_pieces=bindparam("gone_pieces"))
)


def _move_on(session: Session, community_id: int, disposed: Mapping[int, int], state: str) -> None:
    if not disposed:
        return
    session.connection().execute(
        _MOVE_ON,
        [
            {
                "of_community": community_id,
                "of_lot": lot_id,
                "to_state": state,
                "gone_pieces": pieces,
            }
            for lot_id, pieces in disposed.items()
        ],
    )
