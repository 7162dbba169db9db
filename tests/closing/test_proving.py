"""A signed sheet and the books prove each other: a change of either is found."""

from datetime import timedelta
from hashlib import sha256

import msgspec
import pytest
from sqlalchemy.orm import Session

from tests.checking.planting import Intruder
from tests.factories.closing import make_second, open_day, whole_day
from tests.factories.goods import make_shop, make_stock
from tests.factories.ledger import START
from timebank.closing.queries import sheet_faults, sheet_is_proved
from timebank.db import Database
from timebank.ledger.queries import balance_of
from timebank.values import SHEETS

SET_SHEET = "UPDATE day_closing SET sheet = :sheet, digest = :digest, closed_by = :by WHERE no = 2"


@pytest.fixture(scope="module")
def books(copies, info):
    """A store that closed three days: one with a difference, two without."""
    url = copies.fresh()
    database = Database(url, clock=lambda: START, info=info)

    def lay(session, now):
        shop = make_shop(session)
        second = make_second(session, shop.town)
        towels = make_stock(session, shop, "毛巾", 10)
        whole_day(session, shop, second, now=now, lots={towels: (8, "lost")})
        for days in (1, 2):
            whole_day(session, shop, second, now=now + timedelta(days=days))
        open_day(session, shop, now=now + timedelta(days=3))
        return shop

    yield database, database.write(lay)
    database.close()
    copies.drop(url)


@pytest.fixture(scope="module")
def intruder(books):
    with Intruder.enters(books[0].engine) as entered:
        yield entered


def faults(intruder):
    with Session(intruder.connection) as session:
        return [(fault.no, fault.what) for fault in sheet_faults(session, 1)]


def rewrite(intruder, **changes):
    """Replace the sheet of the second day and keep its digest."""
    row = intruder.run("SELECT sheet, closed_by FROM day_closing WHERE no = 2").one()
    sheet = msgspec.json.encode({**msgspec.json.decode(row.sheet), **changes}).decode()
    digest = sha256(sheet.encode()).hexdigest()
    by = changes.get("closed_by", row.closed_by)
    intruder.run(SET_SHEET, sheet=sheet, digest=digest, by=by)
    return digest


def test_sheets_as_they_were_signed_are_proved(books, intruder):
    _, shop = books
    assert faults(intruder) == []
    with Session(intruder.connection) as session:
        assert balance_of(session, 1, "signed", SHEETS, owner_id=shop.store_id).posted == 3
        assert all(sheet_is_proved(session, 1, shop.store_id, no) for no in (1, 2, 3))


def test_the_key_of_its_transaction_is_the_digest_of_the_sheet(intruder):
    """The content of the leaf, computed without the program."""
    rows = intruder.run(
        "SELECT d.sheet, t.request_key FROM day_closing d JOIN txn t"
        " ON t.client = d.closed_by AND t.kind = 'close_day' AND t.request_key = d.digest"
    ).all()
    assert len(rows) == 3
    assert all(sha256(sheet.encode()).hexdigest() == key for sheet, key in rows)


@pytest.mark.parametrize(
    "changes", [{"lots": []}, {"closed_by": "user:1"}, {"lots": [], "closed_by": "user:1"}]
)
def test_a_sheet_with_a_digest_of_its_own_is_found(books, intruder, changes):
    with intruder.planting():
        rewrite(intruder, **changes)
        assert faults(intruder) == [
            (2, "the books hold no sheet with this digest from who closed the day")
        ]
        with Session(intruder.connection) as session:
            proved = [sheet_is_proved(session, 1, books[1].store_id, no) for no in (1, 2, 3)]
    assert proved == [True, False, True]


def test_a_sheet_that_its_digest_does_not_fit_is_found(intruder):
    with intruder.planting():
        intruder.run("UPDATE day_closing SET sheet = '{}' WHERE no = 2")
        assert faults(intruder) == [(2, "its digest is not that of what it says")]


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("closed_person_id", "NULL"),
        ("counted_by", "'user:1'"),
        ("variance_txn_id", "1"),
        ("closed_at", "(SELECT closed_at FROM day_closing WHERE no = 1)"),
        ("day", "'2025-06-30'"),
        ("no", "7"),
    ],
)
def test_what_stands_beside_a_sheet_is_what_it_says(intruder, column, value):
    table = "day_opening" if column == "day" else "day_closing"
    with intruder.planting():
        intruder.run(f"UPDATE {table} SET {column} = {value} WHERE no = 2")
        ((_, what),) = faults(intruder)
    assert column in what and what.endswith(" beside it is not what it says")


def test_a_day_without_its_sheet_is_found(intruder):
    with intruder.planting():
        intruder.run("DELETE FROM day_closing WHERE no = 3")
        assert faults(intruder) == [(None, "the books count 3 signed sheets, but there are 2")]


def test_a_sheet_without_its_transaction_is_found(intruder):
    with intruder.planting():
        intruder.run("DELETE FROM txn WHERE kind = 'close_day'")
        assert [no for no, _ in faults(intruder)] == [1, 2, 3]


@pytest.mark.parametrize(
    "change",
    ["kind = 'stock_variance', fingerprint = leaf_hash", "status = 2, reason = :reason"],
)
def test_a_transaction_that_closes_no_day_proves_no_sheet(intruder, change):
    told = {"reason": '{"code": "BAD_INPUT", "facts": {}}'} if ":reason" in change else {}
    with intruder.planting():
        intruder.run(f"UPDATE txn SET {change} WHERE kind = 'close_day'", **told)
        assert [no for no, _ in faults(intruder)] == [1, 2, 3]


@pytest.mark.parametrize(
    "names",
    [
        {"counted_person_id": 5, "closed_person_id": 5},
        {"counted_by": "user:5", "closed_by": "user:5"},
    ],
)
def test_one_person_under_both_names_is_found_even_where_the_books_hold_it(intruder, names):
    """Forbids: a sheet that was posted with its digest, but without a second person."""
    with intruder.planting():
        old = intruder.run("SELECT digest FROM day_closing WHERE no = 2").scalar()
        new = rewrite(intruder, **names)
        for name in names.keys() - {"counted_person_id"}:
            intruder.run(f"UPDATE day_closing SET {name} = :it WHERE no = 2", it=names[name])
        intruder.run(
            "UPDATE txn SET request_key = :new, client = d.closed_by FROM day_closing d"
            " WHERE d.no = 2 AND request_key = :old",
            new=new,
            old=old,
        )
        assert faults(intruder) == [(2, "who counted has signed")]
