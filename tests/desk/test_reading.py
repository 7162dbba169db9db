"""What the desk reads beside its list: cards, lots, claims and stores, within one community."""

from datetime import date, timedelta

from tests.factories import make_by
from tests.factories.aid import make_claim, make_claimant
from tests.factories.goods import make_donation_point, make_stock
from tests.factories.people import a_request_id, make_card
from timebank.aid.queries import claims_listed
from timebank.deeds.deed import Deed
from timebank.goods import may
from timebank.goods.queries import lots_named, lots_on_hand, lots_to_pick, stores_served
from timebank.goods.rules import pick_pieces
from timebank.people.actions import revoke_card
from timebank.people.queries import cards_of_people

JUNE_10 = date(2025, 6, 10)


def test_the_living_cards_of_some_people_are_told_without_their_tokens(
    session, town, by_claimant, by_donor, by_coordinator, now, neighbour_id
):
    mine = make_card(session, town, by_claimant.person_id)
    lost = make_card(session, town, by_donor.person_id)
    revoke_card(Deed(session, by_coordinator, now, a_request_id()), card_id=lost.id)
    wanted = [by_claimant.person_id, by_donor.person_id]
    found = cards_of_people(session, town.community_id, wanted)
    assert {one: card.card_no for one, card in found.items()} == {wanted[0]: mine.card_no}
    assert mine.token not in repr(found)
    assert cards_of_people(session, neighbour_id, wanted) == {}


def test_lots_are_named_and_picked_first_expired_first(session, shop, now, neighbour_id):
    late = make_stock(session, shop, "大米", 2, best_before_on=date(2025, 12, 1), now=now)
    soon = make_stock(session, shop, "大米", 1, best_before_on=date(2025, 9, 1), now=now)
    make_stock(session, shop, "大米", 9, best_before_on=date(2025, 7, 1), now=now)
    named = lots_named(session, 1, [late, soon])
    assert {one.best_before_on for one in named.values()} == {date(2025, 12, 1), date(2025, 9, 1)}
    assert named[late].name_en.startswith("Rice")
    in_august = lots_to_pick(
        session, 1, {shop.item("大米"): 2}, store_id=shop.store_id, on=date(2025, 8, 1)
    )
    picks = pick_pieces(in_august, 2)
    assert [(pick.lot.lot_id, pick.pieces) for pick in picks] == [(soon, 1), (late, 1)]
    assert lots_named(session, neighbour_id, [late]) == {}
    elsewhere = lots_to_pick(
        session, neighbour_id, {shop.item("大米"): 2}, store_id=shop.store_id, on=JUNE_10
    )
    assert elsewhere == []


def test_a_lot_that_waits_for_cleaning_is_on_hand_and_cannot_be_picked(session, shop, now):
    lot_id = make_stock(session, shop, "冬衣", 2, now=now, cleaned=False)
    assert [one.id for one in lots_on_hand(session, 1, now=now)] == [lot_id]
    wanted = {shop.item("冬衣"): 2}
    assert lots_to_pick(session, 1, wanted, store_id=shop.store_id, on=JUNE_10) == []


def test_the_claims_of_a_household_are_listed_newest_first(session, town, shop, now, neighbour_id):
    by = make_claimant(session, town)
    make_stock(session, shop, "毛巾", 9, now=now)
    first = make_claim(session, shop, by, now=now, 毛巾=1)
    second = make_claim(session, shop, by, now=now + timedelta(hours=1), 毛巾=2)
    found = claims_listed(session, 1, by.household_id)
    assert [(one.id, one.asked, one.state) for one in found] == [
        (second.claim_id, 2, "ready"), (first.claim_id, 1, "ready"),
    ]  # fmt: skip
    assert claims_listed(session, neighbour_id, by.household_id) == []


def test_a_keeper_serves_the_stores_of_his_roles(session, town, shop, by_neighbour):
    point_id = make_donation_point(session, town)
    everywhere = stores_served(session, make_by("keeper"), may.RECEIVE_DEPOSIT)
    assert [one.id for one in everywhere] == [shop.store_id, point_id]
    keeper = make_by("keeper", place_id=town.store_place_id)
    here = stores_served(session, keeper, may.RECEIVE_DEPOSIT)
    assert [one.id for one in here] == [shop.store_id]
    assert stores_served(session, make_by("approver"), may.READ_STORE) == []
    assert stores_served(session, by_neighbour, may.READ_STORE) == []
    assert len(stores_served(session, make_by("auditor"), may.READ_STORE)) == 2
