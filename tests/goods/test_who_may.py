"""Every action on goods, tried by the stranger, the auditor and the neighbour community."""

from datetime import date

import pytest

from tests.conftest import only_on
from tests.factories import make_by
from tests.factories import people as make
from tests.factories.aid import make_resident
from tests.factories.goods import SOAP, make_stock
from tests.factories.people import a_request_id
from timebank.deeds.deed import Deed
from timebank.errors import NotAllowed, NotFound, TimebankError
from timebank.goods import actions, queries
from timebank.goods.actions import NewStore
from timebank.goods.opening import read_hours
from timebank.goods.rules import AnnouncedLine, JudgedLine
from timebank.people.actions import NewPlace, add_places
from timebank.values import local_day

# What the subject above uses inside its own deeds, and what only a kiosk does
# (``tests/kiosks/test_deposit_codes.py``). The catalogue is tried by everybody in
# ``test_item_changes.py``, the shops in ``test_stores.py``,
# the barcodes in ``test_barcodes.py``, the photographs in ``test_item_pictures.py``.
INNER = {
    "dispose_lots", "finish_empty_lots", "lock_lots", "lots_past_last_day", "new_code",
    "open_found_lots", "require_given", "bring_deposit",
    "propose_item", "propose_item_change", "propose_item_end", "agree_item_change",
    "drop_item_change", "take_up_item_changes",
    "set_item_picture", "remove_item_picture", "learn_barcode", "forget_barcode", "open_store",
    "reopen_store", "shut_store",
}  # fmt: skip
DEEDS = sorted(name for name in actions.__all__ if name.islower() and name not in INNER)


@pytest.fixture
def contents(session, shop, town, now):
    """The arguments of each action; each names something of our community."""
    donor = make_resident(session, town)
    coat = make_stock(session, shop, "冬衣", 1, cleaned=False)
    (site,) = add_places(
        Deed(session, town.by, now, a_request_id()), places=(NewPlace("store", 3, "三店", "Third"),)
    ).place_ids
    return {
        "add_items": {"items": (SOAP,)},
        "add_stores": {"stores": (NewStore(site, "S3"),)},
        "announce_deposit": {
            "store_id": shop.store_id,
            "donor_person_id": donor.person_id,
            "lines": (AnnouncedLine(shop.item("肥皂"), 1),),
        },
        "receive_deposit": {
            "store_id": shop.store_id,
            "donor_person_id": donor.person_id,
            "lines": (JudgedLine(shop.item("肥皂"), 1, 1),),
        },
        "sign_cleaning": {"lot_id": coat},
        "lapse_announcements": {},
        "write_day": {"store_id": shop.store_id, "day_on": local_day(now), "note": "盘点"},
        "write_week": {
            "store_id": shop.store_id,
            "since_on": local_day(now),
            "hours": (read_hours("9:00-12:00"),) * 7,
        },
    }


def attempt(session, deed, by, now, content):
    getattr(actions, deed)(Deed(session, by, now, a_request_id()), **content)


@only_on("sqlite")
def test_every_deed_is_tried_here(contents):
    assert sorted(contents) == DEEDS


@only_on("sqlite")
@pytest.mark.parametrize("deed", DEEDS)
def test_whoever_may_is_let(session, shop, town, contents, now, deed):
    by = town.by if deed.startswith("add_") else shop.keeper
    attempt(session, deed, by, now, contents[deed])


@only_on("sqlite")
@pytest.mark.parametrize("deed", DEEDS)
@pytest.mark.parametrize("persona", [make.stranger, make.auditor])
def test_the_stranger_and_the_auditor_are_refused(session, town, contents, now, deed, persona):
    with pytest.raises(NotAllowed):
        attempt(session, deed, persona(session, town), now, contents[deed])


@only_on("sqlite")
@pytest.mark.parametrize("deed", sorted(set(DEEDS) - {"add_items", "lapse_announcements"}))
def test_the_neighbour_community_finds_nothing_of_ours(session, contents, now, deed):
    with pytest.raises(NotFound):
        attempt(session, deed, make.neighbour(session), now, contents[deed])


@only_on("sqlite")
def test_the_neighbours_own_deeds_leave_ours_alone(session, shop, town, contents, now):
    announced = actions.announce_deposit(
        Deed(session, shop.keeper, now, a_request_id()), **contents["announce_deposit"]
    )
    neighbour = make.neighbour(session)
    attempt(session, "add_items", neighbour, now, contents["add_items"])
    late = now.replace(year=2026)
    lapsed = actions.lapse_announcements(Deed(session, neighbour, late, a_request_id()))
    assert lapsed.deposit_ids == ()
    assert queries.deposit(session, 1, announced.deposit_id).state == "announced"
    assert len(queries.items(session, 1)) == 30
    with pytest.raises(NotFound):
        queries.deposit(session, 2, announced.deposit_id)
    with pytest.raises(NotFound):
        queries.announced_by_code(session, 2, announced.code)


@only_on("sqlite")
@pytest.mark.parametrize("deed", ["receive_deposit", "sign_cleaning"])
def test_a_keeper_of_another_store_is_refused(session, town, contents, now, deed):
    other = make_by("keeper", place_id=town.grid_ids[0])
    with pytest.raises(NotAllowed):
        attempt(session, deed, other, now, contents[deed])


@only_on("sqlite")
@pytest.mark.parametrize("query", ["receipt_by_no", "receipt_by_token"])
def test_a_receipt_is_not_found_from_next_door(session, shop, now, query):
    receipt = actions.receive_deposit(
        Deed(session, shop.keeper, now, a_request_id()),
        store_id=shop.store_id,
        lines=(JudgedLine(shop.item("大米"), 1, 1, best_before_on=date(2026, 1, 1)),),
    )
    told = receipt.receipt_no if query == "receipt_by_no" else receipt.receipt_token
    assert getattr(queries, query)(session, 1, told).id == receipt.deposit_id
    with pytest.raises(TimebankError):
        getattr(queries, query)(session, 2, told)
