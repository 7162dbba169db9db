"""A shop is opened, renamed, closed when nothing is left in it, and opened again."""

import pytest

from tests.factories import people as make
from tests.factories.goods import make_stock
from tests.factories.kiosks import make_stand
from tests.factories.people import a_request_id
from timebank.deeds.deed import Deed
from timebank.errors import BadInput, NotAllowed, NotFound, WrongState
from timebank.goods import actions, queries
from timebank.goods.refusals import StoreInUse
from timebank.goods.rules import AnnouncedLine, JudgedLine
from timebank.kiosks.actions import close_store, make_pairing_code, revoke_device
from timebank.people.actions import change_place
from timebank.people.queries import place


@pytest.fixture
def head(session, town):
    return make.coordinator(session, town)


@pytest.fixture
def do(session, head, now):
    def run(action, by=None, **content):
        return action(Deed(session, by or head, now, a_request_id()), **content)

    return run


@pytest.fixture
def second(do):
    told = {"name_zh": "东门接收点", "name_en": "East gate", "code": " d7 "}
    return do(actions.open_store, kind="donation_point", address="东门 1 号", **told)


def test_a_new_shop_has_its_site_and_code(session, shop, second):
    found = queries.store(session, 1, second.store_id)
    assert (found.code, found.kind, found.name_zh) == ("D7", "donation_point", "东门接收点")
    assert place(session, 1, second.place_id).address == "东门 1 号"


@pytest.mark.parametrize(
    ("told", "field"),
    [
        ({"code": "S1"}, "code"),
        ({"code": "店"}, "code"),
        ({"code": ""}, "code"),
        ({"kind": "bank"}, "kind"),
        ({"name_zh": " "}, "name_zh"),
        ({"phone": "1" * 21}, "address"),
    ],
)
def test_a_faulty_shop_names_its_field(shop, do, told, field):
    told = {"name_zh": "西门店", "name_en": "West", "code": "W1", **told}
    with pytest.raises(BadInput) as refused:
        do(actions.open_store, **told)
    assert refused.value.facts["field"] == field


def test_a_shop_with_goods_in_it_is_not_closed(session, shop, do):
    make_stock(session, shop, "肥皂", 3)
    with pytest.raises(StoreInUse) as refused:
        do(close_store, store_id=shop.store_id, note="租约到期")
    assert refused.value.facts == {"pieces": 3}
    assert queries.store(session, 1, shop.store_id).is_open


def test_a_shop_to_which_goods_are_on_their_way_is_not_closed(session, shop, do):
    line = AnnouncedLine(shop.item("肥皂"), 1)
    do(actions.announce_deposit, shop.keeper, store_id=shop.store_id, lines=(line,))
    with pytest.raises(StoreInUse) as refused:
        do(close_store, store_id=shop.store_id, note="租约到期")
    assert refused.value.facts == {"deposits": 1}


def test_nothing_is_brought_to_a_closed_shop_until_it_opens_again(session, shop, do):
    with pytest.raises(WrongState):
        do(actions.reopen_store, store_id=shop.store_id, note="又租了")
    with pytest.raises(BadInput):
        do(close_store, store_id=shop.store_id, note=" ")
    do(close_store, store_id=shop.store_id, note="租约到期")
    item_id = shop.item("肥皂")
    told = {"store_id": shop.store_id}

    def attempts():
        do(actions.announce_deposit, shop.keeper, lines=(AnnouncedLine(item_id, 1),), **told)
        do(actions.receive_deposit, shop.keeper, lines=(JudgedLine(item_id, 1, 1),), **told)

    with pytest.raises(WrongState):
        do(actions.announce_deposit, shop.keeper, lines=(AnnouncedLine(item_id, 1),), **told)
    with pytest.raises(WrongState):
        do(actions.receive_deposit, shop.keeper, lines=(JudgedLine(item_id, 1, 1),), **told)
    with pytest.raises(WrongState):
        do(make_pairing_code, **told)
    with pytest.raises(WrongState):
        do(close_store, note="再关一次", **told)
    do(actions.reopen_store, note="又租了", **told)
    attempts()


def test_a_closed_shop_comes_last_and_keeps_its_pages(session, shop, second, do, head):
    do(close_store, store_id=shop.store_id, note="租约到期")
    served = queries.stores_served(session, head, actions.catalogue.may.READ_STORE)
    assert [one.is_open for one in served] == [True, False]


def test_a_place_is_renamed_and_the_trail_keeps_the_old_name(session, shop, second, do):
    told = {"place_id": second.place_id, "name_zh": "北门接收点", "name_en": "North gate"}
    do(change_place, phone="10000000001", **told)
    found = place(session, 1, second.place_id)
    assert (found.name_zh, found.address, found.phone) == ("北门接收点", None, "10000000001")
    with pytest.raises(BadInput) as refused:
        do(change_place, phone="10000000001", **told)
    assert refused.value.facts["why"] == "unchanged"
    with pytest.raises(BadInput):
        do(change_place, **told | {"name_en": " "})


@pytest.mark.parametrize("persona", [make.stranger, make.auditor, make.keeper])
def test_others_open_and_close_nothing(session, shop, town, do, persona):
    by, told = persona(session, town), {"store_id": shop.store_id, "note": "x"}
    new = {"name_zh": "西门店", "name_en": "West", "code": "W1"}
    named = {"place_id": town.store_place_id, "name_zh": "店", "name_en": "Shop"}
    for action, content in (
        (actions.open_store, new),
        (close_store, told),
        (actions.reopen_store, told),
        (change_place, named),
    ):
        with pytest.raises(NotAllowed):
            do(action, by, **content)


def test_the_neighbour_community_reaches_no_shop_of_ours(session, shop, town, do):
    by, told = make.neighbour(session), {"store_id": shop.store_id, "note": "x"}
    named = {"place_id": town.store_place_id, "name_zh": "店", "name_en": "Shop"}
    for action, content in (
        (close_store, told), (actions.reopen_store, told), (change_place, named),
    ):  # fmt: skip
        with pytest.raises(NotFound):
            do(action, by, **content)


def test_a_shop_in_which_a_kiosk_stands_is_not_closed(session, now, do):
    stand = make_stand(session, now=now)
    told = {"store_id": stand.shop.store_id, "note": "租约到期"}
    with pytest.raises(StoreInUse) as refused:
        do(close_store, **told)
    assert refused.value.facts == {"kiosks": 1}
    do(revoke_device, device_id=stand.device.device_id, why="搬走了")
    do(close_store, **told)
