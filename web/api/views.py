"""Register API v1: its addresses, and the document that describes them."""

from http import HTTPStatus

from flask import Flask
from flask_smorest import Api

from web.api import claims, deposits, passbook, proofs, shelf
from web.api.blueprint import REQUEST_KEY, blueprint
from web.api.kiosk import describe_kiosks
from web.api.schemas.common import Problem
from web.auth import open_to_all

__all__ = ["claims", "deposits", "passbook", "proofs", "register", "shelf"]

_ABOUT = """\
The shelf, my passbook, what my household may take, claims and deposits, and what kiosks send.

Ids are text. Names in `_at` are instants in UTC, in `_on` local days, in `_minutes` minutes.
A request that changes something carries an `Idempotency-Key`. An error is a problem document:
`code` and `facts` for programs, `message` for a person, in zh or en by `Accept-Language`."""


class _Api(Api):
    """Describes addresses; ``web/errors.py`` answers failures."""

    ERROR_SCHEMA = Problem

    def _register_error_handlers(self) -> None:
        pass

    def _register_responses(self) -> None:
        for status in HTTPStatus:
            self._add_problem(status.name, status.phrase)
        self._add_problem(self.DEFAULT_ERROR_RESPONSE_NAME, "What went wrong.")

    def _add_problem(self, name: str, description: str) -> None:
        content = {"application/problem+json": {"schema": Problem}}
        values = {"description": description, "content": content}
        self.spec.components.response(name, values, lazy=True)

    @open_to_all
    def _openapi_json(self):  # type: ignore[no-untyped-def]
        return super()._openapi_json()


def register(app: Flask) -> None:
    """Register the addresses, and describe them at ``/api/v1/openapi.json``."""
    app.config["OPENAPI_URL_PREFIX"] = "/api/v1"
    api = _Api(
        app,
        spec_kwargs={
            "title": "公益ATM · 社区互助",
            "version": "1",
            "openapi_version": "3.1.0",
            "info": {"description": _ABOUT, "license": {"name": "Apache-2.0"}},
            "servers": [{"url": "/"}],
        },
    )
    parts = api.spec.components
    parts.parameter("RequestKey", "header", REQUEST_KEY)
    parts.security_scheme("token", {"type": "http", "scheme": "bearer"})
    parts.security_scheme(
        "visit",
        {
            "type": "apiKey", "in": "cookie", "name": app.config["SESSION_COOKIE_NAME"],
            "description": "The visit of a browser that signed in; for reading only.",
        },
    )  # fmt: skip
    api.register_blueprint(blueprint)
    describe_kiosks(api.spec)
