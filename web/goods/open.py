"""The public shelf: what is there now, without donors and recipients."""

from flask import render_template, request

from timebank.aid.queries import shelf_now
from timebank.goods.queries import ShelfRow
from web import units
from web.auth import open_to_all
from web.formats import own_name
from web.pages import OPEN, PUBLIC, MenuPlace, page
from web.reader import language
from web.reader import lazy_gettext as _l
from web.tables import Column, Table, table_of

SHELF_COLUMNS = (
    Column(key="item", label=_l("物品"), kind="title", sort=lambda row: own_name(row, language())),
    Column(key="meter", label=_l("可领 · 已预约 · 整理中"), kind="meter"),
    Column(
        key="available",
        label=_l("可领"),
        kind="number",
        sort=lambda row: row.available,
        ink="goods",
    ),
    Column(
        key="ends",
        label=_l("最早到期"),
        kind="text",
        sort=lambda row: str(row.nearest_best_before_on or "9"),
    ),
    Column(key="go", label=_l("可以做"), kind="action"),
)


def shelf_table(rows: list[ShelfRow]) -> Table:
    """Sort and filter the rows of the shelf by the address."""
    wanted = request.args.get("q", "").strip().lower()
    kept = [row for row in rows if wanted in f"{row.name_zh} {row.name_en}".lower()]
    return table_of(kept, SHELF_COLUMNS, usual="-available")


PLACE = MenuPlace(bar=PUBLIC, word=_l("货架"), icon="package", order=10)


@page(OPEN, "/shelf", "shelf", places=(PLACE,))
@open_to_all
def shelf_page() -> str:
    """Show the whole shelf, sorted and filtered by its address."""
    with units.reading() as session:
        rows = shelf_now(session, units.community_id(), units.now())
    return render_template(
        "goods/open_shelf.html",
        table=shelf_table(rows),
        largest=max((row.on_hand for row in rows), default=1),
    )
