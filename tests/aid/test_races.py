"""Sixteen concurrent claims over real connections: one last piece, and the rest of a quota.

Each negative control removes a guard, and then the same race must go wrong. So the races above can
fail.
"""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier

import pytest
from sqlalchemy import text, update

from tests.factories.aid import lines_of, make_claimant, pick_up, took_before
from tests.factories.goods import make_shop, make_stock
from tests.factories.looks import claims_of
from tests.factories.people import a_request_id
from tests.waiting import HANG_SECONDS
from timebank.aid import actions, queries
from timebank.aid.actions import claiming
from timebank.deeds.deed import Deed
from timebank.deeds.running import perform
from timebank.errors import TimebankError, WrongState
from timebank.goods.actions import lock_lots
from timebank.goods.queries import shelf
from timebank.ledger.queries import balance_of, sums_by_commodity
from timebank.ledger.refusals import InsufficientBalance
from timebank.ledger.tables import balance
from timebank.values import local_day, pieces_of

MANY = 16
pytestmark = pytest.mark.slow


@pytest.fixture
def shop(fresh_database):
    return fresh_database.write(lambda session, now: make_shop(session))


def set_up(database, shop, work):
    return database.write(lambda session, now: work(session))


def at_once(count, work):
    """Run ``work(number)`` in threads that start together; return the results."""
    gate = Barrier(count)

    def run(number):
        gate.wait(timeout=HANG_SECONDS)
        try:
            return work(number)
        except TimebankError as refusal:
            return refusal

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


def claim(database, shop, by, **pieces):
    return perform(
        database, actions.claim_goods, by=by, request_id=a_request_id(),
        household_id=by.household_id, person_id=by.person_id,
        store_id=shop.store_id, lines=lines_of(shop, **pieces),
    )  # fmt: skip


def stocked_households(shop, pieces, count):
    def work(session):
        make_stock(session, shop, "肥皂", pieces)
        return [make_claimant(session, shop.town) for _ in range(count)]

    return work


def nearly_full_household(shop, taken):
    def work(session):
        make_stock(session, shop, "肥皂", 99)
        by = make_claimant(session, shop.town)
        day = local_day(shop_now(session))
        took_before(session, shop.town, by, now=shop_now(session), taken={day: taken})
        return by

    return work


def shop_now(session):
    return session.info["now"]


@pytest.fixture
def now_in_session(fresh_database, clock):
    fresh_database.info["now"] = clock.now


def soap(database, shop):
    with database.reading() as session:
        commodity = pieces_of(shop.item("肥皂"))
        issued = balance_of(session, 1, "issued", commodity)
        assert set(sums_by_commodity(session, 1).values()) == {(0, 0)}
        return issued.pending_in, issued.posted


def approved(answers):
    return sum(one.approved for one in answers if not isinstance(one, TimebankError))


def test_one_last_piece_is_promised_once(fresh_database, shop):
    neighbours = set_up(fresh_database, shop, stocked_households(shop, 1, MANY))
    answers = at_once(MANY, lambda number: claim(fresh_database, shop, neighbours[number], 肥皂=1))
    states = sorted(one.state for one in answers)
    assert states == ["ready"] + ["refused"] * (MANY - 1)
    assert {one.refusal.code for one in answers if one.refusal} == {"OUT_OF_STOCK"}
    assert soap(fresh_database, shop) == (1, 0)


def test_the_last_three_pieces_of_a_quota_are_used_once(fresh_database, shop, now_in_session):
    by = set_up(fresh_database, shop, nearly_full_household(shop, 17))
    answers = at_once(MANY, lambda number: claim(fresh_database, shop, by, 肥皂=1))
    assert approved(answers) == 3
    assert {one.refusal.code for one in answers if one.refusal} == {"HOUSEHOLD_CAP"}
    with fresh_database.reading() as session:
        used = queries.quota(session, 1, by.household_id, shop_now(session))
    assert (used.used, used.most) == (20, 20)


def test_claims_and_the_counter_share_one_quota(fresh_database, shop, now_in_session):
    by = set_up(fresh_database, shop, nearly_full_household(shop, 17))

    def work(number):
        if number % 2:
            return claim(fresh_database, shop, by, 肥皂=1)
        return perform(
            fresh_database, actions.issue_at_counter, by=shop.keeper,
            request_id=a_request_id(), household_id=by.household_id, person_id=by.person_id,
            store_id=shop.store_id, lines=lines_of(shop, 肥皂=1),
        )  # fmt: skip

    assert approved(at_once(MANY, work)) == 3
    assert sum(soap(fresh_database, shop)) == 3


def test_one_claim_is_handed_over_once_however_many_hands_there_are(fresh_database, shop):
    (by,) = set_up(fresh_database, shop, stocked_households(shop, 9, 1))
    claimed = claim(fresh_database, shop, by, 肥皂=2)

    def work(number):
        return fresh_database.write(lambda session, now: pick_up(session, shop, claimed, now=now))

    answers = at_once(MANY, work)
    assert sum(isinstance(one, WrongState) for one in answers) == MANY - 1
    assert soap(fresh_database, shop) == (0, 2)


