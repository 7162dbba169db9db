"""Many records in one deed, and one deed sent twice."""

from datetime import timedelta

import pytest

from tests.factories.hours import (
    JUNE_10,
    at,
    confirm,
    enter,
    make_cast,
    make_volunteer,
    statements,
    told,
)
from timebank.deeds.refusals import RequestKeyReused
from timebank.deeds.running import perform
from timebank.hours import actions
from timebank.hours.queries import passbook
from timebank.hours.refusals import SelfConfirm

TONIGHT = at("21:00")


def _week(cast, helpers):
    return [
        told(cast, "09:00", "10:30", on=JUNE_10 - timedelta(days=back), person_id=by.person_id)
        for by in helpers
        for back in range(7)
    ]


@pytest.mark.parametrize("stage", ["enter", "confirm", "credit"])
def test_a_batch_takes_as_many_statements_as_one_record(session, stage):
    cast = make_cast(session)
    helpers = [make_volunteer(session, cast.town) for _ in range(4)]
    counts = []
    first, *few = _week(cast, helpers[:1])
    # The very first credit of a community opens its accounts.
    for records in ([first], few[:1], _week(cast, helpers[1:])):
        sent = {}
        with statements(session) as sent["enter"]:
            entered = enter(session, cast, *records, now=TONIGHT, by=cast.coordinator)
        with statements(session) as sent["confirm"]:
            confirm(session, cast.recipient, *entered, as_="recipient", now=TONIGHT)
        with statements(session) as sent["credit"]:
            confirm(session, cast.organiser, *entered, now=TONIGHT)
        counts.append(len(sent[stage]))
    assert counts[1] == counts[2]


def test_a_batch_credits_each_volunteer_his_own(session):
    cast = make_cast(session)
    helpers = [make_volunteer(session, cast.town) for _ in range(3)]
    entered = enter(session, cast, *_week(cast, helpers), now=TONIGHT, by=cast.coordinator)
    confirm(session, cast.recipient, *entered, as_="recipient", now=TONIGHT)
    done = confirm(session, cast.organiser, *entered, now=TONIGHT)
    assert len(done.credited) == 21
    for by in helpers:
        book = passbook(session, 1, by.person_id)
        assert (book.posted_minutes, book.cumulative_minutes) == (7 * 90, 7 * 90)


@pytest.fixture
def cast(fresh_database, clock):
    clock.now = TONIGHT
    return fresh_database.write(lambda session, now: make_cast(session))


def _twice(database, action, by, key, **content):
    return [perform(database, action, by=by, request_id=key, **content) for _ in range(2)]


def test_every_request_sent_twice_has_one_effect_and_one_answer(fresh_database, cast):
    me = cast.volunteer
    first, again = _twice(
        fresh_database, actions.check_in, me, "in",
        person_id=me.person_id, service_id=cast.service_ids["company"], at=at("09:00"),
        recipient_person_id=cast.recipient.person_id,
    )  # fmt: skip
    assert again == first
    ended, again = _twice(
        fresh_database, actions.check_out, me, "out", person_id=me.person_id, at=at("11:50")
    )
    assert again == ended
    entered, again = _twice(
        fresh_database, actions.enter_records, me, "enter", records=(told(cast, "14:00", "16:20"),)
    )
    assert again == entered
    ids = (ended.record_id, *entered.record_ids)
    for by, side in ((cast.recipient, "recipient"), (cast.organiser, "organiser")):
        confirmed, again = _twice(
            fresh_database, actions.confirm_records, by, side, record_ids=ids, as_=side
        )
        assert again == confirmed
    assert [one.credited_minutes for one in confirmed.credited] == [150, 90]
    with fresh_database.reading() as session:
        assert passbook(session, 1, me.person_id).posted_minutes == 240


def test_a_refusal_sent_again_stays_a_refusal(fresh_database, cast):
    entered = perform(
        fresh_database, actions.enter_records, by=cast.volunteer, request_id="e",
        records=(told(cast),),
    )  # fmt: skip
    for _ in range(2):
        with pytest.raises(SelfConfirm):
            perform(
                fresh_database, actions.confirm_records, by=cast.volunteer, request_id="c",
                record_ids=entered.record_ids, as_="organiser",
            )  # fmt: skip


def test_one_request_id_with_another_session_is_refused(fresh_database, cast):
    for start, refused in (("09:00", False), ("09:30", True)):
        content = {"records": (told(cast, start, "11:50"),)}
        if not refused:
            perform(
                fresh_database, actions.enter_records, by=cast.volunteer, request_id="e", **content
            )
            continue
        with pytest.raises(RequestKeyReused):
            perform(
                fresh_database, actions.enter_records, by=cast.volunteer, request_id="e", **content
            )
