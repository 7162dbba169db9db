"""Every rule of two people, tried by somebody who is close to the first one.

The same person is tried beside each rule; here it is the housemate or the recorded relative, and
whoever took the first step under another name.
"""

from datetime import timedelta

import pytest

from tests.factories import people as make
from tests.factories.aid import make_claim, make_resident
from tests.factories.closing import close_day, count_day, open_day
from tests.factories.goods import make_stock
from tests.factories.hours import at, confirm, enter, make_cast, register, told
from tests.factories.ledger import make_issue, make_request, post_now
from tests.factories.people import a_request_id, make_relatives
from tests.policy.test_versions import GOLDEN, HERE
from timebank.aid import actions as aid
from timebank.aid.actions import CarriedOver
from timebank.aid.queries import waiting_pickups, waiting_reviews
from timebank.aid.rules import ClaimLine
from timebank.deeds.deed import Deed
from timebank.deeds.refusals import SamePerson
from timebank.desk.shortfalls import SETTLE, WRITE_OFF, settle_shortfall
from timebank.errors import NotAllowed
from timebank.goods.actions import receive_deposit
from timebank.goods.rules import JudgedLine
from timebank.hours import actions as hours
from timebank.hours.actions import NewRecord
from timebank.hours.queries import records_to_confirm, words_asked
from timebank.hours.refusals import SelfConfirm
from timebank.ledger.actions import ensure_account
from timebank.ledger.rules import RECORD, Move
from timebank.people.closeness import HOUSEHOLD, RELATIVE, SELF
from timebank.policy.actions import approve_rule, draft_rule, rehearse_rule
from timebank.values import MINUTES, By, Role

TONIGHT = at("21:00")


@pytest.fixture(params=[HOUSEHOLD, RELATIVE])
def why(request):
    """How close two people are; each rule is tried for housemates and for recorded relatives."""
    return request.param


@pytest.fixture
def housemates(session, town, now, why):
    """Two people who both work here, in the roles of a test, and are close to each other."""

    def of(*roles):
        if why == HOUSEHOLD:
            family = make.make_household(session, town, *(make.new_person() for _ in roles))
            person_ids = family.person_ids
        else:
            person_ids = make_relatives(session, town, now=now)
        return [
            make.make_user(session, town, person_id, role)
            for person_id, role in zip(person_ids, roles, strict=True)
        ]

    return of


@pytest.fixture
def cast(session):
    return make_cast(session)


@pytest.fixture
def pair(housemates):
    return housemates(Role("social_worker"), Role("social_worker"))


def of_group(cast):
    return NewRecord(
        cast.volunteer.person_id, cast.service_ids["company"], at("09:00"), at("10:00")
    )


def test_whoever_typed_a_record_in_does_not_organise_it(session, cast):
    """Also when the recipient has confirmed: four hours take more than one clerk."""
    (entered,) = enter(session, cast, told(cast), now=TONIGHT, by=cast.organiser)
    confirm(session, cast.recipient, entered, as_="recipient", now=TONIGHT)
    with pytest.raises(SamePerson) as refused:
        confirm(session, cast.organiser, entered, now=TONIGHT)
    assert refused.value.facts == {"why": SELF}
    assert records_to_confirm(session, cast.organiser, "organiser") == []
    assert confirm(session, cast.coordinator, entered, now=TONIGHT).credited


def _clocked(session, by, started_by):
    """A volunteer's hour in a group, clocked in by one person and out by another."""
    person_id, service_id = by["volunteer"].person_id, by["service_id"]
    start = hours.check_in(
        Deed(session, started_by, at("18:00"), a_request_id()),
        person_id=person_id, service_id=service_id,
    )  # fmt: skip
    hours.check_out(Deed(session, by["out"], at("19:00"), a_request_id()), person_id=person_id)
    return start.record_id


@pytest.mark.parametrize("side", ["in", "out"])
def test_whoever_clocked_a_volunteer_in_or_out_does_not_organise_it(session, cast, side):
    """Otherwise one clerk alone clocks somebody in and out, and credits it."""
    by = {"volunteer": cast.volunteer, "service_id": cast.service_ids["company"]}
    by |= {"out": cast.organiser if side == "out" else cast.volunteer}
    started = _clocked(session, by, cast.organiser if side == "in" else cast.volunteer)
    with pytest.raises(SamePerson):
        confirm(session, cast.organiser, started, now=TONIGHT)
    assert records_to_confirm(session, cast.organiser, "organiser") == []
    assert len(records_to_confirm(session, cast.coordinator, "organiser")) == 1
    assert confirm(session, cast.coordinator, started, now=TONIGHT).credited


def test_nor_does_their_housemate(session, cast, pair, why):
    writer, housemate = pair
    (entered,) = enter(session, cast, of_group(cast), now=TONIGHT, by=writer)
    with pytest.raises(SamePerson) as refused:
        confirm(session, housemate, entered, now=TONIGHT)
    assert refused.value.facts == {"why": why}
    assert records_to_confirm(session, housemate, "organiser") == []
    assert len(records_to_confirm(session, cast.coordinator, "organiser")) == 1


