"""Nobody is given less than they asked for, or anything else than they agreed to, unasked."""

from datetime import date

import pytest

from tests.factories.aid import lines_of, make_claimant, make_resident, took_before
from tests.factories.goods import make_stock
from tests.factories.people import a_request_id
from timebank.aid import actions, queries
from timebank.aid.refusals import NotConfirmed
from timebank.aid.rules import AgreedLot
from timebank.deeds.deed import Deed

KEEPS = date(2026, 2, 28)


@pytest.fixture
def rice(session, shop):
    return make_stock(session, shop, "大米", 6, best_before_on=KEEPS)


@pytest.fixture
def by(session, town):
    return make_claimant(session, town)


def claim_exactly(session, shop, by, now, *, confirmed, **pieces):
    return actions.claim_goods(
        Deed(session, by, now, a_request_id()),
        household_id=by.household_id,
        person_id=by.person_id,
        store_id=shop.store_id,
        lines=lines_of(shop, **pieces),
        confirmed=lines_of(shop, **confirmed),
    )


def test_less_than_was_confirmed_is_refused_with_what_it_would_be(session, shop, by, town, now):
    make_stock(session, shop, "大米", 40, best_before_on=KEEPS)
    make_stock(session, shop, "肥皂", 3)
    took_before(session, town, by, now=now, taken={date(2025, 1, 10): 10})
    asked = {"大米": 40, "肥皂": 2}
    with pytest.raises(NotConfirmed) as shown:
        claim_exactly(session, shop, by, now, confirmed=asked, **asked)
    facts = shown.value.facts
    assert (facts["asked"], facts["approved"], facts["share_left"]) == (42, 10, 0)
    assert [(one["asked"], one["approved"], one["cut_code"]) for one in facts["lines"]] == [
        (40, 10, "HOUSEHOLD_CAP"), (2, 0, "HOUSEHOLD_CAP"),
    ]  # fmt: skip
    assert queries.claims_of_household(session, 1, by.household_id) == []
    assert queries.quota(session, 1, by.household_id, now).remaining == 10
    claimed = claim_exactly(session, shop, by, now, confirmed={"大米": 10}, **asked)
    assert (claimed.state, claimed.approved) == ("ready", 10)


@pytest.mark.parametrize("confirmed", [{"大米": 5}, {"大米": 7}, {"肥皂": 6}])
def test_neither_less_nor_more_nor_another_item_than_confirmed(
    session, shop, by, rice, now, confirmed
):
    make_stock(session, shop, "肥皂", 6)
    with pytest.raises(NotConfirmed):
        claim_exactly(session, shop, by, now, confirmed=confirmed, 大米=9)
    assert claim_exactly(session, shop, by, now, confirmed={"大米": 6}, 大米=9).approved == 6


def test_what_the_rules_refuse_is_answered_whatever_was_confirmed(session, shop, town, rice, now):
    other = make_resident(session, town)
    refused = claim_exactly(session, shop, other, now, confirmed={"大米": 2}, 大米=2)
    assert (refused.state, refused.refusal.code) == ("refused", "NOT_ELIGIBLE")


def test_the_offer_at_the_counter_is_what_the_counter_takes(session, shop, by, rice, now):
    sooner = make_stock(session, shop, "大米", 2, best_before_on=date(2025, 12, 1))
    lines = lines_of(shop, 大米=3)
    content = {
        "household_id": by.household_id, "person_id": by.person_id, "store_id": shop.store_id,
        "lines": lines,
    }  # fmt: skip
    shown = queries.offer(
        session, 1, by.household_id, store_id=shop.store_id, lines=lines, now=now, at_once=True
    )
    assert [(lot.lot_id, lot.pieces) for lot in shown.lots] == [(sooner, 2), (rice, 1)]
    assert shown.share_left == 17
    deed = Deed(session, shop.keeper, now, a_request_id())
    with pytest.raises(NotConfirmed) as changed:
        actions.issue_at_counter(deed, **content, confirmed=(AgreedLot(rice, 3),))
    assert [one["lot_id"] for one in changed.value.facts["lots"]] == [sooner, rice]
    agreed = tuple(AgreedLot(lot.lot_id, lot.pieces) for lot in shown.lots)
    done = actions.issue_at_counter(deed, **content, confirmed=agreed)
    assert [(lot.lot_id, lot.pieces) for lot in done.lots] == [(sooner, 2), (rice, 1)]
