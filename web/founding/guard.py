"""Who may open the set-up pages: whoever typed a code that the server printed."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Flask, redirect, request, session, url_for
from werkzeug.wrappers import Response

from timebank.errors import WrongState
from timebank.founding.queries import is_code_open, was_used_to_found
from web.auth import marked, see_nobody
from web.ground import ground
from web.pages import Audience

SET_UP = Audience("set_up", "/set-up")
START = "set_up.start"
_CODE = "set_up_code"  # In the signed cookie: the id of the code, never the code.
_ALWAYS = ("static", "favicon", "healthz", "assets.", "reader.", "set_up.")


def install(app: Flask) -> None:
    """Lead every page of an empty database to the set-up."""
    app.before_request(_lead)


def _lead() -> Response | None:
    """Programs get their own answer, and the switches and files stay what they are."""
    endpoint = request.endpoint or ""
    if request.path.startswith("/api/") or not ground().is_empty:
        return None
    see_nobody()  # A cookie of another database names nobody here.
    if endpoint.startswith(_ALWAYS):
        return None
    return redirect(url_for(START), 303)


def remember_code(code_id: int) -> None:
    """Let this browser go on with the set-up."""
    session[_CODE] = code_id


def is_inside() -> bool:
    """Tell whether this browser came in with a code that still opens the set-up."""
    with ground().database.reading() as unit:
        return is_code_open(unit, int(session.get(_CODE, 0)))


def has_founded() -> bool:
    """Tell whether this browser took part in the set-up that is done."""
    with ground().database.reading() as unit:
        return was_used_to_found(unit, int(session.get(_CODE, 0)))


def before_founding(view: Callable[..., Any]) -> Callable[..., Any]:
    """Only while there is no community. **Refuses**: ``WrongState`` afterwards."""

    @wraps(view)
    def asked(*args: Any, **kwargs: Any) -> Any:
        if not ground().is_empty:
            raise WrongState(kind="community", state="founded")
        return view(*args, **kwargs)

    return marked(asked, "before founding")


def in_set_up(view: Callable[..., Any]) -> Callable[..., Any]:
    """Only with the code; others are led to the page that asks for it."""

    @wraps(view)
    def asked(*args: Any, **kwargs: Any) -> Any:
        if not ground().is_empty:
            if has_founded():  # The second press of the last button, or the way back.
                return redirect(url_for("set_up.done"), 303)
            raise WrongState(kind="community", state="founded")
        return view(*args, **kwargs) if is_inside() else redirect(url_for(START), 303)

    return marked(asked, "set-up code")


def after_set_up(view: Callable[..., Any]) -> Callable[..., Any]:
    """Only for the browser that has just founded the community."""

    @wraps(view)
    def asked(*args: Any, **kwargs: Any) -> Any:
        if ground().is_empty:
            return redirect(url_for(START), 303)
        if not has_founded():
            raise WrongState(kind="community", state="founded")
        return view(*args, **kwargs)

    return marked(asked, "set-up code")