def test_the_housemate_of_whoever_wrote_for_the_recipient_does_not_organise(session, cast, pair):
    writer, housemate = pair
    (entered,) = enter(session, cast, told(cast), now=TONIGHT)
    confirm(session, writer, entered, as_="recipient", now=TONIGHT)
    with pytest.raises(SamePerson):
        confirm(session, housemate, entered, now=TONIGHT)
    assert records_to_confirm(session, housemate, "organiser") == []


def test_nor_in_the_other_order(session, cast, pair):
    organiser, housemate = pair
    (entered,) = enter(session, cast, told(cast), now=TONIGHT)
    confirm(session, organiser, entered, now=TONIGHT)
    with pytest.raises(SamePerson):
        confirm(session, housemate, entered, as_="recipient", now=TONIGHT)


def test_staff_do_not_write_down_the_word_of_their_own_housemate(session, cast, pair):
    recipient, housemate = pair
    new = told(cast, recipient_person_id=recipient.person_id)
    (entered,) = enter(session, cast, new, now=TONIGHT)
    with pytest.raises(SelfConfirm):
        confirm(session, housemate, entered, as_="recipient", now=TONIGHT)


def test_the_housemate_of_whoever_proposed_an_end_does_not_agree(session, cast, pair):
    proposer, housemate = pair
    started = hours.check_in(
        Deed(session, cast.volunteer, at("18:00"), a_request_id()),
        person_id=cast.volunteer.person_id, service_id=cast.service_ids["company"],
    )  # fmt: skip
    hours.propose_end(
        Deed(session, proposer, TONIGHT, a_request_id()),
        record_id=started.record_id, ended_at=at("19:00"), note="忘记签退",
    )  # fmt: skip
    with pytest.raises(SamePerson):
        hours.accept_end(
            Deed(session, housemate, TONIGHT, a_request_id()), record_id=started.record_id
        )


def test_opening_hours_are_not_imported_for_a_housemate(session, cast, housemates):
    coordinator, other = housemates(Role("coordinator"), Role("auditor"))
    with pytest.raises(SelfConfirm):
        hours.open_balance(
            Deed(session, coordinator, TONIGHT, a_request_id()),
            person_id=other.person_id, minutes=60, served_minutes=60, note="旧本",
        )  # fmt: skip


def test_a_day_is_not_signed_by_a_housemate_of_whoever_counted(
    session, town, shop, housemates, now, why
):
    keeper = Role("keeper", town.store_place_id)
    counter, housemate = housemates(keeper, keeper)
    make_stock(session, shop, "毛巾", 4)
    open_day(session, shop, now=now)
    count_day(session, shop, now=now, by=counter)
    with pytest.raises(SamePerson) as refused:
        close_day(session, shop, housemate, now=now)
    assert refused.value.facts == {"why": why}
    close_day(session, shop, shop.keeper, now=now)


def decide(session, by, claim_id, now):
    return aid.decide_review(
        Deed(session, by, now, a_request_id()), claim_id=claim_id, approve=False, reason="已核实"
    )


def waits_for(session, by):
    return list(session.execute(waiting_reviews(by)))


def test_a_review_is_not_decided_by_a_housemate_of_whoever_claimed(
    session, town, shop, housemates, now
):
    clerk, housemate = housemates(Role("social_worker"), Role("approver"))
    poor = make_resident(session, town)
    claimed = make_claim(session, shop, poor, acting=clerk, now=now, 毛巾=1)
    aid.ask_for_person(Deed(session, poor, now, a_request_id()), claim_id=claimed.claim_id)
    with pytest.raises(SamePerson):
        decide(session, housemate, claimed.claim_id, now)
    assert waits_for(session, housemate) == []
    approver = make.approver(session, town)
    assert len(waits_for(session, approver)) == 1
    decide(session, approver, claimed.claim_id, now)


def test_whoever_asked_for_a_review_does_not_decide_it(session, town, shop, now):
    """The claim itself names only who claimed; the audit trail knows who asked."""
    poor, coordinator = make_resident(session, town), make.coordinator(session, town)
    claimed = make_claim(session, shop, poor, now=now, 毛巾=1)
    aid.ask_for_person(Deed(session, coordinator, now, a_request_id()), claim_id=claimed.claim_id)
    with pytest.raises(SamePerson):
        decide(session, coordinator, claimed.claim_id, now)


@pytest.mark.parametrize("why", [HOUSEHOLD], indirect=True)  # Policy stands below the people.
def test_a_rule_is_not_approved_by_a_housemate_of_its_author(session, town, shop, housemates, now):
    author, housemate = housemates(Role("coordinator"), Role("approver"))
    found = draft_rule(
        Deed(session, author, now, a_request_id()), programme="goods_shelf", tree=HERE
    ).rule_version_id
    rehearse_rule(Deed(session, author, now, a_request_id()), rule_version_id=found, cases=GOLDEN)
    with pytest.raises(SamePerson):
        approve_rule(Deed(session, housemate, now, a_request_id()), rule_version_id=found)
    approve_rule(
        Deed(session, make.approver(session, town), now, a_request_id()), rule_version_id=found
    )


