"""What my household may take today, claiming it, and the code to fetch it with."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from timebank.aid.actions import ask_for_person, cancel_claim, claim_goods
from timebank.aid.queries import (
    Claim,
    MayTake,
    claims_of_household,
    may_take,
    notices_of_household,
)
from timebank.aid.queries import claim as claim_of
from timebank.aid.rules import ClaimLine
from timebank.errors import NotFound, refusal_of
from timebank.goods.queries import Store, stores
from timebank.values import By
from web import units
from web.auth import current_by, signed_in
from web.me.forms import PlainDeedForm
from web.words import sentence


@signed_in
def take() -> Any:
    """Show every item with how many may be taken, or why none; claim with one button."""
    by, form = current_by(), PlainDeedForm()
    if by.household_id is None:
        return render_template("me/no_household.html")
    asked = _asked()
    with units.reading() as session:
        rows = may_take(session, by.community_id, by.household_id, units.now())
        shops = [one for one in stores(session, by.community_id) if one.kind == "store"]
    if form.validate_on_submit():
        if not asked:
            form.form_errors.append(_("请先选择要领的物品和数量。"))
        else:
            claimed = _claim(by, form, shops[0], asked)
            if claimed is not None:
                return redirect(url_for("me.take_claim", claim_id=claimed), 303)
    reasons = {row.item_id: _reason(row) for row in rows if not row.most}
    whole = next((reasons[row.item_id] for row in rows if row.answer != "eligible"), None)
    return units.draw(
        "me/take.html", form=form, rows=rows, asked=asked, reasons=reasons, why=whole
    )


def _reason(row: MayTake) -> str:
    """Say in one sentence why nothing of an item may be taken today."""
    if row.answer != "eligible" and row.reasons:
        first = row.reasons[0]
        return sentence(refusal_of(first.code, dict(first.facts)))
    return _("货架上现在没有。")


def _asked() -> dict[int, int]:
    """Read the pieces asked for, by item; what is no number counts as none."""
    asked = {}
    for name, text in request.form.items():
        head, _dash, item = name.partition("-")
        if head == "pieces" and item.isdigit() and text.strip().isdigit() and int(text):
            asked[int(item)] = min(int(text), 999)
    return asked


def _claim(by: By, form: PlainDeedForm, store: Store, asked: dict[int, int]) -> int | None:
    lines = tuple(ClaimLine(item_id, pieces) for item_id, pieces in sorted(asked.items()))
    receipt = units.tried(
        claim_goods, form, household_id=by.household_id, person_id=by.person_id,
        store_id=store.id, lines=lines,
    )  # fmt: skip
    return None if receipt is None else receipt.claim_id


@signed_in
def claims() -> str:
    """List what my household asked for, and what we were told about it."""
    by = current_by()
    if by.household_id is None:
        return render_template("me/no_household.html")
    with units.reading() as session:
        found = claims_of_household(session, by.community_id, by.household_id)
        notices = notices_of_household(session, by.community_id, by.household_id)
    return render_template("me/claims.html", claims=found, notices=notices)


@signed_in
def claim(claim_id: int) -> str:
    """Show one claim: its code and last hour, or kindly why not and what then."""
    with units.reading() as session:
        found = _mine(claim_of(session, units.community_id(), claim_id))
        shops = {one.id: one for one in stores(session, units.community_id())}
    why = sentence(found.refusal.error()) if found.refusal else None
    return render_template(
        "me/claim.html", claim=found, store=shops[found.store_id], why=why, form=PlainDeedForm()
    )


def _mine(found: Claim) -> Claim:
    if found.household_id != current_by().household_id:
        raise NotFound(kind="claim")
    return found


@signed_in
def cancel(claim_id: int) -> Any:
    """Give the pieces back to the shelf; no mark against anybody."""
    form = PlainDeedForm()
    if form.validate_on_submit():
        units.deed(cancel_claim, form, claim_id=claim_id)
        flash(_("已取消，物品已经回到货架上。"))
    return redirect(url_for("me.take_claims"), 303)


@signed_in
def ask(claim_id: int) -> Any:
    """Ask a person to look at a refusal again."""
    form = PlainDeedForm()
    if form.validate_on_submit():
        units.deed(ask_for_person, form, claim_id=claim_id)
        flash(_("已经请工作人员再看一遍，会尽快告诉您。"))
    return redirect(url_for("me.take_claim", claim_id=claim_id), 303)
