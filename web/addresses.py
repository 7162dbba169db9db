"""Ids in addresses: ``<int:claim_id>`` matches only ids that ``reading`` accepts."""

from flask import Flask
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


def install(app: Flask) -> None:
    app.url_map.converters["int"] = IdConverter
