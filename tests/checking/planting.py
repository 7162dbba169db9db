"""Books with one row of everything, and an intruder who changes them past all guards."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from tests.factories.ledger import make_account, make_hold, make_issue, make_request, post_now
from tests.factories.other_sealer import Sealer, verifier
from timebank.checking.books import check_books
from timebank.checking.faults import Fault
from timebank.checking.notes import Keys, read_keys
from timebank.checking.reading import Books
from timebank.deeds.action import action
from timebank.deeds.deed import Deed
from timebank.deeds.running import perform_in
from timebank.ledger.rules import RECORD, Move, ResolveHold
from timebank.ledger.shortfalls import shortfall_of, write_off
from timebank.values import FEN

TILE = 8  # Leaves per tile in these tests, so that a few leaves make one.


def keys() -> Keys:
    return read_keys([verifier("timebank/ours")], {}, None)


def make_books(session: Session, *, by: Any, now: Any) -> None:
    """Write one of each kind of row, seal in turns, and leave the last entries unsealed."""
    sealer = Sealer(session.connection(), tile=TILE)
    issue = make_issue(session)
    anna, bert = make_account(session, filled=60, ceiling=100), make_account(session, filled=5)
    make_account(session, commodity=FEN, filled=100)
    make_account(session, community_id=2, filled=60)
    late = post_now(session, make_request(Move(issue, make_account(session), 1)))[0].txn_id
    given = post_now(
        session,
        make_request(Move(anna, bert, 10), key="given", note="for the soup"),
        make_request(Move(anna, bert, 999)),
    )[0].txn_id
    post_now(session, make_request(reverses_id=given))
    ended, _ = make_hold(session, anna, bert, 20)
    post_now(session, make_request(ResolveHold(ended, 0, 15), relates_id=given))
    sealer.snapshot(anna, sealer.seal(but=late))
    make_hold(session, anna, bert, 30)
    gone = make_account(session, filled=0)
    post_now(session, make_request(closes_id=gone))
    post_now(session, make_request(Move(bert, anna, 2), key="noted", note="thanks"))
    _lack_twice(session, by=by, now=now)
    sealer.seal(but=late)
    sealer.seal()
    post_now(session, make_request(Move(bert, anna, 1)))
    perform_in(Deed(session, by, now, "nod"), _nod)


@action("nod")
def _nod(deed: Deed) -> str:
    return "yes"


def _lack_twice(session: Session, *, by: Any, now: Any) -> None:
    """Two facts exceed their account; the community bears one shortfall."""
    for is_borne in (True, False):
        poor, other = make_account(session, filled=5), make_account(session)
        asked = make_request(Move(poor, other, 20), mode=RECORD)
        lacking = post_now(session, asked)[0].txn_id
        if is_borne:
            case = shortfall_of(session, 1, lacking)
            write_off(Deed(session, by, now, "borne"), case=case, note="lost")


@dataclass
class Intruder:
    """Somebody who may change anything in the database: no trigger, key or CHECK stops them."""

    connection: Connection

    @classmethod
    @contextmanager
    def enters(cls, engine: Any, *, stays: bool = False) -> Iterator["Intruder"]:
        """Yield a connection without guards; changes are undone at the end, unless ``stays``."""
        with engine.execution_options(writes=True).connect() as connection:
            is_sqlite = engine.dialect.name == "sqlite"
            if is_sqlite:
                _loosen_sqlite(connection)
            with connection.begin():
                (_drop_triggers if is_sqlite else _loosen_postgres)(connection)
                yield cls(connection)
                if not stays:
                    connection.rollback()

    def run(self, statement: str, **told: Any) -> Any:
        return self.connection.execute(text(statement), told)

    def faults(self) -> list[Fault]:
        found = check_books(Books(self.connection), keys())
        return [fault for one in found for fault in one.faults]

    @contextmanager
    def planting(self) -> Iterator[None]:
        point = self.connection.begin_nested()
        try:
            yield
        finally:
            point.rollback()


def _loosen_sqlite(connection: Connection) -> None:
    raw: Any = connection.connection.dbapi_connection
    raw.execute("PRAGMA foreign_keys = OFF")
    raw.execute("PRAGMA ignore_check_constraints = ON")


def _drop_triggers(connection: Connection) -> None:
    asked = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    for name in connection.exec_driver_sql(asked).scalars().all():
        connection.exec_driver_sql(f"DROP TRIGGER {name}")


def _loosen_postgres(connection: Connection) -> None:
    connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
    asked = (
        "SELECT conrelid::regclass::text, conname FROM pg_constraint"
        " WHERE contype = 'c' AND connamespace = 'public'::regnamespace"
    )
    for table, name in connection.exec_driver_sql(asked).all():
        connection.exec_driver_sql(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
