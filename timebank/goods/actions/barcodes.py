"""Learn the maker's barcode of an item where it is first scanned, and forget a wrong one."""

from dataclasses import dataclass

from sqlalchemy import insert, select, update

from timebank.deeds.action import action
from timebank.deeds.audit import audit
from timebank.deeds.deed import Deed
from timebank.errors import BadInput, NotFound, WrongState
from timebank.goods import may
from timebank.goods.actions.taking_up import lock_catalogue
from timebank.goods.barcodes import read_barcode
from timebank.goods.refusals import BarcodeTaken
from timebank.goods.tables import item, item_code
from timebank.values import local_day, new_id


@dataclass(frozen=True, slots=True)
class BarcodeLearned:
    """``again``: it was learned for this item before."""

    item_code_id: int
    gtin: str
    again: bool


@dataclass(frozen=True, slots=True)
class BarcodeForgotten:
    item_code_id: int


@action("learn_barcode")
def learn_barcode(deed: Deed, *, item_id: int, typed: str) -> BarcodeLearned:
    """Learn that a barcode is this item; whoever scans it next finds the item.

    **Refuses**: ``NotAllowed``; ``BadInput`` for what is no GTIN; ``NotFound``; ``WrongState`` for
    a retired item; ``BarcodeTaken`` if it is another item.
    """
    may.PROPOSE_ITEMS.require(deed.by)
    scanned = read_barcode(typed)
    if scanned is None or scanned.is_wrong:
        raise BadInput(field="barcode", why="shape")
    lock_catalogue(deed)
    row = deed.session.execute(
        select(item.c.retired_on).where(
            item.c.community_id == deed.community_id, item.c.id == item_id
        )
    ).first()
    if row is None:
        raise NotFound(kind="item")
    if row.retired_on is not None and row.retired_on <= local_day(deed.now):
        raise WrongState(kind="item", state="retired")
    known = deed.session.execute(
        select(item_code.c.id, item_code.c.item_id).where(
            item_code.c.community_id == deed.community_id,
            item_code.c.gtin == scanned.gtin,
            item_code.c.forgotten_at.is_(None),
        )
    ).first()
    if known is not None and known.item_id != item_id:
        raise BarcodeTaken()
    if known is not None:
        return BarcodeLearned(known.id, scanned.gtin, again=True)
    return BarcodeLearned(_insert(deed, item_id, scanned.gtin), scanned.gtin, again=False)


def _insert(deed: Deed, item_id: int, gtin: str) -> int:
    code_id = new_id()
    row = {
        "community_id": deed.community_id, "id": code_id, "item_id": item_id, "gtin": gtin,
        "learned_at": deed.now, "learned_by": deed.by.client,
    }  # fmt: skip
    deed.session.execute(insert(item_code), row)
    facts = {"gtin": gtin}
    audit(deed, name="learn_barcode", subject_kind="item", subject_id=item_id, facts=facts)
    return code_id


@action("forget_barcode")
def forget_barcode(deed: Deed, *, item_code_id: int) -> BarcodeForgotten:
    """Forget a barcode that was learned for the wrong item; goods taken in stay what they are.

    **Refuses**: ``NotAllowed``; ``NotFound``; ``WrongState`` if it is forgotten already.
    """
    may.PROPOSE_ITEMS.require(deed.by)
    is_code = (item_code.c.community_id == deed.community_id, item_code.c.id == item_code_id)
    row = deed.session.execute(select(item_code).where(*is_code).with_for_update()).first()
    if row is None:
        raise NotFound(kind="item_code")
    if row.forgotten_at is not None:
        raise WrongState(kind="item_code", state="forgotten")
    deed.session.execute(update(item_code).where(*is_code).values(forgotten_at=deed.now))
    facts = {"gtin": row.gtin}
    audit(deed, name="forget_barcode", subject_kind="item", subject_id=row.item_id, facts=facts)
    return BarcodeForgotten(item_code_id)
