"""Find something in a long list of items to pick, within its form: no number typed so far is lost.

With scripts the list shortens while somebody types; without them the button sends the form.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Self, TypeVar

from flask import request

from web.aid.asking import WantedPieces

TEXT_MAX = 40
Row = TypeVar("Row", bound=Any)


@dataclass(frozen=True, slots=True)
class Finding:
    """What somebody looks for in the list. ``is_asked``: the form was sent only to look."""

    text: str = ""
    is_asked: bool = False

    @classmethod
    def of_request(cls) -> Self:
        return cls(
            request.form.get("find_text", "").strip()[:TEXT_MAX], "find_item" in request.form
        )

    def among(self, rows: Iterable[Row], wanted: WantedPieces) -> list[Row]:
        """The rows whose name contains the text, and those in which a number stands already."""
        text = self.text.lower()
        return [
            row
            for row in rows
            if text in f"{row.name_zh} {row.name_en}".lower() or row.item_id in wanted.typed
        ]
