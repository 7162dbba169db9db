"""What every request meets first: host, visit, token; and the headers of every answer.

The agent listens on loopback, and any page of any site could try to reach it there: so the
host is checked, posts carry the visit's own token, and nothing foreign is ever loaded.
"""

import hmac
from urllib.parse import urlsplit

from flask import Flask, Response, abort, g, redirect, request
from flask.typing import ResponseReturnValue

from kiosk.desk import kiosk, visit

COOKIE = "kiosk_visit"
HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
# Pages that need no shop behind them.
_WITHOUT_PAIRING = frozenset(
    {"static", "tokens", "pairing.page", "pairing.join", "home.healthz", "home.prefs"}
)
_WITHOUT_VISIT = frozenset({"static", "tokens", "home.healthz"})


def guard(app: Flask) -> None:
    """Put the guards before and the headers after every request."""
    app.before_request(_check_host)
    app.before_request(_open_visit)
    app.before_request(_check_token)
    app.before_request(_require_pairing)
    app.after_request(_add_headers)


def _check_host() -> None:
    """**Refuses**: 421 for a name that is not this machine's: somebody rebinds our address."""
    if urlsplit(f"//{request.host}").hostname not in HOSTS:
        abort(421)


def _open_visit() -> None:
    if request.endpoint in _WITHOUT_VISIT:
        return
    visits = kiosk().visits
    is_person = request.endpoint != "home.status_now"  # That one the page asks by itself.
    found = visits.find(request.cookies.get(COOKIE), touch=is_person)
    g.visit = found or visits.begin()


def _check_token() -> ResponseReturnValue | None:
    """Send a post without this visit's token to the first page: the visit is over."""
    if request.method != "POST":
        return None
    told = request.form.get("csrf", "")
    if not hmac.compare_digest(told.encode(), visit().csrf.encode()):
        return redirect("/", 303)
    return None


def _require_pairing() -> ResponseReturnValue | None:
    """Before a shop is known, and when the chain is in doubt, only staff can help."""
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
        # Nothing of the last person stays in the browser, not even behind Back.
        answer.headers["Cache-Control"] = "no-store"
    if "visit" in g:
        answer.set_cookie(COOKIE, g.visit.id, httponly=True, samesite="Strict", path="/")
    return answer
