"""The caller names the deed: one request id, one effect, one answer for ever."""

from dataclasses import dataclass
from datetime import date

import pytest
from sqlalchemy import func, select

from tests.conftest import only_on
from tests.factories.ledger import make_account, make_issue
from timebank.deeds import queries
from timebank.deeds.action import action
from timebank.deeds.deed import Deed
from timebank.deeds.queries import refusals_since
from timebank.deeds.refusals import RequestKeyReused
from timebank.deeds.running import answer, perform, perform_in
from timebank.deeds.tables import deed
from timebank.errors import BadInput, NotFound
from timebank.goods.refusals import OutOfStock
from timebank.ledger.actions import post_one
from timebank.ledger.queries import balances_of
from timebank.ledger.refusals import InsufficientBalance
from timebank.ledger.rules import Move
from timebank.ledger.tables import txn


@dataclass(frozen=True, slots=True)
class Given:
    txn_id: int
    on: date
    pieces: tuple[int, ...]


@action("give")
def give(deed: Deed, *, source: int, destination: int, quantity: int) -> Given:
    lines = [Move(source, destination, quantity)]
    txn_id = post_one(deed, kind="gift", lines=lines)
    return Given(txn_id, deed.now.date(), (quantity,))


@action("nod")
def nod(deed: Deed) -> None:
    make_account(deed.session, filled=1)


@action("refuse")
def refuse(deed: Deed) -> Given:
    make_account(deed.session, filled=1)
    raise OutOfStock(available=0, lots=(1, 2), next_on=date(2025, 6, 12))


@pytest.fixture
def database(fresh_database):
    return fresh_database


@pytest.fixture
def gift(database):
    def lay(session, now):
        return {
            "source": make_account(session, filled=60),
            "destination": make_account(session),
            "quantity": 40,
        }

    return database.write(lay)


def left(database, gift):
    with database.reading() as session:
        return balances_of(session, 1, [gift["source"]])[gift["source"]].posted


def count(database, table):
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(table))


def test_a_deed_sent_twice_happens_once_and_answers_alike(database, gift, by_stranger):
    answers = [perform(database, give, by=by_stranger, request_id="r", **gift) for _ in range(3)]
    assert answers[0] == answers[1] == answers[2]
    assert left(database, gift) == 20


def test_a_deed_that_answers_nothing_still_happens_once(database, by_stranger):
    before = count(database, txn)
    for _ in range(2):
        assert perform(database, nod, by=by_stranger, request_id="r") is None
    assert count(database, txn) == before + 1


def test_a_refusal_stays_even_when_the_deed_could_now_be_done(database, gift, by_stranger):
    asked = {**gift, "quantity": 61}
    with pytest.raises(InsufficientBalance) as first:
        perform(database, give, by=by_stranger, request_id="r", **asked)
    fill = {"source": database.write(lambda s, now: make_issue(s)), "quantity": 100}
    fill["destination"] = gift["source"]
    perform(database, give, by=by_stranger, request_id="fill", **fill)
    with pytest.raises(InsufficientBalance) as again:
        perform(database, give, by=by_stranger, request_id="r", **asked)
    assert first.value.facts == again.value.facts == {"short_by": 1}
    assert perform(database, give, by=by_stranger, request_id="new", **asked).pieces == (61,)


def test_a_refused_deed_leaves_only_its_answer_behind(database, by_stranger):
    with pytest.raises(OutOfStock):
        perform(database, refuse, by=by_stranger, request_id="r")
    assert (count(database, txn), count(database, deed)) == (0, 1)


def test_the_first_refusal_tells_its_facts_like_every_later_one(database, by_stranger):
    told = []
    for _ in range(2):
        with pytest.raises(OutOfStock) as refusal:
            perform(database, refuse, by=by_stranger, request_id="r")
        told.append(refusal.value.facts)
    assert told[0] == told[1] == {"available": 0, "lots": [1, 2], "next_on": "2025-06-12"}


