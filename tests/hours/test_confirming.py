"""Who may confirm: recipient and organiser, never oneself, two people for each hour."""

from datetime import timedelta

import pytest

from tests.factories import make_by
from tests.factories.hours import (
    at,
    confirm,
    enter,
    make_cast,
    make_neighbour,
    make_staff,
    register,
    told,
)
from tests.factories.people import a_request_id, make_card, make_household, new_person
from timebank.deeds.deed import Deed
from timebank.deeds.refusals import SamePerson
from timebank.errors import BadInput, NotFound, WrongState
from timebank.hours import actions
from timebank.hours.actions import NewRecord
from timebank.hours.queries import passbook, record, words_on
from timebank.hours.refusals import SelfConfirm
from timebank.people.actions import ask_pin_reset
from timebank.people.refusals import PinResetToday

TONIGHT = at("21:00")


@pytest.fixture
def cast(session):
    return make_cast(session)


@pytest.fixture
def entered(session, cast):
    return enter(session, cast, told(cast), now=TONIGHT)[0]


def _posted(session, cast):
    return passbook(session, 1, cast.volunteer.person_id).posted_minutes


def test_one_word_alone_credits_nothing(session, cast, entered):
    done = confirm(session, cast.recipient, entered, as_="recipient", now=TONIGHT)
    assert done.credited == ()
    assert record(session, 1, entered).state == "entered"
    assert _posted(session, cast) == 0


def test_either_side_may_speak_first(session, cast, entered):
    assert not confirm(session, cast.organiser, entered, now=TONIGHT).credited
    done = confirm(session, cast.recipient, entered, as_="recipient", now=TONIGHT)
    assert done.credited[0].credited_minutes == 150
    assert _posted(session, cast) == 150


def test_who_spoke_and_when_is_kept(session, cast, entered):
    confirm(session, cast.recipient, entered, as_="recipient", now=TONIGHT)
    confirm(session, cast.organiser, entered, now=at("22:00"))
    words = words_on(session, 1, [entered])[entered]
    assert [(word.side, word.person_id, word.on_behalf) for word in words] == [
        ("recipient", cast.recipient.person_id, False),
        ("organiser", cast.organiser.person_id, False),
    ]
    assert words[1].given_at == at("22:00")


def test_a_second_word_of_the_same_side_changes_nothing(session, cast, entered):
    confirm(session, cast.organiser, entered, now=TONIGHT)
    confirm(session, cast.coordinator, entered, now=TONIGHT)
    assert len(words_on(session, 1, [entered])[entered]) == 1


def test_what_is_credited_is_not_confirmed_again(session, cast, entered):
    confirm(session, cast.organiser, entered, now=TONIGHT)
    confirm(session, cast.recipient, entered, as_="recipient", now=TONIGHT)
    with pytest.raises(WrongState):
        confirm(session, cast.coordinator, entered, now=TONIGHT)
    assert _posted(session, cast) == 150


def test_a_group_activity_needs_the_organiser_only(session, cast):
    (group,) = enter(session, cast, told(cast, in_group=True), now=TONIGHT)
    assert confirm(session, cast.organiser, group, now=TONIGHT).credited
    assert _posted(session, cast) == 150


def test_who_typed_in_a_group_activity_does_not_confirm_it(session, cast):
    typed = told(cast, in_group=True)
    (group,) = enter(session, cast, typed, now=TONIGHT, by=cast.organiser)
    with pytest.raises(SamePerson) as refused:
        confirm(session, cast.organiser, group, now=TONIGHT)
    assert refused.value.facts["why"] == "self"
    assert confirm(session, cast.coordinator, group, now=TONIGHT).credited


def test_any_member_of_the_household_confirms_what_was_done_for_it(session, cast):
    home = make_household(session, cast.town, new_person(), new_person())
    new = NewRecord(
        cast.volunteer.person_id,
        cast.service_ids["cleaning"],
        at("09:00"),
        at("10:00"),
        recipient_household_id=home.household_id,
    )
    (entered,) = enter(session, cast, new, now=TONIGHT)
    member = make_by(person_id=home.person_ids[1], household_id=home.household_id)
    confirm(session, member, entered, as_="recipient", now=TONIGHT)
    assert confirm(session, cast.organiser, entered, now=TONIGHT).credited


def test_another_neighbour_does_not_confirm_for_the_recipient(session, cast, entered):
    with pytest.raises(NotFound):
        confirm(session, make_neighbour(session, cast.town), entered, as_="recipient", now=TONIGHT)


@pytest.mark.parametrize("as_", ["recipient", "organiser"])
def test_a_household_member_does_not_confirm(session, cast, as_):
    family = make_household(session, cast.town, new_person(), new_person())
    helper, wife = family.person_ids
    register(session, cast.town, helper)
    (entered,) = enter(
        session, cast, told(cast, person_id=helper), now=TONIGHT, by=cast.coordinator
    )
    by_wife = make_by("social_worker", person_id=wife)
    with pytest.raises(SelfConfirm):
        confirm(session, by_wife, entered, as_=as_, now=TONIGHT)


