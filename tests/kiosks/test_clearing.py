"""Deposits at a kiosk are in clearing until a keeper has judged them; then clearing is empty."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from tests.factories import make_by
from tests.factories.kiosks import receive
from tests.factories.people import a_request_id
from timebank.deeds.deed import Deed
from timebank.desk.queries import worklist
from timebank.errors import WrongState
from timebank.goods import actions, queries
from timebank.goods.rules import JudgedLine
from timebank.ledger.accounts import accounts_of_kind
from timebank.ledger.queries import balance_of, sums_by_commodity
from timebank.ledger.tables import txn
from timebank.subjects import work_kinds
from timebank.values import from_us, local_day, local_instant, pieces_of


@pytest.fixture
def brought(session, stand, now):
    receive(session, stand, stand.deed(stand.rice(5), at=now), now=now)
    return queries.announced_deposits(session, 1, stand.shop.store_id)[0].id


def in_clearing(session, stand):
    told = accounts_of_kind(session, 1, "clearing")
    return {one.owner_id: one.posted for one in told if one.posted}


def judge(session, stand, deposit_id, now, *lines):
    return actions.receive_deposit(
        Deed(session, stand.shop.keeper, now, a_request_id()),
        store_id=stand.shop.store_id,
        deposit_id=deposit_id,
        lines=lines,
    )


def rice(stand, now, brought, accepted, **told):
    until = (now + timedelta(days=200)).date()
    return JudgedLine(stand.shop.item("大米"), brought, accepted, best_before_on=until, **told)


def test_what_a_kiosk_recorded_is_in_its_clearing(session, stand, brought):
    assert in_clearing(session, stand) == {stand.device.device_id: 5}
    item = pieces_of(stand.shop.item("大米"))
    assert balance_of(session, 1, "donated", item).posted == -5
    assert set(sums_by_commodity(session, 1).values()) == {(0, 0)}


@pytest.mark.parametrize(
    ("counted", "accepted"),
    [(5, 5), (5, 3), (5, 0), (7, 7), (4, 4)],
    ids=["all", "some go back", "all go back", "more was there", "less was there"],
)
def test_after_the_keeper_nothing_is_left_in_clearing(
    session, stand, brought, now, counted, accepted
):
    why = {} if accepted == counted else {"refuse_code": "NOT_ACCEPTED"}
    receipt = judge(session, stand, brought, now, rice(stand, now, counted, accepted, **why))
    assert receipt.accepted == accepted
    assert in_clearing(session, stand) == {}
    item = pieces_of(stand.shop.item("大米"))
    assert balance_of(session, 1, "donated", item).posted == -accepted
    assert sum(one.on_hand for one in queries.lots_on_hand(session, 1, now=now)) == accepted


def test_two_lines_of_one_item_share_what_was_told(session, stand, brought, now):
    judge(session, stand, brought, now, rice(stand, now, 2, 2), rice(stand, now, 4, 4))
    assert in_clearing(session, stand) == {}
    assert sum(one.on_hand for one in queries.lots_on_hand(session, 1, now=now)) == 6


def test_another_item_than_was_told_comes_from_the_donor(session, stand, brought, now):
    judge(session, stand, brought, now, JudgedLine(stand.shop.item("毛巾"), 3, 3))
    assert in_clearing(session, stand) == {}
    assert balance_of(session, 1, "donated", pieces_of(stand.shop.item("毛巾"))).posted == -3
    assert balance_of(session, 1, "donated", pieces_of(stand.shop.item("大米"))).posted == 0


def test_clearing_is_cleared_once(session, stand, brought, now):
    judge(session, stand, brought, now, rice(stand, now, 5, 5))
    with pytest.raises(WrongState):
        judge(session, stand, brought, now, rice(stand, now, 5, 5))
    assert in_clearing(session, stand) == {}


def test_a_late_upload_keeps_the_day_that_it_happened_on(session, stand, now):
    later = now + timedelta(days=2)
    receive(session, stand, stand.deed(stand.rice(1), at=now), now=later)
    asked = select(txn.c.effective_us, txn.c.posted_us).where(txn.c.kind == "announce_deposit")
    effective_us, posted_us = session.execute(asked).one()
    assert from_us(effective_us) == now and from_us(posted_us) >= later


def test_a_gift_at_the_counter_never_meets_the_clearing(session, stand, now):
    actions.receive_deposit(
        Deed(session, stand.shop.keeper, now, a_request_id()),
        store_id=stand.shop.store_id,
        lines=(rice(stand, now, 2, 2),),
    )
    assert accounts_of_kind(session, 1, "clearing") == []


def test_each_kiosk_and_day_is_told_with_what_is_left(session, stand, brought, now):
    (told,) = queries.in_clearing(session, 1, stand.shop.store_id)
    assert (told.device_id, told.deposit_id, told.pieces) == (stand.device.device_id, brought, 5)
    assert told.since_at == now
    judge(session, stand, brought, now, rice(stand, now, 5, 5))
    assert queries.in_clearing(session, 1, stand.shop.store_id) == []


def kinds(session, by, now):
    return {one.kind for one in worklist(session, by, work_kinds(), now=now).rows}


def test_what_stays_in_clearing_alarms_the_keeper_and_the_coordinator(session, stand, brought, now):
    keeper = stand.shop.keeper
    tomorrow, after = (local_instant(local_day(now) + timedelta(days=n), 9) for n in (1, 2))
    assert kinds(session, keeper, tomorrow) == {"intake"}
    assert "clearing" not in kinds(session, stand.coordinator, tomorrow)
    assert kinds(session, keeper, after) == {"clearing"}
    assert "clearing" in kinds(session, stand.coordinator, after)
    assert kinds(session, make_by("keeper", place_id=1), after) == set()
    judge(session, stand, brought, after, rice(stand, now, 5, 5))
    assert "clearing" not in kinds(session, stand.coordinator, after)


def test_a_weekend_does_not_count_against_the_keeper(session, stand):
    """Friday 13 June 2025: the next working day is Monday, so it is late on Tuesday."""
    friday = local_instant(date(2025, 6, 13), 16)
    receive(session, stand, stand.deed(stand.rice(1), at=friday), now=friday)
    monday, tuesday = local_instant(date(2025, 6, 16), 20), local_instant(date(2025, 6, 17), 9)
    assert kinds(session, stand.shop.keeper, monday) == {"intake"}
    assert kinds(session, stand.shop.keeper, tuesday) == {"clearing"}
