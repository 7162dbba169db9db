"""The open pages. No donor, no recipient, no balance of anybody is shown here."""

from dataclasses import replace
from datetime import datetime

from flask import Blueprint, Response, render_template, request
from sqlalchemy.orm import Session

from timebank.aid.queries import issued_by_month
from timebank.checking.notes import Keys, Unfit
from timebank.checking.reading import Books
from timebank.checking.receipts import MISSING, Standing, find_receipt, read_receipt
from timebank.errors import NotFound
from timebank.goods.queries import (
    Deposit,
    ShelfRow,
    accepted_by_month,
    code_of_receipt,
    receipt_by_no,
    receipt_by_token,
    shelf,
    stores,
)
from timebank.hours.queries import minutes_by_month
from timebank.hours.queries import services as services_known
from timebank.hours.rules import CATEGORIES
from timebank.values import from_us
from web import formats, units
from web.auth import open_to_all
from web.formats import own_name
from web.reader import gettext as _
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
    told = request.args.get("no", "").strip()
    found, missing, standing, code = None, None, None, ""
    if told:
        try:
            with units.reading() as session:
                found, code = _receipt(session, told)
                standing = _standing(session, code)
        except NotFound:
            missing = _("账上没有这个号码。请对一下收据上的字，或到店里问一问。")
    return render_template(
        "open/receipt.html", told=told, receipt=found, missing=missing, standing=standing,
        code=code, signed_at=_signed_at(standing),
    )  # fmt: skip


@blueprint.get("/receipt/proof")
@open_to_all
def receipt_proof() -> Response:
    """Hand over the proof of a receipt as a file that anybody may check without us."""
    with units.reading() as session:
        _found, code = _receipt(session, request.args.get("no", "").strip())
        standing = _standing(session, code)
    if standing is None or standing.bundle is None:
        raise NotFound(kind="receipt")
    answer = Response(standing.bundle.dumped(), mimetype="application/json")
    answer.headers["Content-Disposition"] = 'attachment; filename="receipt-proof.json"'
    return answer


def _signed_at(standing: Standing | None) -> datetime | None:
    checkpoint = None if standing is None else standing.checkpoint
    return None if checkpoint is None else from_us(checkpoint.signed_us)


def _receipt(session: Session, told: str) -> tuple[Deposit, str]:
    """Find a receipt, and the code that proves it: the one on the paper where it holds one."""
    is_code = told.upper().startswith(("GZR1:", "GZR2:"))
    found = (receipt_by_token if is_code else receipt_by_no)(session, units.community_id(), told)
    if told.upper().startswith("GZR2:"):
        return found, told.upper()
    return found, code_of_receipt(session, units.community_id(), found)


def _standing(session: Session, code: str) -> Standing | None:
    """Tell where a receipt stands in the log; None for one that names nothing posted."""
    if not code.startswith("GZR2:"):
        return None
    try:
        receipt = read_receipt(code)
    except Unfit as fault:
        return Standing(MISSING, str(fault))
    return find_receipt(Books(session.connection()), receipt, Keys({}))
