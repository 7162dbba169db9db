"""Headers, cookies and the CSRF token, the same for every page.

``auth.py`` decides who may open which page.
"""

from flask import Flask, Response, request, session
from flask_wtf import CSRFProtect
from werkzeug.exceptions import BadRequest

from timebank.people.vault import Vault

csrf = CSRFProtect()

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
    if not app.config["SECRET_KEY"]:  # Flask's default is a key with the value None.
        app.config["SECRET_KEY"] = _session_key(app)
    app.config.update(
        SESSION_COOKIE_NAME="visit",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=is_https,
        WTF_CSRF_TIME_LIMIT=None,  # An open form is valid as long as the session.
        MAX_CONTENT_LENGTH=LARGEST_BODY_BYTES,
    )
    csrf.init_app(app)
    app.before_request(_refuse_garbage)
    app.after_request(_add_headers)
    if is_https:
        app.after_request(_add_https_header)


def _session_key(app: Flask) -> bytes:
    """Derive the key of session cookies from the community's key, so that one file holds both."""
    vault: Vault = app.config["DATABASE"].info["vault"]
    return vault.digest("web.session", "1")


def _refuse_garbage() -> None:
    """Refuse input that no page of ours sends: NUL, and malformed field names.

    **Refuses**: 400.
    """
    if request.path.startswith("/api/"):
        return  # JSON of programs is validated field by field.
    sent = [] if request.method in ("GET", "HEAD") else list(request.form.items(multi=True))
    told = [*request.args.items(multi=True), *sent]
    has_nul = any("\0" in name or "\0" in text for name, text in told)
    if has_nul or any(len(name) > FIELD_NAME_MAX or not name.isascii() for name, _ in sent):
        raise BadRequest()


def _add_headers(response: Response) -> Response:
    response.headers.update(HEADERS)
    if session and not request.path.startswith("/static/"):
        # On a shared computer, Back must not show the last person's pages.
        response.headers["Cache-Control"] = "no-store"
    return response


def _add_https_header(response: Response) -> Response:
    response.headers["Strict-Transport-Security"] = "max-age=31536000"
    return response
