"""A household claims goods: decide, record, then reserve for pick-up or hand over at once.

A decision is never lost. If the rules refuse, the claim is stored as *refused* with its decision,
and is returned as a receipt, not raised. Exceptions are for callers who may not ask, and for
invalid requests.
"""

from dataclasses import dataclass
from datetime import date, datetime

from timebank.aid import may
from timebank.aid.actions.agents import acting_for, mandate_of, note_claim, require_mandate
from timebank.aid.actions.codes import RECEIPT_CODE
from timebank.aid.actions.confirming import require_confirmed, require_lots_confirmed
from timebank.aid.actions.due import end_due
from timebank.aid.actions.ends import first_end
from timebank.aid.actions.guards import require_not_enterer
from timebank.aid.actions.holding import lock_household
from timebank.aid.actions.issuing import IssuedLot, write_withdrawal
from timebank.aid.actions.writing import NewClaim, write_claim
from timebank.aid.messages import AnsweredClaim, tell_answer
from timebank.aid.queries import decide_household, is_provisional, same_claim_since
from timebank.aid.refusals import BookingClosed, JustClaimed
from timebank.aid.rules import (
    ISSUED,
    NOT_DECIDED,
    READY,
    REFUSED,
    REVIEW,
    AgreedLot,
    ClaimLine,
    HoldEnd,
    PlannedLine,
    Refusal,
    check_lines,
    fetchable,
    nothing_of,
    plan_lines,
    refusal_from,
    refusal_out_of_stock,
)
from timebank.deeds.action import action
from timebank.deeds.audit import audit
from timebank.deeds.deed import Deed
from timebank.deeds.queries import days_known_until
from timebank.errors import BadInput, NotAllowed, NotFound, WrongState
from timebank.goods.actions import LockedLot, finish_empty_lots, lock_lots, require_given
from timebank.goods.opening import ShopHours
from timebank.goods.queries import StoreBrief, items, opening_of, store_brief
from timebank.goods.refusals import LoanOnly
from timebank.goods.rules import AGAIN_WITHIN
from timebank.people.closeness import Involved, require_not_close
from timebank.people.queries import Mandate, person_brief
from timebank.people.rules.mandates import CLAIM, FETCH
from timebank.people.sight import reaches
from timebank.policy.actions import record_decision
from timebank.policy.rules import Decided
from timebank.values import local_day, new_id


@dataclass(frozen=True, slots=True)
class ClaimReceiptLine:
    """The result of a line. ``cut_code`` says why the rest was not approved."""

    item_id: int
    asked: int
    approved: int
    cut_code: str | None


@dataclass(frozen=True, slots=True)
class ClaimReceipt:
    """The result of a claim.

    **Shape**: ``state`` is *ready* (waits for pick-up with ``pickup_code`` until
    ``hold_until_at``), *issued* (handed over, from ``lots``), *review* (a person decides), or
    *refused* with ``refusal``. It may be approved in part: see the lines.
    """

    claim_id: int
    claim_no: str
    state: str
    decision_id: int
    lines: tuple[ClaimReceiptLine, ...]
    approved: int
    pickup_code: str | None = None
    hold_until_at: datetime | None = None
    lots: tuple[IssuedLot, ...] = ()
    refusal: Refusal | None = None
    hold_is_provisional: bool = False


@dataclass(frozen=True, slots=True)
class _Settled:
    """A claim decided on locked rows: what may be issued from which lots, or why not."""

    decided: Decided
    state: str
    planned: tuple[PlannedLine, ...]
    refusal: Refusal | None
    lots: tuple[LockedLot, ...]


