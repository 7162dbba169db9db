"""Ids in addresses: whole numbers that the database can hold. Anything else is no page."""

from typing import Any

from flask import Flask
from werkzeug.routing import IntegerConverter, Map

LARGEST_ID = 2**63 - 1


class IdConverter(IntegerConverter):
    """``<int:claim_id>`` up to the largest id; a longer number finds nothing."""

    def __init__(self, map: Map, *args: Any, **kwargs: Any) -> None:
        super().__init__(map, *args, **{"max": LARGEST_ID, **kwargs})


def install(app: Flask) -> None:
    app.url_map.converters["int"] = IdConverter
