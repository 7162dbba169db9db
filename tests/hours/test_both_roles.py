"""Who helped and was helped at the same time is asked about, in every way in."""

from datetime import timedelta

import pytest

from tests.factories import make_by
from tests.factories.hours import (
    at,
    confirm,
    enter,
    make_cast,
    make_neighbour,
    make_volunteer,
    open_pairs,
    told,
)
from tests.factories.people import a_request_id, make_household, new_person
from timebank.deeds.deed import Deed
from timebank.errors import BadInput, WrongState
from timebank.hours import actions, queries
from timebank.hours.refusals import BothRoles, SelfConfirm

TONIGHT = at("21:00")


@pytest.fixture
def cast(session):
    return make_cast(session)


@pytest.fixture
def other(session, cast):
    """A second volunteer, who lives alone."""
    return make_volunteer(session, cast.town, building=1)


def helped(cast, other, start="10:00", end="11:00"):
    """The other volunteer helped the volunteer of the cast."""
    whom = cast.volunteer.person_id
    return told(cast, start, end, person_id=other.person_id, recipient_person_id=whom)


def settle(session, cast, overlap_id, *, refused="none", by=None, note="问过双方"):
    return actions.settle_overlap(
        Deed(session, by or cast.coordinator, TONIGHT, a_request_id()),
        overlap_id=overlap_id, refused=refused, note=note,
    )  # fmt: skip


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_in_whatever_order_they_are_entered_it_is_asked(session, cast, other, order):
    records = (told(cast, "09:00", "11:00"), helped(cast, other))
    first = enter(session, cast, records[order[0]], now=TONIGHT, by=cast.organiser)
    assert open_pairs(session, cast) == []
    second = enter(session, cast, records[order[1]], now=TONIGHT, by=cast.organiser)
    (pair,) = open_pairs(session, cast)
    assert (pair.record_id, pair.other_record_id) == (second[0], first[0])
    assert pair.person_id == cast.volunteer.person_id


def test_two_lines_of_one_sheet_are_compared_too(session, cast, other):
    enter(session, cast, told(cast), helped(cast, other), now=TONIGHT, by=cast.organiser)
    assert len(open_pairs(session, cast)) == 1


@pytest.mark.parametrize(("start", "end"), [("08:00", "09:00"), ("11:00", "12:00")])
def test_what_follows_to_the_minute_is_not_asked(session, cast, other, start, end):
    enter(session, cast, told(cast, "09:00", "11:00"), now=TONIGHT)
    enter(session, cast, helped(cast, other, start, end), now=TONIGHT, by=cast.organiser)
    assert open_pairs(session, cast) == []


def test_two_helpers_of_one_person_are_not_asked(session, cast, other):
    enter(session, cast, told(cast), now=TONIGHT)
    enter(session, cast, told(cast, person_id=other.person_id), now=TONIGHT, by=cast.organiser)
    assert open_pairs(session, cast) == []


def test_a_refused_record_is_no_reason_to_ask(session, cast, other):
    (first,) = enter(session, cast, told(cast), now=TONIGHT)
    enter(session, cast, helped(cast, other), now=TONIGHT, by=cast.organiser)
    actions.refuse_record(
        Deed(session, cast.volunteer, TONIGHT, a_request_id()), record_id=first, reason="写错了"
    )
    assert open_pairs(session, cast) == []


def check_in(session, by, cast, *, recipient, channel="web"):
    kiosk = make_by(
        community_id=1, person_id=by.person_id, household_id=by.household_id, channel=channel
    )
    actions.check_in(
        Deed(session, kiosk, at("09:00"), a_request_id()), person_id=by.person_id,
        service_id=cast.service_ids["company"], **recipient,
    )  # fmt: skip
    return kiosk


@pytest.mark.parametrize("channel", ["web", "kiosk"])
def test_a_shift_is_compared_when_it_ends(session, cast, other, channel):
    by = check_in(session, cast.volunteer, cast, recipient={}, channel=channel)
    enter(session, cast, helped(cast, other), now=TONIGHT, by=cast.organiser)
    assert open_pairs(session, cast) == []
    ended = actions.check_out(
        Deed(session, by, at("10:30"), a_request_id()), person_id=by.person_id
    )
    assert ended.is_asked
    assert len(open_pairs(session, cast)) == 1


