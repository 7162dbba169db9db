"""The shelf lot by lot: days left, reservations, lots that wait for cleaning.

A long shelf is shown in parts: some items a page, and of each the lots that leave first.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from flask import flash, redirect, request, url_for

from timebank.goods import may
from timebank.goods.actions import sign_cleaning
from timebank.goods.queries import ShelfItem, items_on_shelf, lots_of_items
from timebank.goods.rules import days_left
from web import units
from web.auth import current_by, needs
from web.forms import PlainForm
from web.goods.groups import GROUPS, group_of, grouped
from web.goods.shop import shop_of
from web.mounting import here
from web.pages import BOTH, STORE, page
from web.reader import gettext as _
from web.reading import read_id, read_number

ITEMS_A_PAGE = 12
LOTS_OF_EACH = 4  # Of each item; the rest is on the page of the item.
LOTS_A_PAGE = 40
PAGES_MAX = 9999
ONLY = ("ending", "cleaning")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What part of the shelf the address asks for."""

    q: str = ""
    only: str = ""
    kind: str = ""
    item: int | None = None
    page: int = 1
    store: int | None = None

    @classmethod
    def of(cls, query: Mapping[str, str]) -> "Wanted":
        """Read it from an address; what is invalid counts as absent."""
        only, kind = query.get("only", ""), query.get("kind", "")
        return cls(
            q=query.get("q", "").strip()[:40],
            only=only if only in ONLY else "",
            kind=kind if kind in [name for name, _, _ in GROUPS] else "",
            item=read_id(query.get("item")),
            page=read_number(query.get("page"), most=PAGES_MAX) or 1,
            store=read_id(query.get("store")),
        )

    def fits(self, one: ShelfItem) -> bool:
        if self.item is not None:
            return one.id == self.item
        is_kind = not self.kind or GROUPS[group_of(one.kind)][0] == self.kind
        return is_kind and self.q.lower() in f"{one.name_zh} {one.name_en}".lower()

    def address(self, **changed: Any) -> str:
        """The address of another part; what says nothing is left out."""
        wanted = asdict(replace(self, **changed))
        if wanted["page"] == 1:
            wanted["page"] = None
        return url_for("store.shelf", **{name: value or None for name, value in wanted.items()})


@page(STORE, "/shelf", "shelf", methods=BOTH)
@needs(may.READ_STORE)
def shelf() -> Any:
    """Show the lots of each item in the order in which they are issued; sign their cleaning."""
    by, form = current_by(), PlainForm()
    if form.validate_on_submit():
        lot_id = read_id(request.form.get("lot_id"))
        if units.tried(sign_cleaning, form, lot_id=lot_id or 0) is not None:
            flash(_("已签字，这一批可以上架了。"))
            return redirect(here(), 303)
    wanted, kinds = Wanted.of(request.args), [(name, word) for name, word, _kinds in GROUPS]
    return units.draw(
        "goods/store_shelf.html", form=form, wanted=wanted, today=units.today(), kinds=kinds,
        days_left=days_left, is_keeper=may.RECEIVE_DEPOSIT.is_held(by), **_shown(wanted),
    )  # fmt: skip


def _shown(wanted: Wanted) -> dict[str, Any]:
    """Read the items of this page, and of each the lots that are shown."""
    by, now = current_by(), units.now()
    each = LOTS_OF_EACH if wanted.item is None else LOTS_A_PAGE
    skipped = 0 if wanted.item is None else (wanted.page - 1) * LOTS_A_PAGE
    with units.reading() as session:
        shop = shop_of(session, by, may.READ_STORE)
        own = by.community_id, shop.id
        found = items_on_shelf(session, *own, now=now, only=wanted.only)
        items = sorted(filter(wanted.fits, found), key=lambda one: group_of(one.kind))
        last = -(-len(items) // ITEMS_A_PAGE)
        if wanted.item is None:
            items = items[(wanted.page - 1) * ITEMS_A_PAGE :][:ITEMS_A_PAGE]
        lots = lots_of_items(
            session, *own, items, now=now, only=wanted.only, most=each, skip=skipped
        )
    if wanted.item is not None:
        last = max((-(-lot.count // LOTS_A_PAGE) for lot in lots.values()), default=1)
    shown = [item for item in items if item.id in lots]
    return {"groups": grouped(shown), "lots": lots, "last": last, "shop": shop}
