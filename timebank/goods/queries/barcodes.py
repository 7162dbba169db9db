"""The makers' barcodes that were learned, and the item of a scanned one."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, bindparam, select
from sqlalchemy.orm import Session

from timebank.db import built
from timebank.goods.queries.catalogue import Item, items
from timebank.goods.tables import item, item_code


@dataclass(frozen=True, slots=True)
class ItemCode:
    """A barcode of an item, with 14 digits, and since when it is known."""

    id: int
    gtin: str
    learned_at: datetime

    @property
    def shown(self) -> str:
        """As it is printed under the bars: thirteen digits where there is no leading one."""
        return self.gtin.removeprefix("0")


_OF_ITEM = (
    select(item_code.c.id, item_code.c.gtin, item_code.c.learned_at)
    .where(
        item_code.c.community_id == bindparam("of_community"),
        item_code.c.item_id == bindparam("of_item"),
        item_code.c.forgotten_at.is_(None),
    )
    .order_by(item_code.c.learned_at, item_code.c.id)
)
_ITEM_OF = (
    select(item.c.id)
    .join(
        item_code,
        and_(item_code.c.community_id == item.c.community_id, item_code.c.item_id == item.c.id),
    )
    .where(
        item_code.c.community_id == bindparam("of_community"),
        item_code.c.gtin == bindparam("gtin"),
        item_code.c.forgotten_at.is_(None),
    )
)


def codes_of_item(session: Session, community_id: int, item_id: int) -> list[ItemCode]:
    """The barcodes of an item, in the order in which they were learned."""
    asked = {"of_community": community_id, "of_item": item_id}
    return built(ItemCode, session.execute(_OF_ITEM, asked))


def item_of_gtin(session: Session, community_id: int, gtin: str) -> Item | None:
    """The item of a maker's barcode, or None if nobody has taught it yet."""
    item_id = session.scalar(_ITEM_OF, {"of_community": community_id, "gtin": gtin})
    return None if item_id is None else items(session, community_id, [item_id])[0]
