"""查: my passbook, my messages, what I may take, the shelf. The shelf is open to all."""

import msgspec
from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from kiosk.cards import ask
from kiosk.desk import kiosk, show
from timebank.kiosks import wire
from timebank.typed import read_whole

blueprint = Blueprint("look", __name__)
LINES_PER_PAGE = 12
SHELF = "shelf"  # The name of the last answer in the outbox.


@blueprint.get("/look")
def page() -> str:
    """What there is to look at."""
    return show("look.html")


@blueprint.get("/shelf")
def shelf_page() -> ResponseReturnValue:
    """What lies on the shelf; offline the last known state, with its time."""
    found = _shelf()
    lines = found.lines if found else ()
    last = max((len(lines) - 1) // LINES_PER_PAGE, 0)
    number = min(read_whole(request.args.get("page", "")) or 0, last)
    start = number * LINES_PER_PAGE
    return show(
        "shelf.html", shelf=found, lines=lines[start : start + LINES_PER_PAGE],
        number=number, last=last, is_up=kiosk().sync.is_up,
    )  # fmt: skip


def _shelf() -> wire.ShelfToday | None:
    """Ask the server, or read what it said last."""
    found = ask(lambda line, identity: line.shelf(identity))
    outbox = kiosk().outbox
    if found is not None:
        outbox.remember(SHELF, wire.canonical(found))
        return found
    kept = outbox.told(SHELF)
    if kept is None:
        return None
    try:
        return msgspec.json.decode(kept.content, type=wire.ShelfToday)
    except (msgspec.DecodeError, UnicodeDecodeError):
        outbox.forget(SHELF)
        return None
