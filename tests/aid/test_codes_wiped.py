"""A pick-up code is sealed while it opens anything, and gone afterwards: also from receipts."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import select, text, update

from tests.factories import make_by
from tests.factories.aid import make_claim, make_claimant, make_resident, pick_up
from tests.factories.goods import make_stock
from tests.factories.looks import rows_with
from tests.factories.people import a_request_id
from timebank.aid import actions, queries
from timebank.aid.refusals import WrongPickupCode
from timebank.aid.rules import ClaimLine
from timebank.aid.tables import claim
from timebank.aid.wiping import wipe_used_codes
from timebank.deeds.deed import Deed
from timebank.deeds.running import perform_in
from timebank.values import By
from timebank.vault.cipher import vault_of


@pytest.fixture
def soap(session, shop):
    make_stock(session, shop, "肥皂", 20)


@pytest.fixture
def by(session, town):
    return make_claimant(session, town)


@pytest.fixture
def claimed(session, shop, soap, by, now):
    """A claim that was filed as a page files it: with its receipt stored."""
    deed = Deed(session, by, now, "first")
    lines = (ClaimLine(shop.item("肥皂"), 2),)
    content = {"household_id": by.household_id, "person_id": by.person_id}
    return perform_in(deed, actions.claim_goods, store_id=shop.store_id, lines=lines, **content)


def replayed(session, shop, by, now):
    content = {"household_id": by.household_id, "person_id": by.person_id}
    return perform_in(
        Deed(session, by, now, "first"), actions.claim_goods,
        store_id=shop.store_id, lines=(ClaimLine(shop.item("肥皂"), 2),), **content,
    )  # fmt: skip


def ended(session, shop, by, now, claimed, way):
    """Let a claim end in one of its ways."""
    deed = Deed(session, by, now, a_request_id())
    if way == "issued":
        pick_up(session, shop, claimed, now=now)
    elif way == "cancelled":
        actions.cancel_claim(deed, claim_id=claimed.claim_id)
    else:
        late = Deed(session, shop.keeper, now + timedelta(days=9), a_request_id())
        actions.lapse_claims(late)


def test_a_code_that_waits_stands_nowhere_in_clear(session, claimed):
    assert len(claimed.pickup_code) == 6
    assert rows_with(session, claimed.pickup_code) == set()


@pytest.mark.parametrize("way", ["issued", "cancelled", "lapsed"])
def test_a_used_code_is_gone(session, shop, by, now, claimed, way):
    ended(session, shop, by, now, claimed, way)
    row = session.execute(select(claim).where(claim.c.id == claimed.claim_id)).one()
    assert (row.state, row.pickup_sealed) == (way, None)
    assert rows_with(session, claimed.pickup_code) == set()
    assert queries.claim(session, 1, claimed.claim_id).pickup_code is None


def test_a_claim_whose_last_pieces_expired_has_no_code(session, shop, by, now):
    make_stock(session, shop, "大米", 2, best_before_on=now.date() + timedelta(days=1))
    one = make_claim(session, shop, by, now=now, 大米=2)
    late = Deed(session, shop.keeper, now + timedelta(days=2), a_request_id())
    actions.sweep_expired(late)
    row = session.execute(select(claim).where(claim.c.id == one.claim_id)).one()
    assert (row.state, row.pickup_sealed) == ("cancelled", None)


def test_a_second_tap_gets_the_code_as_long_as_it_opens_anything(session, shop, by, now, claimed):
    assert replayed(session, shop, by, now) == claimed
    pick_up(session, shop, claimed, now=now)
    again = replayed(session, shop, by, now)
    assert (again.claim_id, again.pickup_code) == (claimed.claim_id, None)


def test_the_stored_receipt_has_everything_but_the_code(session, claimed):
    sealed = session.scalar(text("SELECT answer_sealed FROM deed WHERE name = 'claim_goods'"))
    stored = json.loads(vault_of(session).open(sealed, "deed.answer"))
    assert stored["claim_no"] == claimed.claim_no and not stored["pickup_code"]


def test_the_code_of_a_review_is_not_stored_either(session, town, shop, soap, now):
    poor = make_resident(session, town)
    one = make_claim(session, shop, poor, now=now, 肥皂=1)
    actions.ask_for_person(Deed(session, poor, now, "ask"), claim_id=one.claim_id)

    deed = Deed(session, make_by("approver"), now, "decide")

    def decide():
        told = {"claim_id": one.claim_id, "approve": True, "reason": "看过"}
        return perform_in(deed, actions.decide_review, **told)

    decided = decide()
    assert rows_with(session, decided.pickup_code) == set()
    assert decide() == decided


def test_a_late_report_still_knows_the_code_of_a_claim_that_is_over(session, shop, soap, by, now):
    kiosk = By(community_id=1, client="device:7", channel="kiosk")
    for told, is_known in ((None, True), ("000000", False)):
        one = make_claim(session, shop, by, now=now, 肥皂=1)
        ended(session, shop, by, now, one, "cancelled")
        deed = Deed(session, kiosk, now, a_request_id())
        content = {"claim_id": one.claim_id, "store_id": shop.store_id, "happened_at": now}
        if is_known:
            actions.record_issue(deed, pickup_code=one.pickup_code, **content)
        else:
            wrong = told if one.pickup_code != told else "111111"
            with pytest.raises(WrongPickupCode):
                actions.record_issue(deed, pickup_code=wrong, **content)


def test_what_an_older_version_kept_of_a_claim_that_is_over_is_wiped(
    session, shop, by, now, claimed
):
    waits = make_claim(session, shop, by, now=now, 肥皂=1)
    sealed = session.scalar(select(claim.c.pickup_sealed).where(claim.c.id == claimed.claim_id))
    ended(session, shop, by, now, claimed, "issued")
    session.execute(
        update(claim).where(claim.c.id == claimed.claim_id).values(pickup_sealed=sealed)
    )
    wipe_used_codes(session)
    kept = dict(session.execute(select(claim.c.id, claim.c.pickup_sealed)).all())
    assert kept[claimed.claim_id] is None and kept[waits.claim_id] is not None
