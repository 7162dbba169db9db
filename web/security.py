"""Headers, cookies and the CSRF token, the same for every page.

``auth.py`` decides who may open which page.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import unquote_to_bytes

from flask import Flask, Response, current_app, request, session
from flask_wtf import CSRFProtect
from werkzeug.exceptions import BadRequest

from timebank.vault.cipher import Vault
from web.uploads import LARGE_BYTES, Uploads

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

csrf = CSRFProtect()
View = TypeVar("View", bound=Callable[..., Any])
_LABEL = "[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,62})"
_HOST = re.compile(rf"(?:{_LABEL}(?:\.{_LABEL})*\.?|\[[0-9A-Fa-f:.]{{2,45}}\])(?::[0-9]{{1,5}})?")
_HOST_MAX = 255

# No inline script and no inline style, so that typed text can never run as code.
CONTENT_POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    ]
)
HEADERS = {
    "Content-Security-Policy": CONTENT_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), geolocation=(), microphone=(), payment=()",
}
FIELD_NAME_MAX = 100  # The longest name in our forms is ``lines-29-best_before_on``.
LARGEST_BODY_BYTES = 1024 * 1024  # A kiosk sends up to 200 events at once, about 200 kB.


def install(app: Flask) -> None:
    """Set cookie flags, the key that signs cookies, the headers and the CSRF token."""
    is_https = bool(app.config.get("HTTPS"))
    framers = tuple(app.config.get("FRAMED_BY", ()))
    if not app.config["SECRET_KEY"]:  # Flask's default is a key with the value None.
        app.config["SECRET_KEY"] = _session_key(app)
    app.config.update(
        SESSION_COOKIE_NAME=cookie_name("visit", is_https=is_https),
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="None" if framers else "Lax",
        SESSION_COOKIE_SECURE=is_https,
        SESSION_COOKIE_PARTITIONED=bool(framers),
        WTF_CSRF_TIME_LIMIT=None,  # An open form is valid as long as the session.
        MAX_CONTENT_LENGTH=LARGEST_BODY_BYTES,
    )
    app.wsgi_app = _with_valid_host(app.wsgi_app)  # type: ignore[method-assign]
    app.before_request(_allow_files)
    app.before_request(_refuse_garbage)  # Before anybody has parsed the form.
    csrf.init_app(app)
    app.config["SECURITY_HEADERS"] = _headers(framers)
    app.after_request(_add_headers)
    if is_https:
        app.after_request(_add_https_header)


def _headers(framers: tuple[str, ...]) -> dict[str, str]:
    """The headers of every answer; ``framers`` are the portals that may show it in a frame."""
    if not framers:
        return HEADERS
    policy = CONTENT_POLICY.replace(
        "frame-ancestors 'none'", f"frame-ancestors {' '.join(framers)}"
    )
    kept = {name: value for name, value in HEADERS.items() if name != "X-Frame-Options"}
    return kept | {"Content-Security-Policy": policy}


def _session_key(app: Flask) -> bytes:
    """Derive the key of session cookies from the community's key, so that one file holds both."""
    vault: Vault = app.config["DATABASE"].info["vault"]
    return vault.digest("web.session", "1")


def _with_valid_host(serve: WSGIApplication) -> WSGIApplication:
    """Refuse a malformed ``Host`` before Flask sees it: without a host it cannot render a page."""

    def checked(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        host = environ.get("HTTP_HOST", "")
        if not host or (len(host) <= _HOST_MAX and _HOST.fullmatch(host)):
            return serve(environ, start)
        return Response("Bad Host header\n", 400, mimetype="text/plain")(environ, start)

    return checked


def cookie_name(name: str, *, is_https: bool) -> str:
    """The name of a cookie. Behind https browsers take ``__Host-`` from no other host and path."""
    return f"__Host-{name}" if is_https else name


def give_cookie(response: Response, name: str, value: str, *, seconds: int) -> None:
    """Set a cookie that no script reads and no other site sends."""
    is_https = current_app.config["SESSION_COOKIE_SECURE"]
    response.set_cookie(
        cookie_name(name, is_https=is_https), value,
        max_age=seconds, httponly=True, secure=is_https,
        samesite=current_app.config["SESSION_COOKIE_SAMESITE"],
        partitioned=current_app.config["SESSION_COOKIE_PARTITIONED"],
    )  # fmt: skip


def sent_cookie(name: str) -> str:
    """The value of a cookie that ``give_cookie`` has set; empty without it."""
    is_https = current_app.config["SESSION_COOKIE_SECURE"]
    return request.cookies.get(cookie_name(name, is_https=is_https), "")


def takes_files(*fields: str, most_bytes: int) -> Callable[[View], View]:
    """Mark a view whose form sends files in these fields; everywhere else a file is refused."""

    def marked(view: View) -> View:
        view._file_fields, view._takes_files = fields, most_bytes  # type: ignore[attr-defined]
        return view

    return marked


def _allow_files() -> None:
    """Let a larger body in where a view takes files, before anything reads the form."""
    view = current_app.view_functions.get(request.endpoint or "")
    most_bytes = getattr(view, "_takes_files", 0)
    if most_bytes and (most_bytes < LARGE_BYTES or is_upload_expected()):
        request.max_content_length = most_bytes + LARGEST_BODY_BYTES


def is_upload_expected() -> bool:
    """Tell whether the form of this address was drawn for somebody who may send so much."""
    uploads: Uploads | None = current_app.extensions.get("timebank.uploads")
    return uploads is not None and uploads.is_expected(request.path)


def _refuse_garbage() -> None:
    """Refuse what no page of ours sends: invalid UTF-8, NUL, wrong field names, files.

    **Refuses**: 400.
    """
    if request.path.startswith("/api/"):
        return  # JSON of programs is validated field by field.
    is_text = _is_text()
    sent = [] if request.method in ("GET", "HEAD") else list(request.form.items(multi=True))
    fields = [*request.args.items(multi=True), *sent]
    has_nul = any("\0" in name or "\0" in text for name, text in fields)
    view = current_app.view_functions.get(request.endpoint or "")
    if request.method == "POST" and set(request.files) - set(getattr(view, "_file_fields", ())):
        raise BadRequest()
    if (
        has_nul
        or not is_text
        or any(len(name) > FIELD_NAME_MAX or not name.isascii() for name, _ in sent)
    ):
        raise BadRequest()


def _is_text() -> bool:
    """Tell whether address and form are UTF-8; Werkzeug would quietly write ``%FF`` for the rest.

    Werkzeug decodes a form in parts itself, and writes a mark for each invalid byte.
    """
    if request.mimetype == "multipart/form-data":
        return not any("\ufffd" in text for text in request.form.values())
    try:
        for part in (request.query_string, request.get_data()):
            unquote_to_bytes(part).decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _add_headers(response: Response) -> Response:
    response.headers.update(current_app.config["SECURITY_HEADERS"])
    if session and not request.path.startswith("/static/"):
        # On a shared computer, Back must not show the last person's pages.
        response.headers["Cache-Control"] = "no-store"
    return response


def _add_https_header(response: Response) -> Response:
    response.headers["Strict-Transport-Security"] = "max-age=31536000"
    return response
