"""The blueprint of API v1, and how each address is described."""

from flask import Response
from flask_smorest import Blueprint

from web.api.deeds import KEY_HEADER, KEY_LENGTHS, REPLAY_HEADER
from web.api.reading import Parser, limit_body
from web.security import csrf


class ApiBlueprint(Blueprint):
    """Parses input with our own parser."""

    ARGUMENTS_PARSER = Parser()


blueprint = ApiBlueprint("api", __name__, url_prefix="/api/v1")
csrf.exempt(blueprint)  # Deeds need a token, never a cookie: see ``guards``.
blueprint.before_request(limit_body)


@blueprint.after_request
def name_the_way_in(response: Response) -> Response:
    """Add ``WWW-Authenticate`` if the sign-in is missing, and forbid caching of private answers."""
    if response.status_code == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="timebank"'
    response.headers.setdefault("Cache-Control", "no-store")
    return response


OPEN: dict[str, object] = {"security": []}
PRIVATE: dict[str, object] = {"security": [{"token": []}, {"visit": []}]}
DEED: dict[str, object] = {
    "security": [{"token": []}],
    "parameters": ["RequestKey"],
}
REQUEST_KEY = {
    "name": KEY_HEADER,
    "required": True,
    "description": (
        "Your name for this deed, new for each one. The same name with the same body gets the "
        "first answer again, receipt or refusal; with another body it is refused (422)."
    ),
    "schema": {
        "type": "string",
        "minLength": KEY_LENGTHS[0],
        "maxLength": KEY_LENGTHS[1],
        "pattern": "^[\\x21-\\x7e]+$",
    },
}
REPLAYED = {
    REPLAY_HEADER: {
        "description": "``true`` where this is the first answer again.",
        "schema": {"type": "string", "enum": ["true"]},
    }
}
