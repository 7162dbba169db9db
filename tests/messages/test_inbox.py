"""The inbox: once, for the person alone, with its content for as long as the rules keep it."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError

from tests.factories import make_by
from tests.factories import people as make
from tests.factories.people import a_request_id
from tests.messages.conftest import KIND
from timebank.deeds.deed import Deed
from timebank.errors import BadInput, NotAllowed
from timebank.messages import actions
from timebank.messages.gateways import Gateways
from timebank.messages.queries import inbox, unread_count, wishes_of
from timebank.messages.rules import Reach
from timebank.messages.tables import message, message_sending, message_wish


def write(session, now, town, person_id, about="claim:1", by=None):
    new = actions.NewMessage(kind=KIND, person_id=person_id, about=about, facts={"n": 1})
    actions.write_messages(Deed(session, by or town.by, now, a_request_id()), [new])


def read(session, now, by, *ids):
    return actions.read_messages(Deed(session, by, now, a_request_id()), message_ids=ids).count


def choose(session, now, by, **wish):
    wish = {"email": "", "by_email": False, "by_sms": True, "by_call": True} | wish
    return actions.choose_messages(Deed(session, by, now, a_request_id()), **wish)


def ways(session):
    return sorted(session.scalars(select(message_sending.c.channel)))


def test_one_thing_is_said_once(session, now, town, by_donor):
    for _ in range(3):
        write(session, now, town, by_donor.person_id)
    write(session, now, town, by_donor.person_id, about="claim:2")
    assert len(inbox(session, town.community_id, by_donor.person_id)) == 2
    assert ways(session) == ["call", "call"]


def test_the_database_itself_refuses_the_same_message_twice(session, now, town, by_donor):
    write(session, now, town, by_donor.person_id)
    row = dict(session.execute(select(message)).one()._mapping)
    with pytest.raises(DBAPIError):
        session.execute(message.insert().values(row | {"id": row["id"] + 1}))


def test_whoever_did_it_finds_it_in_the_inbox_only(session, now, town, by_donor):
    write(session, now, town, by_donor.person_id, by=by_donor)
    assert unread_count(session, town.community_id, by_donor.person_id) == 1
    assert ways(session) == []


def test_only_the_person_reads_it_and_then_nobody_calls(session, now, town, by_donor, by_claimant):
    write(session, now, town, by_donor.person_id)
    (one,) = inbox(session, town.community_id, by_donor.person_id)
    assert one.facts == {"n": 1}
    assert read(session, now, by_claimant, one.id) == 0
    assert unread_count(session, town.community_id, by_donor.person_id) == 1
    assert read(session, now, by_donor, one.id) == 1
    assert read(session, now, by_donor, one.id) == 0
    assert unread_count(session, town.community_id, by_donor.person_id) == 0
    assert list(session.scalars(select(message_sending.c.state))) == ["dropped"]


def test_a_program_without_a_person_reads_and_chooses_nothing(session, now):
    by = make_by("coordinator", person_id=None)
    with pytest.raises(NotAllowed):
        read(session, now, by, 1)
    with pytest.raises(NotAllowed):
        choose(session, now, by)


def test_old_messages_lose_their_content_and_are_not_said_again(session, now, town, by_donor, shop):
    write(session, now, shop.town, by_donor.person_id)
    job = make_by("coordinator", channel="job")

    def end(after):
        at = now + timedelta(days=after)
        return actions.end_old_messages(Deed(session, job, at, a_request_id())).count

    assert end(365) == 0
    assert end(367) == 1
    assert session.scalar(select(message.c.facts_sealed)) is None
    write(session, now + timedelta(days=400), shop.town, by_donor.person_id)
    assert inbox(session, town.community_id, by_donor.person_id) == []


def test_the_address_is_sealed_and_goes_when_it_is_cleared(session, now, town, by_donor):
    choose(session, now, by_donor, email="ｌｉｎ＠example.org", by_email=True)
    stored = session.scalar(select(message_wish.c.email_sealed))
    assert b"lin" not in bytes(stored)
    wish = wishes_of(session, town.community_id, [by_donor.person_id])[by_donor.person_id]
    assert wish.email == "lin@example.org"
    choose(session, now, by_donor, email="")
    assert session.scalar(select(message_wish.c.email_sealed)) is None


@pytest.mark.parametrize("typed", ["lin", "a@b", "a b@c.d?to=x@y.z", "lin@例.中国", "a@b.c&x=1"])
def test_what_cannot_be_an_address_is_refused(session, now, by_donor, typed):
    with pytest.raises(BadInput) as refused:
        choose(session, now, by_donor, email=typed, by_email=True)
    assert refused.value.facts == {"field": "email", "why": "email"}


def test_email_without_an_address_is_refused(session, now, by_donor):
    with pytest.raises(BadInput) as refused:
        choose(session, now, by_donor, by_email=True)
    assert refused.value.facts["why"] == "needed"


@pytest.mark.parametrize(
    ("reach", "is_called", "expected"),
    [
        (Reach(has_email=True, has_phone=True), True, ("email", "sms")),
        (Reach(has_email=True, has_phone=True, by_email=False), True, ("sms",)),
        (Reach(has_phone=True, by_sms=False), True, ("call",)),
        (Reach(has_phone=True, by_sms=False), False, ()),
        (Reach(by_call=False), True, ()),
    ],
)
def test_a_message_takes_the_ways_that_are_open(reach, is_called, expected):
    assert reach.channels(("email", "sms"), is_called=is_called) == expected
    assert reach.channels((), is_called=False) == ()


def test_what_was_written_is_not_changed(session, now, town, by_donor):
    write(session, now, town, by_donor.person_id)
    with pytest.raises(DBAPIError, match="history is never changed"):
        session.execute(update(message).values(about="claim:9"))


def test_an_attempt_has_one_outcome(session, now, town, by_donor):
    write(session, now, town, by_donor.person_id)
    one = inbox(session, town.community_id, by_donor.person_id)[0]
    deed = Deed(session, make.coordinator(session, town), now, a_request_id())
    actions.record_message_call(
        deed, person_id=by_donor.person_id, message_ids=(one.id,), outcome="away"
    )
    with pytest.raises(DBAPIError, match="history is never changed"):
        session.execute(text("UPDATE message_attempt SET outcome = 'reached'"))


def test_the_address_of_a_gateway_is_in_no_text_of_ours():
    gateways = Gateways(email="mailtos://office:secret@smtp.example.org?to={to}")
    assert "secret" not in repr(gateways)
