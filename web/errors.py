"""Pages and problems for every failure.

The sentences are in ``words``. Faults that are not refusals are logged and never shown. For a
retryable fault of the database the reader is asked to try again.
"""

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from math import ceil

from flask import Flask, Response, g, jsonify, make_response, render_template, request
from flask_wtf.csrf import CSRFError
from markupsafe import escape
from werkzeug.exceptions import HTTPException

from timebank.db import Busy, is_away, is_too_large
from timebank.errors import TimebankError
from timebank.people.refusals import TooManyTries
from timebank.policy.rules import MissingParameter
from timebank.vault.cipher import VaultUnfit
from web import words
from web.auth import see_nobody
from web.ground import NoCommunity, now
from web.reader import html_lang, language
from web.restoring import drawn_again, keep_sent

RETRY_AFTER_SECONDS = 5
AWAY_SECONDS = 60
CLOSED = timedelta(days=1)
# The page if not even the layout can be rendered, for example because the database is away.
_BARE = (
    '<!doctype html><html lang="{lang}"><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width"><title>{title}</title>'
    "<h1>{title}</h1><p>{text}</p></html>"
)
_log = logging.getLogger("timebank.web")


def install(app: Flask) -> None:
    """Answer every failure with a page that says what to do, or with JSON below ``/api``."""
    app.register_error_handler(TimebankError, _refused)
    app.register_error_handler(CSRFError, _stale_form)
    app.register_error_handler(Busy, _busy)
    app.register_error_handler(NoCommunity, _no_community)
    app.register_error_handler(MissingParameter, _unruled)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(VaultUnfit, _away)
    app.register_error_handler(Exception, _fault)
    app.after_request(_say_when)


def _refused(refusal: TimebankError) -> Response:
    g.refusal = refusal
    sentence = words.told(refusal)
    return _answer(refusal.status, sentence, code=refusal.code, facts=refusal.facts)


def _say_when(response: Response) -> Response:
    """Tell a program when to come back; without a time, in a day."""
    refusal = g.get("refusal")
    if response.status_code == TooManyTries.status and isinstance(refusal, TooManyTries):
        until = refusal.facts.get("until_at")
        back_at = now() + CLOSED if until is None else datetime.fromisoformat(str(until))
        response.headers["Retry-After"] = str(max(1, ceil((back_at - now()).total_seconds())))
    return response


def _stale_form(fault: CSRFError) -> Response:
    """Show the form again with what was typed, so that nothing is lost."""
    again = None if request.path.startswith("/api/") else drawn_again()
    return again or _answer(400, words.stale_form(), code="FORM_STALE")


def _busy(fault: Exception) -> Response:
    _log.warning("%s %s: %s", request.method, request.path, fault)
    keep_sent()
    response = _answer(503, words.of_status(503), code="BUSY")
    response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response


def _no_community(fault: NoCommunity) -> Response:
    """Nothing can be served before an operator acts, so nobody is asked to press again."""
    _log.error("%s %s: %s", request.method, request.path, fault)
    return _answer(503, words.no_community(fault.why), code="NO_COMMUNITY")


def _unruled(fault: MissingParameter) -> Response:
    """A parameter is missing in the community's set-up; the reader is not at fault."""
    _log.error("%s %s: no value in force for %s", request.method, request.path, fault)
    return _answer(TimebankError.status, words.no_rules(), code="NO_RULES")


def _http(fault: HTTPException) -> Response:
    """Render Flask's own errors (404, 405, 413 …) like ours."""
    if fault.response is not None or (fault.code or 500) < 400:
        return make_response(fault.get_response())
    status = fault.code or 500
    response = _answer(status, words.of_status(status), code=f"HTTP_{status}")
    for name, value in fault.get_headers():
        if name in ("Allow", "Retry-After"):
            response.headers[name] = value
    return response


def _away(fault: Exception) -> Response:
    """The database, its disk or the key is out of reach: not the reader's fault, and no bug."""
    _log.error("%s %s: cannot serve: %s", request.method, request.path, fault)
    see_nobody()
    response = _answer(503, words.away(), code="AWAY")
    response.headers["Retry-After"] = str(AWAY_SECONDS)
    return response


def _fault(fault: Exception) -> Response:
    """Tell a fault as what it is: out of reach, a number that fits nowhere, or a bug.

    Of a bug log all that is known, and tell the reader what they can do.
    """
    if is_away(fault):
        return _away(fault)
    if is_too_large(fault):
        _log.warning("%s %s: %s", request.method, request.path, fault)
        return _answer(400, words.of_status(400), code="HTTP_400")
    _log.error("%s %s failed", request.method, request.path, exc_info=fault)
    keep_sent()
    return _answer(500, words.of_status(500), code="FAULT")


def _answer(
    status: int,
    explanation: words.Explanation,
    *,
    code: str,
    facts: dict[str, object] | None = None,
) -> Response:
    if request.path.startswith("/api/"):
        return problem(status, explanation, code=code, facts=facts)
    try:
        page = render_template("errors/refusal.html", told=explanation, status=status, code=code)
    except Exception as fault:  # The page of a fault must not fail itself.
        _log.error("the page of status %s failed: %s", status, fault)
        page = _BARE.format(
            lang=html_lang(language()),
            title=escape(explanation.heading),
            text=escape(explanation.sentence),
        )
    return make_response(page, status)


def problem(
    status: int,
    explanation: words.Explanation,
    *,
    code: str,
    facts: dict[str, object] | None = None,
    **more: object,
) -> Response:
    """Build a problem for a program: code and facts, with a sentence for its user."""
    body = {
        "code": code,
        "facts": plain_facts(facts or {}),
        "message": explanation.sentence,
        "status": status,
        "title": explanation.heading,
    }
    answer = jsonify({**body, **more})
    answer.mimetype = "application/problem+json"
    answer.headers["Content-Language"] = language()
    answer.headers["Vary"] = "Accept-Language"
    return make_response(answer, status)


def plain_facts(facts: Mapping[str, object]) -> dict[str, object]:
    """Facts as JSON: ids become strings, because JavaScript numbers are too small."""
    return {name: _plain(name, value) for name, value in facts.items()}


def _plain(name: str, value: object) -> object:
    if isinstance(value, list):
        return [plain_facts(part) if isinstance(part, Mapping) else part for part in value]
    return str(value) if name.endswith("_id") and value else value
