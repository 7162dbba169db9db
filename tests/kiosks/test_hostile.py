"""Hostile input in a kiosk's name: it is answered, and the desk keeps working."""

from datetime import timedelta
from itertools import islice

import msgspec
import pytest

from tests.factories.aid import make_claim
from tests.factories.goods import make_stock
from tests.factories.kiosks import commit_stand, receive, web_for
from tests.factories.looks import open_reviews
from tests.kiosks.test_http import call
from timebank.aid import queries as aid
from timebank.aid.rules import KIOSK_WRONG_CODES_MAX as MOST
from timebank.deeds.deed import Deed
from timebank.goods.queries import announced_deposits
from timebank.kiosks import actions, wire

NO_IDS = ("", "-1", "0x1", "٣", "9" * 19, "9223372036854775808", "9" * 4000)
NO_BODIES = (
    b"", b"[]", b"null", b'"\xff"', b'{"code":"\xff","public_key":""}', b"[" * 90_000,
    b'{"code":"\\u0000","public_key":"AAAA"}', b'{"code":1e9,"public_key":null}',
    b'{"code":"A","public_key":"' + b"A" * 9_000 + b'"}', b"\x00",
)  # fmt: skip


@pytest.fixture
def line(fresh_database):
    commit_stand(fresh_database)
    return web_for(fresh_database).test_client()


def test_what_is_no_id_of_a_kiosk_and_no_pairing_is_refused(line):
    for told in NO_IDS:
        sent = [("X-Kiosk-Device", told.encode().decode("latin-1"))]
        assert line.post("/api/v1/kiosk/nonce", headers=sent).status_code == 403, told
    for body in NO_BODIES:
        answer = line.post("/api/v1/kiosk/pair", data=body, content_type="application/json")
        assert answer.status_code in (403, 422), body[:40]
        assert answer.json["code"] in ("BAD_INPUT", "BAD_SIGNATURE", "PAIRING_REFUSED")


@pytest.mark.parametrize("number", [-1, 2**53 + 1, 10**30])
def test_a_number_that_no_column_holds_is_refused_before_anything_is_done(number):
    item = {"epoch": 1, "seq": 1, "raw": "", "sig": ""}
    for batch in (
        {"sent_at": number, "events": []},
        {"sent_at": 1, "events": [item | {"seq": number}]},
        {"sent_at": 1, "events": [item | {"epoch": number}]},
    ):
        with pytest.raises(msgspec.ValidationError):
            msgspec.json.decode(msgspec.json.encode(batch), type=wire.Batch)


@pytest.mark.parametrize("raw", [b'"\xff"', b"\x00", b'{"body":' * 5_000])
def test_bytes_that_nobody_can_read_wait_at_the_desk_among_the_others(session, stand, now, raw):
    receive(session, stand, stand.deed(stand.rice(), at=now), now=now)
    damaged = wire.BatchItem(stand.device.epoch, 1, wire.to_text(raw), wire.to_text(b"unsigned"))
    assert receive(session, stand, damaged, now=now).outcome == "damaged"
    (waiting,) = open_reviews(session, stand.coordinator)
    assert (waiting.reason, waiting.type, waiting.body) == ("BAD_SIGNATURE", None, {})


@pytest.mark.parametrize(
    "changes",
    [
        {"occurred_at": 10**30}, {"occurred_at": -1}, {"event_id": "a\0b"}, {"actor": "card:\0"},
        {"event_id": "e" * 5_000}, {"event_id": ""}, {"actor": "card:" + "é" * 500},
        {"type": "\0"}, {"tz": "\0", "body": {"lines": "\0"}}, {"body": {"lines": [{"a": "\0"}]}},
    ],
)  # fmt: skip
def test_a_signed_envelope_full_of_nonsense_is_a_review_that_staff_can_read(
    session, stand, now, changes
):
    result = receive(session, stand, stand.deed(stand.rice(), at=now, **changes), now=now)
    assert result.outcome == "review"
    (waiting,) = open_reviews(session, stand.coordinator)
    assert waiting.seq == 1
    after = receive(session, stand, stand.deed(stand.rice(), at=now), now=now)
    assert after.outcome == "posted"  # The next event of the kiosk is not blocked.