def test_an_organiser_is_not_in_the_session(session, cast):
    helped = make_staff(session, cast.town, "social_worker")
    new = told(cast, recipient_person_id=helped.person_id)
    (entered,) = enter(session, cast, new, now=TONIGHT)
    confirm(session, helped, entered, as_="recipient", now=TONIGHT)
    with pytest.raises(SelfConfirm):
        confirm(session, helped, entered, now=TONIGHT)


def test_staff_write_down_what_a_recipient_signed_and_another_organises(session, cast, entered):
    hotline = make_staff(session, cast.town, "hotline")
    confirm(session, hotline, entered, as_="recipient", now=TONIGHT)
    word = words_on(session, 1, [entered])[entered][0]
    assert word.on_behalf
    assert word.person_id == cast.recipient.person_id
    assert confirm(session, cast.organiser, entered, now=TONIGHT).credited


def test_one_hand_does_not_write_for_both_sides(session, cast, entered):
    confirm(session, cast.organiser, entered, as_="recipient", now=TONIGHT)
    with pytest.raises(SamePerson) as refused:
        confirm(session, cast.organiser, entered, now=TONIGHT)
    assert refused.value.facts["why"] == "self"


def test_nor_in_the_other_order(session, cast, entered):
    confirm(session, cast.organiser, entered, now=TONIGHT)
    with pytest.raises(SamePerson) as refused:
        confirm(session, cast.organiser, entered, as_="recipient", now=TONIGHT)
    assert refused.value.facts["why"] == "self"


def test_a_grid_worker_organises_in_his_grid_only(session, cast, entered):
    first, second = cast.town.grid_ids
    elsewhere = make_staff(session, cast.town, "grid_worker", first)
    with pytest.raises(NotFound):
        confirm(session, elsewhere, entered, now=TONIGHT)
    confirm(session, make_staff(session, cast.town, "grid_worker", second), entered, now=TONIGHT)


def test_a_keeper_organises_what_happened_in_his_store(session, cast):
    store = cast.town.store_place_id
    keeper = make_staff(session, cast.town, "keeper", store)
    new = NewRecord(
        cast.volunteer.person_id, cast.service_ids["company"], at("09:00"), at("10:00"),
        place_id=store,
    )  # fmt: skip
    here, elsewhere = enter(
        session, cast, new, told(cast, "14:00", "15:00", in_group=True), now=TONIGHT
    )
    assert confirm(session, keeper, here, now=TONIGHT).credited
    with pytest.raises(NotFound):
        confirm(session, keeper, elsewhere, now=TONIGHT)


def test_a_batch_with_one_bad_record_confirms_nothing(session, cast, entered):
    with pytest.raises(NotFound):
        confirm(session, cast.organiser, entered, 12345, now=TONIGHT)
    assert words_on(session, 1, [entered])[entered] == []


def test_a_batch_is_neither_empty_nor_endless(session, cast):
    for record_ids in ((), tuple(range(1001))):
        with pytest.raises(BadInput):
            confirm(session, cast.organiser, *record_ids, now=TONIGHT)


@pytest.mark.parametrize("who", ["recipient", "organiser", "volunteer"])
def test_each_side_may_refuse_and_the_volunteer_may_withdraw(session, cast, entered, who):
    actions.refuse_record(
        Deed(session, getattr(cast, who), TONIGHT, a_request_id()),
        record_id=entered,
        reason="日期写错了",
    )
    refused = record(session, 1, entered)
    assert (refused.state, refused.reason) == ("refused", "日期写错了")
    with pytest.raises(WrongState):
        confirm(session, cast.organiser, entered, now=TONIGHT)


def test_a_refused_session_leaves_its_time_free(session, cast, entered):
    actions.refuse_record(
        Deed(session, cast.organiser, TONIGHT, a_request_id()),
        record_id=entered,
        reason="时间写错了",
    )
    enter(session, cast, told(cast, "10:00", "12:00"), now=TONIGHT)


def test_a_refusal_says_why(session, cast, entered):
    with pytest.raises(BadInput):
        actions.refuse_record(
            Deed(session, cast.organiser, TONIGHT, a_request_id()), record_id=entered, reason="  "
        )


def test_what_is_credited_is_taken_back_and_not_refused(session, cast, entered):
    confirm(session, cast.organiser, entered, now=TONIGHT)
    confirm(session, cast.recipient, entered, as_="recipient", now=TONIGHT)
    with pytest.raises(WrongState):
        actions.refuse_record(
            Deed(session, cast.organiser, TONIGHT, a_request_id()),
            record_id=entered,
            reason="搞错了",
        )


@pytest.mark.parametrize("side", ["volunteer", "recipient"])
def test_whoever_asked_for_a_pin_confirms_nothing_of_them_that_day(session, cast, entered, side):
    person_id = getattr(cast, side).person_id
    card = make_card(session, cast.town, person_id)
    ask_pin_reset(Deed(session, cast.organiser, TONIGHT, a_request_id()), card_id=card.id)
    with pytest.raises(PinResetToday):
        confirm(session, cast.organiser, entered, now=TONIGHT)
    tomorrow = TONIGHT + timedelta(hours=4)
    confirm(session, cast.organiser, entered, now=tomorrow)
