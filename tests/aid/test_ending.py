"""Cancelling, lapsing, and a person's decision."""

from datetime import date, timedelta

import pytest

from tests.factories import make_by
from tests.factories.aid import (
    make_claim,
    make_claimant,
    make_resident,
    pick_up,
    took_before,
)
from tests.factories.goods import make_stock, shelf_row
from tests.factories.looks import claims_of
from tests.factories.people import a_request_id, make_proof
from timebank.aid import actions, queries
from timebank.aid.actions import CarriedOver
from timebank.deeds.deed import Deed
from timebank.deeds.refusals import SamePerson
from timebank.errors import BadInput, NotAllowed, NotFound, WrongState
from timebank.goods.refusals import OutOfStock
from timebank.policy import queries as policy
from timebank.policy.refusals import HouseholdCap, NotEligible


@pytest.fixture
def by(session, shop, town):
    make_stock(session, shop, "肥皂", 30)
    return make_claimant(session, town)


@pytest.fixture
def nobody(session, shop, town):
    """A resident without papers."""
    make_stock(session, shop, "毛巾", 30)
    return make_resident(session, town)


def cancel(session, by, claim_id, now):
    return actions.cancel_claim(Deed(session, by, now, a_request_id()), claim_id=claim_id)


def ask(session, by, claim_id, now):
    return actions.ask_for_person(Deed(session, by, now, a_request_id()), claim_id=claim_id)


def decide(session, by, claim_id, now, *, approve=True, reason="病后体弱"):
    return actions.decide_review(
        Deed(session, by, now, a_request_id()), claim_id=claim_id, approve=approve, reason=reason
    )


def in_review(session, shop, by, now, **pieces):
    claimed = make_claim(session, shop, by, now=now, **pieces)
    ask(session, by, claimed.claim_id, now)
    return claimed.claim_id


def test_a_cancelled_claim_frees_its_pieces_and_leaves_no_mark(session, shop, by, now, by_job):
    claimed = make_claim(session, shop, by, now=now, 肥皂=3)
    assert cancel(session, by, claimed.claim_id, now).pieces == 3
    kept = queries.claim(session, 1, claimed.claim_id)
    assert (kept.state, kept.end_reason, kept.held, kept.lots) == (
        "cancelled", "BY_CLAIMANT", 0, (),
    )  # fmt: skip
    assert shelf_row(session, shop, "肥皂", now).available == 30
    assert queries.quota(session, 1, by.household_id, now).used == 0
    late = now + timedelta(days=4)
    actions.lapse_claims(Deed(session, by_job, late, a_request_id()))
    assert queries.no_shows_of_household(session, 1, by.household_id) == []


def test_staff_may_cancel_and_it_is_said_who_did(session, shop, by, now):
    claimed = make_claim(session, shop, by, now=now, 肥皂=3)
    cancel(session, shop.keeper, claimed.claim_id, now)
    assert queries.claim(session, 1, claimed.claim_id).end_reason == "BY_STAFF"
    other = make_claim(session, shop, by, now=now, 肥皂=3)
    cancel(session, make_by("social_worker"), other.claim_id, now)


def test_what_is_over_is_not_cancelled(session, shop, by, now):
    claimed = make_claim(session, shop, by, now=now, 肥皂=3)
    pick_up(session, shop, claimed, now=now)
    with pytest.raises(WrongState):
        cancel(session, by, claimed.claim_id, now)
    with pytest.raises(NotFound):
        cancel(session, by, 5, now)


def test_no_shows_older_than_a_year_are_forgotten(session, shop, town, by, now, by_job):
    make_proof(session, town, by.household_id, valid_until_on=date(2026, 12, 31))
    for days in (0, 5, 366):
        asked = now + timedelta(days=days)
        make_claim(session, shop, by, now=asked, 肥皂=1)
        closed = actions.lapse_claims(
            Deed(session, by_job, asked + timedelta(days=3), a_request_id())
        ).closed_household_ids
    assert closed == ()
    assert len(queries.no_shows_of_household(session, 1, by.household_id)) == 3


def test_several_claims_lapse_in_one_night(session, shop, town, by, now, by_job):
    other = make_claimant(session, town)
    claims = [make_claim(session, shop, one, now=now, 肥皂=2) for one in (by, other, by)]
    lapsed = actions.lapse_claims(Deed(session, by_job, now + timedelta(days=3), a_request_id()))
    assert lapsed.claim_ids == tuple(sorted(one.claim_id for one in claims))
    assert shelf_row(session, shop, "肥皂", now).available == 30


def test_a_refused_household_may_ask_for_a_person(session, shop, nobody, now):
    claim_id = in_review(session, shop, nobody, now, 毛巾=2)
    (waiting,) = claims_of(session, 1, "review")
    assert (waiting.id, waiting.refusal.code) == (claim_id, NotEligible.code)
    with pytest.raises(WrongState):
        ask(session, nobody, claim_id, now)


def test_what_a_person_approves_is_set_aside_and_handed_over(session, shop, nobody, now):
    claim_id = in_review(session, shop, nobody, now, 毛巾=2)
    decided = decide(session, make_by("approver"), claim_id, now)
    assert (decided.state, decided.approved) == ("ready", 2)
    assert decided.hold_until_at == now + timedelta(hours=72)
    kept = queries.claim(session, 1, claim_id)
    assert (kept.review_reason, kept.refusal, kept.lines[0].approved) == ("病后体弱", None, 2)
    # The rules still refuse; the reviewer's decision and reason are stored beside their answer.
    assert policy.decision(session, 1, decided.decision_id).answer.kind == "not_eligible"
    issued = actions.issue_goods(
        Deed(session, shop.keeper, now, a_request_id()),
        claim_id=claim_id,
        pickup_code=decided.pickup_code,
    )
    assert issued.pieces == 2


