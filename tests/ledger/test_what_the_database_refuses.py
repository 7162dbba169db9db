"""The database itself refuses what no program may write, whoever sends the statement.

Each test takes a row that is right, changes one thing in plain SQL, and sees it refused.
"""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.factories.ledger import make_account, make_hold, make_request, post_now
from timebank.db import metadata
from timebank.deeds.action import action
from timebank.deeds.deed import Deed
from timebank.deeds.running import perform_in
from timebank.ledger.rules import RECORD, Move, ResolveHold
from timebank.ledger.shortfalls import shortfall_of, write_off
from timebank.values import FEN, LARGEST_QUANTITY

HISTORY = (
    "commodity", "account", "txn", "hold", "posting", "shortfall", "shortfall_settled", "deed",
)  # fmt: skip


class World:
    """One of everything that the books can hold."""

    def __init__(self, session, now, by):
        self.session = session
        self.anna = make_account(session, filled=60, ceiling=100)
        self.bert = make_account(session)
        self.fund = make_account(session, commodity=FEN, filled=100)
        self.theirs = make_account(session, community_id=2, filled=60)
        given, refused = post_now(
            session,
            make_request(Move(self.anna, self.bert, 10), key="given"),
            make_request(Move(self.anna, self.bert, 999)),
        )
        self.given, self.refused = given.txn_id, refused.txn_id
        self.back = post_now(session, make_request(reverses_id=self.given))[0].txn_id
        self.ended, _ = make_hold(session, self.anna, self.bert, 20)
        self.end = post_now(session, make_request(ResolveHold(self.ended, 0, 15)))[0].txn_id
        self.open, _ = make_hold(session, self.anna, self.bert, 30)
        self.lacking, borne = (self._lack(session) for _ in range(2))
        case = shortfall_of(session, 1, borne)
        write_off(Deed(session, by, now, "borne"), case=case, note="lost")
        self.borne = borne
        perform_in(Deed(session, by, now, "nod"), _nod)

    def _lack(self, session):
        """Record that somebody gave 20 who had 5: 15 of it in line 1."""
        cora, dan = make_account(session, filled=5), make_account(session)
        return post_now(session, make_request(Move(cora, dan, 20), mode=RECORD))[0].txn_id

    def row(self, table, **key):
        """Read one row as it stands."""
        told = " AND ".join(f"{name} = :{name}" for name in key)
        rows = self.session.execute(text(f"SELECT * FROM {table} WHERE {told}"), key)
        return dict(rows.mappings().one())

    def insert(self, table, row, **changed):
        """Insert a row under the ids given, with one thing changed."""
        names = ", ".join(row)
        values = ", ".join(f":{name}" for name in row)
        self.run(f"INSERT INTO {table} ({names}) VALUES ({values})", **{**row, **changed})

    def run(self, statement, **told):
        with self.session.begin_nested():
            self.session.execute(text(statement), told)

    def new_txn(self):
        """Insert a transaction for raw postings."""
        row = self.row("txn", id=self.given)
        self.insert("txn", row, id=1, request_key="raw")
        return 1

    def new_posting(self, **changed):
        """Insert a posting that would be right but for what is changed."""
        row = self.row("posting", txn_id=self.given)
        fresh = {"txn_id": self.new_txn(), "source_seq": 90, "destination_seq": 90}
        self.insert("posting", row, **{**fresh, **changed})


@action("nod")
def _nod(deed) -> str:
    return "yes"


@pytest.fixture
def world(session, now, by_stranger):
    return World(session, now, by_stranger)


@pytest.fixture
def refuses(engine_name):
    """Expect the named constraint to refuse; SQLite tells the columns of a key instead."""

    def expect(name, *, sqlite):
        told = name if engine_name == "postgresql" else sqlite
        return pytest.raises(DBAPIError, match=told)

    return expect


NO_KEY = "FOREIGN KEY constraint failed"


def test_the_row_that_the_others_vary_is_right(world):
    world.new_posting()


@pytest.mark.parametrize("side", ["source", "destination"])
def test_a_posting_between_commodities(world, refuses, side):
    with refuses(f"fk_posting_{side}", sqlite=NO_KEY):
        world.new_posting(**{f"{side}_account_id": world.fund})


def test_a_posting_of_a_commodity_that_neither_side_counts(world, refuses):
    fen = world.row("account", id=world.fund)["commodity_id"]
    with refuses("fk_posting", sqlite=NO_KEY):
        world.new_posting(commodity_id=fen)


def test_a_posting_into_another_community(world, refuses):
    with refuses("fk_posting_destination", sqlite=NO_KEY):
        world.new_posting(destination_account_id=world.theirs)


