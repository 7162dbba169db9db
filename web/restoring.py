"""Nothing typed is lost: drafts come back, switches carry the form, a stale form is drawn again."""

from contextlib import suppress
from typing import Any

from flask import Flask, Response, current_app, flash, g, make_response, redirect, request
from werkzeug.exceptions import HTTPException

from timebank.errors import NotFound, TimebankError
from web import drafts
from web.auth import by_or_none, own_address
from web.reader import gettext as _
from web.reader import switch
from web.redrawing import SWITCH, is_redrawn, redraw, typed_fields

KEEP = "keep"  # A page that is about to end sends its form with this, and shows no answer.


def install(app: Flask) -> None:
    """Look at each request after the token of its form was checked."""
    app.before_request(_switch)
    app.before_request(_restore)
    app.after_request(_finish)
    app.jinja_env.globals.update(redrawn_why=redrawn_why, own_page=own_page, takes_forms=_is_page)


def redrawn_why() -> str:
    """Why the form of this page is drawn with what was typed: ``draft``, ``stale``, or empty."""
    return str(g.get("redrawn_why", ""))


def own_page() -> str:
    """The address of this page, for the switches and for the draft."""
    return own_address()


def drawn_again() -> Response | None:
    """Draw a stale form with what was typed and a fresh token; None if its page has no form.

    Somebody whose visit has ended is led to the sign-in, and their form is kept.
    """
    if not _is_page():
        return None
    _apply_switch()
    redraw(typed_fields(), why="stale")
    try:
        answer = _view()
    except (TimebankError, HTTPException):
        g.is_redrawn = False
        return None
    if answer.status_code == 200:
        answer.status_code = 400
    return answer


def keep_sent() -> None:
    """Keep the form of a request that failed by a fault of ours, if it can be kept at all."""
    if request.method != "POST" or not _is_page() or is_redrawn():
        return
    with suppress(Exception):
        by = by_or_none()
        if by is not None and drafts.keep(by, own_address()):
            drafts.mark(own_address())


def _view() -> Response:
    view = current_app.view_functions[request.endpoint or ""]
    return make_response(view(**(request.view_args or {})))


def _is_page() -> bool:
    """Tell whether this address draws a form and takes it."""
    rule = request.url_rule
    return rule is not None and {"GET", "POST"} <= (rule.methods or set())


def _switch() -> Any:
    """Draw the sent form in another language or size, or keep it; nothing of it is done.

    **Refuses**: ``NotFound`` where there is no page to draw.
    """
    # The API limits and reads its bodies itself.
    is_read = request.method == "POST" and not request.path.startswith("/api/")
    if not is_read or SWITCH not in request.form:
        return None
    if not _is_page():
        raise NotFound(kind="page")
    if request.form[SWITCH] == KEEP:
        g.is_unattended = True  # The page asks by itself: nobody has touched it.
        keep_sent()
        return "", 204
    _apply_switch()
    redraw(typed_fields(), why="")
    return None


def _apply_switch() -> None:
    name, _colon, value = request.form.get(SWITCH, "").partition(":")
    switch(name, value)


def _restore() -> None:
    """Draw a page with its draft, if it has one."""
    if request.method != "GET" or not _is_page() or not drafts.is_marked(own_address()):
        return
    by = by_or_none()
    typed = None if by is None else drafts.read(by, own_address())
    if typed is not None:
        g.restored = own_address()
        redraw(typed, why="draft")


def _finish(response: Response) -> Response:
    """Wipe the draft that was sent, and one that its page cannot draw any more."""
    by = by_or_none() if drafts.is_marked(own_address()) else None
    if by is None:
        return response
    if "restored" in g:
        if response.status_code >= 500:
            drafts.unmark(own_address())  # The page opens without it; it waits for a sign-in.
        if response.status_code == 200 or response.status_code >= 500 or _leads_to_proof(response):
            return response
        drafts.drop(by, own_address())
        flash(_("您上次填的已经用不上了，这里是现在的情况。"))
        return make_response(redirect(own_address(), 303))
    is_done = request.method == "POST" and not g.get("is_redrawn") and response.status_code == 303
    if is_done and not _leads_to_proof(response):
        drafts.drop(by, own_address())
    return response


def _leads_to_proof(response: Response) -> bool:
    return "/me/account/prove" in (response.location or "")
