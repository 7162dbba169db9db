"""What the subject of goods brings to the sample community: its catalogue."""

from pathlib import Path

from timebank.goods.actions import NewItem
from timebank.stories.data import read_rows

ITEMS = Path(__file__).parent / "data" / "items.toml"


def sample_items() -> tuple[NewItem, ...]:
    """Read the thirty items of the sample's catalogue."""
    return tuple(NewItem(**row) for row in read_rows(ITEMS))
