"""Read from a list of items how many pieces of each are wanted."""

from flask import request

from timebank.goods.rules import PIECES_MAX
from web.reading import read_id, read_number

TYPED_MAX = 9999  # A larger number is a typing error and is ignored.


def asked_pieces() -> dict[int, int]:
    """Read the pieces by item from the fields ``pieces-<item>``; other values are ignored."""
    asked = {}
    for name, text in request.form.items():
        head, _dash, item = name.partition("-")
        item_id, pieces = read_id(item), read_number(text, TYPED_MAX)
        if head == "pieces" and item_id is not None and pieces:
            asked[item_id] = min(pieces, PIECES_MAX)
    return asked
