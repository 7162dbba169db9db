"""Whoever made a card or a PIN today writes no hours for that household, and signs none."""

from datetime import timedelta

import pytest

from tests.factories.hours import at, confirm, enter, make_cast, make_staff, told
from tests.factories.people import a_request_id
from timebank.deeds.deed import Deed
from timebank.hours import actions
from timebank.people.actions import ask_card
from timebank.people.refusals import CardIssuedToday

TONIGHT = at("21:00")


@pytest.fixture
def cast(session):
    return make_cast(session)


def make_part(session, by, person_id):
    ask_card(Deed(session, by, TONIGHT, a_request_id()), person_id=person_id)


@pytest.mark.parametrize("side", ["volunteer", "recipient"])
def test_they_confirm_nothing_of_either_side(session, cast, side):
    entered = enter(session, cast, told(cast), now=TONIGHT)[0]
    make_part(session, cast.organiser, getattr(cast, side).person_id)
    with pytest.raises(CardIssuedToday):
        confirm(session, cast.organiser, entered, now=TONIGHT)
    confirm(session, cast.organiser, entered, now=TONIGHT + timedelta(hours=4))


@pytest.mark.parametrize("side", ["volunteer", "recipient"])
def test_they_enter_nothing_for_either_side(session, cast, side):
    make_part(session, cast.organiser, getattr(cast, side).person_id)
    with pytest.raises(CardIssuedToday):
        enter(session, cast, told(cast), now=TONIGHT, by=cast.organiser)
    other = make_staff(session, cast.town, "coordinator")
    enter(session, cast, told(cast), now=TONIGHT, by=other)


def test_they_check_nobody_in_or_out(session, cast):
    person_id = cast.volunteer.person_id
    make_part(session, cast.organiser, person_id)
    deed = Deed(session, cast.organiser, TONIGHT, a_request_id())
    with pytest.raises(CardIssuedToday):
        actions.check_in(deed, person_id=person_id, service_id=cast.service_ids["company"])
    own = Deed(session, cast.volunteer, TONIGHT, a_request_id())
    actions.check_in(own, person_id=person_id, service_id=cast.service_ids["company"])
    with pytest.raises(CardIssuedToday):
        actions.check_out(
            Deed(session, cast.organiser, TONIGHT + timedelta(hours=1), a_request_id()),
            person_id=person_id,
        )


def test_they_agree_to_no_end_for_the_volunteer(session, cast):
    person_id = cast.volunteer.person_id
    own = Deed(session, cast.volunteer, at("09:00"), a_request_id())
    shift = actions.check_in(own, person_id=person_id, service_id=cast.service_ids["company"])
    proposer, other = (make_staff(session, cast.town, "coordinator") for _ in "12")
    actions.propose_end(
        Deed(session, proposer, TONIGHT, a_request_id()),
        record_id=shift.record_id, ended_at=at("11:00"), note="忘记签退",
    )  # fmt: skip
    make_part(session, other, person_id)
    told_ = {"record_id": shift.record_id}
    with pytest.raises(CardIssuedToday):
        actions.accept_end(Deed(session, other, TONIGHT, a_request_id()), **told_)
    third = make_staff(session, cast.town, "coordinator")
    actions.accept_end(Deed(session, third, TONIGHT, a_request_id()), **told_)
