"""Staff clock in, enter and confirm for the people whom they may see."""

import pytest

from tests.factories.hours import at, enter, make_cast, make_neighbour, make_staff, register, told
from tests.factories.people import a_request_id
from timebank.deeds.deed import Deed
from timebank.errors import NotFound
from timebank.hours import actions

TONIGHT = at("21:00")


@pytest.fixture
def cast(session):
    return make_cast(session)


@pytest.fixture
def workers(session, cast):
    """The grid worker of the volunteer, and the one of the recipient."""
    return [make_staff(session, cast.town, "grid_worker", one) for one in cast.town.grid_ids]


def _in(session, cast, by, **content):
    return actions.check_in(
        Deed(session, by, at("18:00"), a_request_id()),
        person_id=cast.volunteer.person_id, service_id=cast.service_ids["company"], **content,
    )  # fmt: skip


def test_a_grid_worker_clocks_in_volunteers_of_their_grid(session, cast, workers):
    with pytest.raises(NotFound):
        _in(session, cast, workers[1])
    with pytest.raises(NotFound):  # The volunteer is theirs, the neighbour who is helped is not.
        _in(session, cast, workers[0], recipient_person_id=cast.recipient.person_id)
    with pytest.raises(NotFound):
        _in(session, cast, workers[0], recipient_household_id=cast.recipient.household_id)
    _in(session, cast, workers[0])


def test_a_grid_worker_clocks_out_volunteers_of_their_grid(session, cast, workers):
    _in(session, cast, cast.volunteer)
    for worker, is_reached in ((workers[1], False), (workers[0], True)):
        deed = Deed(session, worker, at("19:00"), a_request_id())
        if is_reached:
            actions.check_out(deed, person_id=cast.volunteer.person_id)
            continue
        with pytest.raises(NotFound):
            actions.check_out(deed, person_id=cast.volunteer.person_id)


def test_naming_ones_own_place_does_not_widen_ones_reach(session, cast, workers):
    """The place of a session is typed by whoever enters it, so it proves nothing."""
    other = make_neighbour(session, cast.town, building=1)
    register(session, cast.town, other.person_id)
    new = actions.NewRecord(
        other.person_id, cast.service_ids["company"], at("09:00"), at("10:00"),
        place_id=cast.town.grid_ids[0],
    )  # fmt: skip
    with pytest.raises(NotFound):
        enter(session, cast, new, now=TONIGHT, by=workers[0])


def test_a_grid_worker_agrees_for_volunteers_of_their_grid(session, cast, workers):
    started = _in(session, cast, cast.volunteer)
    told_end = {"record_id": started.record_id, "ended_at": at("19:00"), "note": "打过电话"}
    actions.propose_end(Deed(session, cast.organiser, TONIGHT, a_request_id()), **told_end)
    with pytest.raises(NotFound):
        actions.accept_end(
            Deed(session, workers[1], TONIGHT, a_request_id()), record_id=started.record_id
        )
    actions.accept_end(
        Deed(session, workers[0], TONIGHT, a_request_id()), record_id=started.record_id
    )


def test_what_is_out_of_reach_is_answered_like_what_does_not_exist(session, cast, workers):
    (entered,) = enter(session, cast, told(cast), now=TONIGHT)
    answers = set()
    for record_id in (entered, 404):
        with pytest.raises(NotFound) as refused:
            actions.confirm_records(
                Deed(session, workers[0], TONIGHT, a_request_id()),
                record_ids=(record_id,), as_="organiser",
            )  # fmt: skip
        answers.add(str(refused.value).replace(str(record_id), "ID"))
    assert len(answers) == 1
