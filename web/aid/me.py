"""What my household may take today, claiming it, and the pick-up code."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from itertools import compress
from operator import not_
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session

from timebank.aid.actions import ask_for_person, cancel_claim, claim_goods
from timebank.aid.queries import (
    Claim,
    MayTake,
    Offer,
    claims_of_household,
    notices_of_household,
)
from timebank.aid.queries import claim as claim_of
from timebank.aid.refusals import JustClaimed
from timebank.aid.rules import READY, REFUSED, REVIEW, REVIEW_DAYS, ClaimLine
from timebank.deeds.queries import working_days
from timebank.errors import BadInput, NotFound
from timebank.goods.queries import Store, opening_of, stores
from timebank.people.queries import MandateUsed, mandate_named, mandates_used, person_brief
from timebank.people.rules.mandates import CLAIM
from timebank.values import By, local_day, to_us
from web import formats, units
from web.again import is_first_time, question
from web.aid.asking import asked_pieces
from web.aid.confirming import agreed_lines, line_rows, to_confirm
from web.aid.finding import Finding
from web.aid.offered import Why, offered
from web.auth import current_by, signed_in
from web.desk.words import provisional
from web.formats import own_name
from web.forms import PlainForm
from web.goods.groups import grouped
from web.goods.opening_words import shown_hours
from web.listing import listed, read_cursor
from web.pages import BOTH, ME, PERSON, MenuPlace, page
from web.reader import gettext as _
from web.reader import language
from web.reader import lazy_gettext as _l
from web.words import sentence

CLAIMS_A_PAGE = NOTICES_A_PAGE = 20
NOTICES_AT_TOP = 3
PLACE = MenuPlace(bar=PERSON, word=_l("领取"), icon="shopping-basket", order=30)


@page(ME, "/take", "take", methods=BOTH, places=(PLACE,))
@signed_in
def take() -> Any:
    """Show every item with how many may be taken, or why none; claim with one button."""
    return _take(current_by(), url_for("me.take"))


@page(ME, "/for/<int:mandate_id>/take", "take_for", methods=BOTH, under="me.take")
@signed_in
def take_for(mandate_id: int) -> Any:
    """The same for whoever gave one a mandate. The deed stays that of the agent."""
    by = current_by()
    with units.reading() as session:
        held = mandate_named(session, by.community_id, mandate_id)
        person = person_brief(session, by.community_id, held.person_id)
    is_mine = held.agent_person_id == by.person_id and held.covers(CLAIM)
    if not is_mine or not held.is_in_force(person, units.today()):
        raise NotFound(kind="mandate")
    kept_id = person.merged_into_id or person.id
    acting = replace(by, person_id=kept_id, household_id=person.household_id)
    return _take(acting, url_for("me.take_for", mandate_id=mandate_id), person=person.name)


def _take(by: By, here: str, *, person: str = "") -> Any:
    """``by`` is for whom it is taken; ``person`` names them to an agent."""
    form = PlainForm()
    if by.household_id is None:
        return render_template("aid/me_no_household.html")
    wanted, finding = asked_pieces(), Finding.of_request()
    rows, shop, why = _offered(by, by.household_id)
    names = {row.item_id: own_name(row, language()) for row in rows}
    is_claim = shop is not None and not finding.is_asked and "change" not in request.form
    if is_claim and form.validate_on_submit() and wanted.is_whole(form, names):
        is_asking = why is not None and why.may_ask
        claimed = _claim(by, form, shop, asked=wanted.pieces, ask=is_asking)
        if claimed is not None:
            return redirect(url_for("me.take_claim", claim_id=claimed), 303)
        asked_again = question(
            form,
            JustClaimed,
            "aid/ask_again.html",
            layout="layout/person.html",
            address=here,
            look_at="me.take_claim",
        )
        if asked_again is not None:
            return asked_again
        if checked := to_confirm(form):
            return _check_page(form, rows, checked)
    # After a refusal by the rules the household can ask for a review, so the list stays usable.
    is_open = [bool(row.available if why else row.most) for row in rows]
    open_rows = list(compress(rows, is_open))
    shut_rows = list(compress(rows, map(not_, is_open)))
    lent = [row for row in shut_rows if row.is_loan]
    return units.draw(
        "aid/me_take.html", form=form, first=rows[0] if rows else None, why=why, asked=wanted,
        groups=grouped(finding.among(open_rows, wanted)), finding=finding,
        shut=[row for row in shut_rows if not row.is_loan], lent=lent, person=person, here=here,
    )  # fmt: skip


def _check_page(form: PlainForm, rows: list[MayTake], offer: Offer) -> str:
    """Ask before less is claimed than was wanted: what it would be, and what stays of the share."""
    items = {row.item_id: row for row in rows}
    return render_template(
        "aid/me_take_check.html", form=form, offer=offer, rows=line_rows(offer, items),
        is_changed=agreed_lines() is not None,
    )  # fmt: skip


def _offered(by: By, household_id: int) -> tuple[list[MayTake], Store | None, Why | None]:
    """Read what may be taken and where; a community without rules offers nothing yet."""
    with units.reading() as session:
        known = stores(session, by.community_id)
        shops = [store for store in known if store.kind == "store" and store.is_open]
        rows, why = offered(session, by.community_id, household_id, units.now())
    return rows, shops[0] if shops else None, why


def _claim(
    by: By, form: PlainForm, store: Store, *, asked: dict[int, int], ask: bool
) -> int | None:
    """Claim what was chosen; if the rules refuse it, ask for a review at once."""
    lines = tuple(ClaimLine(item_id, pieces) for item_id, pieces in sorted(asked.items()))
    receipt = units.tried(
        claim_goods, form, household_id=by.household_id, person_id=by.person_id,
        store_id=store.id, lines=lines, confirmed=agreed_lines() or lines, once=is_first_time(),
    )  # fmt: skip
    if receipt is None:
        return None
    if ask and receipt.state == REFUSED:
        key = hashlib.sha256(f"{form.request_id.data}:ask".encode()).hexdigest()
        units.deed(ask_for_person, key, claim_id=receipt.claim_id)
    return receipt.claim_id


@page(ME, "/claims", "take_claims")
@signed_in
def claims() -> str:
    """List the claims of my household, and the notices about them."""
    by = current_by()
    if by.household_id is None:
        return render_template("aid/me_no_household.html")
    before, own = read_cursor(request.args.get("before"), 1), (by.community_id, by.household_id)
    with units.reading() as session:
        found = claims_of_household(session, *own, limit=CLAIMS_A_PAGE + 1, before=before)
        notices = notices_of_household(session, *own, limit=NOTICES_AT_TOP + 1)
    page_of = listed(found, CLAIMS_A_PAGE, lambda one: (one.id,), at=before)
    return render_template(
        "aid/me_claims.html", claims=page_of.rows, listed=page_of,
        notices=notices[:NOTICES_AT_TOP], has_more_notices=len(notices) > NOTICES_AT_TOP,
    )  # fmt: skip


@page(ME, "/claims/notices", "take_notices", under="me.take")
@signed_in
def notices() -> str:
    """List the notices about the claims of my household."""
    by, before = current_by(), read_cursor(request.args.get("before"), 2)
    if by.household_id is None:
        return render_template("aid/me_no_household.html")
    with units.reading() as session:
        found = notices_of_household(
            session, by.community_id, by.household_id, limit=NOTICES_A_PAGE + 1, before=before
        )
    page_of = listed(found, NOTICES_A_PAGE, lambda one: (to_us(one.told_at), one.id), at=before)
    return render_template("aid/me_notices.html", listed=page_of)


@page(ME, "/claims/<int:claim_id>", "take_claim", methods=BOTH)
@signed_in
def claim(claim_id: int) -> Any:
    """Show one claim: its code and deadline, or why not; cancel it, or ask for a review."""
    form = PlainForm()
    with units.reading() as session:
        own_claim = claim_of(session, units.community_id(), claim_id)
        used = mandates_used(session, units.community_id(), "claim", [claim_id]).get(claim_id, [])
        _require_mine(own_claim, used)
        shops = {store.id: store for store in stores(session, units.community_id())}
        answer_by = _answer_by(session, own_claim)
        open_then = _open_then(session, own_claim)
    if form.validate_on_submit():
        said = _done(form, claim_id)
        if said is not None:
            flash(said)
            return redirect(url_for("me.take_claim", claim_id=claim_id), 303)
    why = sentence(own_claim.refusal.error()) if own_claim.refusal else None
    return units.draw(
        "aid/me_claim.html",
        form=form,
        claim=own_claim,
        store=shops[own_claim.store_id],
        why=why,
        answer_by=answer_by,
        open_then=open_then,
        used=used,
    )


def _answer_by(session: Session, found: Claim) -> str:
    """The day by which a review is answered; empty for any other claim."""
    if found.state != REVIEW:
        return ""
    calendar = working_days(session, units.community_id())
    last = calendar.after(local_day(found.asked_at), REVIEW_DAYS)
    told_on = formats.short_day(last.on, language())
    return provisional(told_on) if last.is_provisional else told_on


def _open_then(session: Session, found: Claim) -> str:
    """The open hours on the last day of a reservation, if the shop's hours are known."""
    if found.state != READY or found.hold_until_at is None:
        return ""
    hours = opening_of(session, units.community_id(), found.store_id)
    return shown_hours(hours.hours(local_day(found.hold_until_at))) if hours.is_kept else ""


def _done(form: PlainForm, claim_id: int) -> str | None:
    """Do what the pressed button says and return a message; None if the form shows a refusal."""
    deeds: dict[str, tuple[Callable[..., Any], str]] = {
        "cancel": (cancel_claim, _("已取消，物品已经回到货架上。")),
        "ask": (ask_for_person, _("已经请工作人员再看一遍，答复会写在这一页。")),
    }
    do = request.form.get("do", "")
    if do not in deeds:
        form.refuse(BadInput(field="do", why="choice"))
        return None
    action, said = deeds[do]
    return said if units.tried(action, form, claim_id=claim_id) is not None else None


def _require_mine(found: Claim, used: list[MandateUsed]) -> None:
    """**Refuses**: ``NotFound`` but to the household, and to who acted for it."""
    by = current_by()
    is_agent = any(one.agent_person_id == by.person_id for one in used)
    if found.household_id != by.household_id and not is_agent:
        raise NotFound(kind="claim")
