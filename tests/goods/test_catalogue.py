"""Setting up items and stores."""

from dataclasses import replace

import pytest

from tests.factories.goods import SOAP, make_donation_point
from tests.factories.people import a_request_id
from timebank.deeds.deed import Deed
from timebank.errors import BadInput, NotFound
from timebank.goods import actions, queries
from timebank.goods.actions import NewStore
from timebank.goods.usual import usual_items


def add(session, town, now, *items):
    return actions.add_items(Deed(session, town.by, now, a_request_id()), items=items)


def open_store(session, town, now, *stores):
    return actions.add_stores(Deed(session, town.by, now, a_request_id()), stores=stores)


def test_the_catalogue_has_thirty_items_that_a_scanner_finds(session, shop):
    found = queries.items(session, 1)
    assert len(found) == 30
    for item in found:
        assert queries.item_by_code(session, 1, item.barcode) == item
    assert queries.item_by_code(session, 1, "2000000009995") is None


def test_an_item_knows_by_its_kind_whether_it_is_cleaned_first(session, shop):
    cleaned = {one.name_zh for one in queries.items(session, 1) if one.needs_cleaning}
    assert cleaned == {"棉被", "冬衣", "童装", "校服"}
    assert [one.name_zh for one in queries.items(session, 1) if one.is_loan] == ["轮椅"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name_en": " "}, "name_en"),
        ({"kind": "weapon"}, "kind"),
        ({"barcode": "6901234567892"}, "barcode"),
        ({"barcode": "2000000000015"}, "barcode"),
        ({"reference_fen": -1}, "reference_fen"),
        ({"shelf_life_days": 30}, "shelf_life_days"),
        ({"kind": "food"}, "shelf_life_days"),
        ({"kind": "food", "shelf_life_days": 0}, "shelf_life_days"),
    ],
)
def test_a_faulty_item_names_its_line_and_field(session, shop, town, now, change, field):
    with pytest.raises(BadInput) as refused:
        add(session, town, now, SOAP, replace(SOAP, **{"barcode": "2000000001012", **change}))
    assert refused.value.facts["field"] == f"items.1.{field}"


def test_two_items_of_one_load_do_not_share_a_barcode(session, town, now):
    with pytest.raises(BadInput):
        add(session, town, now, *usual_items(), usual_items()[0])


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"code": "S 1"}, "code"),
        ({"code": "店一"}, "code"),
        ({"code": "TOOLONG99"}, "code"),
        ({"kind": "bank"}, "kind"),
    ],
)
def test_a_faulty_store_names_its_line_and_field(session, town, now, change, field):
    new = replace(NewStore(town.store_place_id, "S9"), **change)
    with pytest.raises(BadInput) as refused:
        open_store(session, town, now, new)
    assert refused.value.facts["field"] == f"stores.0.{field}"


def test_a_store_needs_a_place_of_its_own(session, shop, town, now):
    for place_id in (town.store_place_id, town.building_ids[0]):
        with pytest.raises(BadInput) as refused:
            open_store(session, town, now, NewStore(place_id, "S9"))
        assert refused.value.facts["field"] == "stores.0.place_id"
    with pytest.raises(NotFound):
        open_store(session, town, now, NewStore(12345, "S9"))


def test_two_stores_do_not_share_a_code(session, shop, town, now):
    point = make_donation_point(session, town)
    assert {one.code for one in queries.stores(session, 1)} == {"S1", "D1"}
    assert not queries.store(session, 1, point).issues_goods
    assert queries.store(session, 1, shop.store_id).issues_goods
    with pytest.raises(NotFound):
        queries.store(session, 2, point)
