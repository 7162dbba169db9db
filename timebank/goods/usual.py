"""The usual items of a shop, to tick when a community is founded. Source: domain.md, D.1."""

from functools import cache
from pathlib import Path

from timebank.goods.actions import NewItem
from timebank.stories.data import read_rows

_ITEMS = Path(__file__).parent / "data" / "items.toml"


@cache
def usual_items() -> tuple[NewItem, ...]:
    """Read the thirty items; their prices are invented."""
    return tuple(NewItem(**row) for row in read_rows(_ITEMS))