@action("claim_goods", code=RECEIPT_CODE, is_private=True)
def claim_goods(
    deed: Deed,
    *,
    household_id: int,
    person_id: int,
    store_id: int,
    lines: tuple[ClaimLine, ...],
    once: bool = False,
    confirmed: tuple[ClaimLine, ...] | None = None,
    agent_person_id: int | None = None,
) -> ClaimReceipt:
    """Claim goods; what is approved is reserved, first expired first out.

    With ``confirmed`` the person wants exactly these pieces: at first all that they ask for, then
    what they were shown and agreed to. Without it they take whatever there is. A page, which can
    put the question, asks with ``once``. An agent with a mandate claims for whoever gave it;
    ``agent_person_id`` is an agent for whom staff enter it.

    **Refuses**: ``NotAllowed``; ``NotFound``; ``NoMandate``; ``BadInput``; ``LoanOnly`` for what is
    only lent; ``BookingClosed`` after repeated no-shows, except at the counter; ``JustClaimed``
    with ``once``; ``NotConfirmed`` for other pieces. Every answer of the rules is a receipt.
    """
    check_lines(lines)
    store = _store_that_issues(deed, store_id)
    held = _check_may_claim(
        deed, household_id, person_id=person_id, store=store, agent_id=agent_person_id
    )
    deed = acting_for(deed, held, household_id)
    end_due(deed, household_ids=[household_id])
    closed_until = lock_household(deed.session, deed.community_id, household_id)
    _require_still_home(deed, household_id, person_id)
    _require_booking_open(deed, store, closed_until)
    if once:
        _require_new(deed, household_id, lines)
    opening = opening_of(deed.session, deed.community_id, store.id)
    settled = _settle(deed, household_id, store=store, lines=lines, opening=opening)
    if settled.state == READY:
        require_confirmed(settled.planned, settled.decided.answer.remaining, confirmed)
    new = _new_claim(settled, household_id, person_id=person_id, store=store)
    end = None
    if new.state == READY:
        end = first_end(deed, settled.decided.parameters, opening, settled.planned)
    note_claim(deed, held, CLAIM, new.claim_id)
    receipt = _kept(deed, new, settled, end=end)
    answered = AnsweredClaim(
        id=new.claim_id, claim_no=receipt.claim_no, person_id=person_id, store_id=store.id,
        hold_until_at=receipt.hold_until_at,
    )  # fmt: skip
    tell_answer(deed, answered, receipt.state)
    return receipt


def _require_booking_open(deed: Deed, store: StoreBrief, closed_until: date | None) -> None:
    """**Refuses**: ``BookingClosed`` after repeated no-shows, except at the counter."""
    is_at_counter = may.SERVE_COUNTER.is_held_at(deed.by, store.place_id)
    if closed_until is not None and local_day(deed.now) < closed_until and not is_at_counter:
        raise BookingClosed(until_on=closed_until.isoformat())


@action("issue_at_counter", is_private=True)
def issue_at_counter(
    deed: Deed,
    *,
    household_id: int,
    person_id: int,
    store_id: int,
    lines: tuple[ClaimLine, ...],
    once: bool = False,
    confirmed: tuple[AgreedLot, ...] | None = None,
    agent_person_id: int | None = None,
) -> ClaimReceipt:
    """Claim and take home at once, at the counter, without a reservation in between.

    It also works while the household's booking is suspended. With ``confirmed`` the pieces are
    taken from exactly these lots, which the keeper was shown. ``agent_person_id`` is an agent who
    has come instead of the person.

    **Refuses**: ``NotAllowed`` to all but a keeper of the store who is not of the household;
    ``NotFound``; ``NoMandate``; ``BadInput``; ``LoanOnly`` for what is only lent; ``JustClaimed``
    with ``once``; ``NotConfirmed`` if something else would be given than was confirmed. Every
    answer of the rules is returned as a receipt.
    """
    check_lines(lines)
    store = _store_that_issues(deed, store_id)
    if not may.SERVE_COUNTER.is_held_at(deed.by, store.place_id):
        raise NotAllowed(deed="issue_at_counter")
    home = Involved(household_ids=(household_id,))
    require_not_close(deed.session, deed.by, home, deed="issue_at_counter")
    held = _check_may_claim(
        deed, household_id, person_id=person_id, store=store, agent_id=agent_person_id
    )
    end_due(deed, household_ids=[household_id])
    lock_household(deed.session, deed.community_id, household_id)
    _require_still_home(deed, household_id, person_id)
    if once:
        _require_new(deed, household_id, lines, issued=True)
    settled = _settle(deed, household_id, store=store, lines=lines)
    new = _new_claim(settled, household_id, person_id=person_id, store=store)
    if new.state == READY:
        require_lots_confirmed(settled.planned, settled.decided.answer.remaining, confirmed)
        new = new.handed_over()
    receipt = _kept(deed, new, settled, end=None)
    note_claim(deed, held, FETCH, new.claim_id)
    if new.state == ISSUED:
        _write_taken(deed, new, receipt)
        _finish_emptied(deed, settled)
    return receipt


