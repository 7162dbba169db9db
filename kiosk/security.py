"""Checks before every request (host, visit, token) and headers on every answer.

The agent listens on loopback, but any web page could try to reach it there. So the host is
checked, posts must carry the visit's token, and no foreign content is loaded.
"""

import hmac
from urllib.parse import urlsplit

from flask import Flask, Response, abort, g, redirect, request
from flask.typing import ResponseReturnValue

from kiosk.desk import kiosk, visit
from kiosk.visit import Crowded

COOKIE = "kiosk_visit"
HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
# A scan has at most 40 characters, and no page sends more than ten short fields. More is not read.
BODY_MAX = 16 * 1024
FORM_PARTS_MAX = 50
# Pages that work on an unpaired kiosk.
_WITHOUT_PAIRING = frozenset(
    {"static", "tokens", "pairing.page", "pairing.join", "home.healthz", "home.prefs"}
)
_WITHOUT_VISIT = frozenset({"static", "tokens", "home.healthz"})


def guard(app: Flask) -> None:
    """Install the checks before every request and the headers after it."""
    app.config.update(MAX_CONTENT_LENGTH=BODY_MAX, MAX_FORM_PARTS=FORM_PARTS_MAX)
    app.before_request(_check_host)
    app.before_request(_open_visit)
    app.before_request(_check_token)
    app.before_request(_require_pairing)
    app.after_request(_add_headers)


def _check_host() -> None:
    """**Refuses**: 421 for any host but this machine, which is a DNS rebinding attack."""
    if urlsplit(f"//{request.host}").hostname not in HOSTS:
        abort(421)


def _open_visit() -> None:
    if request.endpoint in _WITHOUT_VISIT:
        return
    visits = kiosk().visits
    is_person = request.endpoint != "home.status_now"  # The page polls this by itself.
    found = visits.find(request.cookies.get(COOKIE), touch=is_person)
    try:
        g.visit = found or visits.begin()
    except Crowded:
        abort(503)


def _check_token() -> ResponseReturnValue | None:
    """Redirect a post without this visit's token to the first page: the visit has ended."""
    if request.method != "POST":
        return None
    token = request.form.get("csrf", "")
    if not hmac.compare_digest(token.encode(), visit().csrf.encode()):
        return redirect("/", 303)
    return None


def _require_pairing() -> ResponseReturnValue | None:
    """Show only the pairing page while the kiosk is unpaired or its chain is in doubt."""
    here = kiosk()
    is_fit = here.outbox.identity is not None and here.sync.trouble is None
    if is_fit or request.endpoint is None or request.endpoint in _WITHOUT_PAIRING:
        return None
    return redirect("/pair", 303)


def _add_headers(answer: Response) -> Response:
    answer.headers["Content-Security-Policy"] = POLICY
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Referrer-Policy"] = "same-origin"
    answer.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    if request.endpoint not in ("static", "tokens"):
        # No page of the last person stays in the browser, not even in its Back history.
        answer.headers["Cache-Control"] = "no-store"
    if "visit" in g:
        answer.set_cookie(COOKIE, g.visit.id, httponly=True, samesite="Strict", path="/")
    return answer
