"""The keeper judges what was brought, line by line; accepted goods become lots and a receipt."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert, select, update

from timebank.deeds.action import action
from timebank.deeds.audit import audit
from timebank.deeds.deed import Deed
from timebank.deeds.numbers import take_number
from timebank.errors import BadInput, NotFound, WrongState
from timebank.goods import may
from timebank.goods.actions.announcing import check_donor
from timebank.goods.actions.clearing import take_from_clearing
from timebank.goods.actions.codes import receipt_token
from timebank.goods.actions.judging import LineVerdict, check_announced, judge_lines
from timebank.goods.actions.thanking import thank
from timebank.goods.queries import StoreBrief, store_kept_open
from timebank.goods.refusals import PreDepositLapsed
from timebank.goods.rules import (
    ANNOUNCED,
    AWAITING_CLEANING,
    BROUGHT,
    DECLINED,
    LAPSED,
    ON_SHELF,
    RECEIPT,
    RECEIVED,
    THANKS,
    JudgedLine,
    points_of,
    receipt_no,
)
from timebank.goods.tables import deposit, deposit_line, lot
from timebank.ledger.actions import post_one
from timebank.ledger.opening import FreshAccount, open_accounts
from timebank.ledger.rules import Move
from timebank.people.closeness import Involved, require_not_close
from timebank.values import By, local_day, new_id


@dataclass(frozen=True, slots=True)
class DepositReceiptLine:
    """The result of one line. ``refuse_code`` says why pieces were refused."""

    line: int
    item_id: int | None
    described: str
    accepted: int
    refused: int
    refuse_code: str | None
    value_yuan: int
    lot_id: int | None
    waits_for_cleaning: bool


@dataclass(frozen=True, slots=True)
class DepositReceipt:
    """The answer to a donor. It has a number and a token only if they chose a receipt.

    **Units**: pieces; whole yuan; ``honour`` and ``points`` as credited to the donor.
    """

    deposit_id: int
    state: str
    receipt_no: str | None
    receipt_token: str | None
    accepted: int
    refused: int
    value_yuan: int
    honour: int
    points: int
    lines: tuple[DepositReceiptLine, ...]


@dataclass(frozen=True, slots=True)
class _Donor:
    """The donor and the thanks they chose; nobody for an anonymous donation."""

    person_id: int | None
    organisation_id: int | None
    thanks: str
    device_id: int | None = None

    @property
    def due(self) -> str:
        """The thanks that they get: points belong to somebody, so an unknown donor has none."""
        return self.thanks if self.account else RECEIPT

    @property
    def account(self) -> tuple[str, int] | None:
        if self.person_id is not None:
            return "person", self.person_id
        return None if self.organisation_id is None else ("organisation", self.organisation_id)


_NEW_DEPOSIT, _NEW_LINES, _NEW_LOTS = insert(deposit), insert(deposit_line), insert(lot)


@action("receive_deposit")
def receive_deposit(
    deed: Deed,
    *,
    store_id: int,
    lines: tuple[JudgedLine, ...],
    deposit_id: int | None = None,
    donor_person_id: int | None = None,
    donor_organisation_id: int | None = None,
    thanks: str = "receipt",
) -> DepositReceipt:
    """Receive what is accepted, with a receipt or points; the rest is returned with its reason.

    With ``deposit_id`` donor and thanks come from the announcement. Without it the donor walked
    in, and may remain anonymous.

    **Refuses**: ``NotAllowed`` to all but a keeper of the store, and for what one's own household
    gives; ``NotFound``; ``PreDepositLapsed``; ``WrongState`` for a deposit that was received
    before; ``BadInput``.
    """
    store = _store_kept_by(deed, store_id)
    donor = _Donor(donor_person_id, donor_organisation_id, thanks)
    if deposit_id is None:
        check_donor(deed, donor_person_id, donor_organisation_id)
        if thanks not in THANKS:
            raise BadInput(field="thanks", why="choice")
    else:
        donor = _take_announced(deed, deposit_id)
    giver = Involved(person_ids=(donor.person_id,))
    require_not_close(deed.session, deed.by, giver, deed="receive_deposit")
    judged = judge_lines(deed, lines)
    check_announced(deed, deposit_id, lines)
    outcome = _outcome(deed, store, judged, thanks=donor.due)
    written_id = _write(deed, donor, deposit_id=deposit_id, outcome=outcome, judged=judged)
    moves = _open_lots(deed, written_id, store_id=store_id, judged=judged)
    if donor.device_id is not None:
        moves = take_from_clearing(deed, moves, deposit_id=written_id, device_id=donor.device_id)
    value = outcome["value_yuan"] if donor.account else 0
    if donor.account and value:
        moves.append(thank(deed, donor.account, thanks=donor.due, value_yuan=value))
    if moves:
        txn_id = post_one(deed, kind="receive_deposit", lines=moves)
        deed.session.execute(update(deposit).where(_of(deed.by, written_id)).values(txn_id=txn_id))
    audit(
        deed,
        name="receive_deposit",
        subject_kind="deposit",
        subject_id=written_id,
        facts={key: outcome[key] for key in ("receipt_no", "accepted_pieces", "refused_pieces")},
    )
    return _receipt(written_id, outcome, judged, thanks=donor.due, credited=value)


def _store_kept_by(deed: Deed, store_id: int) -> StoreBrief:
    may.RECEIVE_DEPOSIT.require(deed.by)
    store = store_kept_open(deed.session, deed.community_id, store_id)
    may.RECEIVE_DEPOSIT.require_at(deed.by, store.place_id)
    return store


def _of(by: By, deposit_id: int) -> Any:
    return (deposit.c.community_id == by.community_id) & (deposit.c.id == deposit_id)


def _take_announced(deed: Deed, deposit_id: int) -> _Donor:
    """Lock an announcement that is still open."""
    announced = deed.session.execute(
        select(deposit).where(_of(deed.by, deposit_id)).with_for_update(key_share=True)
    ).first()
    if announced is None:
        raise NotFound(kind="deposit")
    is_late = announced.valid_until_on is not None and announced.valid_until_on < local_day(
        deed.now
    )
    if announced.state == LAPSED or (announced.state == ANNOUNCED and is_late):
        raise PreDepositLapsed(last_on=announced.valid_until_on.isoformat())
    if announced.state not in (ANNOUNCED, BROUGHT):
        raise WrongState(kind="deposit", state=announced.state)
    return _Donor(
        announced.donor_person_id,
        announced.donor_organisation_id,
        announced.thanks,
        announced.device_id,
    )


def _outcome(
    deed: Deed, store: StoreBrief, judged: list[LineVerdict], *, thanks: str
) -> dict[str, Any]:
    """Compute the result of the deposit; a number is taken only if a receipt is due.

    So the numbers have no gap, and whoever chose points has no receipt.
    """
    accepted = sum(judged_line.verdict.accepted for judged_line in judged)
    outcome: dict[str, Any] = {
        "store_id": store.id,
        "state": RECEIVED if accepted else DECLINED,
        "received_at": deed.now,
        "received_by": deed.by.client,
        "accepted_pieces": accepted,
        "refused_pieces": sum(judged_line.verdict.refused for judged_line in judged),
        "value_yuan": sum(judged_line.verdict.value_yuan for judged_line in judged),
        "receipt_no": None,
        "receipt_token": None,
    }
    if accepted and thanks == RECEIPT:
        year = local_day(deed.now).year
        number = take_number(deed.session, deed.community_id, store.id, year=year, series="receipt")
        outcome["receipt_year"], outcome["receipt_number"] = year, number
        outcome["receipt_no"] = receipt_no(store.code, year, number)
        outcome["receipt_token"] = receipt_token()
    return outcome


def _write(
    deed: Deed,
    donor: _Donor,
    *,
    deposit_id: int | None,
    outcome: dict[str, Any],
    judged: list[LineVerdict],
) -> int:
    """Write the deposit and its lines; an announced one changes its state."""
    written_id = deposit_id or new_id()
    if deposit_id is None:
        values = {
            "community_id": deed.community_id,
            "id": written_id,
            "channel": deed.by.channel,
            "donor_person_id": donor.person_id,
            "donor_organisation_id": donor.organisation_id,
            "thanks": donor.due,
        }
        deed.session.execute(_NEW_DEPOSIT, {**values, **outcome})
    else:
        changed = {**outcome, "thanks": donor.due}
        deed.session.execute(update(deposit).where(_of(deed.by, deposit_id)).values(**changed))
    deed.session.execute(
        _NEW_LINES, [_line_row(deed.by, written_id, judged_line) for judged_line in judged]
    )
    return written_id


def _line_row(by: By, deposit_id: int, one: LineVerdict) -> dict[str, Any]:
    line, verdict = one.line, one.verdict
    return {
        "community_id": by.community_id,
        "deposit_id": deposit_id,
        "line": one.number,
        "announced_line": line.announced_line,
        "item_id": line.item_id,
        "described": line.described.strip()[:80],
        "condition": line.condition,
        "best_before_on": line.best_before_on,
        "brought_pieces": line.brought,
        "accepted_pieces": verdict.accepted,
        "refused_pieces": verdict.refused,
        "refuse_code": verdict.refuse_code,
        "refuse_note": verdict.refuse_note[:200],
        "maker_lot": line.maker_lot.strip()[:20] or None,
        "refuse_why": ",".join(verdict.refuse_why)[:200] or None,
        "value_yuan": verdict.value_yuan,
    }


def _open_lots(
    deed: Deed, deposit_id: int, *, store_id: int, judged: list[LineVerdict]
) -> list[Move]:
    """Open a lot with its own account for each line with accepted pieces."""
    good = [
        (judged_line, judged_line.item, judged_line.lot_id)
        for judged_line in judged
        if judged_line.item and judged_line.lot_id
    ]
    if not good:
        return []
    fresh = [
        FreshAccount(kind="lot", commodity_id=item.commodity_id, owner_id=lot_id, floor=0)
        for _, item, lot_id in good
    ]
    accounts = open_accounts(deed.session, deed.community_id, fresh)
    rows = [
        {
            "community_id": deed.community_id,
            "id": lot_id,
            "item_id": item.id,
            "store_id": store_id,
            "deposit_id": deposit_id,
            "line": judged_line.number,
            "account_id": account_id,
            "condition": judged_line.line.condition,
            "best_before_on": judged_line.line.best_before_on,
            "received_on": local_day(deed.now),
            "received_pieces": judged_line.verdict.accepted,
            "disposed_pieces": 0,
            "state": AWAITING_CLEANING if judged_line.verdict.waits_for_cleaning else ON_SHELF,
        }
        for (judged_line, item, lot_id), account_id in zip(good, accounts, strict=True)
    ]
    deed.session.execute(_NEW_LOTS, rows)
    return [
        Move(item.donated_account_id, account_id, judged_line.verdict.accepted)
        for (judged_line, item, _), account_id in zip(good, accounts, strict=True)
    ]


def _receipt(
    deposit_id: int,
    outcome: dict[str, Any],
    judged: list[LineVerdict],
    *,
    thanks: str,
    credited: int,
) -> DepositReceipt:
    lines = tuple(
        DepositReceiptLine(
            line=judged_line.number,
            item_id=judged_line.line.item_id,
            described=judged_line.line.described,
            accepted=judged_line.verdict.accepted,
            refused=judged_line.verdict.refused,
            refuse_code=judged_line.verdict.refuse_code,
            value_yuan=judged_line.verdict.value_yuan,
            lot_id=judged_line.lot_id,
            waits_for_cleaning=judged_line.verdict.waits_for_cleaning,
        )
        for judged_line in judged
    )
    return DepositReceipt(
        deposit_id=deposit_id,
        state=outcome["state"],
        receipt_no=outcome["receipt_no"],
        receipt_token=outcome["receipt_token"],
        accepted=outcome["accepted_pieces"],
        refused=outcome["refused_pieces"],
        value_yuan=outcome["value_yuan"],
        honour=credited if thanks == RECEIPT else 0,
        points=points_of(thanks, credited),
        lines=lines,
    )
