"""The first page, help, preferences, the end of a visit, and the result of an event."""

import logging
import time

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from kiosk.agent import new_event_id
from kiosk.cards import refresh_card
from kiosk.desk import go, kiosk, record, show, slip_of, status, visit
from kiosk.outbox import NewEvent, StoredEvent
from kiosk.visit import Visit
from kiosk.words import LANGUAGES
from timebank.kiosks import wire

blueprint = Blueprint("home", __name__)
log = logging.getLogger("kiosk")
CALL_LASTS = 120.0  # Seconds in which further taps are the same call.
CALL_PATIENCE = 2.0  # Seconds to wait for the answer, so that the page does not promise in vain.


@blueprint.get("/")
def page() -> str:
    """Four tiles, and the prompt to scan a card."""
    return show("home.html", ready=_ready(visit()))


def _ready(now: Visit) -> int:
    return len(now.pickup.ready) if now.pickup and now.card else 0


@blueprint.get("/healthz")
def healthz() -> ResponseReturnValue:
    """Report to a watchdog whether the agent can work, with the SQLite version and journal mode.

    It writes to the outbox, because a kiosk that cannot write records nothing.
    """
    outbox = kiosk().outbox
    is_ok = True
    try:
        outbox.remember("healthz", b"")
    except Exception:  # Whatever it is: the watchdog must learn it.
        log.exception("the outbox takes no write")
        is_ok = False
    answer = jsonify(
        ok=is_ok,
        paired=outbox.identity is not None,
        journal=outbox.journal,
        sqlite=outbox.sqlite,
        waiting=outbox.count_waiting(),
        up=kiosk().sync.is_up,
    )
    return answer, 200 if is_ok else 503


@blueprint.get("/status")
def status_now() -> ResponseReturnValue:
    """The status banner, polled by the page. Polling does not keep a visit alive."""
    return jsonify(status())


@blueprint.post("/touch")
def touch() -> ResponseReturnValue:
    """Extend the visit: somebody is still there."""
    return "", 204


@blueprint.post("/help")
def call_staff() -> ResponseReturnValue:
    """Let the worklist of the shop's staff ring. Several taps of one person are one call."""
    now = visit()
    if not _has_called(now):
        body = wire.StaffAsked(page=now.page)
        actor = now.card.actor if now.card else None
        kept = record(NewEvent(new_event_id(), body, now.id, actor), patience=CALL_PATIENCE)
        now.called_at = time.monotonic() if kept.state == "posted" else None
        now.call_failed = now.called_at is None
    return go("/help")


def _has_called(now: Visit) -> bool:
    return now.called_at is not None and time.monotonic() - now.called_at < CALL_LASTS


@blueprint.get("/help")
def help_page() -> str:
    """Whom to ask; reached from the same place on every page."""
    now = visit()
    back = now.page
    drawn = show("help.html", back=back, is_called=_has_called(now), is_down=now.call_failed)
    now.page = back
    return drawn


@blueprint.post("/prefs")
def prefs() -> ResponseReturnValue:
    """Change language, text size, contrast or time, and stay on the same page."""
    now, form = visit(), request.form
    if form.get("language") in LANGUAGES:
        now.language = form["language"]
    if "large" in form:
        now.large_text = form["large"] == "1"
    if "more_time" in form:
        now.more_time = form["more_time"] == "1"
    if "contrast" in form:
        now.high_contrast = form["contrast"] == "1"
    return go(now.page)


@blueprint.post("/end")
def end() -> ResponseReturnValue:
    """End the visit and delete its data."""
    kiosk().visits.end(visit())
    return go("/")


@blueprint.get("/done/<event_id>")
def done(event_id: str) -> ResponseReturnValue:
    """Show the result of an event of this visit; a reload asks again and changes nothing."""
    kept = kiosk().outbox.find(event_id)
    if kept is None or kept.visit_id != visit().id:
        return go("/")
    return show("done.html", deed=kept, body=kept.body(), slip=slip_of(kept), **_names(kept))


def _names(kept: StoredEvent) -> dict[str, object]:
    body, known = kept.body(), kiosk().known
    if isinstance(body, wire.DepositRecorded):
        return {"items": [(known.item(line.item_id), line) for line in body.lines]}
    if isinstance(body, wire.ShiftStarted):
        return {"service": known.service(body.service_id)}
    return {}


@blueprint.post("/again")
def again() -> ResponseReturnValue:
    """Start another task with the same card."""
    refresh_card(visit())
    return go("/")
