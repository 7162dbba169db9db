"""Receive goods: the list, the check before posting, the receipt."""

import secrets
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session

from timebank.errors import NotFound, TimebankError
from timebank.goods import may
from timebank.goods.actions import learn_barcode, receive_deposit
from timebank.goods.barcodes import Scanned, read_barcode
from timebank.goods.queries import (
    Deposit,
    Item,
    announced_by_code,
    code_of_receipt,
    item_by_code,
    item_of_gtin,
    items,
    stores,
)
from timebank.goods.queries import deposit as deposit_of
from timebank.goods.refusals import ItemRetired
from timebank.goods.rules import ANNOUNCED, BROUGHT, JudgedLine, Verdict, judge
from timebank.people.queries import briefs, card_holder, organisations
from timebank.people.refusals import CardUnknown
from timebank.policy.queries import parameters_on
from timebank.policy.rules import Parameters
from timebank.typed import plain
from timebank.values import By
from web import units
from web.auth import current_by, needs
from web.formats import own_name
from web.goods.asking import why_refused
from web.goods.shop import shop_of, shops
from web.goods.store_forms import NOTHING_MORE, IntakeForm
from web.pages import BOTH, STORE, page
from web.people.picking import Picked, PickForm, pick
from web.people.sight import shown_name
from web.reader import gettext as _
from web.reader import language
from web.reading import is_card, read_id
from web.redrawing import is_redrawn
from web.words import sentence

BUTTONS = frozenset(
    {
        "csrf_token",
        "request_id",
        "check",
        "receive",
        "back",
        "scan",
        "add_item",
        "unknown",
        "unlisted",
        "describe",
    }
)


@page(STORE, "/intake", "intake", methods=BOTH)
@needs(may.RECEIVE_DEPOSIT)
def intake() -> Any:
    """Collect what was brought, line by line; check it once more; receive it."""
    by, form = current_by(), IntakeForm()
    donor_form = PickForm(request.form if request.method == "POST" else None, prefix="donor")
    with units.reading() as session:
        listed = _listed(session, by, form)
        about = None if listed is None else listed.store_id
        shop = shop_of(session, by, may.RECEIVE_DEPOSIT, about=about)
        catalogue = items(session, by.community_id)
        if listed is not None and listed.received_at is not None:
            return _to_receipt(listed)
        announced = _announced(form, listed)
        _change(session, by, form, donor_form)
        announced = announced or _listed(session, by, form)
        donor = _donor(session, by, donor_form, announced)
        firms = organisations(session, by.community_id)
        form.offer(catalogue, firms, parameters_on(session, by.community_id, units.today()))
        checked = _checked(session, by, form, donor_form, catalogue)
    if checked is not None and "receive" in request.form:
        receipt = units.tried(receive_deposit, form, store_id=shop.id, **_content(form, donor))
        if receipt is not None:
            return redirect(url_for("store.receipt", deposit_id=receipt.deposit_id), 303)
        checked = None
    if "back" in request.form:
        checked = None
    template = "goods/store_intake.html" if checked is None else "goods/store_intake_check.html"
    return units.draw(
        template, form=form, donor_form=donor_form, donor=donor, announced=announced,
        checked=checked, shop=shop, items={item.id: item for item in catalogue},
        firms={firm.id: firm.name for firm in firms},
        kept=_kept(donor) if checked else (), why_refused=why_refused,
        own_address=url_for("store.intake", store=shop.id),
    )  # fmt: skip


def _listed(session: Session, by: By, form: IntakeForm) -> Deposit | None:
    """The deposit whose announced list this is, in any state."""
    typed = request.args.get("deposit") if request.method == "GET" else form.deposit_id.data
    deposit_id = read_id(typed)
    return None if deposit_id is None else deposit_of(session, by.community_id, deposit_id)


def _to_receipt(found: Deposit) -> Any:
    """Show what a second press wants to receive again."""
    flash(_("这一份已经收下了，这是当时的收据。"))
    return redirect(url_for("store.receipt", deposit_id=found.id), 303)


def _announced(form: IntakeForm, listed: Deposit | None) -> Deposit | None:
    """The announcement, while it is open; on the first page its lines are copied into the form."""
    if listed is None:
        return None
    if listed.state not in (ANNOUNCED, BROUGHT):
        raise NotFound(kind="deposit")
    if request.method == "GET":
        form.deposit_id.data = str(listed.id)
        form.take_over(listed.announced)
    return listed


