"""Two people keep the catalogue at once: nothing is added twice or changes under an intake."""

import threading
from collections import Counter
from contextlib import suppress

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from tests.conftest import only_on
from tests.factories import people as make
from tests.factories.goods import make_shop
from tests.factories.people import a_request_id
from tests.races.racing import RACERS, address, race
from timebank.db import Database
from timebank.deeds.deed import Deed
from timebank.deeds.running import perform
from timebank.goods import actions, queries
from timebank.goods.actions import ItemFields, item_changes, judging
from timebank.goods.rules import JudgedLine
from timebank.goods.tables import item

pytestmark = pytest.mark.slow

TEA = ItemFields(
    name_zh="红茶", name_en="Tea", unit_zh="罐", unit_en="tin", item_kind="household",
    reference_fen=900, is_loan=False,
)  # fmt: skip


def proposed_at_once(database):
    shop = database.write(lambda session, now: make_shop(session))
    keepers = [
        database.write(lambda session, now: make.keeper(session, shop.town)) for _ in range(RACERS)
    ]

    def attempt(own, number):
        own.clock = database.clock
        told = {"by": keepers[number], "request_id": f"tea-{number}"}
        return perform(own, actions.propose_item, **told, fields=TEA)

    race(address(database), attempt)
    with database.reading() as session:
        return len(queries.open_item_changes(session, 1))


def test_the_same_item_is_proposed_once(fresh_database):
    assert proposed_at_once(fresh_database) == 1


@only_on("postgresql")
def test_without_the_lock_it_is_proposed_many_times(fresh_database, monkeypatch):
    """The negative control: SQLite has one writer anyway."""
    all_have_come = threading.Barrier(RACERS, timeout=2)

    def unlocked(deed):
        with suppress(threading.BrokenBarrierError):
            all_have_come.wait()

    read = item_changes._require_free_name

    def waiting(deed, name, **more):
        read(deed, name, **more)
        unlocked(deed)

    monkeypatch.setattr(item_changes, "lock_catalogue", lambda deed: None)
    monkeypatch.setattr(item_changes, "_require_free_name", waiting)
    assert proposed_at_once(fresh_database) > 1


def changed_under_an_intake(database):
    """Judge a gift, and before it is committed try to change its item from another connection."""
    shop = database.write(lambda session, now: make_shop(session))
    line = JudgedLine(shop.item("肥皂"), 1, 1)
    row = select(item.c.id).where(item.c.id == shop.item("肥皂"))
    other = Database(address(database))
    answers = Counter()

    def change(session, now):
        session.execute(row.with_for_update(key_share=True, nowait=True))

    def intake(session, now):
        judging.judge_lines(Deed(session, shop.keeper, now, a_request_id()), (line,))
        try:
            with other.engine.connect() as connection:
                connection.execute(row.with_for_update(key_share=True, nowait=True))
            answers["changed"] += 1
        except DBAPIError:
            answers["must wait"] += 1

    database.write(intake)
    database.write(change)
    other.close()
    return answers


@only_on("postgresql")
def test_an_item_does_not_change_under_an_intake(fresh_database):
    assert changed_under_an_intake(fresh_database) == {"must wait": 1}


@only_on("postgresql")
def test_without_the_shared_lock_it_would(fresh_database, monkeypatch):
    monkeypatch.setattr(judging, "_ITEMS_KEPT", judging._ITEMS)
    assert changed_under_an_intake(fresh_database) == {"changed": 1}


def learned_at_once(database):
    shop = database.write(lambda session, now: make_shop(session))
    keeper = database.write(lambda session, now: make.keeper(session, shop.town))
    names = ("肥皂", "牙膏", "毛巾", "台灯")

    def attempt(own, number):
        own.clock = database.clock
        told = {"item_id": shop.item(names[number % len(names)]), "typed": "6901234567892"}
        return perform(own, actions.learn_barcode, by=keeper, request_id=f"code-{number}", **told)

    answers = Counter(type(answer).__name__ for answer in race(address(database), attempt))
    with database.reading() as session:
        codes = [queries.codes_of_item(session, 1, shop.item(name)) for name in names]
    return answers, sum(map(len, codes))


def test_a_barcode_is_learned_once(fresh_database):
    answers, known = learned_at_once(fresh_database)
    assert known == 1
    assert answers == {"BarcodeLearned": RACERS // 4, "BarcodeTaken": RACERS * 3 // 4}
