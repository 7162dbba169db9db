"""What a story needs of goods before its first step: a shop and the sample's catalogue."""

from timebank.goods.actions import NewStore, add_items, add_stores
from timebank.goods.sample import sample_items
from timebank.people.actions import NewPlace, add_places
from timebank.stories.stage import Stage
from timebank.stories.story import Story

SHOP = "S1"


def open_shop(stage: Stage, story: Story) -> None:
    """Open the one shop of the story and enter the catalogue; items go by their Chinese name."""
    site = NewPlace(
        kind="store", number=1, name_zh="公益店", name_en="Shop", parent_id=stage.known("grid", "1")
    )
    (place_id,) = stage.perform(add_places, stage.founder, places=(site,)).place_ids
    opened = stage.perform(add_stores, stage.founder, stores=(NewStore(place_id, SHOP),))
    stage.remember("store", SHOP, opened.store_ids[0])
    items = sample_items()
    added = stage.perform(add_items, stage.founder, items=items)
    for item, item_id in zip(items, added.item_ids, strict=True):
        stage.remember("item", item.name_zh, item_id)


def shop_id(stage: Stage) -> int:
    """The shop where everything in a story happens."""
    store_id: int = stage.known("store", SHOP)
    return store_id
