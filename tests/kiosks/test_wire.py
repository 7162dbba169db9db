"""The wire format: canonical, signed, chained, and tolerant of typed codes."""

import os

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from timebank.errors import BadInput
from timebank.kiosks import wire
from timebank.kiosks.refusals import BadSignature


def envelope(**changes):
    made = wire.Envelope(
        v=1, device="7", epoch=1, seq=1, event_id="e", type="balance.viewed", occurred_at=1,
        tz="Asia/Shanghai", boot_id="b", monotonic_ms=1, clock_quality="synced", session_id="s",
        actor=None, witness=None, snapshot_version="", policy_version="", body={},
        prev=wire.NO_PREVIOUS,
    )  # fmt: skip
    return msgspec.structs.replace(made, **changes)


def test_the_fields_are_those_of_the_agreement_in_sorted_order():
    raw = wire.canonical(envelope())
    names = list(msgspec.json.decode(raw))
    assert names == sorted(names)
    assert set(names) == {
        "v", "device", "epoch", "seq", "event_id", "type", "occurred_at", "tz", "boot_id",
        "monotonic_ms", "clock_quality", "session_id", "actor", "witness", "snapshot_version",
        "policy_version", "body", "prev",
    }  # fmt: skip
    assert b" " not in raw


@given(st.integers(0, 2**53), st.text(max_size=20), st.integers(1, 10**6))
def test_what_is_written_is_read(at, visit, seq):
    made = envelope(occurred_at=at, session_id=visit, seq=seq)
    assert wire.read_envelope(wire.canonical(made)) == made


@pytest.mark.parametrize(
    "raw", [b"", b"[]", b"{", b'{"v":1}', b"\xff", b"null", b'"\xff"', b"[" * 9000, b'{"a":' * 9000]
)
def test_anything_else_is_refused_as_bad_input(raw):
    with pytest.raises(BadInput):
        wire.read_envelope(raw)


@pytest.mark.parametrize(
    "changes",
    [
        {"occurred_at": 10**30}, {"occurred_at": -(10**18)}, {"event_id": "a\0b"},
        {"actor": "card:\0"},
    ],
)  # fmt: skip
def test_an_instant_of_no_calendar_and_what_no_database_keeps_are_refused(changes):
    with pytest.raises(BadInput):
        wire.read_envelope(wire.canonical(envelope(**changes)))


def test_a_fraction_an_extra_field_and_a_later_version_are_refused():
    plain = msgspec.json.decode(wire.canonical(envelope()))
    for changes in ({"occurred_at": 1.5}, {"more": 1}, {"v": 2}):
        with pytest.raises(BadInput):
            wire.read_envelope(wire.canonical(plain | changes))


@pytest.mark.parametrize("pieces", [0, -1, 1000])
def test_a_deposit_has_pieces_in_a_sane_number(pieces):
    body = {"lines": [{"item_id": 1, "pieces": pieces, "condition": "new"}]}
    with pytest.raises(BadInput):
        wire.read_body(envelope(type="deposit.recorded", body=body))


@given(st.binary(min_size=1, max_size=200), st.integers(0, 10**6))
def test_no_flipped_bit_passes_the_signature(raw, where):
    key = wire.new_key()
    signature = wire.sign(key, raw)
    changed = bytearray(raw)
    changed[where % len(raw)] ^= 1 << (where % 8)
    assert wire.is_signed(wire.public_key(key), raw, signature)
    assert not wire.is_signed(wire.public_key(key), bytes(changed), signature)
    assert not wire.is_signed(wire.public_key(wire.new_key()), raw, signature)


def test_a_request_is_signed_with_all_that_matters():
    usual = ("POST", "/a", b"{}")
    said = wire.request_bytes(*usual, nonce="n")
    for other in (("GET", "/a", b"{}"), ("POST", "/b", b"{}"), ("POST", "/a", b"[]")):
        assert wire.request_bytes(*other, nonce="n") != said
    assert wire.request_bytes(*usual, nonce="m") != said


def test_a_code_has_no_letters_that_people_mistake():
    codes = "".join(wire.pairing_code(os.urandom(8)) for _ in range(500))
    assert not set(codes) & set("ILOU")
    assert wire.tidy_code(" abcd-1o1l ") == "ABCD1011"


def test_a_fingerprint_is_short_and_of_the_key():
    key = wire.public_key(wire.new_key())
    assert wire.fingerprint(key) == wire.fingerprint(key)
    assert len(wire.fingerprint(key)) == 12
    assert wire.fingerprint(key) != wire.fingerprint(wire.public_key(wire.new_key()))


def test_a_card_is_named_alike_however_it_was_typed():
    secret = b"s" * 32
    assert wire.card_ref(secret, " gzt1:abc ") == wire.card_ref(secret, "GZT1:ABC")
    assert wire.ref_of_actor("card:12") == "12"
    assert wire.ref_of_actor("staff:12") is wire.ref_of_actor(None) is None


def test_text_that_is_no_base64_is_a_bad_signature():
    with pytest.raises(BadSignature):
        wire.to_bytes("***")
