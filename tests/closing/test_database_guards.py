"""What the database itself refuses, whoever writes it."""

import pytest
from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from tests.factories.closing import make_till, whole_day
from timebank.closing.rules import Counted
from timebank.closing.tables import (
    cash_count,
    count_round,
    day_closing,
    day_count,
    day_cut,
    day_opening,
)
from timebank.values import new_id

TABLES = (day_opening, count_round, day_count, cash_count, day_closing, day_cut)


@pytest.fixture(autouse=True)
def closed(session, shop, second, rice, now):
    """A closed day: two bags lost, one yuan too much in the till."""
    till = make_till(session, shop, 500, now=now)
    return whole_day(
        session, shop, second, now=now, lots={rice: (8, "lost")},
        cash=Counted(till, 600, 500, "found"),
    )  # fmt: skip


def copy_of(session, table, **changes):
    row = session.execute(select(table)).mappings().first()
    return {**row, **changes}


def refuses(session, table, **changes):
    with pytest.raises(IntegrityError), session.begin_nested():
        session.execute(insert(table).values(**copy_of(session, table, **changes)))


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_nothing_is_rewritten(session, table):
    for statement in (update(table).values(community_id=1), delete(table)):
        with pytest.raises(DBAPIError), session.begin_nested():
            session.execute(statement)


@pytest.mark.parametrize(
    ("table", "changes"),
    [
        (day_opening, {"no": 2}),  # The same day twice.
        (day_opening, {"no": 0}),
        (count_round, {"round": 1}),
        (count_round, {"round": 0}),
        (count_round, {"round": 2, "no": 7}),
        (day_closing, {}),
        (day_closing, {"no": 2}),  # A day that was never opened.
        (day_cut, {"no": -1}),
    ],
)
def test_a_day_opens_counts_and_closes_in_order(session, table, changes):
    if table is count_round:
        changes = {"id": new_id()} | changes
    refuses(session, table, **changes)


def test_who_counted_cannot_be_who_signed(session, shop, second, now):
    """Forbids the same name under both, even by hand-written SQL."""
    row = copy_of(session, day_closing)
    opened = copy_of(session, day_opening, no=2, day=now.date().replace(day=11))
    session.execute(insert(day_opening).values(**opened))
    round_id = new_id()
    counted = copy_of(session, count_round, id=round_id, no=2)
    session.execute(insert(count_round).values(**counted))
    fresh = {**row, "no": 2, "round_id": round_id}
    same = {**fresh, "closed_by": counted["counted_by"]}
    other = {**fresh, "counted_by": "user:99"}  # Not who counted.
    unread = {**fresh, "digest": "abc"}
    unposted = {**fresh, "digest": "0" * 64}  # It has no transaction.
    unsigned = {**fresh, "closed_by": "user:99"}  # Somebody else posted it.
    for wrong in (same, other, unread, unposted, unsigned):
        with pytest.raises(IntegrityError), session.begin_nested():
            session.execute(insert(day_closing).values(**wrong))
    session.execute(insert(day_closing).values(**fresh))


@pytest.mark.parametrize("table", [day_count, cash_count], ids=lambda table: table.name)
@pytest.mark.parametrize(
    "changes",
    [
        {"difference": 0},
        {"counted": 5, "expected": 7, "difference": 2},
        {"counted": 5, "expected": 7, "difference": -2, "reason": None},
        {"counted": 5, "expected": 7, "difference": -2, "reason": "found"},
        {"counted": 9, "expected": 7, "difference": 2, "reason": "lost"},
        {"counted": 9, "expected": 7, "difference": 2, "reason": "gift"},
        {"counted": 9, "expected": 7, "difference": 2, "reason": "other", "note": ""},
        {"counted": 7, "expected": 7, "difference": 0, "reason": "found"},
        {"counted": -1, "expected": 0, "difference": -1, "reason": "lost"},
    ],
)
def test_a_difference_has_a_reason_that_fits(session, table, changes):
    round_id = new_id()
    counted = copy_of(session, count_round, id=round_id, round=2)
    session.execute(insert(count_round).values(**counted))
    refuses(session, table, round_id=round_id, **changes)