def test_a_posting_of_no_transaction(world, refuses):
    with refuses("fk_posting_community_id_txn_id", sqlite=NO_KEY):
        world.new_posting(txn_id=404)


def test_a_posting_from_an_account_to_itself(world, refuses):
    with refuses("ck_posting_sides", sqlite="ck_posting_sides"):
        world.new_posting(destination_account_id=world.anna)


@pytest.mark.parametrize("quantity", [-1, 0, LARGEST_QUANTITY + 1])
def test_a_posting_of_nothing_or_of_too_much(world, refuses, quantity):
    with refuses("ck_posting_(quantity|phase)", sqlite="ck_posting_(quantity|phase)"):
        world.new_posting(quantity=quantity)


@pytest.mark.parametrize(("side", "account"), [("source", "anna"), ("destination", "bert")])
def test_two_postings_at_one_place_of_a_history(world, refuses, side, account):
    taken = world.row("posting", txn_id=world.given)[f"{side}_seq"]
    with refuses(f"uq_posting_{side}_seq", sqlite=f"posting.{side}_seq"):
        world.new_posting(**{f"{side}_seq": taken})


def test_an_overdraft_with_holds_counted(world, refuses):
    row = world.row("balance", account_id=world.anna)
    available = row["posted_in"] - row["posted_out"] - row["pending_out"]
    assert available == 15
    world.run(f"UPDATE balance SET posted_out = posted_out + 15 WHERE account_id = {world.anna}")
    for column in ("posted_out", "pending_out"):
        with refuses("ck_balance_floor", sqlite="ck_balance_floor"):
            world.run(f"UPDATE balance SET {column} = {column} + 1 WHERE account_id = {world.anna}")


def test_more_than_the_ceiling_with_what_is_on_its_way(world, refuses):
    for column in ("posted_in", "pending_in"):
        with refuses("ck_balance_ceiling", sqlite="ck_balance_ceiling"):
            world.run(
                f"UPDATE balance SET {column} = {column} + 56 WHERE account_id = {world.anna}"
            )


@pytest.mark.parametrize("column", ["posted_in", "posted_out", "pending_in", "pending_out"])
def test_a_counter_below_zero(world, refuses, column):
    issue = world.row("account", kind="issue", community_id=2)["id"]
    with refuses("ck_balance_counters", sqlite="ck_balance_counters"):
        world.run(f"UPDATE balance SET {column} = -1 WHERE account_id = {issue}")


@pytest.mark.parametrize("change", ["floor = -1000", "ceiling = NULL", "floor = NULL, seq = seq"])
def test_what_an_account_may_hold_is_never_changed(world, change):
    with pytest.raises(DBAPIError, match="never changed: balance"):
        world.run(f"UPDATE balance SET {change} WHERE account_id = {world.anna}")


def test_a_balance_in_another_commodity_than_its_account(world, refuses):
    fen = world.row("account", id=world.fund)["commodity_id"]
    with refuses("fk_balance", sqlite=NO_KEY):
        world.run(f"UPDATE balance SET commodity_id = {fen} WHERE account_id = {world.anna}")


def resolving(world, **changed):
    """Insert the end of the open hold, right but for what is changed."""
    row = world.row("posting", txn_id=world.end)
    fresh = {
        "txn_id": world.new_txn(), "source_seq": 90, "destination_seq": 90,
        "hold_txn_id": world.open, "released": 30, "quantity": 30,
    }  # fmt: skip
    world.insert("posting", row, **{**fresh, **changed})


def test_a_hold_ends_by_a_row_that_fits_it(world):
    resolving(world)


def test_a_second_resolution_of_a_hold(world, refuses):
    with refuses("uq_posting_hold", sqlite="posting.hold_txn_id, posting.hold_line"):
        resolving(world, hold_txn_id=world.ended, released=20, quantity=20)


@pytest.mark.parametrize("changed", [{"released": 29, "quantity": 29}, {"hold_line": 1}])
def test_the_end_of_a_hold_that_does_not_fit_it(world, refuses, changed):
    with refuses("fk_posting_hold", sqlite=NO_KEY):
        resolving(world, **changed)


def test_the_end_of_a_hold_for_somebody_else(world, refuses):
    carl = make_account(world.session)
    with refuses("fk_posting_hold", sqlite=NO_KEY):
        resolving(world, destination_account_id=carl)


def test_a_capture_of_more_than_was_held(world, refuses):
    with refuses("ck_posting_phase", sqlite="ck_posting_phase"):
        resolving(world, quantity=31)


def test_an_ordinary_posting_that_ends_a_hold(world, refuses):
    with refuses("ck_posting_phase", sqlite="ck_posting_phase"):
        resolving(world, phase=0)