def test_an_answer_tells_whether_it_was_given_before(database, gift, by_stranger):
    first, again = (
        answer(database, give, by=by_stranger, request_id="r", **gift) for _ in range(2)
    )
    assert (first.is_replay, again.is_replay) == (False, True)
    assert (
        first.result() == again.result() == Given(first.result().txn_id, first.result().on, (40,))
    )


def test_a_refusal_tells_whether_it_was_given_before(database, by_stranger):
    first, again = (answer(database, refuse, by=by_stranger, request_id="r") for _ in range(2))
    assert (first.is_replay, again.is_replay) == (False, True)
    assert first.refusal.facts == again.refusal.facts
    with pytest.raises(OutOfStock):
        again.result()


@pytest.mark.parametrize("first", [give, refuse])
def test_a_request_id_with_another_content_is_refused(database, gift, by_stranger, first):
    content = gift if first is give else {}
    if first is give:
        perform(database, give, by=by_stranger, request_id="r", **content)
    else:
        with pytest.raises(OutOfStock):
            perform(database, refuse, by=by_stranger, request_id="r")
    with pytest.raises(RequestKeyReused):
        perform(database, give, by=by_stranger, request_id="r", **{**gift, "quantity": 1})
    assert left(database, gift) == (20 if first is give else 60)


def test_two_senders_may_use_one_request_id(database, gift, by_stranger, by_keeper):
    asked = {**gift, "quantity": 10}
    for by in (by_stranger, by_keeper):
        perform(database, give, by=by, request_id="r", **asked)
    assert left(database, gift) == 40


def test_a_neighbour_community_cannot_move_ours(database, gift, by_neighbour):
    with pytest.raises(NotFound):
        perform(database, give, by=by_neighbour, request_id="r", **gift)
    assert left(database, gift) == 60


@pytest.mark.parametrize("request_id", ["", "x" * 81, "a\x00b", "a\nb"])
def test_a_request_id_that_cannot_be_kept_is_refused(database, gift, by_stranger, request_id):
    with pytest.raises(BadInput) as told:
        perform(database, give, by=by_stranger, request_id=request_id, **gift)
    assert told.value.facts == {"field": "request_id", "why": "shape"}
    assert left(database, gift) == 60


def test_the_longest_request_id_is_kept(database, gift, by_stranger):
    told = {"by": by_stranger, "request_id": "存" * 80, **gift}
    assert perform(database, give, **told) == perform(database, give, **told)


def test_two_deeds_in_one_unit_of_work_end_together(database, gift, by_stranger):
    def both(session, now):
        perform_in(Deed(session, by_stranger, now, "a"), give, **{**gift, "quantity": 40})
        perform_in(Deed(session, by_stranger, now, "b"), give, **{**gift, "quantity": 40})

    with pytest.raises(InsufficientBalance):
        database.write(both)
    assert left(database, gift) == 60
    assert count(database, deed) == 0


def test_a_throttle_counts_refusals_by_their_code(database, gift, by_stranger, by_keeper):
    """A code that only stands in the facts of another refusal is not counted."""
    start = database.clock()
    for key, by in (("a", by_stranger), ("b", by_stranger), ("c", by_keeper)):
        with pytest.raises(OutOfStock):
            perform(database, refuse, by=by, request_id=key)
    asked = {**gift, "quantity": 61}
    with pytest.raises(InsufficientBalance):
        perform(database, give, by=by_stranger, request_id="d", **asked)
    with database.reading() as session:
        told = {"name": "refuse", "since": start}
        found = refusals_since(session, by_stranger, code=OutOfStock.code, **told)
        assert len(found) == 2 and found == sorted(found)
        assert refusals_since(session, by_stranger, code="OUT", **told) == []
        assert refusals_since(session, by_stranger, code=InsufficientBalance.code, **told) == []


@only_on("sqlite")
def test_a_throttle_reads_only_the_refusals(session):
    """Both engines have the index; SQLite tells in one word whether it is used."""
    statement = queries._REFUSED_AT.compile(dialect=session.get_bind().dialect)
    values = tuple("1" for _ in statement.positiontup)
    plan = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
    steps = [row[3] for row in plan]
    assert [step for step in steps if "USING INDEX ix_deed_refused" in step] == steps
