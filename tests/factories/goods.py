"""Builders of a shop: its catalogue, its keeper, and stock received as a deposit."""

from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy.orm import Session

from tests.factories import make_by
from tests.factories.people import LONG_AGO, Town, a_request_id, make_town
from timebank.deeds.deed import Deed
from timebank.goods import actions, queries
from timebank.goods.actions import NewItem, NewStore
from timebank.goods.rules import JudgedLine
from timebank.goods.usual import usual_items
from timebank.people.actions import NewPlace, add_places
from timebank.policy.actions import load_preset
from timebank.policy.queries import active_rule
from timebank.values import By

# One item more than the thirty of the catalogue.
SOAP = NewItem("香皂", "Scented soap", "块", "bar", "household", "2000000001005", 500)


@dataclass(frozen=True, slots=True)
class Shop:
    """A store with its keeper, and the catalogue by short Chinese names (大米, 冬衣 …)."""

    town: Town
    store_id: int
    items: dict[str, int] = field(repr=False)
    keeper: By = field(repr=False)

    def item(self, name: str) -> int:
        """Find an item by the beginning of its Chinese name."""
        return next(item_id for known, item_id in self.items.items() if known.startswith(name))


def make_preset(session: Session, town: Town) -> None:
    """Put the ``demo`` parameters and rules in force, if they are not yet."""
    if active_rule(session, town.community_id, "goods_shelf", date(2025, 6, 10)) is None:
        load_preset(
            Deed(session, town.by, LONG_AGO, a_request_id()),
            preset="demo",
            from_on=date(2020, 1, 1),
        )


def _store_of(session: Session, town: Town) -> queries.Store | None:
    known = queries.stores(session, town.community_id)
    return next((one for one in known if one.place_id == town.store_place_id), None)


def make_shop(session: Session, town: Town | None = None) -> Shop:
    """Open the store of a town with the whole catalogue."""
    town = town or make_town(session)
    make_preset(session, town)
    if not queries.items(session, town.community_id):
        actions.add_items(Deed(session, town.by, LONG_AGO, a_request_id()), items=usual_items())
    known = _store_of(session, town)
    if known is None:
        actions.add_stores(
            Deed(session, town.by, LONG_AGO, a_request_id()),
            stores=(NewStore(town.store_place_id, "S1"),),
        )
        known = _store_of(session, town)
    assert known is not None
    items = {one.name_zh: one.id for one in queries.items(session, town.community_id)}
    keeper = make_by("keeper", community_id=town.community_id, place_id=town.store_place_id)
    return Shop(town, known.id, items, keeper)


def make_donation_point(session: Session, town: Town) -> int:
    """Open a second site that only receives goods."""
    added = add_places(
        Deed(session, town.by, LONG_AGO, a_request_id()),
        places=(NewPlace("store", 2, "社会捐赠接收点", "Donation point"),),
    )
    opened = actions.add_stores(
        Deed(session, town.by, LONG_AGO, a_request_id()),
        stores=(NewStore(added.place_ids[0], "D1", "donation_point"),),
    )
    return opened.store_ids[0]


def make_stock(
    session: Session,
    shop: Shop,
    name: str,
    pieces: int,
    *,
    best_before_on: date | None = None,
    now: datetime = LONG_AGO,
    cleaned: bool = True,
) -> int:
    """Receive pieces of one item as an anonymous gift; return the lot."""
    line = JudgedLine(shop.item(name), pieces, pieces, best_before_on=best_before_on)
    receipt = actions.receive_deposit(
        Deed(session, shop.keeper, now, a_request_id()), store_id=shop.store_id, lines=(line,)
    )
    lot_id = receipt.lines[0].lot_id
    assert lot_id is not None
    if cleaned and receipt.lines[0].waits_for_cleaning:
        actions.sign_cleaning(Deed(session, shop.keeper, now, a_request_id()), lot_id=lot_id)
    return lot_id


def shelf_row(session: Session, shop: Shop, name: str, now: datetime) -> queries.ShelfRow:
    """The row of one item on the shelf."""
    item_id = shop.item(name)
    rows = queries.shelf(session, shop.town.community_id, now, shop.store_id)
    return next(row for row in rows if row.item_id == item_id)
