"""The addresses that kiosks call: who is admitted, what is refused, and never a server error."""

import json
import uuid

import pytest

import timebank
from kiosk.outbox import NewEvent
from tests.factories.aid import make_claim
from tests.factories.goods import make_stock
from tests.factories.kiosks import carry_to, commit_stand, make_agent, pair_agent, web_for
from timebank.aid.rules import KIOSK_WRONG_CODES_MAX
from timebank.deeds.deed import Deed
from timebank.kiosks import actions, wire
from timebank.kiosks.queries import kiosk_standings
from timebank.values import to_us


@pytest.fixture
def stand(fresh_database):
    return commit_stand(fresh_database)


@pytest.fixture
def client(fresh_database, stand):
    return web_for(fresh_database).test_client()


def nonce(client, stand):
    told = {"X-Kiosk-Device": str(stand.device.device_id)}
    return client.post("/api/v1/kiosk/nonce", json={}, headers=told).headers["X-Kiosk-Next"]


def call(client, stand, path, body=b"", *, key=None, given=None, **headers):
    method = "POST" if body else "GET"
    given = given or nonce(client, stand)
    said = wire.request_bytes(method, f"/api/v1/kiosk/{path}", body, nonce=given)
    signed = {
        "X-Kiosk-Device": str(stand.device.device_id),
        "X-Kiosk-Nonce": given,
        "X-Kiosk-Signature": wire.to_text(wire.sign(key or stand.key, said)),
    }
    return client.open(f"/api/v1/kiosk/{path}", method=method, data=body, headers=signed | headers)


def test_head_snapshot_and_card_answer_the_device_that_signs(client, stand):
    assert call(client, stand, "head").json["seq"] == 0
    snapshot = call(client, stand, "snapshot")
    assert snapshot.headers["X-Kiosk-Seal"] == wire.seal_of(stand.device.secret, snapshot.data)
    version = snapshot.json["version"]
    again = call(client, stand, "snapshot", **{"X-Kiosk-Known": version})
    assert (again.status_code, again.data) == (304, b"")
    ref = wire.card_ref(stand.device.secret, stand.card.token)
    card = call(client, stand, "card", wire.canonical(wire.CardAsked(ref=ref)))
    assert card.json["member"]["member"] == str(stand.volunteer.person_id)


def test_each_answer_brings_the_next_nonce(client, stand):
    first = call(client, stand, "head")
    following = first.headers["X-Kiosk-Next"]
    assert call(client, stand, "head", given=following).status_code == 200
    used = call(client, stand, "head", given=following)
    assert (used.status_code, used.json["code"]) == (403, "BAD_SIGNATURE")


@pytest.mark.parametrize("path", ["head", "events", "snapshot", "card"])
def test_nobody_else_is_heard(client, stand, path):
    body = b"{}" if path in ("events", "card") else b""
    forged = call(client, stand, path, body, key=wire.new_key())
    assert forged.json["code"] == "BAD_SIGNATURE"
    bare = client.open(f"/api/v1/kiosk/{path}", method="POST" if body else "GET", data=body)
    assert bare.json["code"] == "BAD_SIGNATURE"


@pytest.mark.parametrize("told", ["", "x", "-1", "9" * 30, "１２"])
def test_a_device_that_is_none_gets_a_refusal(client, told):
    answer = client.post(
        "/api/v1/kiosk/nonce", json={}, headers={"X-Kiosk-Device": told.encode().decode("latin-1")}
    )
    assert answer.status_code in (403, 404)


@pytest.mark.parametrize("body", [b"[]", b"{", b'{"sent_at":1.5,"events":[]}', b"\xff\xfe"])
def test_rubbish_in_a_signed_request_is_bad_input(client, stand, body):
    for path in ("events", "card"):
        answer = call(client, stand, path, body)
        assert (answer.status_code, answer.json["code"]) == (422, "BAD_INPUT")


def test_more_than_a_batch_is_refused_whole(client, stand, clock):
    item = stand.deed(stand.rice(), at=clock())
    batch = wire.Batch(to_us(clock()), (item,) * (wire.BATCH_MAX + 1))
    answer = call(client, stand, "events", wire.canonical(batch))
    assert answer.status_code == 422
    assert call(client, stand, "head").json["seq"] == 0


def test_a_batch_is_answered_one_by_one_with_the_high_water_mark(client, stand, clock):
    items = tuple(stand.deed(stand.rice(), at=clock()) for _ in range(3))
    answer = call(client, stand, "events", wire.canonical(wire.Batch(to_us(clock()), items)))
    told = json.loads(answer.data)
    assert [one["outcome"] for one in told["results"]] == ["posted"] * 3
    assert (told["head_seq"], told["now"]) == (3, to_us(clock()))
    assert call(client, stand, "head").json["digest"] == told["head_digest"]