def _change(session: Session, by: By, form: IntakeForm, donor_form: PickForm) -> None:
    """Apply the pressed button or the scan to the list; nothing is posted yet."""
    if is_redrawn():
        return
    if "remove" in request.form:
        form.drop(request.form["remove"])
        return
    if {"check", "receive", "back"} & request.form.keys():
        return
    if "describe" in request.form:
        _described(form)
        return
    scanned, chosen = (form.scan.data or "").strip(), read_id(form.add_item.data)
    unknown = form.unknown.data or ""
    form.scan.data = form.add_item.data = form.unknown.data = ""
    if scanned:
        _scanned(session, by, form, donor_form, scanned)
    elif chosen is not None and items(session, by.community_id, [chosen]):
        if unknown and not _learned(form, chosen, unknown):
            return
        _added(form, chosen, read_barcode(unknown) or NOTHING_MORE)


def _described(form: IntakeForm) -> None:
    """Put on the list what the catalogue does not know; it is proposed from its line."""
    described = plain(form.unlisted.data or "")
    if not described:
        form.unlisted.errors = [_("请先写上是什么，例如“手摇轮椅”。")]
    elif not form.unlisted.errors and form.add_unlisted(described[:80]):
        form.unlisted.data = ""
    elif not form.unlisted.errors:
        form.unlisted.errors = [_("一次最多三十行，请先收下这些。")]


def _learned(form: IntakeForm, item_id: int, unknown: str) -> bool:
    """Learn which item the barcode is that was scanned before."""
    try:
        units.deed(learn_barcode, secrets.token_urlsafe(16), item_id=item_id, typed=unknown)
    except TimebankError as refusal:
        form.unknown.data = unknown
        form.add_item.errors = [sentence(refusal)]
        return False
    flash(_("这个条码记住了，以后一扫就认得。"))
    return True


def _added(form: IntakeForm, item_id: int, scanned: Scanned = NOTHING_MORE) -> None:
    if not form.add(item_id, scanned):
        form.add_item.errors = [_("一次最多三十行，请先收下这些。")]


def _scanned(
    session: Session, by: By, form: IntakeForm, donor_form: PickForm, text: str
) -> None:  # fmt: skip
    """An item goes on the list, a card sets the donor, a code opens an announcement."""
    item, scanned = item_by_code(session, by.community_id, text), read_barcode(text)
    if item is None and scanned is not None and not scanned.is_wrong:
        item = item_of_gtin(session, by.community_id, scanned.gtin)
    if item is None and scanned is not None:
        _not_known(form, text, scanned)
    elif item is not None and item.is_retired(units.today()):
        form.scan.data = text
        form.scan.errors = [_("%(name)s已经停收了。", name=own_name(item, language()))]
    elif item is not None:
        _added(form, item.id, scanned or NOTHING_MORE)
    elif is_card(text):
        holder = card_holder(session, by.community_id, text)
        if holder is None:
            form.refuse(CardUnknown())
        else:
            donor_form.person_id.data = str(holder.person_id)
    elif not len(form.lines):
        _opened(session, by, form, text)
    else:
        form.scan.data = text
        form.scan.errors = [_("没有认出这个条码，请从名单里选。")]


def _not_known(form: IntakeForm, text: str, scanned: Scanned) -> None:
    form.scan.data = text
    if scanned.is_wrong:
        form.scan.errors = [_("这个条码没有读对，请再扫一次，或从名单里选。")]
        return
    form.unknown.data, form.scan.data = text, ""
    shown = scanned.gtin.removeprefix("0")
    form.add_item.errors = [
        _("条码 %(code)s 还没有见过。请选它是哪一样，再按“加上”，以后一扫就认得。", code=shown)
    ]


def _opened(session: Session, by: By, form: IntakeForm, code: str) -> None:
    try:
        found = announced_by_code(session, by.community_id, code)
    except NotFound:
        form.scan.data = code
        form.scan.errors = [_("没有这个条码或存入号码，请再看一眼，或从名单里选。")]
        return
    form.deposit_id.data = str(found.id)
    form.take_over(found.lines)