def _write_taken(deed: Deed, new: NewClaim, receipt: ClaimReceipt) -> None:
    write_withdrawal(
        deed, claim_id=new.claim_id, household_id=new.household_id, pieces=receipt.approved,
        taken_on=local_day(deed.now),
    )  # fmt: skip


def _store_that_issues(deed: Deed, store_id: int) -> StoreBrief:
    store = store_brief(deed.session, deed.community_id, store_id)
    store.require_open()
    if store.kind != "store":
        raise BadInput(field="store_id", why="intake_only")
    return store


def _check_may_claim(
    deed: Deed, household_id: int, *, person_id: int, store: StoreBrief, agent_id: int | None
) -> Mandate | None:
    """Check that somebody claims for their own household, by a mandate, or is staff who serve it.

    Return the mandate by which an agent acts.

    **Refuses**: ``NotAllowed``; ``NotFound`` if the person is not of the household, or is out of
    reach; ``NoMandate``; ``EnteredPaperToday``.
    """
    if deed.by.person_id == person_id and deed.by.household_id == household_id:
        return None
    is_kin = deed.by.household_id == household_id and not deed.by.is_staff
    serves = may.SERVE_COUNTER.is_held_at(deed.by, store.place_id)
    rights = (may.CLAIM_FOR_OTHERS, may.CLAIM_FOR_GRID)
    is_staff = serves or any(right.is_held(deed.by) for right in rights)
    held = None
    if agent_id is not None and is_staff:
        held = require_mandate(deed, person_id, CLAIM, agent_id=agent_id)
    elif not is_staff and not is_kin:
        held = mandate_of(deed, person_id, CLAIM, agent_id=deed.by.person_id)
        if held is None:
            raise NotAllowed(deed="claim_goods")
    brief = person_brief(deed.session, deed.community_id, person_id)
    is_reached = any(reaches(deed.by, right, brief.grid_id) for right in rights)
    acts = is_kin or serves or (held is not None and not is_staff)
    if brief.household_id != household_id or not (acts or is_reached):
        raise NotFound(kind="person")
    require_not_enterer(deed, household_id)
    return held


def _require_still_home(deed: Deed, household_id: int, person_id: int) -> None:
    """**Refuses**: ``WrongState`` for somebody who was moved or merged while we waited."""
    if person_brief(deed.session, deed.community_id, person_id).household_id != household_id:
        raise WrongState(kind="person", state="moved")


def _require_new(
    deed: Deed, household_id: int, lines: tuple[ClaimLine, ...], *, issued: bool = False
) -> None:
    """Check, on the locked household, that it did not claim the same a moment ago.

    **Refuses**: ``JustClaimed``.
    """
    since = deed.now - AGAIN_WITHIN
    same = same_claim_since(
        deed.session, deed.community_id, household_id, lines, since=since, issued=issued
    )
    if same is not None:
        raise JustClaimed(
            claim_id=same.id, claim_no=same.claim_no, asked_at=same.asked_at.isoformat()
        )


