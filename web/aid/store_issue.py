"""Hand over reserved goods: a code or a card, a checklist, a slip."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from timebank.aid import may
from timebank.aid.actions import find_by_code
from timebank.aid.queries import Claim, is_handed_over, ready_claims
from timebank.aid.queries import claim as claim_of
from timebank.aid.refusals import WrongPickupCode
from timebank.aid.rules import ISSUED
from timebank.errors import NotFound
from timebank.goods import may as goods
from timebank.goods.queries import LotBrief, Store, lots_named
from timebank.people.queries import CardHolder, briefs, card_holder, mandates_used
from timebank.people.refusals import CardRevoked, CardUnknown, TooManyTries
from timebank.values import By
from web import units
from web.aid.forms import LookForm
from web.aid.worklist import hand_over
from web.auth import current_by, needs
from web.goods.shop import shop_of, shops
from web.pages import BOTH, STORE, page
from web.people.sight import reads_names, shown_name
from web.reader import gettext as _
from web.reading import is_card, read_id
from web.redrawing import is_redrawn


@page(STORE, "/issue", "issue", methods=BOTH)
@needs(may.SERVE_COUNTER)
def issue() -> Any:
    """Find the claims of the visitor, tick each item, hand it over."""
    by, form = current_by(), LookForm()
    claims: list[Claim] = []
    holder: CardHolder | None = None
    lots: dict[int, LotBrief] = {}
    pressed = read_id(request.form.get("give"))
    if pressed is not None and not is_redrawn() and _is_issued(pressed):
        return _to_slip(pressed)
    if (given := _handed_over(form)) is not None:
        return redirect(url_for("store.slip", claim_id=given), 303)
    scanned = "" if is_redrawn() else (form.scan.data or "").strip()
    with units.reading() as session:
        shop = shop_of(session, by, may.SERVE_COUNTER, issues=True)
    by_code = None if is_card(scanned) else _opened_by(form, scanned, shop)
    with units.reading() as session:
        if is_card(scanned):
            holder, claims = _look(session, by, form, shop)
        elif by_code is not None:
            claims = [claim_of(session, by.community_id, by_code)]
            if claims[0].state == ISSUED:
                return _to_slip(by_code)
        lots = lots_named(session, by.community_id, _lot_ids(claims)) if claims else {}
    return units.draw(
        "aid/store_issue.html", form=form, claims=claims, holder=holder, lots=lots,
        ticked=set(request.form.getlist("tick")), told=form.scan.data or "", shop=shop,
        own_address=url_for("store.issue", store=shop.id),
    )  # fmt: skip


def _lot_ids(claims: list[Claim]) -> list[int]:
    return [lot.lot_id for claim in claims for lot in claim.lots]


def _opened_by(form: LookForm, code: str, shop: Store) -> int | None:
    """The claim of a code; each wrong code is counted, and reported on the form once."""
    if not code or isinstance(getattr(form, "refusal", None), WrongPickupCode | TooManyTries):
        return None
    found = units.tried(find_by_code, form, store_id=shop.id, pickup_code=code)
    form.renew()  # The next button is another deed.
    return None if found is None else found.claim_id


def _look(
    session: Session, by: By, form: LookForm, shop: Store
) -> tuple[CardHolder | None, list[Claim]]:
    """What a card's household may take home now; the form shows a refusal."""
    holder = card_holder(session, by.community_id, (form.scan.data or "").strip())
    if holder is None or holder.revoked:
        form.refuse(CardUnknown() if holder is None else CardRevoked())
        return None, []
    if holder.household_id is None:
        return holder, []
    waiting = ready_claims(
        session, by.community_id, household_id=holder.household_id, store_id=shop.id,
        now=units.now(),
    )  # fmt: skip
    return holder, waiting


def _handed_over(form: LookForm) -> int | None:
    """Hand over the claim whose button was pressed, once every item on it is ticked."""
    claim_id = read_id(request.form.get("give"))
    if claim_id is None or not form.validate_on_submit():
        return None
    wanted = set(request.form.getlist(f"line-{claim_id}"))
    if not wanted or wanted - set(request.form.getlist("tick")):
        form.form_errors.append(_("请逐样核对，都拿齐了再交给他。"))
        form.renew()
        return None
    deed = hand_over(claim_id, (form.scan.data or "").strip())
    receipt = units.tried(deed.action, form, **deed.content)
    return None if receipt is None else receipt.claim_id


def _to_slip(claim_id: int) -> Response:
    """Show what a second press, or a code shown again, wants to have handed over."""
    flash(_("这一单已经交给他了，这是当时的领取单。"))
    return redirect(url_for("store.slip", claim_id=claim_id), 303)


def _is_issued(claim_id: int) -> bool:
    """Tell whether a second press wants to hand over what is handed over already."""
    with units.reading() as session:
        return is_handed_over(session, units.community_id(), claim_id)


@page(STORE, "/slips/<int:claim_id>", "slip")
@needs(goods.READ_STORE)
def slip(claim_id: int) -> str:
    """Show the slip of a hand-over; the household and the keeper get the same one."""
    by = current_by()
    with units.reading() as session:
        found = claim_of(session, by.community_id, claim_id)
        if found.store_id not in {shop.id for shop in shops(session, by, goods.READ_STORE)}:
            raise NotFound(kind="claim")
        person = briefs(session, by.community_id, [found.person_id])[found.person_id]
        used = mandates_used(session, by.community_id, "claim", [claim_id]).get(claim_id, [])
    return render_template(
        "aid/store_slip.html", claim=found, shown=shown_name(by, person),
        agents=[one.agent_name if reads_names(by, person.grid_id) else one.agent_masked_name
                for one in used],
    )  # fmt: skip
