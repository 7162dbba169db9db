"""Headers, cookies and the token against forged forms, the same for every page.

Who may open which page is ``auth.py``.
"""

from flask import Flask, Response, request, session
from flask_wtf import CSRFProtect
from werkzeug.exceptions import BadRequest

from timebank.people.vault import Vault

csrf = CSRFProtect()

# No inline script and no inline style: what a neighbour typed can never run as code.
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
FIELD_NAME_MAX = 100  # The longest that a form of ours has is ``lines-29-best_before_on``.
LARGEST_BODY_BYTES = 1024 * 1024  # A kiosk sends up to 200 events at once, about 200 kB.


def install(app: Flask) -> None:
    """Set cookie flags, the key that signs them, the headers and the form token."""
    is_https = bool(app.config.get("HTTPS"))
    if not app.config["SECRET_KEY"]:  # Flask's own default is None, not nothing.
        app.config["SECRET_KEY"] = _session_key(app)
    app.config.update(
        SESSION_COOKIE_NAME="visit",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=is_https,
        WTF_CSRF_TIME_LIMIT=None,  # A form left open stays good as long as the visit.
        MAX_CONTENT_LENGTH=LARGEST_BODY_BYTES,
    )
    csrf.init_app(app)
    app.before_request(_refuse_garbage)
    app.after_request(_add_headers)
    if is_https:
        app.after_request(_add_https_header)


def _session_key(app: Flask) -> bytes:
    """Derive the key of session cookies from the community's own, so that both are kept once."""
    vault: Vault = app.config["DATABASE"].info["vault"]
    return vault.digest("web.session", "1")


def _refuse_garbage() -> None:
    """Refuse what none of our pages sends: NUL, which no database keeps, and field names
    that only look like the number of a line. **Refuses**: 400.
    """
    if request.path.startswith("/api/"):
        return  # What machines send is read as JSON, field by field.
    sent = [] if request.method in ("GET", "HEAD") else list(request.form.items(multi=True))
    told = [*request.args.items(multi=True), *sent]
    has_nul = any("\0" in name or "\0" in text for name, text in told)
    if has_nul or any(len(name) > FIELD_NAME_MAX or not name.isascii() for name, _ in sent):
        raise BadRequest()


def _add_headers(response: Response) -> Response:
    response.headers.update(HEADERS)
    if session and not request.path.startswith("/static/"):
        # A shared computer must not show the last person's pages by going back.
        response.headers["Cache-Control"] = "no-store"
    return response


def _add_https_header(response: Response) -> Response:
    response.headers["Strict-Transport-Security"] = "max-age=31536000"
    return response
