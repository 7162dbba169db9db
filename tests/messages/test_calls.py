"""The call list: who is on it, who calls, and how they leave it."""

from datetime import timedelta

import pytest

from tests.factories import make_by
from tests.factories import people as make
from tests.factories.people import a_request_id
from tests.messages.conftest import KIND
from timebank.deeds.deed import Deed
from timebank.errors import BadInput, NotAllowed, NotFound, WrongState
from timebank.messages import actions
from timebank.messages.queries import call_due, calls_due
from timebank.values import Role


def write(session, now, town, person_id, about="claim:1", until_at=None):
    new = actions.NewMessage(kind=KIND, person_id=person_id, about=about, until_at=until_at)
    actions.write_messages(Deed(session, town.by, now, a_request_id()), [new])


def listed(session, by, now):
    return [one.person.id for one in calls_due(session, by, now)]


def record(session, now, by, person_id, outcome):
    ids = tuple(message.id for message in call_due(session, by, now, person_id).messages)
    return actions.record_message_call(
        Deed(session, by, now, a_request_id()), person_id=person_id, message_ids=ids,
        outcome=outcome,
    )  # fmt: skip


@pytest.mark.parametrize("outcome", ["reached", "slip"])
def test_whoever_was_reached_is_off_the_list(session, now, town, by_donor, outcome):
    write(session, now, town, by_donor.person_id)
    write(session, now, town, by_donor.person_id, about="claim:2")
    by = make.social_worker(session, town)
    assert listed(session, by, now) == [by_donor.person_id]
    assert record(session, now, by, by_donor.person_id, outcome).messages == 2
    assert listed(session, by, now) == []


@pytest.mark.parametrize("outcome", ["away", "wrong_number"])
def test_whoever_was_not_reached_stays_on_it(session, now, town, by_donor, outcome):
    write(session, now, town, by_donor.person_id)
    by = make.social_worker(session, town)
    for tries in (1, 2):
        record(session, now, by, by_donor.person_id, outcome)
        (one,) = calls_due(session, by, now)
        assert (one.tries, one.is_wrong_number) == (tries, outcome == "wrong_number")


def test_two_colleagues_do_not_call_for_one_thing(session, now, town, by_donor):
    write(session, now, town, by_donor.person_id)
    by = make.social_worker(session, town)
    ids = tuple(m.id for m in call_due(session, by, now, by_donor.person_id).messages)
    record(session, now, by, by_donor.person_id, "reached")
    with pytest.raises(WrongState):
        actions.record_message_call(
            Deed(session, make.coordinator(session, town), now, a_request_id()),
            person_id=by_donor.person_id, message_ids=ids, outcome="away",
        )  # fmt: skip


def test_what_is_over_is_called_for_no_more(session, now, town, by_donor):
    write(session, now, town, by_donor.person_id, until_at=now + timedelta(hours=1))
    by = make.social_worker(session, town)
    assert listed(session, by, now) == [by_donor.person_id]
    later = now + timedelta(hours=2)
    assert listed(session, by, later) == []
    with pytest.raises(NotFound):
        call_due(session, by, later, by_donor.person_id)


def test_a_grid_worker_calls_in_their_grid_only(session, now, town, by_donor):
    write(session, now, town, by_donor.person_id)
    near, far = (make.staff(session, town, Role("grid_worker", grid)) for grid in town.grid_ids[:2])
    assert listed(session, near, now) == [by_donor.person_id]
    assert listed(session, far, now) == []
    (message,) = call_due(session, near, now, by_donor.person_id).messages
    with pytest.raises(NotFound):
        actions.record_message_call(
            Deed(session, far, now, a_request_id()), person_id=by_donor.person_id,
            message_ids=(message.id,), outcome="reached",
        )  # fmt: skip


def test_the_neighbour_community_sees_and_ends_nothing(session, now, town, by_donor, by_neighbour):
    write(session, now, town, by_donor.person_id)
    assert listed(session, by_neighbour, now) == []
    with pytest.raises(NotFound):
        actions.send_message_again(
            Deed(session, by_neighbour, now, a_request_id()), message_id=1, channel="sms"
        )


@pytest.mark.parametrize("role", ["keeper", "approver", "auditor", "cashier", None])
def test_others_call_nobody(session, now, by_donor, role):
    by = make_by(*([role] if role else []))
    with pytest.raises(NotAllowed):
        actions.record_message_call(
            Deed(session, by, now, a_request_id()), person_id=by_donor.person_id,
            message_ids=(1,), outcome="reached",
        )  # fmt: skip
    with pytest.raises(NotAllowed):
        actions.send_message_again(
            Deed(session, by, now, a_request_id()), message_id=1, channel="sms"
        )


def test_an_unknown_outcome_is_refused(session, now, town, by_donor):
    write(session, now, town, by_donor.person_id)
    with pytest.raises(BadInput):
        record(session, now, make.social_worker(session, town), by_donor.person_id, "maybe")


def test_a_message_that_is_not_unclear_is_not_sent_again(session, now, town, by_donor):
    write(session, now, town, by_donor.person_id)
    by = make.social_worker(session, town)
    (message,) = call_due(session, by, now, by_donor.person_id).messages
    with pytest.raises(WrongState):
        actions.send_message_again(
            Deed(session, by, now, a_request_id()), message_id=message.id, channel="sms"
        )