def _settle(
    deed: Deed,
    household_id: int,
    *,
    store: StoreBrief,
    lines: tuple[ClaimLine, ...],
    opening: ShopHours | None = None,
) -> _Settled:
    """Lock the household's row, then the lots, and decide; nothing is written yet.

    With ``opening`` the pieces are reserved: from lots that can still be fetched in time.
    """
    asked = sum(line.pieces for line in lines)
    decided = decide_household(
        deed.session, deed.community_id, household_id, now=deed.now, pieces=asked
    )
    item_ids = [line.item_id for line in lines]
    refusal = refusal_from(decided.answer)
    if refusal is not None:
        _check_items(deed, item_ids)
        needs_person = decided.answer.kind == "needs_review"
        planned = nothing_of(lines, NOT_DECIDED)
        return _Settled(
            decided=decided,
            state=REVIEW if needs_person else REFUSED,
            planned=planned,
            refusal=refusal,
            lots=(),
        )
    lots = lock_lots(
        deed.session, deed.community_id, on=local_day(deed.now), item_ids=item_ids,
        store_ids=[store.id],
    )  # fmt: skip
    require_given(lots)
    _check_items(deed, set(item_ids) - {lot.pieces.item_id for lot in lots})
    pieces = [lot.pieces for lot in lots]
    if opening is not None:
        pieces = fetchable(pieces, opening, deed.now)
    planned = plan_lines(lines, pieces, decided.answer.remaining)
    if not any(line.approved for line in planned):
        refusal = refusal_out_of_stock(planned)
        return _Settled(decided=decided, state=REFUSED, planned=planned, refusal=refusal, lots=())
    return _Settled(decided=decided, state=READY, planned=planned, refusal=None, lots=tuple(lots))


def _check_items(deed: Deed, item_ids: list[int] | set[int]) -> None:
    """Check that items without a lot are in the catalogue, and given away.

    **Refuses**: ``NotFound``; ``LoanOnly``.
    """
    wanted = set(item_ids)
    known = items(deed.session, deed.community_id, wanted) if wanted else []
    if len(known) < len(wanted):
        raise NotFound(kind="item")
    if any(item.is_loan for item in known):
        raise LoanOnly()


def _new_claim(
    settled: _Settled, household_id: int, *, person_id: int, store: StoreBrief
) -> NewClaim:
    return NewClaim(
        claim_id=new_id(),
        household_id=household_id,
        person_id=person_id,
        store=store,
        state=settled.state,
        planned=settled.planned,
        refusal=settled.refusal,
    )


def _kept(deed: Deed, new: NewClaim, settled: _Settled, *, end: HoldEnd | None) -> ClaimReceipt:
    """Record the decision and the claim, reserve or move the pieces, and return the receipt."""
    decision_id = record_decision(deed, decided=settled.decided)
    written = write_claim(deed, new, decision_id=decision_id, end=end)
    audit(
        deed,
        name="claim_goods" if new.state != ISSUED else "issue_at_counter",
        subject_kind="claim",
        subject_id=new.claim_id,
        facts={"claim_no": written.claim_no, "state": new.state, "approved": new.approved},
    )
    lots = tuple(IssuedLot(pick.lot.lot_id, pick.lot.item_id, pick.pieces) for pick in new.picks)
    return ClaimReceipt(
        claim_id=new.claim_id,
        claim_no=written.claim_no,
        state=new.state,
        decision_id=decision_id,
        lines=tuple(
            ClaimReceiptLine(p.item_id, p.asked, p.approved, p.cut_code) for p in new.planned
        ),
        approved=new.approved,
        pickup_code=written.pickup_code,
        hold_until_at=None if end is None else end.until_at,
        lots=lots if new.state == ISSUED else (),
        refusal=new.refusal,
        hold_is_provisional=end is not None and _is_provisional(deed, end),
    )


def _is_provisional(deed: Deed, end: HoldEnd) -> bool:
    known_until_on = days_known_until(deed.session, deed.community_id, [end.until_at])
    return is_provisional(known_until_on, end.until_at)


def _finish_emptied(deed: Deed, settled: _Settled) -> None:
    """Close the lots that are empty now."""
    taken = {pick.lot.lot_id: pick.pieces for line in settled.planned for pick in line.picks}
    emptied = {
        lot.pieces.lot_id: lot.pieces.account_id
        for lot in settled.lots
        if lot.on_hand == taken.get(lot.pieces.lot_id)
    }
    if emptied:
        finish_empty_lots(deed.session, deed.community_id, emptied)
