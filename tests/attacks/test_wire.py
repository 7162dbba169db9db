"""Attacks on the wire of a kiosk, over HTTP: each gets its right answer, and changes nothing.

Afterwards the kiosk sends what it has recorded, as after any bad connection: every deed is posted
once. Not here: what an envelope says (``tests/kiosks``), and killed programs (``test_kills``).
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from tests.conftest import Clock
from tests.counts import repeats, seeded
from tests.factories.kiosks import Stand, commit_stand, make_device, web_for
from tests.factories.recount import broken_accounts
from tests.kiosks.test_http import call, nonce
from timebank.db import Database
from timebank.goods.queries import announced_deposits
from timebank.kiosks import wire
from timebank.kiosks.tables import inbox, quarantine
from timebank.ledger.queries import sums_by_commodity
from timebank.values import to_us
from web.kiosks import limits

EVENTS = "/api/v1/kiosk/events"
REFUSED = (403, "BAD_SIGNATURE")
MALFORMED = (422, "BAD_INPUT")


@dataclass
class Line:
    """A kiosk at the end of a line, and what it has recorded so far."""

    database: Database
    client: FlaskClient
    stand: Stand
    clock: Clock
    items: list[wire.BatchItem] = field(default_factory=list)

    def record(self, count: int = 1, **changes: Any) -> list[wire.BatchItem]:
        """Record gifts of two pieces, one envelope each."""
        at = self.clock()
        made = [self.stand.deed(self.stand.rice(), at=at, **changes) for _ in range(count)]
        self.items += made
        return made

    def batch(self, *items: wire.BatchItem, **changes: Any) -> bytes:
        told = wire.Batch(to_us(self.clock()), items or tuple(self.items))
        return wire.canonical(msgspec.structs.replace(told, **changes))

    def send(self, body: bytes | None = None, **told: Any) -> TestResponse:
        body = self.batch() if body is None else body
        return call(self.client, self.stand, "events", body, **told)

    def outcomes(self, body: bytes | None = None, **told: Any) -> list[str]:
        """Send, and say what came of each envelope."""
        return [one["outcome"] for one in self.send(body, **told).json["results"]]

    def posted(self) -> int:
        with self.database.reading() as session:
            return len(announced_deposits(session, 1))

    def assert_each_once(self, *, but: int = 0) -> None:
        """Send everything again: all is stored, each posted once, the books are whole."""
        self.send()
        with self.database.reading() as session:
            stored = session.scalars(select(inbox.c.seq).order_by(inbox.c.seq)).all()
            assert list(stored) == list(range(1, len(self.items) + 1))
            assert set(sums_by_commodity(session, 1).values()) <= {(0, 0)}
            assert broken_accounts(session, 1) == []
        assert self.posted() == len(self.items) - but


@pytest.fixture
def line(fresh_database: Database, clock: Clock) -> Line:
    stand, app = commit_stand(fresh_database), web_for(fresh_database)
    # What an address may ask for grows with the minutes of the test.
    app.extensions[limits.NAME] = limits.AddressLimit(lambda: clock().timestamp())
    return Line(fresh_database, app.test_client(), stand, clock)


def refused(answer: TestResponse) -> tuple[int, str]:
    return answer.status_code, answer.json["code"]


def test_a_request_that_was_overheard_is_not_believed_again(line):
    line.record(2)
    given = nonce(line.client, line.stand)
    assert line.outcomes(given=given) == ["posted"] * 2
    assert refused(line.send(given=given)) == REFUSED
    line.assert_each_once()


def test_what_is_sent_again_is_told_to_be_known(line):
    line.record(3)
    assert line.outcomes() == ["posted"] * 3
    assert line.outcomes() == ["duplicate"] * 3
    assert line.outcomes(line.batch(*line.items, *line.items)) == ["duplicate"] * 6
    line.assert_each_once()


def signatures(line: Line, body: bytes, given: str) -> dict[str, str]:
    """Signatures that are none of this request, each by what is wrong with it."""

    def signed(method: str = "POST", path: str = EVENTS, **told: Any) -> bytes:
        said = told.get("body", body)
        return wire.sign(
            told.get("key", line.stand.key),
            wire.request_bytes(method, path, said, nonce=told.get("nonce", given)),
        )

    good = signed()
    wrong = {
        "another key": signed(key=wire.new_key()), "another body": signed(body=body + b" "),
        "another path": signed(path="/api/v1/kiosk/card"), "another method": signed(method="GET"),
        "another nonce": signed(nonce=given[:-1]), "cut off": good[:-1], "zeros": bytes(64),
        "too long": good + b"\0", "nothing": b"",
    }  # fmt: skip
    told = {why: wire.to_text(one) for why, one in wrong.items()}
    return told | {"no base64": "***", "very long": "A" * 9_000}


def test_no_wrong_signature_is_heard(line):
    line.record(2)
    body = line.batch()
    given = nonce(line.client, line.stand)
    for why, told in signatures(line, body, given).items():
        answer = line.send(body, given=given, **{"X-Kiosk-Signature": told})
        assert refused(answer) == REFUSED, why
    assert line.posted() == 0
    assert line.outcomes(body, given=given) == ["posted"] * 2  # None of it used up the nonce.
    line.assert_each_once()


def test_no_nonce_but_the_kiosks_own_and_new_one_is_taken(line):
    def other(session: Any, now: datetime) -> Any:
        return make_device(session, line.stand.shop, line.stand.coordinator, now=now)[0]

    line.record()
    device = line.database.write(other)
    told = {"X-Kiosk-Device": str(device.device_id)}
    foreign = line.client.post("/api/v1/kiosk/nonce", headers=told).headers["X-Kiosk-Next"]
    old = nonce(line.client, line.stand)
    for given in (foreign, "made-up", "x" * 9_000, "0", "' OR 1=1 --"):
        assert refused(line.send(given=given)) == REFUSED, given[:20]
    line.clock.move(minutes=16)
    assert refused(line.send(given=old)) == REFUSED
    line.assert_each_once()


def test_a_gap_is_named_and_nothing_behind_it_is_kept(line):
    first, second, third = line.record(3)
    answer = line.send(line.batch(second, third, first))
    (gap,) = answer.json["results"]
    assert (gap["outcome"], gap["expected"], answer.json["head_seq"]) == ("gap", 1, 0)
    assert line.outcomes(line.batch(first, third)) == ["posted", "gap"]
    line.assert_each_once()


def test_two_events_with_one_number_are_told_apart_and_the_kiosk_is_frozen(line):
    line.record(2)
    before = line.stand.seq, line.stand.prev
    line.send()
    line.stand.seq, line.stand.prev = 1, wire.digest(wire.to_bytes(line.items[0].raw))
    other = line.stand.deed(line.stand.rice(9), at=line.clock())
    assert line.outcomes(line.batch(other)) == ["fork"]
    assert line.outcomes(line.batch(other, line.items[1])) == ["fork", "duplicate"]
    assert call(line.client, line.stand, "head").json["state"] == "frozen"
    line.stand.seq, line.stand.prev = before
    line.record()
    assert line.outcomes()[-1] == "review"  # It is stored, and waits for staff.
    line.assert_each_once(but=1)
    with line.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(quarantine)) == 1


def test_what_a_clock_cannot_have_seen_waits_for_staff(line):
    """Years 1970, 2000 and 2100, the day before pairing, and one that no envelope may name."""
    days = ((1970, 1, 1), (2000, 1, 1), (2025, 6, 9), (2100, 1, 1), (9999, 12, 31))
    for at in (datetime(*day, tzinfo=UTC) for day in days):
        item = line.stand.deed(line.stand.rice(), at=at)
        line.items.append(item)
        (told,) = line.send(line.batch(item)).json["results"]
        reason = "BAD_INPUT" if at.year == 9999 else "TIME_IMPLAUSIBLE"
        assert (told["outcome"], told["reason"]) == ("review", reason), at
    line.record()
    line.assert_each_once(but=len(days))


def test_a_kiosk_that_sends_from_another_century_is_not_believed(line):
    centuries = (0, 946_684_800_000_000, 4_102_444_800_000_000, 2**53)
    for sent_at in centuries:
        body = line.batch(*line.record(), sent_at=sent_at)
        assert line.outcomes(body) == ["review"], sent_at
    line.assert_each_once(but=len(centuries))


def test_a_body_that_was_cut_off_is_refused_whole(line):
    line.record(2)
    body = line.batch()
    with seeded() as rng:
        for at in {1, len(body) - 1, *(rng.randrange(1, len(body)) for _ in range(20))}:
            assert refused(line.send(body[:at])) == MALFORMED, at
    assert line.posted() == 0
    line.assert_each_once()


def test_a_body_beyond_all_measure_is_refused_whole(line):
    line.record()
    padded = line.batch()[:-1] + b" " * 1_100_000 + b"}"
    assert line.send(padded).status_code == 413
    many = line.batch(*line.items * (wire.BATCH_MAX + 1))
    assert refused(line.send(many)) == MALFORMED
    deep = line.batch()[:-1] + b',"more":' + b"[" * 100_000 + b"}"
    assert refused(line.send(deep)) == MALFORMED
    assert line.posted() == 0
    line.assert_each_once()


KINDS = (
    "", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x",
    "application/json; charset=utf-16", "application/xml", "x" * 500,
)  # fmt: skip


def test_the_name_of_a_content_type_changes_nothing(line):
    """The bytes are signed, and read as what they are."""
    for kind in KINDS:
        body = line.batch(*line.record())
        assert line.outcomes(body, **{"Content-Type": kind}) == ["posted"], kind
    line.assert_each_once()


@pytest.mark.parametrize("wrong", [{"raw": "***"}, {"sig": "***"}, {"raw": ""}, {"sig": ""}])
def test_an_item_that_is_no_envelope_does_not_stop_the_others(line, wrong):
    first, second, third = line.record(3)
    bad = msgspec.structs.replace(second, **wrong)
    answer = line.send(line.batch(first, bad, third))
    assert answer.status_code == 200, answer.text
    told = [(one["outcome"], one.get("reason")) for one in answer.json["results"]]
    assert told[:2] == [("posted", None), ("review", "BAD_SIGNATURE")]
    assert line.posted() < 3


def test_whatever_comes_between_each_deed_is_posted_once(line):
    """Many attacks in any order, between the deeds of a kiosk at work."""
    with seeded() as rng:
        for _ in range(repeats(25, 400)):
            attack = rng.choice([_again, _cut, _forged, _later, _unsigned, _shuffled])
            if len(line.items) < 40:
                line.record(rng.randrange(1, 3))
            answer = attack(line, rng)
            assert answer.status_code in (200, 403, 422), answer.text
            if rng.random() < 0.3:
                line.send()
            line.clock.move(minutes=1)
        line.clock.move(minutes=1)
        line.assert_each_once()


def _again(line: Line, rng: Any) -> TestResponse:
    return line.send(line.batch(*rng.choices(line.items, k=3)))


def _cut(line: Line, rng: Any) -> TestResponse:
    body = line.batch()
    return line.send(body[: rng.randrange(1, len(body))])


def _forged(line: Line, rng: Any) -> TestResponse:
    return line.send(key=wire.new_key())


def _later(line: Line, rng: Any) -> TestResponse:
    return line.send(line.batch(*line.items[rng.randrange(len(line.items)) :]))


def _unsigned(line: Line, rng: Any) -> TestResponse:
    told = {"X-Kiosk-Device": str(line.stand.device.device_id)}
    return line.client.post(EVENTS, data=line.batch(), headers=told)


def _shuffled(line: Line, rng: Any) -> TestResponse:
    return line.send(line.batch(*rng.sample(line.items, len(line.items))))
