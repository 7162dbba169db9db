"""Addresses: how they are built, and which ids they accept.

``<int:claim_id>`` matches only ids that ``reading`` accepts.
"""

from functools import lru_cache
from typing import Any

from flask import Flask, has_request_context, request
from werkzeug.routing import BaseConverter, ValidationError

from web.reading import ID_PATTERN, read_id


class IdConverter(BaseConverter):
    """An id in an address; a number that the database cannot store gives 404."""

    regex = ID_PATTERN

    def to_python(self, value: str) -> int:
        number = read_id(value)
        if number is None:
            raise ValidationError
        return number


class Site(Flask):
    """The application. It remembers the addresses that it built: a page has some twenty.

    An address depends on its endpoint, its values and where the site is mounted; on nothing else
    of the request.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._built = lru_cache(maxsize=4096)(self._build)

    def url_for(self, /, endpoint: str, **values: Any) -> str:
        """Build an address. Anything but plain values is left to Flask."""
        given = tuple((name, value) for name, value in values.items() if value is not None)
        is_plain = all(type(value) in _PLAIN and name[0] != "_" for name, value in given)
        if is_plain and has_request_context() and endpoint[0] != ".":
            return self._built(request.root_path, endpoint, given)
        return super().url_for(endpoint, **values)

    def _build(self, root: str, endpoint: str, values: tuple[tuple[str, Any], ...]) -> str:
        return super().url_for(endpoint, **dict(values))


_PLAIN = (str, int)  # Equal values make equal addresses; True would equal 1.


def install(app: Flask) -> None:
    app.url_map.converters["int"] = IdConverter
