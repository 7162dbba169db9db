"""Who is signed in, and which pages they may open. Only this module uses Flask-Login.

``timebank.people`` checks passwords and cards; the pages for it are in ``web/people``. Every
action checks the roles again: a guard here only keeps people from pages that are not for them.
"""

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any

from flask import Flask, Response, current_app, g, redirect, request, session, url_for
from flask_login import (
    AnonymousUserMixin,
    LoginManager,
    UserMixin,
    current_user,
    login_user,
    logout_user,
)

from timebank.errors import NotAllowed
from timebank.people import actions
from timebank.people.queries import visitor_of_client
from timebank.rights import Right
from timebank.values import By, from_us, to_us
from web.ground import ground, now

View = Callable[..., Any]

IDLE_STAFF = timedelta(minutes=15)
IDLE_RESIDENT = timedelta(minutes=30)
_SEEN = "seen_at_us"
_FORM_TOKEN = "csrf_token"
_SEEN_EVERY = timedelta(seconds=30)  # The cookie is rewritten at most this often.


class Visitor(UserMixin):
    """Flask-Login's view of a signed-in person."""

    def __init__(self, by: By, name: str = "") -> None:
        self.by = by
        self.name = name
        self.id = by.client


def install(app: Flask) -> None:
    """Set up the sign-in for the application."""
    manager = LoginManager(app)
    manager.session_protection = "basic"
    manager.user_loader(_load)
    app.after_request(_note_seen)
    app.jinja_env.globals.update(visitor=by_or_none, my_name=my_name)


def login_by(by: By) -> None:
    """Begin a session and drop everything from the one before."""
    _forget()
    login_user(Visitor(by))
    g.pop("visitor", None)
    session[_SEEN] = to_us(now())


def sign_out() -> None:
    """End the session and drop its data."""
    logout_user()
    g.pop("visitor", None)
    _forget()


def _visitor() -> Visitor | None:
    """The signed-in person, looked up once per request."""
    if "visitor" not in g:
        user = current_user._get_current_object()
        g.visitor = user if user.is_authenticated else None
    found: Visitor | None = g.visitor
    return found


def see_nobody() -> None:
    """Show the rest of this answer as to an anonymous visitor: who it is cannot be read now."""
    g._login_user = AnonymousUserMixin()
    g.visitor = None


def by_or_none() -> By | None:
    """The signed-in actor, or None."""
    visitor = _visitor()
    return visitor.by if visitor else None


def current_by() -> By:
    """The signed-in actor. **Refuses**: ``NotAllowed`` for anonymous visitors."""
    by = by_or_none()
    if by is None:
        raise NotAllowed(why="signed_out")
    return by


def my_name() -> str:
    """The name of the signed-in person; empty for anonymous visitors."""
    visitor = _visitor()
    return visitor.name if visitor else ""


def open_to_all(view: View) -> View:
    """Anybody may open this page."""
    return _guarded(view, "open_to_all")


def signed_in(view: View) -> View:
    """Only signed-in people may open this page; others are sent to the sign-in."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        return _to_sign_in() if by_or_none() is None else view(*args, **kwargs)

    return _guarded(guarded, "signed_in")


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

        return _guarded(guarded, f"needs {right.name}")

    return guard


def _guarded(view: View, how: str) -> View:
    view._guard = how  # type: ignore[attr-defined]
    return view


def _to_sign_in() -> Response:
    """Redirect to the sign-in and back here afterwards; a sent form is not sent again."""
    back = request.full_path.rstrip("?") if request.method == "GET" else request.path
    asked = {"next": back} | ({"idle": "1"} if g.get("idle_ended") else {})
    if "account.sign_in" in current_app.view_functions:
        return redirect(url_for("account.sign_in", **asked), 303)
    raise NotAllowed(why="signed_out")


def _load(client: str) -> Visitor | None:
    """Read the session's user and their current roles; None after too long without a request."""
    with ground().database.reading() as unit:
        found = visitor_of_client(unit, ground().community_id, client)
    if found is None:
        _forget(but=_FORM_TOKEN)
        return None
    by, name = found
    silence = now() - from_us(session.get(_SEEN, 0))
    if silence > (IDLE_STAFF if by.is_staff else IDLE_RESIDENT):
        actions.sign_out(ground().database, by=by, why="idle")
        _forget(but=_FORM_TOKEN)
        g.idle_ended = True
        return None
    return Visitor(by, name)


def _note_seen(response: Response) -> Response:
    if _SEEN in session and now() - from_us(session[_SEEN]) > _SEEN_EVERY:
        session[_SEEN] = to_us(now())
    return response


def _forget(*, but: str = "") -> None:
    """Drop the data of the session except one entry.

    A page may render a form before it learns that the session is over, so the form's token is
    kept.
    """
    kept = {but: session[but]} if but in session else {}
    session.clear()
    session.update(kept)