def test_an_event_at_two_places_of_the_chain_is_one_deed(session, stand, now):
    """A disk that was put back in the midst of a write may hold an event twice.

    Forbids: a gift that is counted again because it came with another number.
    """
    first = stand.envelope(stand.rice(), at=now)
    again = stand.envelope(stand.rice(), at=now, event_id=first.event_id)
    for envelope in (first, again):
        assert receive(session, stand, stand.item(envelope), now=now).outcome == "posted"
    assert len(announced_deposits(session, 1)) == 1
    receive(session, stand, stand.deed(stand.rice(), at=now), now=now)
    assert len(announced_deposits(session, 1)) == 2


@pytest.mark.parametrize(
    "body",
    [
        {"claim_id": 10**30}, {"claim_id": -1}, {"claim_id": 2**63}, {"claim_id": 0},
        {"claim_id": 1, "pickup_code": "x\0"}, {"claim_id": 1, "pickup_code": "é" * 5_000},
    ],
)  # fmt: skip
def test_a_pick_up_of_no_claim_is_a_review(session, stand, now, body):
    told = wire.PickupCompleted(1)
    item = stand.deed(told, at=now, body=body)
    assert receive(session, stand, item, now=now).outcome == "review"
    assert len(open_reviews(session, stand.coordinator)) == 1


def wrong_codes(claimed):
    codes = (str(number) for number in range(100_000, 100_100))
    return list(islice((code for code in codes if code != claimed.pickup_code), MOST))


def test_a_kiosk_that_tries_codes_is_not_listened_to_for_a_while(session, stand, now):
    make_stock(session, stand.shop, "洗衣液", 5)
    claimed = make_claim(session, stand.shop, stand.volunteer, now=now, 洗衣液=2)

    def send(code, at=now):
        body = wire.PickupCompleted(claimed.claim_id, code)
        return receive(session, stand, stand.deed(body, at=at, actor=None), now=at).reason

    assert [send(code) for code in wrong_codes(claimed)] == ["WRONG_PICKUP_CODE"] * MOST
    assert send(claimed.pickup_code) == "TOO_MANY_TRIES"
    assert aid.claim(session, 1, claimed.claim_id).state == "ready"
    assert send(claimed.pickup_code, now + timedelta(minutes=16)) is None  # Posted.


def test_the_keeper_who_looked_may_post_it_all_the_same(session, stand, now):
    make_stock(session, stand.shop, "洗衣液", 5)
    claimed = make_claim(session, stand.shop, stand.volunteer, now=now, 洗衣液=2)
    for code in [*wrong_codes(claimed), claimed.pickup_code]:
        body = wire.PickupCompleted(claimed.claim_id, code)
        receive(session, stand, stand.deed(body, at=now, actor=None), now=now)
    waiting = open_reviews(session, stand.coordinator)
    last = next(one for one in waiting if one.reason == "TOO_MANY_TRIES")
    actions.settle_review(
        Deed(session, stand.shop.keeper, now, "r"), review_id=last.review_id, how="post", note=""
    )
    assert aid.claim(session, 1, claimed.claim_id).state == "issued"


def test_wrong_codes_that_were_reported_as_hand_overs_count_at_the_screen_too(fresh_database):
    stand = commit_stand(fresh_database)
    client = web_for(fresh_database).test_client()
    now = fresh_database.clock()

    def reserve(session, now):
        make_stock(session, stand.shop, "洗衣液", 5)
        return make_claim(session, stand.shop, stand.volunteer, now=now, 洗衣液=2)

    claimed = fresh_database.write(reserve)
    for code in wrong_codes(claimed):
        body = wire.PickupCompleted(claimed.claim_id, code)
        fresh_database.write(
            lambda session, at, body=body: receive(
                session, stand, stand.deed(body, at=now, actor=None), now=at
            )
        )
    asked = wire.canonical(wire.CardAsked(pickup_code=claimed.pickup_code))
    assert call(client, stand, "card", asked).status_code == 429


@pytest.mark.parametrize("key", [b'"v":1,', b'"body":{},'])
def test_a_signed_envelope_in_which_a_key_stands_twice_is_kept_and_looked_at(
    session, stand, now, key
):
    raw = wire.canonical(stand.envelope(stand.rice(), at=now))
    twice = raw[:1] + key + raw[1:]
    item = wire.BatchItem(
        stand.device.epoch, 1, wire.to_text(twice), wire.to_text(wire.sign(stand.key, twice))
    )
    assert receive(session, stand, item, now=now).outcome == "review"
    assert len(open_reviews(session, stand.coordinator)) == 1
