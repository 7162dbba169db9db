"""What people of a story do with the catalogue: propose, agree, take back, and read an item."""

from timebank.goods import actions
from timebank.goods.actions import ItemChangeFiled, ItemFields
from timebank.goods.queries import items
from timebank.goods.rules import ITEM_KINDS
from timebank.stories.shapes import Keyed, Named, OneOf, day, shaped, text, whole, yes
from timebank.stories.stage import Body, Stage
from timebank.values import By

_FIELDS = {"price_fen": whole, "shelf_life_days": whole, "storage": text, "name_en": text}


@shaped(Keyed({"name": text, "item": text, "unit": text, "kind": OneOf(ITEM_KINDS)}, _FIELDS))
def propose_item(stage: Stage, by: By, body: Body) -> Body:
    """Propose a new ``item``; ``name`` names the proposal."""
    fields = ItemFields(
        name_zh=body["item"], name_en=body.get("name_en", body["item"]), unit_zh=body["unit"],
        unit_en=body["unit"], item_kind=body["kind"], reference_fen=body.get("price_fen", 0),
        shelf_life_days=body.get("shelf_life_days"), storage=body.get("storage"), is_loan=False,
    )  # fmt: skip
    filed = stage.perform(actions.propose_item, by, fields=fields)
    stage.remember("new_item", str(filed.item_change_id), body["item"])
    return _told(stage, body["name"], filed)


@shaped(Keyed({"name": text, "item": text}, {**_FIELDS, "since": day}))
def change_item(stage: Stage, by: By, body: Body) -> Body:
    """Propose that an ``item`` says something else ``since`` a day; ``name`` names the proposal."""
    fields = ItemFields(
        name_en=body.get("name_en"), reference_fen=body.get("price_fen"),
        shelf_life_days=body.get("shelf_life_days"), storage=body.get("storage"),
    )  # fmt: skip
    filed = stage.perform(
        actions.propose_item_change, by, item_id=stage.known("item", body["item"]),
        fields=fields, since_on=body.get("since", stage.today),
    )  # fmt: skip
    return _told(stage, body["name"], filed)


@shaped(Keyed({"name": text, "item": text, "because": text}, {"since": day, "again": yes}))
def end_item(stage: Stage, by: By, body: Body) -> Body:
    """Propose that an ``item`` is no longer taken in ``since`` a day, or ``again``."""
    filed = stage.perform(
        actions.propose_item_end, by, item_id=stage.known("item", body["item"]),
        since_on=body.get("since", stage.today), note=body["because"],
        resumes=body.get("again", False),
    )  # fmt: skip
    return _told(stage, body["name"], filed)


@shaped(Keyed({"proposal": text}))
def agree_to(stage: Stage, by: By, body: Body) -> Body:
    """Agree to a ``proposal`` as another person; a new item gets its name in the story."""
    change_id = stage.known("proposal", body["proposal"])
    filed = stage.perform(actions.agree_item_change, by, item_change_id=change_id)
    new = stage.names.get("new_item", {}).get(str(change_id))
    if new is not None:
        stage.remember("item", new, filed.item_id)
    return {"state": filed.state}


@shaped(Keyed({"proposal": text}))
def take_back(stage: Stage, by: By, body: Body) -> Body:
    """Take a ``proposal`` back, or turn it down."""
    change_id = stage.known("proposal", body["proposal"])
    filed = stage.perform(actions.drop_item_change, by, item_change_id=change_id)
    return {"state": filed.state}


@shaped(Keyed({"item": text, "code": text}))
def learn_barcode(stage: Stage, by: By, body: Body) -> Body:
    """Learn that a maker's ``code`` is this ``item``."""
    item_id = stage.known("item", body["item"])
    learned = stage.perform(actions.learn_barcode, by, item_id=item_id, typed=body["code"])
    return {"gtin": learned.gtin, "again": learned.again}


@shaped(Named(Keyed(may={"price_fen": whole, "storage": text, "retired": yes})))
def check_catalogue(stage: Stage, wanted: Body) -> Body:
    """Read the catalogue: price, storage, and whether an item is no longer taken in."""
    with stage.database.reading() as session:
        known = items(session, stage.community_id)
    return {
        item.name_zh: {
            "price_fen": item.reference_fen,
            "storage": item.storage,
            "retired": item.is_retired(stage.today),
        }
        for item in known
    }


def _told(stage: Stage, name: str, filed: ItemChangeFiled) -> Body:
    stage.remember("proposal", name, filed.item_change_id)
    return {"state": filed.state}
