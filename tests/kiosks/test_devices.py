"""Pairing by a one-time code, signed requests over our nonces, and who may change a device."""

from datetime import timedelta

import pytest

from tests.factories.kiosks import fresh, make_device, pairing_code
from tests.factories.looks import audit_lines
from tests.factories.people import neighbour, stranger
from timebank.deeds.deed import Deed
from timebank.errors import NotAllowed, NotFound
from timebank.kiosks import actions, queries, wire
from timebank.kiosks.refusals import BadSignature, DeviceRevoked, PairingRefused


def code_for(session, stand, now):
    return pairing_code(session, stand.shop, stand.coordinator, now=now).code


def pair(session, code, key, now):
    return actions.pair_device(
        session, community_id=1, now=now, code=code, public_key=wire.public_key(key)
    )


def test_a_code_joins_one_device_to_its_shop(session, stand, now):
    code, key = code_for(session, stand, now), wire.new_key()
    typed = f"{code[:4].lower()}-{code[4:]} "
    paired = pair(session, typed, key, now)
    assert (paired.store_code, paired.epoch) == ("S1", stand.device.epoch + 1)
    newest = queries.devices(session, 1)[0]
    assert newest.fingerprint == paired.fingerprint == wire.fingerprint(wire.public_key(key))
    assert audit_lines(session, 1, subject_kind="kiosk_device")[0].name == "pair_device"


def test_a_lost_answer_is_asked_again_by_the_same_key_only(session, stand, now):
    code, key = code_for(session, stand, now), wire.new_key()
    assert pair(session, code, key, now) == pair(session, code, key, now)
    with pytest.raises(PairingRefused):
        pair(session, code, wire.new_key(), now)


def test_a_kiosk_that_was_revoked_is_not_paired_by_its_code_again(session, stand, now):
    code, key = code_for(session, stand, now), wire.new_key()
    paired = pair(session, code, key, now)
    deed = Deed(session, stand.coordinator, now, "revoke")
    actions.revoke_device(deed, device_id=int(paired.device), why="stolen")
    with pytest.raises(PairingRefused):
        pair(session, code, key, now)


@pytest.mark.parametrize("late", [10, 11, 600])
def test_a_code_is_good_for_ten_minutes(session, stand, now, late):
    code = code_for(session, stand, now)
    with pytest.raises(PairingRefused):
        pair(session, code, wire.new_key(), now + timedelta(minutes=late))


def test_a_guessed_code_and_a_bad_key_are_refused(session, stand, now):
    with pytest.raises(PairingRefused):
        pair(session, "ZZZZZZZZ", wire.new_key(), now)
    with pytest.raises(PairingRefused):
        actions.pair_device(
            session, community_id=1, now=now, code=code_for(session, stand, now), public_key=b"x"
        )


def test_only_coordinators_pair_revoke_and_thaw(session, stand, now):
    device_id = stand.device.device_id
    for by in (stranger(session, stand.shop.town), stand.shop.keeper):
        with pytest.raises(NotAllowed):
            actions.make_pairing_code(Deed(session, by, now, "x"), store_id=stand.shop.store_id)
        for action in (actions.revoke_device, actions.thaw_device):
            with pytest.raises(NotAllowed):
                action(Deed(session, by, now, "x"), device_id=device_id, why="")


def test_the_neighbour_community_reaches_no_device_of_ours(session, stand, now):
    by, device_id = neighbour(session), stand.device.device_id
    with pytest.raises(NotFound):
        actions.make_pairing_code(Deed(session, by, now, "x"), store_id=stand.shop.store_id)
    with pytest.raises(NotFound):
        actions.revoke_device(Deed(session, by, now, "x"), device_id=device_id, why="")
    assert queries.devices(session, by.community_id) == []


def signed(session, stand, now, *, nonce=None, key=None, body=b"{}"):
    nonce = nonce or actions.give_nonce(
        session, community_id=1, device_id=stand.device.device_id, now=now
    )
    message = wire.request_bytes("POST", "/api/v1/kiosk/events", body, nonce=nonce)
    return actions.SignedRequest(
        stand.device.device_id, nonce, wire.sign(key or stand.key, message), message
    )


def test_a_signed_request_is_believed_once(session, stand, now):
    request = signed(session, stand, now)
    found, following = actions.admit_request(session, community_id=1, now=now, request=request)
    assert found.device_id == stand.device.device_id
    with pytest.raises(BadSignature):
        actions.admit_request(session, community_id=1, now=now, request=request)
    again = signed(session, stand, now, nonce=following)
    actions.admit_request(session, community_id=1, now=now, request=again)


def test_a_forged_request_an_old_nonce_and_a_made_up_one_are_refused(session, stand, now):
    later = now + timedelta(minutes=16)
    for request, at in (
        (signed(session, stand, now, key=wire.new_key()), now),
        (signed(session, stand, now), later),
        (signed(session, stand, now, nonce="f" * 32), now),
    ):
        with pytest.raises(BadSignature), session.begin_nested():
            actions.admit_request(session, community_id=1, now=at, request=request)


def test_a_forged_request_does_not_use_up_the_nonce(session, stand, now):
    good = signed(session, stand, now)
    forged = signed(session, stand, now, nonce=good.nonce, key=wire.new_key())
    with pytest.raises(BadSignature), session.begin_nested():
        actions.admit_request(session, community_id=1, now=now, request=forged)
    actions.admit_request(session, community_id=1, now=now, request=good)


def test_a_revoked_device_is_told_nothing_of_people_and_never_comes_back(session, stand, now):
    for action in (actions.revoke_device, actions.thaw_device):
        deed = Deed(session, stand.coordinator, now, action.__name__)
        action(deed, device_id=stand.device.device_id, why="gone")
    assert fresh(session, stand).state == "revoked"
    with pytest.raises(DeviceRevoked):
        actions.require_trusted(fresh(session, stand))


def test_the_secret_of_a_device_is_sealed_at_rest(session, stand, now):
    from sqlalchemy import text

    kept = session.scalar(text("SELECT card_key FROM kiosk_device"))
    assert stand.device.secret not in bytes(kept)
    assert wire.to_text(stand.device.secret).encode() not in bytes(kept)


def test_two_devices_name_a_card_differently(session, stand, now):
    other, _ = make_device(session, stand.shop, stand.coordinator, now=now)
    token = stand.card.token
    assert wire.card_ref(other.secret, token) != wire.card_ref(stand.device.secret, token)
