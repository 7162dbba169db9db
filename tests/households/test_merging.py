"""Two records of one person: one person afterwards, and two again when it is taken back."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from sqlalchemy import func, select

from tests.conftest import only_on
from tests.factories import hours as work
from tests.factories import make_by
from tests.factories import people as make
from tests.factories.aid import make_claim, took_before
from tests.factories.goods import make_shop, make_stock
from tests.factories.recount import broken_accounts
from timebank.aid.queries import quota
from timebank.aid.refusals import ClaimsOpen
from timebank.deeds.deed import Deed
from timebank.deeds.refusals import SamePerson
from timebank.errors import BadInput, NotAllowed, WrongState
from timebank.hours.actions import open_balance, reverse_credit
from timebank.hours.queries import passbook, records_of_person, volunteer_of
from timebank.hours.refusals import TimeOverlap
from timebank.households.actions import (
    answer_merge,
    ask_merge,
    ask_merge_undone,
    move_members,
)
from timebank.ledger.actions import ensure_account, post_one
from timebank.ledger.queries import balance_of
from timebank.ledger.refusals import InsufficientBalance
from timebank.ledger.rules import Move
from timebank.ledger.tables import balance
from timebank.people.closeness import Involved, closeness
from timebank.people.queries import (
    by_of_card,
    by_of_user,
    card_holder,
    household,
    household_then,
    merges_of,
    person_brief,
    proofs_of_household,
    search_people,
)
from timebank.people.refusals import DuplicateIdentity
from timebank.values import MINUTES, local_day


class Office:
    """Somebody who is enrolled twice, in two households, and two social workers."""

    def __init__(self, session, now):
        self.session, self.now = session, work.at("20:00")
        self.cast = work.make_cast(session)
        self.town = self.cast.town
        self.shop = make_shop(session, self.town)
        self.first, self.second = (make.social_worker(session, self.town) for _ in range(2))
        self.kept = self.enrolled("陈甲一", building=0)
        self.gone = self.enrolled("陈甲一", building=1)

    def enrolled(self, name, building=0, number=""):
        new = replace(make.new_person(name), id_no=number, is_other_person=True)
        new = replace(new, birth_on=None, sex=None) if number else new
        return make.make_household(self.session, self.town, new, building=building)

    def deed(self, by):
        return Deed(self.session, by, self.now, make.a_request_id())

    def ask(self, gone=None, kept=None, by=None):
        gone, kept = gone or self.gone, kept or self.kept
        return ask_merge(
            self.deed(by or self.first), person_id=gone.person_ids[0],
            into_person_id=kept.person_ids[0], reason="同一位居民登记了两次",
        )  # fmt: skip

    def answer(self, asked, answer="one_person", by=None):
        deed = self.deed(by or self.second)
        return answer_merge(deed, merge_id=asked.merge_id, answer=answer)

    def merge(self, **values):
        return self.answer(self.ask(**values))

    def undo(self, merged):
        asked = ask_merge_undone(
            self.deed(self.first), merge_id=merged.merge_id, reason="看了证件，是两个人"
        )
        return self.answer(asked)

    def used(self, family):
        return quota(self.session, 1, family.household_id, self.now).used

    def took(self, family, pieces):
        by = make_by(
            community_id=1, person_id=family.person_ids[0], household_id=family.household_id
        )
        day = local_day(self.now) - timedelta(days=30)
        took_before(self.session, self.town, by, now=self.now, taken={day: pieces})

    def hours(self, family):
        found = passbook(self.session, 1, family.person_ids[0])
        return found.posted_minutes, found.cumulative_minutes

    def opened(self, family, minutes):
        open_balance(
            self.deed(self.cast.coordinator), person_id=family.person_ids[0], minutes=minutes,
            served_minutes=minutes, note="旧登记本结转",
        )  # fmt: skip

    def entered(self, family, start="09:00", end="11:00"):
        told = work.told(self.cast, start, end, person_id=family.person_ids[0])
        return work.enter(self.session, self.cast, told, now=self.now, by=self.cast.coordinator)[0]

    def credited(self, record_id):
        work.confirm_both(self.session, self.cast, record_id, now=self.now)


@pytest.fixture
def office(session, now):
    return Office(session, now)


def test_the_cards_and_the_sign_in_of_both_records_open_one_passbook(office):
    session, town = office.session, office.town
    cards = [make.make_card(session, town, one.person_ids[0]) for one in (office.gone, office.kept)]
    user_id = make.make_user(session, town, office.gone.person_ids[0]).user_id
    merged = office.merge()
    for card in cards:
        by = by_of_card(session, 1, card.id)
        assert by is not None and by.person_id == office.kept.person_ids[0]
        assert by.household_id == office.kept.household_id
        assert card_holder(session, 1, card.card_no).person_id == office.kept.person_ids[0]
    assert by_of_user(session, 1, user_id).person_id == office.kept.person_ids[0]
    office.undo(merged)
    assert by_of_card(session, 1, cards[0].id).person_id == office.gone.person_ids[0]
    assert by_of_user(session, 1, user_id).household_id == office.gone.household_id


def test_a_search_by_either_number_finds_the_one_record(office):
    card = make.make_card(office.session, office.town, office.gone.person_ids[0])
    assert len(search_people(office.session, office.first, "陈甲一")) == 2
    office.merge()
    for text in ("陈甲一", card.card_no):
        (found,) = search_people(office.session, office.first, text)
        assert found.id == office.kept.person_ids[0]


def test_hours_and_quota_count_once_and_come_apart_again(office):
    office.opened(office.gone, 90)
    office.opened(office.kept, 60)
    office.took(office.gone, 3)
    office.took(office.kept, 4)
    merged = office.merge()
    assert office.hours(office.kept)[0] == 150 and office.hours(office.gone)[0] == 0
    assert office.used(office.kept) == 7
    assert household(office.session, 1, office.gone.household_id).members == ()
    office.undo(merged)
    assert (office.hours(office.kept)[0], office.hours(office.gone)[0]) == (60, 90)
    assert (office.used(office.kept), office.used(office.gone)) == (4, 3)
    (member,) = household(office.session, 1, office.gone.household_id).members
    assert member.id == office.gone.person_ids[0]


def test_a_decision_of_last_month_still_shows_the_household_of_last_month(office):
    office.now += timedelta(days=30)
    before = office.now - timedelta(minutes=1)
    office.merge()
    for family, count in ((office.gone, 1), (office.kept, 1)):
        then = household_then(office.session, 1, family.household_id, at=before)
        assert len(then.members) == count
    assert household_then(office.session, 1, office.gone.household_id, at=office.now).members == ()


def test_nobody_merges_alone_nor_a_record_of_their_own(office):
    asked = office.ask()
    with pytest.raises(SamePerson):
        office.answer(asked, by=office.first)
    close = replace(office.second, person_id=office.kept.person_ids[0])
    with pytest.raises(NotAllowed):
        office.answer(asked, by=close)
    with pytest.raises(NotAllowed):
        office.ask(by=close)
    with pytest.raises(WrongState):
        office.ask()


def test_two_people_stay_two_and_are_not_asked_about_again(office):
    office.answer(office.ask(), "two_people")
    assert person_brief(office.session, 1, office.gone.person_ids[0]).merged_into_id is None
    with pytest.raises(WrongState) as refused:
        office.ask(gone=office.kept, kept=office.gone)
    assert refused.value.facts["state"] == "two_people"


def test_two_documents_are_two_people(office):
    one, two = (
        office.enrolled("林乙二", number=make.id_number(date(1950, 1, day))) for day in (1, 2)
    )
    with pytest.raises(WrongState) as refused:
        office.ask(gone=one, kept=two)
    assert refused.value.facts["state"] == "two_documents"


def test_the_record_without_a_household_is_the_one_that_goes(office):
    helper = make.make_person(office.session, office.town, "陈甲一")
    outside = replace(office.kept, person_ids=(helper,))
    with pytest.raises(BadInput):
        office.ask(gone=office.gone, kept=outside)
    office.merge(gone=outside, kept=office.gone)
    assert len(household(office.session, 1, office.gone.household_id).members) == 1


def test_what_is_reserved_is_fetched_first(office):
    by = make_by(
        community_id=1, person_id=office.gone.person_ids[0],
        household_id=office.gone.household_id,
    )  # fmt: skip
    make.make_proof(office.session, office.town, office.gone.household_id)
    make_stock(office.session, office.shop, "肥皂", 9, now=office.now)
    make_claim(office.session, office.shop, by, now=office.now, 肥皂=1)
    with pytest.raises(ClaimsOpen):
        office.merge()


def test_a_merge_can_be_taken_back_for_thirty_days(office):
    merged = office.merge()
    office.now += timedelta(days=29)
    office.undo(merged)
    again = office.merge()
    office.now += timedelta(days=30)
    with pytest.raises(WrongState) as refused:
        office.undo(again)
    assert refused.value.facts["state"] == "too_old"


def test_a_merge_is_taken_back_once(office):
    merged = office.merge()
    office.undo(merged)
    assert merges_of(office.session, 1, office.kept.person_ids[0]) == []
    with pytest.raises(WrongState) as refused:
        office.undo(merged)
    assert refused.value.facts["state"] == "not_in_force"


def test_papers_follow_the_record_and_go_back(office):
    kept, gone = office.kept, office.gone
    make.make_proof(office.session, office.town, gone.household_id, person_id=gone.person_ids[0])
    merged = office.merge()
    assert len(proofs_of_household(office.session, 1, kept.household_id)) == 1
    office.undo(merged)
    assert proofs_of_household(office.session, 1, kept.household_id) == []
    assert len(proofs_of_household(office.session, 1, gone.household_id)) == 1


def test_whoever_is_merged_is_close_to_what_both_records_did(office):
    office.merge()
    by = make_by(
        community_id=1, person_id=office.kept.person_ids[0], household_id=office.kept.household_id
    )
    assert closeness(office.session, by, Involved(person_ids=office.gone.person_ids)) == "self"


def test_other_records_move_with_the_person(office):
    office.merge()
    move_members(
        office.deed(office.first), person_ids=office.kept.person_ids, why="left",
        happened_on=local_day(office.now),
    )  # fmt: skip
    for family in (office.gone, office.kept):
        assert person_brief(office.session, 1, family.person_ids[0]).household_id is None


def test_the_document_of_either_record_is_known_at_enrolment(office):
    number = make.id_number(date(1950, 3, 4))
    gone = office.enrolled("黄丙三", number=number)
    office.merge(gone=gone)
    with pytest.raises(DuplicateIdentity) as refused:
        office.enrolled("李丁四", number=number)
    assert "person_id" not in refused.value.facts


def total(session):
    held = func.sum(balance.c.posted_in - balance.c.posted_out)
    return session.execute(select(balance.c.commodity_id, held).group_by("commodity_id")).all()


def test_a_day_has_one_cap_for_both_records(office):
    """Four hours a day, whichever of the two records they stand under."""
    work.register(office.session, office.town, office.gone.person_ids[0])
    early = office.entered(office.gone, "08:00", "11:00")
    office.merge()
    assert volunteer_of(office.session, 1, office.kept.person_ids[0]) is not None
    late = office.entered(office.kept, "12:00", "15:00")
    with pytest.raises(TimeOverlap):
        office.entered(office.kept, "10:00", "11:30")
    for record_id in (early, late):
        office.credited(record_id)
    assert office.hours(office.kept) == (240, 240)
    assert len(records_of_person(office.session, 1, office.kept.person_ids[0])) == 2


def test_hours_from_before_are_taken_back_and_the_undo_is_still_exact(office):
    work.register(office.session, office.town, office.gone.person_ids[0])
    record_id = office.entered(office.gone)
    office.credited(record_id)
    office.opened(office.kept, 60)
    before = total(office.session)
    merged = office.merge()
    assert office.hours(office.kept) == (180, 180)
    reverse_credit(office.deed(office.cast.coordinator), record_id=record_id, reason="重复记了一次")
    assert office.hours(office.kept) == (60, 60) and office.hours(office.gone) == (0, 0)
    office.undo(merged)
    assert office.hours(office.kept) == (60, 60) and office.hours(office.gone) == (0, 0)
    assert [one[1] for one in total(office.session)] == [one[1] for one in before]
    assert broken_accounts(office.session, 1) == []


def test_hours_that_are_spent_keep_two_records_one(office):
    office.opened(office.gone, 90)
    merged = office.merge()
    kept, gone = (
        ensure_account(office.session, 1, "person", "minutes", owner_id=one.person_ids[0])
        for one in (office.kept, office.gone)
    )
    assert kept != gone
    pool = ensure_account(office.session, 1, "pool", "minutes", floor=0)
    post_one(office.deed(office.first), kind="hours_gift", lines=(Move(kept, pool, 30),))
    with pytest.raises(InsufficientBalance):
        office.undo(merged)


@only_on("sqlite")
@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    steps=some.lists(
        some.tuples(some.sampled_from(("gone", "kept")), some.integers(1, 90_000)), max_size=3
    ),
    undo=some.booleans(),
)
def test_the_sums_of_the_books_never_change(session, steps, undo):
    """Whatever both records hold, also above the ceiling: nothing vanishes, nothing is made."""
    example = session.begin_nested()
    office = Office(session, None)
    held = {"gone": 0, "kept": 0}
    issue = ensure_account(session, 1, "issue", MINUTES)
    for name, most in steps:
        minutes = min(most, 90_000 - held[name])
        held[name] += minutes
        account = ensure_account(
            session, 1, "person", MINUTES, owner_id=getattr(office, name).person_ids[0],
            floor=0, ceiling=90_000,
        )  # fmt: skip
        if minutes:
            line = Move(issue, account, minutes)
            post_one(office.deed(office.first), kind="hours_opening", lines=(line,))
    merged = office.merge()
    pool = balance_of(session, 1, "pool", MINUTES).posted
    assert office.hours(office.kept)[0] + pool == sum(held.values())
    assert office.hours(office.gone)[0] == 0
    if undo:
        office.undo(merged)
        assert {name: office.hours(getattr(office, name))[0] for name in held} == held
    assert all(one[1] == 0 for one in total(session)) and broken_accounts(session, 1) == []
    example.rollback()
