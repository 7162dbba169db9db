"""The shelf lot by lot: days left, reservations, lots that wait for cleaning."""

from collections import defaultdict
from typing import Any

from flask import flash, redirect, request, url_for

from timebank.goods import may
from timebank.goods.actions import sign_cleaning
from timebank.goods.queries import LotOnHand, items, lots_on_hand
from timebank.goods.rules import AWAITING_CLEANING, days_left
from web import units
from web.auth import current_by, needs
from web.formats import own_name
from web.forms import PlainForm
from web.goods.shop import shop_of
from web.pages import BOTH, STORE, page
from web.reader import gettext as _
from web.reader import language
from web.reading import read_id


@page(STORE, "/shelf", "shelf", methods=BOTH)
@needs(may.READ_STORE)
def shelf() -> Any:
    """Show the lots of each item in the order in which they are issued; sign their cleaning."""
    by, form = current_by(), PlainForm()
    if form.validate_on_submit():
        lot_id = read_id(request.form.get("lot_id"))
        if units.tried(sign_cleaning, form, lot_id=lot_id or 0) is not None:
            flash(_("已签字，这一批可以上架了。"))
            return redirect(request.full_path.rstrip("?"), 303)
    wanted, only = request.args.get("q", "").strip().lower(), request.args.get("only", "")
    with units.reading() as session:
        shop = shop_of(session, by, may.READ_STORE)
        lots = lots_on_hand(session, by.community_id, now=units.now(), store_id=shop.id)
        catalogue = items(session, by.community_id)
    grouped: dict[int, list[LotOnHand]] = defaultdict(list)
    for lot in lots:
        if _fits(lot, only):
            grouped[lot.item_id].append(lot)
    rows = [
        (item, grouped[item.id])
        for item in catalogue
        if grouped[item.id] and wanted in f"{item.name_zh} {item.name_en}".lower()
    ]
    rows.sort(key=lambda row: (_first_day(row[1]), own_name(row[0], language())))
    return units.draw(
        "goods/store_shelf.html", form=form, rows=rows, only=only, today=units.today(),
        days_left=days_left, text=request.args.get("q", ""),
        is_keeper=may.RECEIVE_DEPOSIT.is_held(by),
        address=url_for("store.shelf"),
    )  # fmt: skip


def _fits(lot: LotOnHand, only: str) -> bool:
    if only == "cleaning":
        return lot.state == AWAITING_CLEANING
    return lot.is_near_expiry or lot.is_expired if only == "ending" else True


def _first_day(lots: list[LotOnHand]) -> str:
    return min(str(lot.best_before_on or "9999") for lot in lots)