def test_handing_over_and_cancelling_end_a_claim_once(fresh_database, shop):
    (by,) = set_up(fresh_database, shop, stocked_households(shop, 9, 1))
    claims = [claim(fresh_database, shop, by, 肥皂=1) for _ in range(4)]
    deeds = {
        0: lambda one, session, now: pick_up(session, shop, one, now=now),
        1: lambda one, session, now: actions.cancel_claim(
            Deed(session, by, now, a_request_id()), claim_id=one.claim_id
        ),
    }

    def work(number):
        deed, one = deeds[number % 2], claims[number // 2 % 4]
        return fresh_database.write(lambda session, now: deed(one, session, now))

    at_once(MANY, work)
    with fresh_database.reading() as session:
        states = [one.state for one in claims_of(session, 1)]
    assert set(states) <= {"issued", "cancelled"}
    assert soap(fresh_database, shop) == (0, states.count("issued"))


def test_a_busy_hour_ends_with_books_that_add_up(fresh_database, shop, clock, by_job):
    """Claims over two items in both orders, the counter, the sweep and the lapsing at once."""
    early, late = local_day(clock.now), date(2026, 1, 1)

    def fill(session):
        for name, pieces, day in (("饼干", 12, early), ("饼干", 12, late), ("罐头", 20, late)):
            make_stock(session, shop, name, pieces, best_before_on=day)
        return [make_claimant(session, shop.town) for _ in range(4)]

    households = set_up(fresh_database, shop, fill)
    for by in households:
        claim(fresh_database, shop, by, 饼干=2)
    clock.move(days=1)
    nightly = (actions.sweep_expired, actions.lapse_claims)

    def work(number):
        by = households[number % 4]
        if number < 2:
            return perform(fresh_database, nightly[number], by=by_job, request_id=a_request_id())
        order = {"饼干": 1, "罐头": 1} if number % 2 else {"罐头": 1, "饼干": 1}
        claimed = claim(fresh_database, shop, by, **order)
        return fresh_database.write(lambda session, now: pick_up(session, shop, claimed, now=now))

    answers = at_once(MANY, work)
    issued = [one for one in answers if isinstance(one, actions.IssueReceipt)]
    assert len(issued) == MANY - 2
    assert [lot.pieces for lot in answers[0].disposed] == [12]
    with fresh_database.reading() as session:
        assert set(sums_by_commodity(session, 1).values()) == {(0, 0)}
        rows = {row.name_zh: row for row in shelf(session, 1, clock.now)}
        held = sum(one.held for one in queries.ready_claims(session, 1))
    biscuits, tins = rows["饼干"], rows["罐头"]
    assert held == biscuits.held
    assert biscuits.on_hand == biscuits.held + biscuits.available >= 0
    assert tins.on_hand + biscuits.on_hand == 32 - sum(one.pieces for one in issued)


# The negative controls: claims that decide on stale reads.


def remember(monkeypatch, name, seen):
    """Let every claim decide on one read from before the race."""
    monkeypatch.setattr(claiming, name, lambda *args, **told: seen)


def look_at_lots(database, shop):
    def work(session, now):
        item_ids, store_ids = [shop.item("肥皂")], [shop.store_id]
        return lock_lots(session, 1, on=local_day(now), item_ids=item_ids, store_ids=store_ids)

    return database.write(work)


def test_the_books_stop_claims_that_remember_the_shelf(fresh_database, shop, monkeypatch):
    neighbours = set_up(fresh_database, shop, stocked_households(shop, 1, MANY))
    remember(monkeypatch, "lock_lots", look_at_lots(fresh_database, shop))
    answers = at_once(MANY, lambda number: claim(fresh_database, shop, neighbours[number], 肥皂=1))
    assert sum(isinstance(one, InsufficientBalance) for one in answers) == MANY - 1
    assert soap(fresh_database, shop) == (1, 0)


def take_out_floors(session):
    on = " ON balance" if session.get_bind().dialect.name == "postgresql" else ""
    session.execute(text(f"DROP TRIGGER balance_fixed{on}"))
    session.execute(update(balance).values(floor=None))


def test_without_look_and_floor_one_piece_is_promised_to_all(fresh_database, shop, monkeypatch):
    neighbours = set_up(fresh_database, shop, stocked_households(shop, 1, MANY))
    remember(monkeypatch, "lock_lots", look_at_lots(fresh_database, shop))
    fresh_database.write(lambda session, now: take_out_floors(session))
    answers = at_once(MANY, lambda number: claim(fresh_database, shop, neighbours[number], 肥皂=1))
    assert approved(answers) == MANY
    assert soap(fresh_database, shop) == (MANY, 0)


def test_claims_that_remember_the_quota_pass_it(fresh_database, shop, now_in_session, monkeypatch):
    by = set_up(fresh_database, shop, nearly_full_household(shop, 17))
    with fresh_database.reading() as session:
        seen = queries.decide_household(session, 1, by.household_id, now=shop_now(session))
    remember(monkeypatch, "decide_household", seen)
    answers = at_once(MANY, lambda number: claim(fresh_database, shop, by, 肥皂=1))
    assert approved(answers) == MANY


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
def test_without_the_households_row_the_quota_is_passed(
    fresh_database, shop, now_in_session, monkeypatch
):
    """SQLite has no such lock to remove: its write lock covers the whole unit of work."""
    by = set_up(fresh_database, shop, nearly_full_household(shop, 17))
    gate, decide = Barrier(MANY), claiming.decide_household

    def decide_together(*args, **told):
        decided = decide(*args, **told)
        gate.wait(timeout=HANG_SECONDS)
        return decided

    monkeypatch.setattr(claiming, "lock_household", lambda *args: None)
    monkeypatch.setattr(claiming, "decide_household", decide_together)
    answers = at_once(MANY, lambda number: claim(fresh_database, shop, by, 肥皂=1))
    assert approved(answers) == MANY
