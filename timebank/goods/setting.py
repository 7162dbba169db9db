"""What a story needs of goods before its first step: the names of its shop and its items."""

from timebank.goods.usual import usual_items
from timebank.stories.stage import Stage
from timebank.stories.story import Story

SHOP = "S1"


def open_shop(stage: Stage, story: Story) -> None:
    """Name the one shop of the story and the items, which go by their Chinese name."""
    stage.remember("store", SHOP, stage.founded.store_ids[0])
    for item, item_id in zip(usual_items(), stage.founded.item_ids, strict=True):
        stage.remember("item", item.name_zh, item_id)


def shop_id(stage: Stage) -> int:
    """The shop where everything in a story happens."""
    store_id: int = stage.known("store", SHOP)
    return store_id
