"""Who is signed in, and which pages they may open. Only this module uses Flask-Login.

``timebank.people`` checks passwords and cards; the pages for it are in ``web/people``. Every
action checks the roles again: a guard here only keeps people from pages that are not for them.

The cookie holds the token of a visit. The visit is a row, so whatever ends it closes every copy of
the cookie.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, g, redirect, request, session, url_for
from flask_login import (
    AnonymousUserMixin,
    LoginManager,
    UserMixin,
    current_user,
    login_user,
    logout_user,
)

from timebank.db import Busy
from timebank.errors import NotAllowed
from timebank.people import actions
from timebank.people.actions import SignedIn
from timebank.people.queries import SignedVisit, visit_of_token
from timebank.people.rules.throttles import DEVICE_COOKIE_SECONDS, Origin
from timebank.people.rules.visits import PROOF_LIFE, VISIT_SEEN_EVERY, device_words
from timebank.rights import Right
from timebank.values import By, from_us, to_us
from web import drafts
from web.ground import ground, now
from web.mounting import here, root
from web.network import sender
from web.security import give_cookie, sent_cookie

View = Callable[..., Any]

IDLE_STAFF = timedelta(minutes=15)
IDLE_RESIDENT = timedelta(minutes=30)
_SEEN = "seen_at_us"
_FORM_TOKEN = "csrf_token"
_LATE = "late"  # The token of the visit that ended by itself.
LATE = timedelta(hours=24)  # For so long a form of an ended visit is kept for its owner.
_KNOWN = "known"  # The cookie of a known device; it survives the sign-out.
_SEEN_EVERY = timedelta(seconds=30)  # The cookie is rewritten at most this often.


# The page of each step that a sign-in may lack.
STEPS = {"code": "account.sign_in_code", "set_up": "account.sign_in_set_up"}


class Visitor(UserMixin):
    """Flask-Login's view of a signed-in person; its id is the token of the visit."""

    def __init__(self, token: str, visit: SignedVisit | None = None) -> None:
        self.id = token
        self.visit = visit


def install(app: Flask) -> None:
    """Set up the sign-in for the application."""
    manager = LoginManager(app)
    manager.session_protection = None  # It reads X-Forwarded-For of anybody; visits are rows.
    manager.user_loader(_load)
    app.after_request(_note_seen)
    app.after_request(_give_browser)
    app.jinja_env.globals.update(visitor=by_or_none, my_name=my_name, seconds_left=seconds_left)


def begin(signed: SignedIn, *, but: str = "") -> None:
    """Begin the session of a new visit and drop everything from the one before."""
    _forget(but=but)
    know_browser(signed.browser)
    session[_SEEN] = to_us(now())
    login_user(_load(signed.token) or Visitor(signed.token))
    g.pop("known_visit", None)
    drafts.mark_all(signed.by)


def renew(by: By) -> None:
    """Open another visit for the same browser, after its deed ended all visits of the person."""
    values = {"device": device(), "browser": origin().browser}
    begin(actions.open_visit(ground().database, by=by, **values), but=_FORM_TOKEN)


def sign_out() -> None:
    """End the visit of this browser and drop the data of the session."""
    visit = visit_or_none() or waiting_visit()
    if visit is not None:
        actions.sign_out(ground().database, by=visit.by, visit_id=visit.id)
    logout_user()
    g.pop("known_visit", None)
    _forget()


def see_nobody() -> None:
    """Show the rest of this answer as to an anonymous visitor: who it is cannot be read now."""
    g._login_user = AnonymousUserMixin()
    g.known_visit = None


def origin() -> Origin:
    """Where an attempt at a secret comes from: this address, and this browser if it is known."""
    return Origin(sender(), sent_cookie(_KNOWN))


def know_browser(token: str) -> None:
    """Let the browser keep the token by which it is known from now on."""
    g.browser_token = token


def _give_browser(response: Response) -> Response:
    if g.get("browser_token"):
        give_cookie(response, _KNOWN, g.browser_token, seconds=DEVICE_COOKIE_SECONDS)
    return response


def device() -> str:
    """The words for the browser of this request."""
    return device_words(request.user_agent.string)


def visit_or_none() -> SignedVisit | None:
    """The visit of this request, or None; looked up once per request."""
    if "known_visit" not in g:
        g.known_visit = current_user.visit if current_user.is_authenticated else None
    visit: SignedVisit | None = g.known_visit
    return visit


def waiting_visit() -> SignedVisit | None:
    """The visit of somebody whose password was right and whose second factor is missing."""
    waiting: SignedVisit | None = None if current_user.is_authenticated else g.get("waiting_visit")
    return waiting


def by_or_none() -> By | None:
    """The signed-in actor, or None."""
    visit = visit_or_none()
    return visit.by if visit is not None else None


def current_by() -> By:
    """The signed-in actor. **Refuses**: ``NotAllowed`` for anonymous visitors."""
    return current_visit().by


def current_visit() -> SignedVisit:
    """The visit of the signed-in actor. **Refuses**: ``NotAllowed`` for anonymous visitors."""
    visit = visit_or_none()
    if visit is None:
        raise NotAllowed(why="signed_out")
    return visit


def my_name() -> str:
    """The name of the signed-in person; empty for anonymous visitors."""
    visit = visit_or_none()
    return visit.name if visit is not None else ""


def open_to_all(view: View) -> View:
    """Anybody may open this page."""
    return marked(view, "open_to_all")


