"""What the database itself refuses, whoever writes it."""

from datetime import date

import pytest
from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from tests.factories.aid import make_resident
from tests.factories.goods import make_stock
from tests.factories.people import a_request_id
from timebank.deeds.deed import Deed
from timebank.deeds.tables import receipt_counter
from timebank.goods import actions
from timebank.goods.rules import AnnouncedLine, JudgedLine
from timebank.goods.tables import announced_line, deposit, deposit_line, item, lot, store
from timebank.values import new_id

_RECEIPT = ("receipt_no", "receipt_year", "receipt_number", "receipt_token")


@pytest.fixture
def received(session, shop, town, now):
    lines = (JudgedLine(shop.item("肥皂"), 5, 4, refuse_code="NOT_ACCEPTED"),)
    receipt = actions.receive_deposit(
        Deed(session, shop.keeper, now, a_request_id()),
        store_id=shop.store_id,
        donor_person_id=make_resident(session, town).person_id,
        lines=lines,
    )
    return receipt.deposit_id


def copy_of(session, table, **changes):
    """The newest row of a table with other values, ready to insert."""
    key = table.c.id if "id" in table.c else table.c.deposit_id
    row = session.execute(select(table).order_by(key.desc())).mappings().first()
    fresh = {"id": new_id()} if "id" in table.c else {}
    return {**row, **fresh, **changes}


def refuses(session, table, **changes):
    with pytest.raises(IntegrityError), session.begin_nested():
        session.execute(insert(table).values(**copy_of(session, table, **changes)))


def refuses_update(session, table, **changes):
    with pytest.raises(IntegrityError), session.begin_nested():
        session.execute(update(table).values(**changes))


@pytest.mark.parametrize(
    "changes",
    [
        {"accepted_pieces": 3},  # 5 brought, 3 in, 1 back.
        {"accepted_pieces": -1, "refused_pieces": 6},
        {"refuse_code": None},
        {"refuse_code": "BECAUSE"},
        {"refused_pieces": 0, "accepted_pieces": 5},  # A reason for nothing.
        {"item_id": None},
        {"condition": "old"},
        {"announced_line": 0},  # Nothing was announced.
    ],
)
def test_a_line_that_does_not_add_up_is_refused(session, received, changes):
    refuses(session, deposit_line, line=1, **changes)


def test_a_sound_copy_of_a_line_is_taken(session, received):
    """So the refusals above are due to the change, not to the copy."""
    session.execute(insert(deposit_line).values(**copy_of(session, deposit_line, line=1)))


@pytest.mark.parametrize("table", [deposit_line, announced_line])
def test_what_was_told_and_judged_never_changes(session, shop, town, received, now, table):
    by = make_resident(session, town)
    actions.announce_deposit(
        Deed(session, by, now, a_request_id()),
        store_id=shop.store_id,
        donor_person_id=by.person_id,
        lines=(AnnouncedLine(shop.item("肥皂"), 1),),
    )
    for statement in (update(table).values(described="x"), delete(table)):
        with pytest.raises(DBAPIError, match="never changed"), session.begin_nested():
            session.execute(statement)


@pytest.mark.parametrize(
    "changes",
    [
        {},  # The same receipt number, the same token.
        {"receipt_no": "X-1", "receipt_token": "GZR1:X"},  # The same number of the year.
        {"state": "announced", "receipt_no": None, "receipt_year": None,
         "receipt_number": None, "receipt_token": None},  # No code, no last day.
        {"state": "lost"},
        {"thanks": "both"},
        {"donor_organisation_id": 5},
        dict.fromkeys(_RECEIPT),  # Received without a receipt, and no points chosen.
        dict.fromkeys(_RECEIPT) | {"thanks": "points", "receipt_no": "S1-2025-000009"},
    ],
)  # fmt: skip
def test_a_deposit_that_cannot_be_is_refused(session, received, changes):
    refuses(session, deposit, **changes)


def test_a_deposit_for_points_is_taken_without_a_receipt(session, received):
    """So the refusals above are due to the change, not to the copy."""
    changes = dict.fromkeys(_RECEIPT) | {"thanks": "points"}
    session.execute(insert(deposit).values(**copy_of(session, deposit, **changes)))


@pytest.mark.parametrize(
    "changes",
    [
        {"receipt_no": None},
        {"state": "announced"},  # A receipt for an announcement.
        {"accepted_pieces": 0},
        {"value_yuan": -1},
    ],
)
def test_a_received_deposit_keeps_its_receipt(session, received, changes):
    refuses_update(session, deposit, **changes)


def test_two_open_announcements_do_not_share_a_code(session, shop, town, now):
    by = make_resident(session, town)
    for _ in range(2):
        actions.announce_deposit(
            Deed(session, by, now, a_request_id()),
            store_id=shop.store_id,
            donor_person_id=by.person_id,
            lines=(AnnouncedLine(shop.item("肥皂"), 1),),
        )
    refuses_update(session, deposit, code="123456")
    first = session.scalars(select(deposit.c.id)).first()
    session.execute(update(deposit).where(deposit.c.id == first).values(state="lapsed"))
    session.execute(update(deposit).values(code="123456"))


@pytest.mark.parametrize(
    "changes",
    [
        {"received_pieces": 0},
        {"disposed_pieces": 99},
        {"state": "gone"},
        {"state": "awaiting_cleaning", "cleaned_at": 1},
        {"account_id": 5},
    ],
)
def test_a_lot_that_cannot_be_is_refused(session, shop, now, changes):
    make_stock(session, shop, "肥皂", 3)
    if "cleaned_at" in changes:
        changes = {**changes, "cleaned_at": now}
    refuses_update(session, lot, **changes)


def test_two_lots_never_share_an_account_or_a_line(session, shop):
    make_stock(session, shop, "肥皂", 3)
    refuses(session, lot, line=1)
    refuses(session, lot)


@pytest.mark.parametrize(
    "changes",
    [
        {"barcode": "2000000000015"},
        {"kind": "weapon"},
        {"reference_fen": -1},
        {"shelf_life_days": 30},  # The newest item is a lamp.
        {"kind": "food"},
    ],
)
def test_an_item_that_cannot_be_is_refused(session, shop, changes):
    refuses(session, item, **{"barcode": "2000000001005", **changes})


def test_an_item_counts_in_accounts_of_its_own_pieces(session, shop):
    other = session.scalars(select(item.c.donated_account_id)).first()
    refuses(session, item, barcode="2000000001005", donated_account_id=other)


def test_two_stores_share_neither_code_nor_place(session, shop, town):
    refuses(session, store, code="S2")
    refuses(session, store, place_id=town.grid_ids[0])
    refuses(session, store, code="S2", place_id=town.grid_ids[0], kind="bank")


def test_a_counter_has_a_named_series_and_counts_up(session, shop):
    make_stock(session, shop, "大米", 1, best_before_on=date(2026, 1, 1))
    refuses_update(session, receipt_counter, last_number=-1)
    refuses_update(session, receipt_counter, series="")
