"""What the staff of the sample community do with the catalogue in its last weeks."""

from datetime import timedelta

from timebank.goods.actions import (
    ItemFields,
    agree_item_change,
    propose_item,
    propose_item_change,
)
from timebank.goods.sample import SampleShop
from timebank.people.sample import Neighbourhood
from timebank.stories.life import Life

WORDED, PRICED = 30, 8  # Days before the last one.
PRICE_FROM = timedelta(days=14)  # From the last day on, so that no gift of the sample changes.
BEANS = ItemFields(
    name_zh="红豆 500g", name_en="Red beans 500 g", unit_zh="袋", unit_en="bag",
    item_kind="food", reference_fen=900, shelf_life_days=365, is_loan=False,
)  # fmt: skip


def keep_catalogue(life: Life) -> None:
    """Mend a word, agree on a price for later, and propose an item that waits for somebody."""
    people, shop = life.part(Neighbourhood), life.part(SampleShop)
    head, keeper = people.staff["coordinator"][0], people.staff["keeper"][0]
    ago = (life.today - life.day).days
    if ago == WORDED:
        life.send(
            propose_item_change, head, now=life.at(15, 10), item_id=shop.item_ids["鸡蛋 30枚"],
            fields=ItemFields(storage="cool"), since_on=life.day, note="天热了，放在阴凉处",
        )  # fmt: skip
    elif ago == PRICED:
        filed = life.send(
            propose_item_change, keeper, now=life.at(15, 10), item_id=shop.item_ids["图书"],
            fields=ItemFields(reference_fen=2200), since_on=life.today + PRICE_FROM,
            note="新书涨价了",
        )  # fmt: skip
        if filed is not None:
            approver, change = people.staff["approver"][0], filed.item_change_id
            life.send(agree_item_change, approver, now=life.at(16), item_change_id=change)
    elif life.is_last_day:
        life.send(propose_item, keeper, now=life.at(15, 10), fields=BEANS, note="居民问过好几次")