def close(session, by, case_id, how, now):
    return settle_shortfall(
        Deed(session, by, now, a_request_id()), txn_id=case_id, how=how, note="已核实"
    )


@pytest.mark.parametrize("how", [SETTLE, WRITE_OFF])
def test_a_shortfall_is_not_settled_by_a_housemate(session, town, housemates, now, how):
    coordinator, other = housemates(Role("coordinator"), Role("auditor"))
    passbook = ensure_account(session, 1, "person", MINUTES, owner_id=other.person_id, floor=0)
    request = make_request(Move(passbook, make_issue(session), 5), mode=RECORD)
    case_id = post_now(session, request)[0].txn_id
    with pytest.raises(NotAllowed) as refused:
        close(session, coordinator, case_id, how, now)
    assert refused.value.facts["why"] == "own_case"


def test_a_fact_is_not_written_off_by_a_housemate_of_whoever_recorded_it(
    session, town, housemates, now
):
    recorder, housemate = housemates(Role("keeper"), Role("accountant"))
    passbook = ensure_account(session, 1, "person", MINUTES, owner_id=77, floor=0)
    lines = Move(passbook, make_issue(session), 5)
    request = make_request(lines, client=recorder.client, mode=RECORD)
    case_id = post_now(session, request)[0].txn_id
    with pytest.raises(SamePerson):
        close(session, housemate, case_id, WRITE_OFF, now)
    close(session, make.staff(session, town, Role("accountant")), case_id, WRITE_OFF, now)


def test_a_keeper_does_not_judge_what_their_household_gives(
    session, town, shop, housemates, now, why
):
    keeper, donor = housemates(Role("keeper", town.store_place_id), Role("auditor"))
    line = JudgedLine(shop.item("毛巾"), 2, 2)
    told_gift = {"store_id": shop.store_id, "lines": (line,), "donor_person_id": donor.person_id}
    with pytest.raises(NotAllowed) as refused:
        receive_deposit(Deed(session, keeper, now, a_request_id()), **told_gift)
    assert refused.value.facts["why"] == f"own_{why}"
    later = now + timedelta(minutes=1)
    receive_deposit(Deed(session, shop.keeper, later, a_request_id()), **told_gift)


def test_a_recipient_does_not_confirm_the_hours_of_a_relative(session, town, cast, now):
    helper_id, helped_id = make_relatives(session, town, now=now)
    register(session, town, helper_id)
    helped = make.make_user(session, town, helped_id)
    new = told(cast, person_id=helper_id, recipient_person_id=helped_id)
    (entered,) = enter(session, cast, new, now=TONIGHT, by=cast.organiser)
    assert records_to_confirm(session, helped, "recipient") == words_asked(session, helped) == []
    with pytest.raises(SelfConfirm):
        confirm(session, helped, entered, as_="recipient", now=TONIGHT)
    stranger = make.make_user(session, town, make.make_household(session, town).person_ids[0])
    other = told(
        cast, "12:00", "13:00", person_id=helper_id, recipient_person_id=stranger.person_id
    )
    (entered,) = enter(session, cast, other, now=TONIGHT, by=cast.organiser)
    assert len(words_asked(session, stranger)) == 1
    confirm(session, stranger, entered, as_="recipient", now=TONIGHT)


def test_goods_are_not_handed_to_a_relative(session, town, shop, now):
    keeper_id, poor_id = make_relatives(session, town, now=now)
    keeper = make.make_user(session, town, keeper_id, Role("keeper", town.store_place_id))
    poor = make.make_user(session, town, poor_id)
    make.make_proof(session, town, poor.household_id)
    make_stock(session, shop, "毛巾", 4)
    claimed = make_claim(session, shop, poor, now=now, 毛巾=1)
    told_claim = {"claim_id": claimed.claim_id, "pickup_code": claimed.pickup_code}
    told_now = {"household_id": poor.household_id, "person_id": poor_id}
    told_now |= {"store_id": shop.store_id, "lines": (ClaimLine(shop.item("毛巾"), 1),)}
    carried = (CarriedOver(poor.household_id, now.date(), 1, "旧账"),)
    worker = By(1, "user:7", person_id=keeper_id, roles=frozenset({Role("social_worker")}))
    for action, by, content in (
        (aid.issue_goods, keeper, told_claim),
        (aid.note_visit, keeper, told_claim),
        (aid.issue_at_counter, keeper, told_now),
        (aid.carry_over_withdrawals, worker, {"withdrawals": carried}),
    ):
        with pytest.raises(NotAllowed) as refused:
            action(Deed(session, by, now, a_request_id()), **content)
        assert refused.value.facts["why"] == "own_relative", action
    assert list(session.execute(waiting_pickups(keeper), {"now": now})) == []
    assert len(list(session.execute(waiting_pickups(shop.keeper), {"now": now}))) == 1
    aid.issue_goods(Deed(session, shop.keeper, now, a_request_id()), **told_claim)