def _donor(session: Session, by: By, donor_form: PickForm, announced: Deposit | None) -> Picked:
    if announced is None:
        return pick(session, by, donor_form, cleared=request.form.get("change") == "donor")
    if announced.donor_person_id is None:
        return Picked()
    brief = briefs(session, by.community_id, [announced.donor_person_id])
    known = brief[announced.donor_person_id]
    return Picked(
        person_id=known.id,
        name=shown_name(by, known),
        household_id=known.household_id,
        household_no=known.household_no,
    )


def _checked(
    session: Session, by: By, form: IntakeForm, donor_form: PickForm, catalogue: list[Item]
) -> list[Verdict] | None:  # fmt: skip
    """Judge each line as the action will; None if something must be corrected first."""
    if not {"check", "receive"} & request.form.keys():
        return None
    is_open = bool(donor_form.text.data)  # A donor who was typed and not found yet.
    if not form.validate_on_submit() or is_open or form.has_unlisted():
        form.renew()
        return None
    if not len(form.lines):
        form.scan.errors = [_("清单还是空的，先扫一样东西。")]
        return None
    known, is_looked_at = {item.id: item for item in catalogue}, form.is_looked_at()
    parameters = parameters_on(session, by.community_id, units.today())
    verdicts = []
    for number, line in enumerate(form.lines):
        judged = line.form.judged()
        item = known.get(judged.item_id or 0)
        try:
            verdicts.append(_verdict(judged, item, number, parameters=parameters))
        except TimebankError as refusal:
            form.refuse(refusal)
    if not is_looked_at:
        form.renew()
    return verdicts if is_looked_at and len(verdicts) == len(form.lines) else None


def _verdict(
    line: JudgedLine, item: Item | None, number: int, *, parameters: Parameters
) -> Verdict:
    """Judge one line. **Refuses**: as ``judge``; ``ItemRetired`` for what is no longer taken in."""
    traits = item.traits if item else None
    verdict = judge(line, traits, on=units.today(), parameters=parameters, number=number)
    if verdict.accepted and item and item.retired_on and item.is_retired(units.today()):
        raise ItemRetired(line=number, since_on=item.retired_on.isoformat())
    return verdict


def _content(form: IntakeForm, donor: Picked) -> dict[str, Any]:
    """The arguments of the action."""
    content: dict[str, Any] = {"lines": tuple(line.form.judged() for line in form.lines)}
    deposit_id = read_id(form.deposit_id.data)
    if deposit_id is not None:
        return content | {"deposit_id": deposit_id}
    return content | {
        "donor_person_id": donor.person_id,
        "donor_organisation_id": read_id(form.donor_organisation_id.data),
        "thanks": form.thanks.data,
    }


def _kept(donor: Picked) -> list[tuple[str, str]]:
    """All values of the form, as hidden fields of the check page."""
    kept = [
        (name, value)
        for name, value in request.form.items(multi=True)
        if name not in BUTTONS and not name.startswith("donor-")
    ]
    return [*kept, ("donor-person_id", str(donor.person_id or ""))]


@page(STORE, "/receipts/<int:deposit_id>", "receipt")
@needs(may.READ_STORE)
def receipt(deposit_id: int) -> str:
    """Show the slip of a deposit, with a code that anybody can check."""
    by = current_by()
    with units.reading() as session:
        deposit = deposit_of(session, by.community_id, deposit_id)
        if deposit.store_id not in {shop.id for shop in shops(session, by, may.READ_STORE)}:
            raise NotFound(kind="receipt")
        places = {store.id: store for store in stores(session, by.community_id)}
        donor = _donor(session, by, PickForm(), deposit)
        firm = _firm(session, by, deposit)
        code = code_of_receipt(session, by.community_id, deposit)
    if deposit.received_at is None:
        raise NotFound(kind="receipt")
    return render_template(
        "goods/store_receipt.html", deposit=deposit, store=places[deposit.store_id], donor=donor,
        firm=firm, code=code, why_refused=why_refused,
    )  # fmt: skip


def _firm(session: Session, by: By, found: Deposit) -> str:
    if found.donor_organisation_id is None:
        return ""
    firms = organisations(session, by.community_id)
    return next((firm.name for firm in firms if firm.id == found.donor_organisation_id), "")
