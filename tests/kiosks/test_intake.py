"""Events of kiosks are never refused: posted or reviewed, and a bad one blocks no other."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, text

from tests.factories.aid import make_claim
from tests.factories.goods import make_stock
from tests.factories.kiosks import fresh, receive
from tests.factories.looks import open_reviews
from timebank.deeds.deed import Deed
from timebank.goods import queries as goods
from timebank.hours import queries as hours
from timebank.kiosks import actions, queries, wire
from timebank.kiosks.actions import applying
from timebank.kiosks.actions.intake import receive_event
from timebank.kiosks.tables import inbox, outcome, quarantine, review
from timebank.people.actions import revoke_card
from timebank.values import to_us


def count(session, table):
    return session.scalar(select(func.count()).select_from(table))


def reasons(session, stand):
    return [one.reason for one in open_reviews(session, stand.coordinator)]


def test_goods_left_at_the_kiosk_wait_for_the_keeper(session, stand, now):
    result = receive(session, stand, stand.deed(stand.rice(3), at=now), now=now)
    assert result.outcome == "posted"
    (waiting,) = goods.announced_deposits(session, 1, stand.shop.store_id)
    assert (waiting.state, waiting.pieces) == ("brought", 3)
    assert waiting.donor_person_id == stand.volunteer.person_id


def test_goods_without_a_card_are_an_anonymous_gift(session, stand, now):
    item = stand.deed(stand.rice(), at=now, actor=None)
    assert receive(session, stand, item, now=now).outcome == "posted"
    assert goods.announced_deposits(session, 1)[0].donor_person_id is None


def test_a_shift_begins_and_ends_when_it_happened(session, stand, now, clock):
    start = stand.deed(wire.ShiftStarted(stand.service_id), at=now)
    end_at = clock.move(minutes=90)
    end = stand.deed(wire.ShiftEnded(to_us(now)), at=end_at)
    later = clock.move(hours=30)
    assert receive(session, stand, start, now=later).outcome == "posted"
    assert hours.open_shift(session, 1, stand.volunteer.person_id).started_at == now
    assert receive(session, stand, end, now=later).outcome == "posted"
    (served,) = hours.records_of_person(session, 1, stand.volunteer.person_id)
    assert (served.real_minutes, served.source) == (90, "kiosk")


def test_a_pick_up_by_card_hands_over_what_was_set_aside(session, stand, now):
    make_stock(session, stand.shop, "洗衣液", 5)
    claim = make_claim(session, stand.shop, stand.volunteer, now=now, 洗衣液=2)
    item = stand.deed(wire.PickupCompleted(claim.claim_id), at=now)
    assert receive(session, stand, item, now=now).outcome == "posted"
    again = stand.deed(wire.PickupCompleted(claim.claim_id), at=now)
    assert receive(session, stand, again, now=now).reason == "WRONG_STATE"


def test_a_pick_up_with_anothers_code_or_none_is_looked_at(session, stand, now):
    make_stock(session, stand.shop, "洗衣液", 5)
    claim = make_claim(session, stand.shop, stand.volunteer, now=now, 洗衣液=2)
    body = wire.PickupCompleted(claim.claim_id, "000000" if claim.pickup_code != "000000" else "1")
    result = receive(session, stand, stand.deed(body, at=now, actor=None), now=now)
    assert (result.outcome, result.reason) == ("review", "WRONG_PICKUP_CODE")


def test_the_same_bytes_again_are_a_duplicate_with_the_first_result(session, stand, now):
    item = stand.deed(stand.rice(), at=now)
    receive(session, stand, item, now=now)
    again = receive(session, stand, item, now=now)
    assert (again.outcome, again.first) == ("duplicate", "posted")
    assert count(session, inbox) == 1
    assert len(goods.announced_deposits(session, 1)) == 1


def test_a_gap_says_what_is_expected_and_keeps_nothing(session, stand, now):
    stand.deed(stand.rice(), at=now)
    second = stand.deed(stand.rice(), at=now)
    result = receive(session, stand, second, now=now)
    assert (result.outcome, result.expected) == ("gap", 1)
    assert count(session, inbox) == 0


def test_a_second_history_is_set_aside_and_freezes_the_device(session, stand, now):
    first = stand.envelope(stand.rice(), at=now)
    receive(session, stand, stand.item(first), now=now)
    stand.seq, stand.prev = 0, wire.NO_PREVIOUS
    other = stand.deed(stand.rice(9), at=now)
    assert receive(session, stand, other, now=now).outcome == "fork"
    assert receive(session, stand, other, now=now).outcome == "fork"
    assert fresh(session, stand).state == "frozen"
    assert count(session, quarantine) == 1
    assert reasons(session, stand) == ["FORKED"]
    assert len(goods.announced_deposits(session, 1)) == 1


def test_a_frozen_device_is_heard_but_not_believed_until_staff_thaw_it(session, stand, now):
    test_a_second_history_is_set_aside_and_freezes_the_device(session, stand, now)
    stand.prev = fresh(session, stand).head_digest
    item = stand.deed(stand.rice(), at=now)
    assert receive(session, stand, item, now=now).reason == "DEVICE_FROZEN"
    actions.thaw_device(
        Deed(session, stand.coordinator, now, "t"), why="looked", device_id=stand.device.device_id
    )
    assert receive(session, stand, stand.deed(stand.rice(), at=now), now=now).outcome == "posted"


def test_what_a_revoked_device_sends_is_stored_and_not_posted(session, stand, now):
    actions.revoke_device(
        Deed(session, stand.coordinator, now, "r"), device_id=stand.device.device_id, why="stolen"
    )
    result = receive(session, stand, stand.deed(stand.rice(), at=now), now=now)
    assert (result.outcome, result.reason) == ("review", "DEVICE_REVOKED")
    assert count(session, inbox) == 1
    assert goods.announced_deposits(session, 1) == []


def test_a_flipped_bit_is_kept_unread_and_those_behind_it_go_on(session, stand, now):
    good = stand.envelope(stand.rice(), at=now)
    raw = bytearray(wire.canonical(good))
    raw[40] ^= 1
    sig = wire.to_text(wire.sign(stand.key, wire.canonical(good)))
    bad = wire.BatchItem(1, 1, wire.to_text(bytes(raw)), sig)
    assert receive(session, stand, bad, now=now).reason == "BAD_SIGNATURE"
    stand.prev = wire.digest(bytes(raw))
    assert receive(session, stand, stand.deed(stand.rice(), at=now), now=now).outcome == "posted"


def test_signed_rubbish_is_a_review_and_never_a_fault(session, stand, now):
    raw = b"\xff not json"
    sig = wire.to_text(wire.sign(stand.key, raw))
    result = receive(session, stand, wire.BatchItem(1, 1, wire.to_text(raw), sig), now=now)
    assert (result.outcome, result.reason) == ("review", "BAD_INPUT")
    (waiting,) = open_reviews(session, stand.coordinator)
    assert (waiting.type, waiting.slip_no) == (None, "S1-K1-00001")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"prev": "1" * 64}, "CHAIN_BROKEN"),
        ({"device": "12"}, "MISPLACED"),
        ({"type": "spend.recorded"}, "BAD_INPUT"),
        ({"v": 99}, "BAD_INPUT"),
        ({"actor": "card:" + "0" * 32}, "CARD_UNKNOWN"),
        ({"body": {"lines": []}}, "BAD_INPUT"),
        ({"body": {"lines": [{"item_id": 1, "pieces": 2.5, "condition": "new"}]}}, "BAD_INPUT"),
        ({"body": {"lines": [{"item_id": 1, "pieces": 2, "condition": "new"}]}}, "NOT_FOUND"),
    ],
)
def test_what_cannot_be_posted_becomes_a_review_with_its_reason(
    session, stand, now, changes, reason
):
    item = stand.deed(stand.rice(), at=now, **changes)
    assert receive(session, stand, item, now=now).reason == reason
    assert reasons(session, stand) == [reason]
    stand.prev = fresh(session, stand).head_digest
    assert receive(session, stand, stand.deed(stand.rice(), at=now), now=now).outcome == "posted"


def test_a_revoked_card_keeps_the_fact_for_staff(session, stand, now):
    queries.snapshot_for(session, stand.device, now)
    actions.learn_cards(session, stand.device)
    revoke_card(Deed(session, stand.coordinator, now, "lost"), card_id=stand.card.id, why="lost")
    item = stand.deed(wire.ShiftStarted(stand.service_id), at=now)
    assert receive(session, stand, item, now=now).reason == "CARD_REVOKED"


def test_a_clock_that_is_wrong_asks_a_person_about_hours_but_not_about_goods(session, stand, now):
    ahead = now + timedelta(hours=1)
    shift = stand.deed(wire.ShiftStarted(stand.service_id), at=ahead)
    rice = stand.deed(stand.rice(), at=ahead)
    told = [
        receive_event(session, now=now, sender=stand.device, item=item, sent_at=to_us(ahead))
        for item in (shift, rice)
    ]
    assert [one.reason for one in told] == ["CLOCK_WRONG", None]


def test_a_clock_a_few_minutes_ahead_is_set_right(session, stand, now):
    ahead = timedelta(minutes=8)
    item = stand.deed(wire.ShiftStarted(stand.service_id), at=now + ahead)
    receive_event(session, now=now, sender=stand.device, item=item, sent_at=to_us(now + ahead))
    assert hours.open_shift(session, 1, stand.volunteer.person_id).started_at == now


def test_a_bug_while_applying_is_a_review_and_leaves_nothing_half_done(
    session, stand, now, monkeypatch
):
    def broken(session, deed, body):
        session.execute(
            text("INSERT INTO community (id, code, name_zh, name_en) VALUES (77, 'half', 'x', 'x')")
        )
        raise ZeroDivisionError

    monkeypatch.setitem(applying._APPLY, wire.DepositRecorded, broken)
    result = receive(session, stand, stand.deed(stand.rice(), at=now), now=now)
    assert (result.outcome, result.reason) == ("review", "FAULT")
    assert session.scalar(text("SELECT count(*) FROM community WHERE id = 77")) == 0
    assert count(session, outcome) == count(session, inbox) == count(session, review) == 1


def test_looking_at_a_passbook_and_starting_up_post_nothing_else(session, stand, now):
    for body in (
        wire.DeviceStarted(sqlite="3", journal="wal"),
        wire.BalanceViewed(),
        wire.UnknownCardScanned(ref="0" * 32),
    ):
        assert receive(session, stand, stand.deed(body, at=now), now=now).outcome == "posted"
    assert reasons(session, stand) == []


@pytest.mark.parametrize("name", ["kiosk_inbox", "kiosk_outcome", "kiosk_quarantine"])
def test_what_came_is_never_changed(session, stand, now, name):
    test_a_second_history_is_set_aside_and_freezes_the_device(session, stand, now)
    for statement in (f"UPDATE {name} SET seq = 9", f"DELETE FROM {name}"):
        with pytest.raises(Exception, match="history is never changed"), session.begin_nested():
            session.execute(text(statement))
