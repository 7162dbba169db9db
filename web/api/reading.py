"""Parse JSON and query strings, and check their shape only.

Rules are checked by the actions. A wrong shape is the same refusal as on a page, with the name of
the field.
"""

from typing import Any, NoReturn

import marshmallow as ma
import msgspec
from flask import Request, request
from webargs import core
from webargs.flaskparser import FlaskParser
from werkzeug.exceptions import UnsupportedMediaType

from timebank.errors import BadInput, NotFound
from timebank.json_keys import repeated_key
from web.reading import read_id

LARGEST_BODY_BYTES = 64 * 1024  # Thirty lines of a deposit with long texts are 10 kB.
FIELD_TOLD_MAX = 80  # An unknown field name is truncated to so many characters.

# Whatever else is wrong with a value, its shape is.
_WHY = {
    ma.fields.Field.default_error_messages["required"]: "needed",
    ma.fields.Field.default_error_messages["null"]: "needed",
    "Unknown field.": "extra",
    "range": "range",
    "choice": "choice",
    "count": "count",
    "length": "length",
    "characters": "characters",
}


def limit_body() -> None:
    """Refuse, before each request, a body that is larger than any deed."""
    request.max_content_length = LARGEST_BODY_BYTES


class Parser(FlaskParser):
    """Parses like our own kiosk: strict JSON, no number larger than the database can store."""

    def _raw_load_json(self, req: Request) -> Any:
        if not core.is_json(req.mimetype):
            raise UnsupportedMediaType()
        body = req.get_data(cache=True)
        try:
            content, twice = msgspec.json.decode(body), repeated_key(body)
        except (msgspec.DecodeError, ValueError, RecursionError) as fault:
            raise BadInput(field="body", why="shape") from fault
        if twice is not None:
            raise BadInput(field=twice[:FIELD_TOLD_MAX], why="repeated")
        if not isinstance(content, dict):
            raise BadInput(field="body", why="shape")
        return content

    def handle_error(self, error: ma.ValidationError, req: Request, *_: Any, **__: Any) -> NoReturn:
        """**Refuses**: ``BadInput`` with the name of the first invalid field."""
        [of_location] = error.messages.values()
        field, message = _first(of_location)
        raise BadInput(field=field[:FIELD_TOLD_MAX], why=_WHY.get(message, "shape")) from error


def _first(messages: Any, path: str = "") -> tuple[str, str]:
    """Find the first fault: ``lines.2.pieces`` and its message."""
    while isinstance(messages, dict):
        name, messages = next(iter(messages.items()))
        if name != "_schema":
            path = f"{path}.{name}" if path else str(name)
    return path or "body", str(messages[0])


def id_in_path(typed: str, kind: str) -> int:
    """Read an id from an address. **Refuses**: ``NotFound`` for an impossible id."""
    number = read_id(typed)
    if number is None:
        raise NotFound(kind=kind)
    return number