def signed_in(view: View) -> View:
    """Only signed-in people may open this page; others are sent to the sign-in."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        return _to_sign_in() if by_or_none() is None else view(*args, **kwargs)

    return marked(guarded, "signed_in")


def needs(right: Right) -> Callable[[View], View]:
    """Only people who hold a right, for any place, may open this page."""

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            by = by_or_none()
            if by is None:
                return _to_sign_in()
            if not right.is_held(by):
                raise NotAllowed(why="role")
            return view(*args, **kwargs)

        return marked(guarded, f"needs {right.name}")

    return guard


def waiting_for(lacks: str) -> Callable[[View], View]:
    """Only somebody who has signed in as far as this step may open this page."""

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            visit = waiting_visit()
            is_here = visit is not None and visit.lacks == lacks
            return view(*args, **kwargs) if is_here else _to_sign_in()

        return marked(guarded, f"waiting for {lacks}")

    return guard


def proven(view: View) -> View:
    """Ask again for the second factor, or the password, before a page of weight.

    A form that was drawn in time may still be sent somewhat later. Write it below the guard.
    """

    @wraps(view)
    def asked(*args: Any, **kwargs: Any) -> Any:
        late = timedelta() if request.method == "GET" else IDLE_STAFF
        if now() - current_visit().proven_at <= PROOF_LIFE + late:
            return view(*args, **kwargs)
        if request.method == "POST" and drafts.keep(current_by(), own_address()):
            drafts.mark(own_address())
        return redirect(url_for("account.prove", next=own_address()), 303)

    asked._is_proven = True  # type: ignore[attr-defined]
    return asked


def marked(view: View, how: str) -> View:
    """Mark a view with who may open it: every route needs such a mark."""
    view._guard = how  # type: ignore[attr-defined]
    return view


def _to_sign_in() -> Response:
    """Redirect to the sign-in and back here afterwards; a sent form is kept, not sent again."""
    back = own_address()
    is_kept = _keep_sent(back)
    waiting = waiting_visit()
    if waiting is not None:
        return redirect(url_for(STEPS[waiting.lacks], next=back), 303)
    ended = g.get("ended_why")
    asked = {"next": back} | ({"ended": ended} if ended else {})
    asked |= {"kept": "1"} if is_kept else {}
    if "account.sign_in" in current_app.view_functions:
        return redirect(url_for("account.sign_in", **asked), 303)
    raise NotAllowed(why="signed_out")


def _keep_sent(address: str) -> bool:
    """Keep the form of somebody whose visit ended by itself; tell whether it was kept.

    Another tab may have learned first that the visit is over, so the cookie still names it.
    """
    if request.method != "POST" or _LATE not in session:
        return False
    with ground().database.reading() as unit:
        late = visit_of_token(unit, ground().community_id, session[_LATE], now=now())
    is_own = late is not None and late.ended_why == "idle"
    return is_own and now() - late.last_seen_at <= LATE and drafts.keep(late.by, address)


def own_address() -> str:
    """The whole address of this page, with its shop and whatever else it names.

    What only takes forms has no page: then it is the page that sent the form, if it is ours.
    """
    if request.url_rule is not None and "GET" in (request.url_rule.methods or ()):
        return here()
    sender = urlsplit(request.referrer or "")
    if sender.netloc != request.host:
        return root()
    return f"{sender.path}?{sender.query}" if sender.query else sender.path


def _load(token: str) -> Visitor | None:
    """Read the visit behind the cookie; None if it ended, also by too long without a request."""
    with ground().database.reading() as unit:
        visit = visit_of_token(unit, ground().community_id, token, now=now())
    if visit is None:
        _forget(but=_FORM_TOKEN)
        return None
    if not visit.ended_why and _is_idle(visit.by):
        actions.sign_out(ground().database, by=visit.by, visit_id=visit.id, why="idle")
        visit = replace(visit, ended_why="idle")
    if visit.ended_why:
        _forget(but=_FORM_TOKEN)
        g.ended_why = visit.ended_why
        if visit.ended_why == "idle":
            session[_LATE] = token
        return None
    if visit.lacks:
        g.waiting_visit = visit
        return None
    g.visit = visit
    return Visitor(token, visit)


def seconds_left() -> int:
    """How long the visit lasts if nothing is touched from now on; 0 for anonymous visitors."""
    visit = visit_or_none()
    if visit is None:
        return 0
    idle = IDLE_STAFF if visit.by.is_staff else IDLE_RESIDENT
    return max(0, int(min(idle, visit.ends_at - now()).total_seconds()))


def _is_idle(by: By) -> bool:
    silence = now() - from_us(session.get(_SEEN, 0))
    return silence > (IDLE_STAFF if by.is_staff else IDLE_RESIDENT)


def _note_seen(response: Response) -> Response:
    """Note that the visit goes on: in the cookie often, in its row every few minutes.

    A page that asks by itself is no sign that anybody is there.
    """
    if g.get("is_unattended"):
        return response
    if _SEEN in session and now() - from_us(session[_SEEN]) > _SEEN_EVERY:
        session[_SEEN] = to_us(now())
    visit = g.get("visit")
    if visit is not None and now() - visit.last_seen_at >= VISIT_SEEN_EVERY:
        with suppress(Busy):  # Nobody is refused a page because this could not be written.
            actions.see_visit(ground().database, by=visit.by, visit_id=visit.id)
    return response


def _forget(*, but: str = "") -> None:
    """Drop the data of the session except one entry.

    A page may render a form before it learns that the session is over, so the form's token is
    kept.
    """
    kept = {but: session[but]} if but in session else {}
    session.clear()
    session.update(kept)