def test_a_hold_of_nothing(world, refuses):
    row = world.row("hold", txn_id=world.open)
    with refuses("ck_hold_quantity", sqlite="ck_hold_quantity"):
        world.insert("hold", row, line=1, quantity=0)


def test_a_hold_without_an_end(world, refuses):
    row = world.row("hold", txn_id=world.open)
    with refuses("expires_us", sqlite="hold.expires_us"):
        world.insert("hold", row, line=1, expires_us=None)


def test_a_second_reversal(world, refuses):
    row = world.row("txn", id=world.back)
    with refuses("uq_txn_reversal", sqlite="txn.reverses_id"):
        world.insert("txn", row, id=1, request_key="again")


def test_a_reversal_of_what_never_was(world, refuses):
    row = world.row("txn", id=world.back)
    with refuses("fk_txn", sqlite=NO_KEY):
        world.insert("txn", row, id=1, request_key="again", reverses_id=404)


def test_a_second_effect_of_one_request_key(world, refuses):
    row = world.row("txn", id=world.given)
    with refuses("uq_txn_request", sqlite="txn.request_key"):
        world.insert("txn", row, id=1)


def test_a_second_answer_to_one_request_id(world, refuses):
    row = world.row("deed", request_id="nod")
    with refuses("pk_deed", sqlite="deed.request_id"):
        world.insert("deed", row, answer='"no"')


@pytest.mark.parametrize("changed", [{"reason": None}, {"status": 1}, {"status": 3}])
def test_a_rejection_that_does_not_say_why(world, refuses, changed):
    row = world.row("txn", id=world.refused)
    with refuses("ck_txn_(reason|status)", sqlite="ck_txn_(reason|status)"):
        world.insert("txn", row, **{"id": 1, "request_key": "raw", **changed})


def test_a_second_account_of_a_kind_for_one_person(world, refuses):
    row = world.row("account", id=world.anna)
    with refuses("uq_account", sqlite="account.owner_id"):
        world.insert("account", row, id=1)


def test_text_where_a_number_belongs(world, refuses):
    with refuses("of type bigint", sqlite="cannot store TEXT value in INTEGER column"):
        world.run("UPDATE balance SET posted_in = 'much' || seq")


def test_a_half_where_a_whole_number_belongs(world, engine_name):
    if engine_name == "postgresql":
        world.run(f"UPDATE balance SET posted_in = 60.4 WHERE account_id = {world.anna}")
        assert world.row("balance", account_id=world.anna)["posted_in"] == 60
    else:
        with pytest.raises(DBAPIError, match="cannot store REAL value in INTEGER column"):
            world.run(f"UPDATE balance SET posted_in = 60.4 WHERE account_id = {world.anna}")


def test_these_tables_are_history():
    books = {"community", "balance", *HISTORY}
    kept = {name for name in books if metadata.tables[name].info.get("append_only")}
    assert kept == set(HISTORY)


@pytest.mark.parametrize("table", HISTORY)
def test_an_update_of_history(world, table):
    with pytest.raises(DBAPIError, match=f"history is never changed: {table}"):
        world.run(f"UPDATE {table} SET community_id = community_id")


@pytest.mark.parametrize("table", HISTORY)
def test_a_deletion_of_history(world, table):
    with pytest.raises(DBAPIError, match=f"history is never changed: {table}"):
        world.run(f"DELETE FROM {table}")


@pytest.mark.parametrize("table", HISTORY)
def test_a_replacement_of_history(world, engine_name, table):
    """SQLite deletes a row to replace it; PostgreSQL can throw a whole table away."""
    trick = {
        "sqlite": f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}",
        "postgresql": f"TRUNCATE {table} CASCADE",
    }[engine_name]
    with pytest.raises(DBAPIError, match="history is never changed"):
        world.run(trick)


def test_a_change_of_history_dressed_as_an_insert(world):
    with pytest.raises(DBAPIError, match="history is never changed: txn"):
        world.run(
            "INSERT INTO txn SELECT * FROM txn WHERE true"
            " ON CONFLICT (community_id, id) DO UPDATE SET kind = 'other'"
        )


def test_a_change_of_history_that_asks_to_ignore_what_fails(world, engine_name):
    if engine_name == "sqlite":
        with pytest.raises(DBAPIError, match="history is never changed: txn"):
            world.run("UPDATE OR IGNORE txn SET kind = 'other'")
    else:
        with pytest.raises(DBAPIError, match="history is never changed: txn"):
            world.run("MERGE INTO txn USING (SELECT 1) one ON true WHEN MATCHED THEN DELETE")
