"""Claim and take home at once, at the counter, for a visitor."""

from typing import Any

from flask import redirect, render_template, request, url_for
from sqlalchemy.orm import Session

from timebank.aid import may
from timebank.aid.actions import ClaimReceipt, issue_at_counter
from timebank.aid.queries import MayTake, Offer, may_take
from timebank.aid.queries import offer as offered_now
from timebank.aid.refusals import JustClaimed
from timebank.aid.rules import AgreedLot, ClaimLine
from timebank.errors import TimebankError, refusal_of
from timebank.goods.queries import Store, lots_named
from timebank.values import By
from web import units
from web.again import is_first_time, question
from web.aid.agents import agents_of
from web.aid.asking import asked_pieces
from web.aid.confirming import agreed_lots, line_rows, lot_rows, to_confirm
from web.aid.finding import Finding
from web.aid.forms import CounterForm
from web.auth import current_by, needs
from web.formats import own_name
from web.goods.groups import grouped
from web.goods.shop import shop_of
from web.pages import BOTH, STORE, page
from web.people.picking import Picked, PickForm, pick
from web.reader import gettext as _
from web.reader import language
from web.reading import read_id
from web.words import sentence


@page(STORE, "/counter", "counter", methods=BOTH)
@needs(may.SERVE_COUNTER)
def counter() -> Any:
    """Find the person, choose the pieces, hand them over; the action applies the rules."""
    by, form = current_by(), CounterForm()
    person_form = _person_form()
    with units.reading() as session:
        shop = shop_of(session, by, may.SERVE_COUNTER, issues=True)
        person = pick(session, by, person_form, cleared="change" in request.form)
        rows, why = _rows(session, by, person, shop)
        form.agent.choices = agents_of(session, by, person.person_id)
    wanted, finding = asked_pieces(), Finding.of_request()
    names = {row.item_id: own_name(row, language()) for row in rows}
    is_sent = "give" in request.form and form.validate_on_submit()
    if person.household_id and is_sent and wanted.is_whole(form, names):
        done = _done(form, person, shop, wanted.pieces)
        if isinstance(done, ClaimReceipt):
            return redirect(url_for("store.slip", claim_id=done.claim_id), 303)
        if done is not None:
            return _check_page(form, person_form, person, shop=shop, rows=rows, offer=done)
        asked_again = question(
            form, JustClaimed, "aid/ask_again.html", layout="layout/staff.html",
            address=url_for("store.counter", store=shop.id), look_at="store.slip",
        )  # fmt: skip
        if asked_again is not None:
            return asked_again
    return units.draw(
        "aid/store_counter.html", form=form, person_form=person_form, person=person,
        rows=rows, groups=grouped(finding.among(rows, wanted)), finding=finding, why=why,
        asked=wanted, shop=shop,
    )  # fmt: skip


def _done(
    form: CounterForm, person: Picked, shop: Store, pieces_by_item: dict[int, int]
) -> ClaimReceipt | Offer | None:
    """Hand over what was checked; otherwise show what would be given, and from which lots."""
    lines = tuple(ClaimLine(item_id, pieces) for item_id, pieces in sorted(pieces_by_item.items()))
    agreed = agreed_lots()
    if agreed is None:
        return _offered(form, person, shop, lines)
    receipt = _given(form, person, shop, lines=lines, agreed=agreed)
    return receipt if receipt is not None else to_confirm(form)


def _offered(
    form: CounterForm, person: Picked, shop: Store, lines: tuple[ClaimLine, ...]
) -> Offer | None:
    """What would be given now; if the rules allow nothing, the form says why."""
    with units.reading() as session:
        found = offered_now(
            session, units.community_id(), person.household_id or 0, store_id=shop.id,
            lines=lines, now=units.now(), at_once=True,
        )  # fmt: skip
    if found.refusal is None:
        return found
    form.form_errors.append(spoken(found.refusal.error()))
    form.renew()
    return None


def _check_page(
    form: CounterForm,
    person_form: PickForm,
    person: Picked,
    *,
    shop: Store,
    rows: list[MayTake],
    offer: Offer,
) -> str:
    """Name the lots to take, with their days and places, before anything is handed over."""
    items = {row.item_id: row for row in rows}
    with units.reading() as session:
        lots = lots_named(session, units.community_id(), [lot.lot_id for lot in offer.lots])
    return render_template(
        "aid/store_counter_check.html", form=form, person_form=person_form, person=person,
        shop=shop, offer=offer, is_changed=agreed_lots() is not None,
        rows=line_rows(offer, items), lots=lot_rows(offer, lots, items),
    )  # fmt: skip


def _person_form() -> PickForm:
    if request.method == "POST":
        return PickForm(request.form, prefix="person")
    return PickForm(prefix="person", person_id=request.args.get("person", ""))


def _given(
    form: CounterForm,
    person: Picked,
    shop: Store,
    *,
    lines: tuple[ClaimLine, ...],
    agreed: tuple[AgreedLot, ...],
) -> ClaimReceipt | None:
    """Hand over what was checked; if the rules allow nothing, the form says why."""
    receipt: ClaimReceipt | None = units.tried(
        issue_at_counter, form, household_id=person.household_id, person_id=person.person_id,
        store_id=shop.id, lines=lines, confirmed=agreed, once=is_first_time(),
        agent_person_id=read_id(form.agent.data or ""),
    )  # fmt: skip
    if receipt is not None and receipt.refusal is not None and receipt.state == "refused":
        form.form_errors.append(spoken(receipt.refusal.error()))
        form.renew()
        return None
    return receipt


def _rows(session: Session, by: By, person: Picked, shop: Store) -> tuple[list[MayTake], str]:
    """What this household may take now, or why nothing, without its papers."""
    if person.household_id is None:
        return [], ""
    try:
        rows = may_take(
            session, by.community_id, person.household_id, units.now(), store_id=shop.id
        )
    except TimebankError as refusal:
        return [], sentence(refusal)
    shut = next((row for row in rows if row.answer != "eligible" and row.reasons), None)
    if shut is None:
        return [row for row in rows if row.most], ""
    first = shut.reasons[0]
    return [], spoken(refusal_of(first.code, dict(first.facts)))


def spoken(refusal: TimebankError) -> str:
    """The text of a refusal for the counter: the quota and its day, nothing about papers."""
    if refusal.code in ("HOUSEHOLD_CAP", "OUT_OF_STOCK", "LOAN_ONLY", "NEEDS_REVIEW"):
        return sentence(refusal)
    return _("按登记的情况，现在还不能领。请他带上身份证到社区柜台，工作人员会和他一起看。")