def test_a_household_of_one_is_its_only_member(session, cast, other):
    """On the phone the neighbour is named by the number of the household."""
    enter(session, cast, told(cast, "09:00", "11:00"), now=TONIGHT)
    home = {"recipient_household_id": cast.volunteer.household_id}
    check_in(session, other, cast, recipient=home)
    ended = actions.check_out(
        Deed(session, other, at("10:00"), a_request_id()), person_id=other.person_id
    )
    assert ended.is_asked


def test_of_a_household_of_two_it_may_have_been_the_other(session, cast, other):
    family = make_household(session, cast.town, new_person(), new_person(), building=1)
    enter(session, cast, told(cast, "09:00", "11:00"), now=TONIGHT)
    check_in(session, other, cast, recipient={"recipient_household_id": family.household_id})
    ended = actions.check_out(
        Deed(session, other, at("10:00"), a_request_id()), person_id=other.person_id
    )
    assert not ended.is_asked


def test_a_proposed_end_is_compared(session, cast, other):
    check_in(session, cast.volunteer, cast, recipient={})
    shift = queries.open_shift(session, 1, cast.volunteer.person_id)
    enter(session, cast, helped(cast, other), now=TONIGHT, by=cast.organiser)
    actions.propose_end(
        Deed(session, cast.organiser, at("09:00") + timedelta(hours=14), a_request_id()),
        record_id=shift.record_id, ended_at=at("10:30"), note="忘了签退",
    )  # fmt: skip
    assert len(open_pairs(session, cast)) == 1


def test_neither_is_credited_before_somebody_has_asked(session, cast, other):
    (first,) = enter(session, cast, told(cast), now=TONIGHT, by=cast.volunteer)
    confirm(session, cast.organiser, first, now=TONIGHT)
    (second,) = enter(session, cast, helped(cast, other), now=TONIGHT, by=other)
    with pytest.raises(BothRoles):  # The last word that was missing.
        confirm(session, cast.recipient, first, as_="recipient", now=TONIGHT)
    with pytest.raises(BothRoles):
        confirm(session, cast.organiser, second, now=TONIGHT)
    confirm(session, cast.volunteer, second, as_="recipient", now=TONIGHT)
    assert queries.records_to_confirm(session, cast.organiser, "organiser") == []
    (pair,) = open_pairs(session, cast)
    settle(session, cast, pair.id)
    assert len(confirm(session, cast.recipient, first, as_="recipient", now=TONIGHT).credited) == 1
    assert len(confirm(session, cast.organiser, second, now=TONIGHT).credited) == 1


def test_the_record_that_did_not_take_place_is_refused_with_the_note(session, cast, other):
    (first,) = enter(session, cast, told(cast), now=TONIGHT)
    (second,) = enter(session, cast, helped(cast, other), now=TONIGHT, by=cast.organiser)
    (pair,) = open_pairs(session, cast)
    assert (
        settle(session, cast, pair.id, refused="record", note="是前一天").refused_record_id
        == second
    )
    assert queries.record(session, 1, second).reason == "是前一天"
    assert queries.record(session, 1, first).state == "entered"
    with pytest.raises(WrongState):
        settle(session, cast, pair.id)


def test_an_answer_needs_a_sentence_and_somebody_who_took_no_part(session, cast, other):
    enter(session, cast, told(cast), helped(cast, other), now=TONIGHT, by=cast.organiser)
    (pair,) = open_pairs(session, cast)
    with pytest.raises(BadInput):
        settle(session, cast, pair.id, note="  ")
    for side in (cast.volunteer, cast.recipient, other):
        mighty = make_by(
            "coordinator", community_id=1, person_id=side.person_id, household_id=side.household_id
        )
        assert open_pairs(session, cast, mighty) == []
        with pytest.raises(SelfConfirm):
            settle(session, cast, pair.id, by=mighty)


def test_a_stranger_is_not_shown_the_pair(session, cast, other):
    assert queries.waiting_overlaps(make_neighbour(session, cast.town)) is None
    assert queries.waiting_overlaps(cast.organiser) is None
