"""A day of a store: opened, counted, signed by another person, closed; the content of its sheet."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.factories.aid import make_claim, make_claimant, pick_up
from tests.factories.closing import (
    close_day,
    count_day,
    counted,
    make_till,
    open_day,
    pay_out,
    whole_day,
)
from tests.factories.goods import make_stock
from tests.factories.kiosks import make_stand, receive
from tests.factories.people import a_request_id
from timebank.aid.actions import cancel_claim
from timebank.closing import actions, queries
from timebank.closing.refusals import CountOutdated, PromisedPiecesMissing
from timebank.closing.rules import Counted, digest_of
from timebank.deeds.deed import Deed
from timebank.deeds.refusals import SamePerson
from timebank.errors import BadInput, NotFound, WrongState
from timebank.goods.queries import lots_named, lots_on_hand
from timebank.ledger.queries import balance_of, sums_by_commodity
from timebank.values import FEN, SHEETS, pieces_of, to_us


def day_of(session, shop):
    return queries.day_of(session, 1, shop.store_id)


def variance(session, shop, name):
    return balance_of(session, 1, "variance", pieces_of(shop.item(name))).posted


def on_hand(session, shop, now, lot_id):
    return {one.id: one.on_hand for one in lots_on_hand(session, 1, now=now)}.get(lot_id, 0)


def line_of(sheet, lot_id):
    return next(line for line in sheet.told["lots"] if line["lot_id"] == lot_id)


def test_a_day_goes_from_open_to_counted_to_closed(session, shop, second, rice, now):
    assert day_of(session, shop).state == "not_open"
    open_day(session, shop, now=now)
    assert day_of(session, shop).state == "open"
    count_day(session, shop, now=now)
    assert day_of(session, shop).state == "counted"
    close_day(session, shop, second, now=now)
    told = day_of(session, shop)
    assert (told.state, told.no, told.day) == ("closed", 1, now.date())


def test_differences_are_posted_once_with_their_reasons(session, shop, second, rice, towels, now):
    sheet = whole_day(
        session, shop, second, now=now,
        lots={rice: (8, "lost"), towels: (5, "found")},
    )  # fmt: skip
    assert on_hand(session, shop, now, rice) == 8 and on_hand(session, shop, now, towels) == 5
    assert variance(session, shop, "大米") == 2 and variance(session, shop, "毛巾") == -1
    assert set(sums_by_commodity(session, 1).values()) == {(0, 0)}
    told = line_of(sheet, rice)
    assert (told["opening"], told["in"], told["out"], told["counted"]) == (10, 0, 0, 8)
    assert (told["variance"], told["closing"], told["reason"]) == (-2, 8, "lost")


def test_a_day_without_differences_posts_its_sheet_and_no_more(session, shop, second, rice, now):
    open_day(session, shop, now=now)
    count_day(session, shop, now=now)
    assert close_day(session, shop, second, now=now).variance_txn_id is None
    assert variance(session, shop, "大米") == 0
    assert balance_of(session, 1, "signed", SHEETS, owner_id=shop.store_id).posted == 1


def test_the_sheet_is_what_its_digest_says(session, shop, second, rice, now):
    sheet = whole_day(session, shop, second, now=now)
    assert digest_of(sheet.text) == sheet.digest
    assert sheet.told["closed_by"] == second.client != sheet.told["counted_by"]


def test_whoever_counted_does_not_sign(session, shop, second, rice, now):
    open_day(session, shop, now=now)
    count_day(session, shop, now=now, by=second)
    with pytest.raises(SamePerson):
        close_day(session, shop, second, now=now)
    close_day(session, shop, shop.keeper, now=now)


def test_the_same_person_under_another_sign_in_does_not_sign(session, shop, second, rice, now):
    open_day(session, shop, now=now)
    count_day(session, shop, now=now, by=second)
    with pytest.raises(SamePerson):
        close_day(session, shop, replace(second, client="card:7"), now=now)


def test_a_recount_replaces_nothing_and_counts(session, shop, second, rice, now):
    open_day(session, shop, now=now)
    first = count_day(session, shop, now=now, lots={rice: (7, "lost")})
    again = count_day(session, shop, now=now, lots={rice: (9, "damaged", "一袋破了")})
    assert (first.round, again.round) == (1, 2)
    with pytest.raises(WrongState) as refused:
        close_day(session, shop, second, now=now, round_id=first.round_id)
    assert refused.value.facts == {"state": "day_counted_anew"}
    close_day(session, shop, second, now=now)
    assert on_hand(session, shop, now, rice) == 9


def test_nothing_is_signed_before_it_is_counted(session, shop, second, rice, now):
    with pytest.raises(WrongState):
        close_day(session, shop, second, now=now)
    open_day(session, shop, now=now)
    with pytest.raises(WrongState):
        close_day(session, shop, second, now=now)


def test_a_day_opens_once_and_after_the_one_before(session, shop, second, rice, now):
    open_day(session, shop, now=now)
    for later in (now, now + timedelta(days=1)):
        with pytest.raises(WrongState) as refused:
            open_day(session, shop, now=later)
        assert refused.value.facts["state"] == "day_open"
    count_day(session, shop, now=now)
    close_day(session, shop, second, now=now)
    with pytest.raises(WrongState) as refused:
        open_day(session, shop, now=now)
    assert refused.value.facts["state"] == "day_closed"
    assert open_day(session, shop, now=now + timedelta(days=1)).no == 2


def test_a_closed_day_is_not_counted_any_more(session, shop, second, rice, now):
    whole_day(session, shop, second, now=now)
    with pytest.raises(WrongState):
        count_day(session, shop, now=now)
    with pytest.raises(WrongState):
        close_day(session, shop, second, now=now)


def test_the_next_day_begins_where_the_last_one_ended(session, shop, second, rice, now):
    whole_day(session, shop, second, now=now, lots={rice: (8, "lost")})
    tomorrow = now + timedelta(days=1)
    late = now + timedelta(hours=3)
    salt = make_stock(session, shop, "洗衣液", 5, now=late)
    by = make_claimant(session, shop.town)
    claim = make_claim(session, shop, by, now=late, 大米=2)
    pick_up(session, shop, claim, now=late)
    sheet = whole_day(session, shop, second, now=tomorrow)
    told = line_of(sheet, rice)
    assert (told["opening"], told["in"], told["out"], told["closing"]) == (8, 0, 2, 6)
    told = line_of(sheet, salt)
    assert (told["opening"], told["in"], told["closing"]) == (0, 5, 5)
    after = whole_day(session, shop, second, now=tomorrow + timedelta(days=1))
    assert (line_of(after, salt)["opening"], line_of(after, salt)["in"]) == (5, 0)


def test_a_lot_that_came_and_went_in_one_day_is_told_once(session, shop, second, rice, now):
    whole_day(session, shop, second, now=now)
    tomorrow = now + timedelta(days=1)
    soap = make_stock(session, shop, "肥皂", 2, now=tomorrow)
    by = make_claimant(session, shop.town)
    pick_up(session, shop, make_claim(session, shop, by, now=tomorrow, 肥皂=2), now=tomorrow)
    told = line_of(whole_day(session, shop, second, now=tomorrow), soap)
    assert (told["opening"], told["in"], told["out"], told["closing"]) == (0, 2, 2, 0)
    after = whole_day(session, shop, second, now=tomorrow + timedelta(days=1))
    assert soap not in {line["lot_id"] for line in after.told["lots"]}


def test_a_loss_of_the_first_day_is_on_its_sheet(session, shop, second, rice, now):
    open_day(session, shop, now=now)
    lost = make_stock(session, shop, "肥皂", 2, now=now)
    count_day(session, shop, now=now, lots={lost: (0, "lost")})
    closed = close_day(session, shop, second, now=now)
    told = line_of(queries.sheet_of(session, 1, shop.store_id, closed.no), lost)
    wanted = {"opening": 0, "in": 2, "out": 0, "variance": -2, "closing": 0, "reason": "lost"}
    assert {name: told[name] for name in wanted} == wanted


def test_what_came_and_went_on_the_first_day_is_on_its_sheet(
    session, shop, second, rice, town, now
):
    before = make_stock(session, shop, "肥皂", 1, now=now)
    by = make_claimant(session, town)
    pick_up(session, shop, make_claim(session, shop, by, now=now, 肥皂=1), now=now)
    open_day(session, shop, now=now)
    during = make_stock(session, shop, "毛巾", 1, now=now)
    pick_up(session, shop, make_claim(session, shop, by, now=now, 毛巾=1), now=now)
    count_day(session, shop, now=now)
    closed = close_day(session, shop, second, now=now)
    sheet = queries.sheet_of(session, 1, shop.store_id, closed.no)
    told = line_of(sheet, during)
    assert (told["opening"], told["in"], told["out"], told["closing"]) == (0, 1, 1, 0)
    assert before not in {line["lot_id"] for line in sheet.told["lots"]}


def test_what_moves_between_count_and_signature_is_kept(session, shop, second, rice, now):
    by = make_claimant(session, shop.town)
    claim = make_claim(session, shop, by, now=now, 大米=2)
    open_day(session, shop, now=now)
    count_day(session, shop, now=now, lots={rice: (9, "lost")})
    pick_up(session, shop, claim, now=now)
    close_day(session, shop, second, now=now)
    assert on_hand(session, shop, now, rice) == 7


def test_a_count_of_books_that_have_moved_is_refused(session, shop, rice, now):
    open_day(session, shop, now=now)
    lines = counted(session, shop, now=now)
    by = make_claimant(session, shop.town)
    pick_up(session, shop, make_claim(session, shop, by, now=now, 大米=1), now=now)
    with pytest.raises(CountOutdated):
        actions.count_day(
            Deed(session, shop.keeper, now, a_request_id()),
            store_id=shop.store_id,
            no=1,
            lots=lines,
        )


def test_missing_pieces_that_are_promised_are_named_before_they_are_posted(
    session, shop, second, rice, now
):
    by = make_claimant(session, shop.town)
    claim = make_claim(session, shop, by, now=now, 大米=2)
    open_day(session, shop, now=now)
    count_day(session, shop, now=now, lots={rice: (1, "lost")})
    with pytest.raises(PromisedPiecesMissing) as refused:
        close_day(session, shop, second, now=now)
    told = refused.value.facts
    assert (told["missing_pieces"], told["claims"]) == (1, claim.claim_no)
    cancel_claim(Deed(session, shop.keeper, now, a_request_id()), claim_id=claim.claim_id)
    close_day(session, shop, second, now=now)
    assert on_hand(session, shop, now, rice) == 1


def test_more_missing_than_is_left_asks_for_a_recount(session, shop, second, rice, now):
    by = make_claimant(session, shop.town)
    claim = make_claim(session, shop, by, now=now, 大米=2)
    open_day(session, shop, now=now)
    count_day(session, shop, now=now, lots={rice: (0, "lost")})
    pick_up(session, shop, claim, now=now)
    with pytest.raises(CountOutdated):
        close_day(session, shop, second, now=now)


def test_a_lot_counted_down_to_nothing_is_finished(session, shop, second, towels, now):
    whole_day(session, shop, second, now=now, lots={towels: (0, "lost")})
    assert lots_named(session, 1, [towels])[towels].state == "finished"


def test_a_lot_that_was_not_counted_is_told_so(session, shop, second, rice, towels, now):
    open_day(session, shop, now=now)
    lines = tuple(one for one in counted(session, shop, now=now) if one.id == rice)
    actions.count_day(
        Deed(session, shop.keeper, now, a_request_id()), store_id=shop.store_id, no=1, lots=lines
    )
    closed = close_day(session, shop, second, now=now)
    sheet = queries.sheet_of(session, 1, shop.store_id, closed.no)
    assert line_of(sheet, rice)["counted"] == 10 and line_of(sheet, towels)["counted"] is None


def test_an_empty_shop_can_be_closed(session, shop, second, now):
    sheet = whole_day(session, shop, second, now=now)
    assert sheet.told["lots"] == [] and sheet.told["cash"] is None


def test_the_till_is_counted_and_its_difference_posted(session, shop, second, now):
    till = make_till(session, shop, 12_350, now=now)
    sheet = whole_day(
        session, shop, second, now=now, cash=Counted(till, 12_000, 12_350, "miscounted")
    )
    assert balance_of(session, 1, "cash", FEN, owner_id=shop.store_id).posted == 12_000
    assert balance_of(session, 1, "variance", FEN).posted == 350
    told = sheet.told["cash"]
    assert (told["opening"], told["variance"], told["closing"]) == (12_350, -350, 12_000)


def test_more_missing_from_the_till_than_is_left_asks_for_a_recount(session, shop, second, now):
    till = make_till(session, shop, 10_000, now=now)
    open_day(session, shop, now=now)
    count_day(session, shop, now=now, cash=Counted(till, 1_000, 10_000, "lost"))
    pay_out(session, shop, 5_000, now=now)
    with pytest.raises(CountOutdated) as refused:
        close_day(session, shop, second, now=now)
    assert refused.value.facts == {"line": till, "is_now_fen": 5_000, "paid_fen": 5_000}
    count_day(session, shop, now=now, cash=Counted(till, 1_000, 5_000, "lost"))
    close_day(session, shop, second, now=now)
    assert balance_of(session, 1, "cash", FEN, owner_id=shop.store_id).posted == 1_000


def test_what_is_paid_between_count_and_signature_is_kept(session, shop, second, now):
    till = make_till(session, shop, 10_000, now=now)
    open_day(session, shop, now=now)
    count_day(session, shop, now=now, cash=Counted(till, 9_000, 10_000, "lost"))
    pay_out(session, shop, 5_000, now=now)
    close_day(session, shop, second, now=now)
    assert balance_of(session, 1, "cash", FEN, owner_id=shop.store_id).posted == 4_000


@pytest.mark.parametrize("stands_there", ["rice", "till"])
def test_a_count_of_nothing_is_no_count(session, shop, second, now, stands_there, request):
    if stands_there == "rice":
        request.getfixturevalue("rice")
    else:
        make_till(session, shop, 0, now=now)
    open_day(session, shop, now=now)
    with pytest.raises(BadInput):
        actions.count_day(
            Deed(session, shop.keeper, now, a_request_id()), store_id=shop.store_id, no=1
        )


def test_a_till_that_is_not_there_is_not_counted(session, shop, now):
    open_day(session, shop, now=now)
    with pytest.raises(NotFound):
        count_day(session, shop, now=now, cash=Counted(99, 0, 0))


def test_clearing_and_late_news_stand_on_the_sheet(session, second, now):
    stand = make_stand(session, now=now)
    shop, device_id = stand.shop, stand.device.device_id
    assert whole_day(session, shop, second, now=now + timedelta(hours=2)).told["late"] == []
    tomorrow = now + timedelta(days=1)
    item = stand.deed(stand.rice(3), at=now + timedelta(hours=1))
    assert receive(session, stand, item, now=tomorrow).outcome == "posted"
    told = whole_day(session, shop, second, now=tomorrow).told
    assert [(one["pieces"], one["device_id"]) for one in told["clearing"]] == [(3, device_id)]
    rice = pieces_of(shop.item("大米"))
    assert told["clearing_books"] == {str(device_id): {rice: 3}}
    (late,) = told["late"]
    assert (late["kind"], late["quantity"], late["commodity"]) == ("announce_deposit", 3, rice)
    assert late["effective_us"] == to_us(now + timedelta(hours=1)) < late["posted_us"]
