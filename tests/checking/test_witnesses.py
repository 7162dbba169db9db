"""A checkpoint that was kept elsewhere reveals books that were truncated or rewritten."""

import json

import pytest

from tests.checking.planting import TILE, Intruder, keys, make_books
from tests.factories import make_by
from tests.factories.ledger import START, make_account, make_request, post_now
from tests.factories.other_sealer import SIGNED_US, Sealer, signed_note, tree_root
from timebank.checking import log
from timebank.checking.books import check_books
from timebank.checking.kept_checkpoints import read_kept
from timebank.checking.notes import Keys, Unfit
from timebank.checking.reading import Books
from timebank.ledger.actions import post
from timebank.ledger.rules import Move

LOG = ("log_leaf", "log_head", "log_tile", "tile_total", "checkpoint", "balance_snapshot")


@pytest.fixture
def books(session, monkeypatch):
    monkeypatch.setattr(log, "TILE", TILE)
    make_books(session, by=make_by("keeper"), now=START)
    return session.connection()


def found(connection, kept=(), of=None):
    faults = []
    for one in check_books(Books(connection), of or keys(), kept):
        faults += [str(fault) for fault in one.faults]
    return faults


def note_of(connection, size):
    leaves = Sealer(connection).leaves()[:size]
    return signed_note("timebank/ours", size, tree_root(leaves), SIGNED_US + size)


def test_books_that_grew_from_the_checkpoint_kept_are_good(books):
    for size in (5, len(Sealer(books).leaves())):
        assert found(books, read_kept(note_of(books, size))) == []


def test_another_history_is_found_out_though_the_key_of_the_house_signed_it(books):
    note = signed_note("timebank/ours", 5, bytes(32), SIGNED_US)
    assert found(books, read_kept(note)) == [
        "checkpoint 5: the books were cut or rewritten since 2025-06-15 15:06:40 UTC:"
        " the first 5 leaves have another root than the checkpoint kept"
    ]


def test_a_shorter_log_is_found_out(books):
    size = len(Sealer(books).leaves())
    note = signed_note("timebank/ours", size + 3, bytes(32), SIGNED_US)
    [fault] = found(books, read_kept(note))
    assert "were cut or rewritten since 2025-06-15" in fault
    assert f"the log has only {size} leaves, the checkpoint kept has {size + 3}" in fault


def test_a_log_that_was_emptied_and_queued_anew_is_found_out(fresh_database, monkeypatch):
    monkeypatch.setattr(log, "TILE", TILE)
    by = make_by("keeper")
    fresh_database.write(lambda session, now: make_books(session, by=by, now=now))
    with Intruder.enters(fresh_database.engine) as intruder:
        kept = read_kept(note_of(intruder.connection, 9))
        intruder.run("INSERT INTO seal_queue SELECT community_id, entry, entry_id FROM log_leaf")
        for table in LOG:
            intruder.run(f"DELETE FROM {table}")
        assert intruder.faults() == []  # Without a kept checkpoint it cannot be noticed,
        [fault] = found(intruder.connection, kept)  # with one it is.
        assert "the log has only 0 leaves" in fault


def test_a_note_that_the_key_did_not_sign_is_no_witness(books):
    note = note_of(books, 5).replace("time 1", "time 2")
    assert found(books, read_kept(note)) == ["checkpoint 5: as it was kept: the signature is wrong"]


def test_a_checkpoint_of_books_that_are_not_here_is_a_fault(books):
    note = signed_note("timebank/gone", 5, bytes(32), SIGNED_US)
    assert found(books, read_kept(note)) == [
        "checkpoint 5: it was kept of timebank/gone, and there are no such books here"
    ]


def test_a_printed_line_is_a_witness_without_signature(books):
    root = note_of(books, 5).split("\n")[2]
    assert found(books, read_kept(f"  timebank/ours 5 {root}\n")) == []
    [fault] = found(books, read_kept(f"timebank/ours 6 {root}\n"))
    assert "rewritten since checkpoint 6 was printed" in fault
    [limit] = [
        one
        for told in check_books(Books(books), keys(), read_kept(f"timebank/ours 5 {root}"))
        for one in told.limits
        if "kept" in one
    ]
    assert limit == "checkpoint 5 was kept as a line, without signature"


def test_checkpoints_are_found_in_a_mail_in_json_and_one_after_another(books):
    first, second = note_of(books, 5), note_of(books, 9)
    mail = f"Subject: log\r\n\r\nThe checkpoint of this week.\r\n\r\n{first}".replace("\n", "\r\n")
    answer = json.dumps({"size": 5, "checkpoint": first})
    paper = json.dumps({"checkpoints": [first, second]})
    sizes = [
        [one.told.size for one in read_kept(text)]
        for text in (mail, answer, paper, f"{first}\n{second}\n")
    ]
    assert sizes == [[5], [5], [5, 9], [5, 9]]
    for text in (mail, answer, paper, f"{first}\n{second}\n"):
        assert found(books, read_kept(text)) == []


@pytest.mark.parametrize("text", ["", "[]", "3", '{"checkpoint": 3}', "[" * 99_999, "no note"])
def test_what_holds_no_checkpoint_is_refused(text):
    with pytest.raises(Unfit):
        read_kept(text)


def test_a_time_that_no_calendar_has_is_no_stumbling_block(books):
    note = signed_note("timebank/ours", 5, bytes(32), 10**40)
    [fault] = found(books, read_kept(note), Keys({}))
    assert "rewritten since checkpoint 5" in fault


def test_an_entry_that_waits_while_later_ones_are_a_day_old_is_a_fault(session, clock):
    sealer = Sealer(session.connection())
    one, other = make_account(session, filled=9), make_account(session)
    sealer.seal()
    [old] = post_now(session, make_request(Move(one, other, 1)))
    assert found(session.connection()) == []
    post(session, 1, [make_request(Move(one, other, 1))], now=clock.move(days=1, minutes=1))
    [fault] = found(session.connection())
    assert fault.startswith(f"seal_queue 1/{old.txn_id}: it waits to be sealed")
    sealer.seal()
    assert found(session.connection()) == []
