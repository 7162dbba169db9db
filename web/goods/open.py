"""The open pages. No donor, no recipient, no balance of anybody is shown here."""

from contextlib import suppress
from dataclasses import replace

from flask import Blueprint, Response, render_template, request

from timebank.aid.queries import issued_by_month
from timebank.errors import NotFound
from timebank.goods.queries import ShelfRow, accepted_by_month, shelf, stores
from timebank.hours.queries import minutes_by_month
from timebank.hours.queries import services as services_known
from timebank.hours.rules import CATEGORIES
from web import formats, units
from web.auth import open_to_all
from web.formats import own_name
from web.open.receipts import check, proof_of
from web.reader import language
from web.reader import lazy_gettext as _l
from web.tables import Column, Table, table_of

blueprint = Blueprint("open", __name__)

SHELF_COLUMNS = (
    Column("item", _l("物品"), "title", lambda row: own_name(row, language())),
    Column("meter", _l("可领 · 已预约 · 整理中"), "meter"),
    Column("available", _l("可领"), "number", lambda row: row.available, "goods"),
    Column("ends", _l("最近到期"), "text", lambda row: str(row.nearest_best_before_on or "9")),
    Column("go", _l("可以做"), "action"),
)


ROWS_AT_HOME = 10


def _shelf_table(rows: list[ShelfRow]) -> Table:
    wanted = request.args.get("q", "").strip().lower()
    kept = [row for row in rows if wanted in f"{row.name_zh} {row.name_en}".lower()]
    return table_of(kept, SHELF_COLUMNS, usual="-available")


@blueprint.get("/")
@open_to_all
def home() -> str:
    """Show this month in figures and what lies on the shelf at this moment."""
    with units.reading() as session:
        rows = shelf(session, units.community_id(), units.now())
        hours = minutes_by_month(session, units.community_id(), units.today())
        accepted = accepted_by_month(session, units.community_id(), units.today())
        issued = issued_by_month(session, units.community_id(), units.today())
    table, lang = _shelf_table(rows), language()
    return render_template(
        "open/home.html",
        table=replace(table, rows=table.rows[:ROWS_AT_HOME]),
        kinds=sum(1 for row in rows if row.available),
        largest=max((row.on_hand for row in rows), default=1),
        hours=[(on, count // 60, formats.minutes(count, lang)) for on, count in hours],
        accepted=[(on, count, formats.pieces(count, lang)) for on, count in accepted],
        issued=[(on, count, formats.pieces(count, lang)) for on, count in issued],
    )


@blueprint.get("/shelf", endpoint="shelf")
@open_to_all
def shelf_page() -> str:
    """Show the whole shelf, sorted and searched by its address."""
    with units.reading() as session:
        rows = shelf(session, units.community_id(), units.now())
    return render_template(
        "open/shelf.html",
        table=_shelf_table(rows),
        largest=max((row.on_hand for row in rows), default=1),
    )


@blueprint.get("/services")
@open_to_all
def services() -> str:
    """Show how neighbours help each other, by the seven kinds, and where the shop is."""
    with units.reading() as session:
        known = services_known(session, units.community_id())
        places = stores(session, units.community_id())
    groups = {
        names[0 if language() == "zh" else 1]: [one for one in known if one.category == category]
        for category, names in CATEGORIES.items()
    }
    return render_template("open/services.html", groups=groups, stores=places)


@blueprint.get("/receipt")
@open_to_all
def receipt() -> str:
    """Look a receipt up by its number or its QR: what was accepted, never by whom."""
    told, checked = request.args.get("no", "").strip(), None
    if told:
        with suppress(NotFound), units.reading() as session:
            checked = check(session, told)
    return render_template("open/receipt.html", told=told, checked=checked)


@blueprint.get("/receipt/proof")
@open_to_all
def receipt_proof() -> Response:
    """Hand over the proof of a receipt as a file that anybody may check without us."""
    with units.reading() as session:
        proof = proof_of(session, request.args.get("no", "").strip())
    answer = Response(proof, mimetype="application/json")
    answer.headers["Content-Disposition"] = 'attachment; filename="receipt-proof.json"'
    return answer
