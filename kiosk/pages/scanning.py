"""Scanned and typed numbers. A card works on every page, a barcode where goods are listed."""

from flask import Blueprint, g, request
from flask.typing import ResponseReturnValue

from kiosk.cards import present_card
from kiosk.desk import _, go, show, visit
from kiosk.devices.scanner import Kind, Scan, read_scan
from kiosk.pages import helped
from kiosk.pages.bringing import open_announced
from kiosk.pages.deposit import begin_item
from kiosk.pages.pickup import present_code
from kiosk.pages.pin import ask_pin

blueprint = Blueprint("scanning", __name__)


@blueprint.post("/scan")
def scan() -> ResponseReturnValue:
    """Handle one reading of the scanner, on any page."""
    return take(read_scan(request.form.get("code", "")))


def take(reading: Scan) -> ResponseReturnValue:
    """Do what a reading asks for. If it does not fit this page, say so and do nothing."""
    now = visit()
    back = now.after_pin if now.page == "/pin" else _page_after_card(now.page)
    if reading.kind is Kind.CARD and now.page == helped.PAGE:
        return helped.card_scanned(reading.text)
    if reading.kind is Kind.CARD:
        g.visit = present_card(now, reading.text)
        return go(back if g.visit is now else "/")
    if reading.kind is Kind.CARD_NO:
        return ask_pin(back, reading.text)
    if reading.kind is Kind.BARCODE and (now.page == "/" or now.page.startswith("/deposit")):
        return begin_item(reading.text)
    if reading.kind is Kind.PICKUP_CODE and now.page.startswith("/deposit"):
        return open_announced(reading.text)
    if reading.kind is Kind.PICKUP_CODE and now.page.startswith("/pickup"):
        return present_code(reading.text)
    now.notice = _("没有认出来，请再扫一次。")
    return go(now.page)


def _page_after_card(page: str) -> str:
    """Where a card leads from a page: on with its task."""
    if page.startswith("/pickup"):
        return "/pickup"
    if page.startswith("/take"):
        return "/take"
    return page if page.startswith(("/deposit", "/shift", "/passbook")) else "/"


@blueprint.get("/card")
def card_page() -> str:
    """Type the number that is printed on the card."""
    visit().typed_no = None
    back = visit().page
    drawn = show("card.html", back=back if back != "/card" else "/")
    visit().page = back
    return drawn


@blueprint.post("/card")
def card_typed() -> ResponseReturnValue:
    reading = read_scan(request.form.get("digits", ""))
    if reading.kind in (Kind.CARD, Kind.CARD_NO):
        return take(reading)
    visit().notice = _("这个卡号不对，请看着卡再输一次。")
    return go("/card")