def test_a_revoked_device_still_delivers_and_learns_nothing(client, stand, clock, fresh_database):
    fresh_database.write(
        lambda session, now: actions.revoke_device(
            Deed(session, stand.coordinator, now, "r"),
            device_id=stand.device.device_id,
            why="stolen",
        )
    )
    batch = wire.Batch(to_us(clock()), (stand.deed(stand.rice(), at=clock()),))
    answer = call(client, stand, "events", wire.canonical(batch))
    assert answer.json["results"][0]["reason"] == "DEVICE_REVOKED"
    for path, body in (("snapshot", b""), ("card", b'{"ref":"0"}')):
        assert call(client, stand, path, body).json["code"] == "DEVICE_REVOKED"


def test_pairing_refuses_what_is_no_code_and_no_key(client, stand):
    key = wire.to_text(wire.public_key(wire.new_key()))
    for asked in ({"code": "AAAAAAAA", "public_key": key}, {"code": "A", "public_key": "*"}, {}):
        answer = client.post("/api/v1/kiosk/pair", json=asked)
        assert answer.json["code"] in ("PAIRING_REFUSED", "BAD_SIGNATURE", "BAD_INPUT")
        assert answer.status_code in (403, 422)


def test_codes_tried_at_the_counter_of_a_kiosk_are_counted(client, stand, fresh_database, clock):
    def claim(session, now):
        make_stock(session, stand.shop, "洗衣液", 5)
        return make_claim(session, stand.shop, stand.volunteer, now=now, 洗衣液=2)

    claimed = fresh_database.write(claim)

    def look(code):
        return call(client, stand, "card", wire.canonical(wire.CardAsked(pickup_code=code)))

    assert look(claimed.pickup_code).json["ready"][0]["claim_no"] == claimed.claim_no
    codes = (f"{number:06d}" for number in range(99))
    wrong = [code for code in codes if code != claimed.pickup_code][:KIOSK_WRONG_CODES_MAX]
    for code in ("甲", "12345", "") * 3:  # Typing errors are no guesses.
        assert look(code).status_code == 422
    for code in wrong:
        assert look(code).json == {"member": None, "ready": []}
    shut = look(claimed.pickup_code)
    assert (shut.status_code, shut.json["code"]) == (429, "TOO_MANY_TRIES")
    ref = wire.card_ref(stand.device.secret, stand.card.token)
    by_card = call(client, stand, "card", wire.canonical(wire.CardAsked(ref=ref)))
    assert by_card.json["ready"][0]["claim_no"] == claimed.claim_no
    clock.move(minutes=16)
    assert look(claimed.pickup_code).json["ready"][0]["claim_no"] == claimed.claim_no


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("card", b'{"ref":"a","ref":"b"}', "ref"),
        ("events", b'{"sent_at":1,"events":[],"events":[]}', "events"),
        (
            "events",
            b'{"sent_at":1,"events":[{"epoch":1,"seq":1,"raw":"","sig":"","raw":""}]}',
            "raw",
        ),
    ],
)
def test_a_key_that_stands_twice_is_refused_and_the_chain_stays(client, stand, path, body, field):
    answer = call(client, stand, path, body)
    assert (answer.status_code, answer.json["code"]) == (422, "BAD_INPUT")
    assert answer.json["facts"] == {"field": field, "why": "repeated"}
    assert call(client, stand, "head").json["seq"] == 0


def test_a_pairing_whose_key_stands_twice_is_refused(client):
    body = b'{"code":"A","public_key":"x","code":"B"}'
    answer = client.post("/api/v1/kiosk/pair", data=body, content_type="application/json")
    assert (answer.status_code, answer.json["facts"]["why"]) == (422, "repeated")


def test_a_kiosk_tells_its_version_and_what_waits_on_it(client, stand, fresh_database):
    def standing():
        with fresh_database.reading() as session:
            (one,) = kiosk_standings(session, stand.shop.town.community_id)
        return one.version, one.waiting

    def told(version, waiting):
        call(client, stand, "head", **{"X-Kiosk-Version": version, "X-Kiosk-Waiting": waiting})
        return standing()

    assert standing() == (None, None)
    assert told("1.2.3", "7") == ("1.2.3", 7)
    assert told("x" * 21, "-1") == ("1.2.3", 7)  # Unfit values count as absent.
    assert told("1.2.4", "0") == ("1.2.4", 0)


def test_the_real_kiosk_tells_both(fresh_database, stand, tmp_path):
    kiosk = make_agent(tmp_path, carry_to(web_for(fresh_database)))
    pair_agent(kiosk, fresh_database, stand)
    kiosk.outbox.record(NewEvent(str(uuid.uuid4()), wire.DeviceStarted("3", "wal"), "visit"))
    kiosk.line.head(kiosk.outbox.identity)
    with fresh_database.reading() as session:
        newest = kiosk_standings(session, stand.shop.town.community_id)[0]
    assert (newest.version, newest.waiting) == (timebank.__version__, 1)
