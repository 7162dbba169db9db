"""Concurrent opening, counting and signing of a day, over real connections."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier

import pytest
from sqlalchemy import func, select

from tests.factories.closing import (
    close_day,
    count_day,
    counted,
    make_second,
    make_till,
    open_day,
    pay_out,
)
from tests.factories.goods import make_shop, make_stock
from tests.factories.people import a_request_id
from tests.hours.test_races import race
from tests.waiting import HANG_SECONDS
from timebank.closing import actions, queries
from timebank.closing.refusals import CountOutdated
from timebank.closing.rules import Counted
from timebank.closing.tables import count_round, day_closing, day_opening
from timebank.deeds.running import perform
from timebank.errors import TimebankError
from timebank.ledger.queries import balance_of
from timebank.ledger.tables import txn
from timebank.values import SHEETS, pieces_of

MANY = 6


@pytest.fixture
def place(fresh_database):
    def build(session, now):
        shop = make_shop(session)
        lot = make_stock(session, shop, "大米", 10, best_before_on=date(2026, 6, 1))
        signers = [make_second(session, shop.town) for _ in range(MANY)]
        return shop, lot, signers

    return fresh_database.write(build)


def at_once(work):
    gate = Barrier(MANY)

    def run(number):
        gate.wait(timeout=HANG_SECONDS)
        try:
            return work(number)
        except TimebankError as refusal:
            return refusal.code, refusal.facts.get("state")

    with ThreadPoolExecutor(MANY) as pool:
        return list(pool.map(run, range(MANY)))


def count_of(database, table, *where):
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(table).where(*where))


def test_of_many_signers_one_signs_and_the_rest_are_told(fresh_database, place, now):
    shop, lot, signers = place
    fresh_database.write(lambda session, at: open_day(session, shop, now=at))
    count = fresh_database.write(
        lambda session, at: count_day(session, shop, now=at, lots={lot: (7, "lost")})
    )

    def sign(number):
        return perform(
            fresh_database, actions.close_day, by=signers[number], request_id=a_request_id(),
            store_id=shop.store_id, no=1, round_id=count.round_id,
        )  # fmt: skip

    answers = at_once(sign)
    assert sum(isinstance(one, actions.DayClosed) for one in answers) == 1
    assert answers.count(("WRONG_STATE", "day_closed")) == MANY - 1
    assert count_of(fresh_database, day_closing) == 1
    for kind in ("stock_variance", "close_day"):
        assert count_of(fresh_database, txn, txn.c.kind == kind, txn.c.status == 1) == 1
    with fresh_database.reading() as session:
        item = pieces_of(shop.item("大米"))
        assert balance_of(session, 1, "variance", item).posted == 3
        assert balance_of(session, 1, "lot", item, owner_id=lot).posted == 7


def test_of_many_who_sign_an_empty_shop_one_does(fresh_database):
    """There is no lot to lock: the number of the day decides."""

    def build(session, now):
        shop = make_shop(session)
        signers = [make_second(session, shop.town) for _ in range(MANY)]
        open_day(session, shop, now=now)
        return shop, signers, count_day(session, shop, now=now)

    shop, signers, count = fresh_database.write(build)
    answers = at_once(
        lambda number: perform(
            fresh_database, actions.close_day, by=signers[number], request_id=a_request_id(),
            store_id=shop.store_id, no=1, round_id=count.round_id,
        )
    )  # fmt: skip
    assert sum(isinstance(one, actions.DayClosed) for one in answers) == 1
    assert answers.count(("WRONG_STATE", "day_closed")) == MANY - 1
    with fresh_database.reading() as session:
        assert balance_of(session, 1, "signed", SHEETS, owner_id=shop.store_id).posted == 1
        assert list(queries.sheet_faults(session, 1)) == []


def test_who_signs_while_money_is_paid_out_is_told_of_the_till(fresh_database, place, now):
    shop, _lot, (signer, *_others) = place

    def build(session, at):
        open_day(session, shop, now=at)
        till = make_till(session, shop, 10_000, now=at)
        return count_day(session, shop, now=at, cash=Counted(till, 1_000, 10_000, "lost"))

    fresh_database.write(build)
    with pytest.raises(CountOutdated) as refused:
        race(
            fresh_database,
            lambda session: pay_out(session, shop, 5_000, now=now),
            lambda session: close_day(session, shop, signer, now=now),
        )
    assert refused.value.facts["paid_fen"] == 5_000


def test_of_many_who_open_one_opens(fresh_database, place):
    shop, _lot, signers = place
    answers = at_once(
        lambda number: perform(
            fresh_database, actions.open_day, by=signers[number], request_id=a_request_id(),
            store_id=shop.store_id,
        )
    )  # fmt: skip
    assert sum(isinstance(one, actions.DayOpened) for one in answers) == 1
    assert answers.count(("WRONG_STATE", "day_open")) == MANY - 1
    assert count_of(fresh_database, day_opening) == 1


def test_keepers_who_count_at_once_lose_nothing(fresh_database, place, now):
    shop, _lot, signers = place
    fresh_database.write(lambda session, at: open_day(session, shop, now=at))
    with fresh_database.reading() as session:
        lines = counted(session, shop, now=now)
    answers = at_once(
        lambda number: perform(
            fresh_database, actions.count_day, by=signers[number], request_id=a_request_id(),
            store_id=shop.store_id, no=1, lots=lines,
        )
    )  # fmt: skip
    assert sorted(one.round for one in answers) == list(range(1, MANY + 1))
    assert count_of(fresh_database, count_round) == MANY


def test_a_second_tap_signs_once(fresh_database, place):
    shop, lot, signers = place
    fresh_database.write(lambda session, at: open_day(session, shop, now=at))
    count = fresh_database.write(
        lambda session, at: count_day(session, shop, now=at, lots={lot: (7, "lost")})
    )
    key = a_request_id()
    answers = at_once(
        lambda number: perform(
            fresh_database, actions.close_day, by=signers[0], request_id=key,
            store_id=shop.store_id, no=1, round_id=count.round_id,
        )
    )  # fmt: skip
    assert len({one.digest for one in answers}) == 1
    with fresh_database.reading() as session:
        assert queries.day_of(session, 1, shop.store_id).state == "closed"