def test_a_persons_word_does_not_pass_the_quota_or_the_shelf(session, shop, town, nobody, now):
    took_before(session, town, nobody, now=now, taken={date(2025, 3, 1): 19})
    approver = make_by("approver")
    claim_id = in_review(session, shop, nobody, now, 毛巾=2)
    assert decide(session, approver, claim_id, now).approved == 1
    cut = queries.claim(session, 1, claim_id).lines[0]
    assert (cut.approved, cut.cut_code) == (1, "HOUSEHOLD_CAP")
    other = in_review(session, shop, nobody, now, 毛巾=2)
    with pytest.raises(HouseholdCap) as refused:
        decide(session, approver, other, now)
    assert refused.value.facts["next_on"] == "2026-03-01"
    empty = in_review(session, shop, make_resident(session, town), now, 书包=1)
    with pytest.raises(OutOfStock):
        decide(session, approver, empty, now)


def test_a_quota_filled_meanwhile_stops_even_what_a_person_approved(
    session, shop, town, nobody, now
):
    claim_id = in_review(session, shop, nobody, now, 毛巾=2)
    decided = decide(session, make_by("approver"), claim_id, now)
    took_before(session, town, nobody, now=now, taken={date(2025, 3, 1): 20})
    with pytest.raises(HouseholdCap):
        actions.issue_goods(
            Deed(session, shop.keeper, now, a_request_id()),
            claim_id=claim_id,
            pickup_code=decided.pickup_code,
        )


def test_what_a_person_refuses_is_refused_for_good(session, shop, nobody, now):
    claim_id = in_review(session, shop, nobody, now, 毛巾=2)
    refused = decide(session, make_by("approver"), claim_id, now, approve=False, reason="重复申领")
    assert (refused.state, refused.approved, refused.pickup_code) == ("refused", 0, None)
    assert queries.claim(session, 1, claim_id).review_reason == "重复申领"
    with pytest.raises(WrongState):
        ask(session, nobody, claim_id, now)
    with pytest.raises(WrongState):
        decide(session, make_by("approver"), claim_id, now)


def test_nobody_decides_his_own_case_or_what_he_asked_for(session, shop, nobody, now):
    claim_id = in_review(session, shop, nobody, now, 毛巾=2)
    kin = make_by("approver", household_id=nobody.household_id)
    with pytest.raises(NotAllowed):
        decide(session, kin, claim_id, now)
    clerk = make_by("approver")
    asked = make_claim(session, shop, nobody, acting=clerk, now=now, 毛巾=1)
    ask(session, nobody, asked.claim_id, now)
    with pytest.raises(SamePerson):
        decide(session, clerk, asked.claim_id, now)


def test_a_decision_needs_a_reason(session, shop, nobody, now):
    claim_id = in_review(session, shop, nobody, now, 毛巾=2)
    with pytest.raises(BadInput) as refused:
        decide(session, make_by("approver"), claim_id, now, reason="  ")
    assert refused.value.facts["field"] == "reason"


def test_a_fault_of_ours_becomes_a_review_and_never_a_refusal(session, shop, by, now, monkeypatch):
    monkeypatch.setattr("timebank.policy.rules.answer.judge", None)
    claimed = make_claim(session, shop, by, now=now, 肥皂=2)
    assert (claimed.state, claimed.refusal.code) == ("review", "NEEDS_REVIEW")
    monkeypatch.undo()
    refused = decide(session, make_by("approver"), claimed.claim_id, now, approve=False)
    assert refused.state == "refused"
    assert queries.claim(session, 1, claimed.claim_id).refusal.code == NotEligible.code
    again = make_claim(session, shop, by, now=now, 肥皂=2)
    assert again.state == "ready"


def test_a_review_may_be_cancelled(session, shop, nobody, now):
    claim_id = in_review(session, shop, nobody, now, 毛巾=2)
    assert cancel(session, nobody, claim_id, now).pieces == 0


@pytest.mark.parametrize(
    ("told", "field"),
    [
        ({"pieces": 0}, "pieces"),
        ({"taken_on": date(2025, 6, 11)}, "taken_on"),
        ({"note": " "}, "note"),
        ({"source": "issued"}, "source"),
    ],
)
def test_what_is_carried_over_names_its_fault(session, town, by, now, told, field):
    entry = {
        "household_id": by.household_id,
        "taken_on": date(2025, 6, 1),
        "pieces": 1,
        "note": "x",
    }
    with pytest.raises(BadInput) as refused:
        actions.carry_over_withdrawals(
            Deed(session, town.by, now, a_request_id()),
            withdrawals=(CarriedOver(**{**entry, **told}),),
        )
    assert refused.value.facts["field"] == f"withdrawals.0.{field}"


def test_nobody_carries_over_for_himself_or_for_the_unknown(session, by, now):
    def carry(by_whom, household_id):
        actions.carry_over_withdrawals(
            Deed(session, by_whom, now, a_request_id()),
            withdrawals=(CarriedOver(household_id, date(2025, 6, 1), 1, "x"),),
        )

    with pytest.raises(NotAllowed):
        carry(make_by("social_worker", household_id=by.household_id), by.household_id)
    with pytest.raises(NotFound):
        carry(make_by("social_worker"), 5)
