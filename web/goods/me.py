"""My deposits and what became of them; announcing a deposit."""

from typing import Any

from flask import redirect, render_template, request, url_for

from timebank.errors import NotFound
from timebank.goods.actions import announce_deposit
from timebank.goods.queries import (
    code_of_receipt,
    deposits_of_person,
    items,
    stores,
)
from timebank.goods.queries import deposit as deposit_of
from timebank.goods.refusals import JustAnnounced
from timebank.goods.rules import POINTS_PER_YUAN, AnnouncedLine
from timebank.people.queries import firms_of
from timebank.policy.queries import parameters_on
from web import units
from web.again import is_first_time, question
from web.auth import current_by, signed_in
from web.goods.asking import why_refused
from web.goods.bringing import last_days
from web.goods.forms import LINES_MOST, AnnouncedLineForm, AnnounceForm
from web.listing import listed, read_cursor
from web.pages import BOTH, ME, PERSON, MenuPlace, page
from web.reader import lazy_gettext as _l
from web.reading import read_id

DEPOSITS_A_PAGE = 20
PLACE = MenuPlace(bar=PERSON, word=_l("存入"), icon="package-plus", order=20)


@page(ME, "/deposit", "deposit", places=(PLACE,))
@signed_in
def deposits() -> str:
    """List my deposits with what became of each piece."""
    by, before = current_by(), read_cursor(request.args.get("before"), 1)
    with units.reading() as session:
        found = deposits_of_person(
            session, by.community_id, by.person_id or 0, limit=DEPOSITS_A_PAGE + 1, before=before
        )
        firms = firms_of(session, by)
    page_of = listed(found, DEPOSITS_A_PAGE, lambda one: (one.id,), at=before)
    return render_template(
        "goods/me_deposits.html", deposits=page_of.rows, listed=page_of, firms=firms
    )


@page(ME, "/deposit/<int:deposit_id>", "deposit_one")
@signed_in
def one(deposit_id: int) -> str:
    """Show one deposit of mine: its code before, its receipt and lots after."""
    by = current_by()
    with units.reading() as session:
        deposit = deposit_of(session, by.community_id, deposit_id)
        places = {store.id: store for store in stores(session, by.community_id)}
        code = code_of_receipt(session, by.community_id, deposit)
        bring_by = last_days(session, deposit)
    if deposit.donor_person_id is None or deposit.donor_person_id != by.person_id:
        raise NotFound(kind="deposit")
    shop = places[deposit.store_id]
    return render_template(
        "goods/me_deposit.html",
        deposit=deposit,
        store=shop,
        code=code,
        bring_by=bring_by,
        today=units.today(),
        why_refused=why_refused,
        rate=POINTS_PER_YUAN,
        back="",
    )


@page(ME, "/deposit/announce", "deposit_announce", methods=BOTH)
@signed_in
def announce() -> Any:
    """Announce goods; the code opens the list at the counter."""
    form = AnnounceForm()
    with units.reading() as session:
        catalogue = items(session, units.community_id())
        places = [shop for shop in stores(session, units.community_id()) if shop.is_open]
        parameters = parameters_on(session, units.community_id(), units.today())
    if "more" in request.form and len(form.lines) < LINES_MOST:
        form.lines.append_entry()
    form.offer(catalogue, places, parameters)
    is_sent = request.method == "POST" and "more" not in request.form
    if is_sent and form.validate():
        lines = tuple(_line(line) for line in form.told_lines())
        announced = units.tried(
            announce_deposit, form, store_id=form.store_id.data, lines=lines,
            donor_person_id=current_by().person_id,
            thanks=form.thanks.data, bring_on=form.bring_on.data, once=is_first_time(),
        )  # fmt: skip
        if announced is not None:
            return redirect(url_for("me.deposit_one", deposit_id=announced.deposit_id), 303)
        asked_again = question(form, JustAnnounced, "goods/ask_again.html")
        if asked_again is not None:
            return asked_again
    return units.draw("goods/me_announce.html", form=form, lines_most=LINES_MOST)


def _line(line: AnnouncedLineForm) -> AnnouncedLine:
    return AnnouncedLine(
        item_id=read_id(line.item_id.data),
        pieces=line.pieces.data,
        condition=line.condition.data,
        best_before_on=line.best_before_on.data,
        described=line.described.data or "",
        lacking=line.told_lacking,
        refused_kind=line.told_kind,
    )
