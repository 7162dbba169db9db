"""The statement of a firm, for who speaks for it: gifts, receipts, and what became of them."""

from typing import Any

from flask import render_template, request, url_for
from sqlalchemy.orm import Session

from timebank.errors import NotFound
from timebank.goods.queries import code_of_receipt, deposits_of, stores
from timebank.goods.queries import deposit as deposit_of
from timebank.goods.rules import POINTS_PER_YUAN
from timebank.people.queries import Organisation, firms_of
from web import units
from web.auth import current_by, signed_in
from web.goods.asking import why_refused
from web.goods.bringing import last_days
from web.listing import listed, read_cursor
from web.pages import ME, page
from web.reading import read_id

GIFTS_A_PAGE = 50


def _firms(session: Session) -> list[Organisation]:
    """The firms of the reader. **Refuses**: ``NotFound`` to who speaks for none."""
    given = firms_of(session, current_by())
    if not given:
        raise NotFound(kind="organisation")
    return given


@page(ME, "/firm", "firm", under="me.deposit")
@signed_in
def firm() -> str:
    """Show what a firm gave, newest first, to be printed; ``firm`` chooses among several."""
    by, before = current_by(), read_cursor(request.args.get("before"), 1)
    wanted = read_id(request.args.get("firm"))
    with units.reading() as session:
        firms = _firms(session)
        mine = next((one for one in firms if wanted in (None, one.id)), None)
        if mine is None:
            raise NotFound(kind="organisation")
        given = deposits_of(
            session, by.community_id, organisation_id=mine.id, limit=GIFTS_A_PAGE + 1, before=before
        )
    page_of = listed(given, GIFTS_A_PAGE, lambda one: (one.id,), at=before)
    return render_template(
        "goods/me_firm.html", firm=mine, firms=firms, listed=page_of, today=units.today()
    )


@page(ME, "/firm/<int:deposit_id>", "firm_gift", under="me.deposit")
@signed_in
def gift(deposit_id: int) -> str:
    """Show one gift of a firm: its receipt, and where each piece went."""
    by = current_by()
    with units.reading() as session:
        mine = {one.id for one in _firms(session)}
        given: Any = deposit_of(session, by.community_id, deposit_id)
        if given.donor_organisation_id not in mine:
            raise NotFound(kind="deposit")
        places = {store.id: store for store in stores(session, by.community_id)}
        code = code_of_receipt(session, by.community_id, given)
        bring_by = last_days(session, given)
    back = url_for("me.firm", firm=given.donor_organisation_id)
    return render_template(
        "goods/me_deposit.html", deposit=given, store=places[given.store_id], code=code,
        why_refused=why_refused, rate=POINTS_PER_YUAN, back=back, bring_by=bring_by,
        today=units.today(),
    )  # fmt: skip
