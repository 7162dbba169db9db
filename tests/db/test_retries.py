"""A concurrency fault retries the unit of work; a bug or a refusal never does."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from sqlalchemy import insert, text, update
from sqlalchemy.exc import IntegrityError, OperationalError

from tests.waiting import HANG_SECONDS
from timebank.db import Busy, StaleRow, units, violates
from timebank.deeds.tables import community, deed
from timebank.errors import NotAllowed
from timebank.schema import every_table


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr(units, "_RETRIES", 3)


class Counted:
    """Work that fails a number of times before it succeeds."""

    def __init__(self, fault: Exception, failures: int) -> None:
        self.fault, self.failures, self.tries = fault, failures, 0

    def __call__(self, session, now):
        self.tries += 1
        if self.tries <= self.failures:
            raise self.fault
        return "done"


def test_a_stale_row_starts_the_unit_again(fresh_database):
    work = Counted(StaleRow("moved"), failures=2)
    assert fresh_database.write(work) == "done"
    assert work.tries == 3


def test_patience_ends_with_busy_and_never_with_a_refusal(fresh_database, impatient):
    work = Counted(StaleRow("moved"), failures=99)
    with pytest.raises(Busy, match="after 3 tries"):
        fresh_database.write(work)
    assert work.tries == 3


@pytest.mark.parametrize("fault", [NotAllowed(), KeyError("bug")])
def test_a_refusal_or_a_bug_is_raised_at_once(fresh_database, fault):
    work = Counted(fault, failures=99)
    with pytest.raises(type(fault)):
        fresh_database.write(work)
    assert work.tries == 1


def test_a_broken_constraint_is_a_bug_and_not_retried(fresh_database):
    tries = []

    def work(session, now):
        tries.append(now)
        session.execute(insert(community).values(id=1, code="x", name_zh="x", name_en="x"))

    with pytest.raises(IntegrityError) as told:
        fresh_database.write(work)
    assert violates(told.value, "pk_community", "community.id")
    assert not violates(told.value, "uq_txn_request")
    assert len(tries) == 1


def _deed(by_request_id):
    return {
        "community_id": 1, "client": "user:1", "request_id": by_request_id, "name": "deed",
        "fingerprint": b"0" * 32, "refusal_code": None, "answer": "{}",
        "done_at": datetime(2025, 6, 10, tzinfo=UTC),
    }  # fmt: skip


def test_a_broken_key_that_is_declared_as_raced_starts_the_unit_again(fresh_database, impatient):
    tries = []

    def work(session, now):
        tries.append(now)
        session.execute(insert(deed).values(_deed("twice")))
        session.execute(insert(deed).values(_deed("twice")))

    with pytest.raises(Busy):
        fresh_database.write(work)
    assert len(tries) == 3


def test_every_subject_declares_the_keys_that_are_raced():
    every_table()
    assert {str(key.name) for key in units._raced()} == {
        "pk_deed", "pk_txn", "uq_txn_request", "uq_posting_source_seq",
        "uq_deposit_code", "uq_app_user_person",
        "uq_kiosk_device_community_id_store_id_epoch", "pk_day_opening", "uq_day_opening_day",
        "uq_count_round", "pk_day_closing", "pk_day_cut", "uq_opening_alarm_budget",
        "uq_posting_destination_seq", "uq_claim_pickup_digest",
        "uq_household_community_id_household_no", "uq_item_change_open", "uq_item_code_gtin",
        "uq_import_batch_rows",
        "uq_parameter_change_day", "uq_person_head", "uq_relation_open", "uq_representative_living",
        "uq_person_merge_undoes",
    }  # fmt: skip


def _rename(session, code):
    session.execute(update(community).values(name_en="new").where(community.c.code == code))


def cross(database):
    """Two writers lock the same two rows in opposite order; return who finished."""
    # On SQLite the other writer cannot begin yet, so there is no deadlock and nobody to meet.
    is_sqlite = database.engine.dialect.name == "sqlite"
    both_began = threading.Barrier(1 if is_sqlite else 2, timeout=HANG_SECONDS)
    tries = Counter()

    def work(codes):
        def rename(session, now):
            _rename(session, codes[0])
            if not tries[codes[0]]:  # They meet once; whoever starts again meets nobody.
                tries[codes[0]] += 1
                both_began.wait()
            _rename(session, codes[1])

        database.write(rename)
        return codes[0]

    orders = (["ours", "neighbour"], ["neighbour", "ours"])
    with ThreadPoolExecutor(2) as pool:
        return sorted(pool.map(work, orders))


def test_two_writers_in_opposite_order_both_finish(fresh_database):
    """PostgreSQL resolves a deadlock by failing one writer; SQLite queues them."""
    assert cross(fresh_database) == ["neighbour", "ours"]


def test_without_the_retry_a_deadlock_is_felt(fresh_database, engine_name, monkeypatch):
    """The negative control: on PostgreSQL one writer would fail with the deadlock."""
    monkeypatch.setattr(units, "_is_retryable", lambda *told, **named: False)
    if engine_name == "postgresql":
        with pytest.raises(OperationalError, match="deadlock detected"):
            cross(fresh_database)
    else:
        assert cross(fresh_database) == ["neighbour", "ours"]


def test_a_reader_takes_no_lock(fresh_database):
    with fresh_database.reading() as session:
        session.execute(text("SELECT count(*) FROM community"))
        fresh_database.write(lambda writer, now: _rename(writer, "ours"))
        session.execute(text("SELECT count(*) FROM community"))
