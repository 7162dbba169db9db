"""The commands that check the books: their output and their exit status."""

import pytest
from click.testing import CliRunner

from tests.checking.planting import TILE, Intruder, make_books
from tests.factories import make_by
from tests.factories.ledger import START
from tests.factories.other_sealer import verifier
from timebank.checking import log
from timebank.cli import main
from timebank.db import Database
from timebank.goods.rules import receipt_code

KEY = ("--key", verifier("timebank/ours"))


@pytest.fixture
def database(sqlite_copies, info, tmp_path, monkeypatch):
    url = sqlite_copies.fresh()
    monkeypatch.setattr(log, "TILE", TILE)
    monkeypatch.setenv("TIMEBANK_DATABASE", url)
    monkeypatch.setenv("TIMEBANK_DATA", str(tmp_path))
    opened = Database(url, clock=lambda: START, info=info)
    opened.write(lambda session, now: make_books(session, by=make_by("keeper"), now=now))
    yield opened
    opened.close()
    sqlite_copies.drop(url)


def run(*words):
    return CliRunner().invoke(main, list(words))


def test_whole_books_are_counted_and_changed_ones_named(database):
    good = run("check-books", *KEY)
    assert good.exit_code == 0, good.output
    assert "checkpoints 3, signatures 3" in good.output
    with Intruder.enters(database.engine, stays=True) as intruder:
        intruder.run("UPDATE balance SET posted_in = posted_in + 1 WHERE community_id = 2")
    bad = run("check-books", *KEY)
    assert bad.exit_code == 1
    assert "posted_in is not what the postings come to" in bad.output


def test_without_a_key_the_signatures_are_said_not_to_be_looked_at(database):
    without = run("check-books")
    assert (without.exit_code, "signatures were not checked" in without.output) == (2, True)
    assert "no verifier" not in run("check-books", *KEY).output


def test_a_key_that_fits_nothing_is_a_fault(database):
    assert run("check-books", "--key", "x+y+z").exit_code == 1
    other = run("check-books", *KEY, "--key", verifier("timebank/evil"))
    assert other.exit_code == 1
    assert "a key was given for timebank/evil, but it has no books here" in other.output
    nothing = run("check-books", "--key", "/dev/null")
    assert (nothing.exit_code, nothing.output) == (
        1, "Error: /dev/null is empty: a verifier key is expected in it.\n"
    )  # fmt: skip


def test_a_receipt_is_proved_only_with_a_key(database):
    with database.engine.connect() as connection:
        row = connection.exec_driver_sql(
            "SELECT id, leaf_hash FROM txn WHERE community_id = 1 ORDER BY id LIMIT 1"
        ).one()
    code = receipt_code("GZR1:0123456789ABCDEF", row.id, bytes(row.leaf_hash))
    assert run("verify-receipt", code, *KEY).exit_code == 0
    assert run("verify-receipt", code).exit_code == 2
    forged = receipt_code("GZR1:0123456789ABCDEF", row.id + 1, bytes(row.leaf_hash))
    told = run("verify-receipt", forged, *KEY)
    assert (told.exit_code, told.output[:16]) == (1, "NOT in the books")


def test_a_receipt_that_makes_no_sense_is_refused_in_one_sentence(database, tmp_path):
    code = receipt_code("GZR1:0123456789ABCDEF", 7, bytes(32))
    endless = b'{"format": "timebank-proof-2", "entry": "", "index": 1e400, "path": [],' \
        b' "checkpoint": ""}'  # fmt: skip
    file = tmp_path / "proof.json"
    for told, held in (
        (receipt_code("GZR1:0123456789ABCDEF", 2**63, bytes(32)), None),
        (code, b"\x89PNG\r\n\x1a\n\xff"), (code, endless), (code, b"[" * 100_000),
    ):  # fmt: skip
        file.write_bytes(held or b"")
        proof = ("--proof", str(file)) if held else ()
        answer = run("verify-receipt", told, *proof, *KEY)
        assert (answer.exit_code, answer.output[:6]) == (1, "Error:"), answer.exception
        assert len(answer.output.splitlines()) == 1


def test_changed_books_are_said_to_prove_nothing(database):
    with database.engine.connect() as connection:
        asked = "SELECT id, leaf_hash FROM txn WHERE community_id = 1 ORDER BY id LIMIT 1"
        row = connection.exec_driver_sql(asked).one()
    code = receipt_code("GZR1:0123456789ABCDEF", row.id, bytes(row.leaf_hash))
    with Intruder.enters(database.engine, stays=True) as intruder:
        intruder.run("UPDATE posting SET quantity = quantity + 1 WHERE community_id = 1")
    told = run("verify-receipt", code, *KEY)
    assert (told.exit_code, told.output[:10]) == (1, "NOT proved")


def test_export_backup_and_drill_go_hand_in_hand(database, tmp_path):
    file = tmp_path / "books.jsonl"
    assert run("export", "--format", "jsonl", "--to", str(file)).exit_code == 0
    assert run("export", "--format", "jsonl", "--to", str(file)).exit_code == 1
    assert run("check-books", "--export", str(file), *KEY).exit_code == 0
    assert run("restore-drill").exit_code == 1
    assert run("backup").exit_code == 0
    drill = run("restore-drill", *KEY)
    assert (drill.exit_code, "GOOD" in drill.output) == (0, True), drill.output


def test_a_checkpoint_kept_elsewhere_finds_out_cut_books(database, tmp_path):
    with database.engine.connect() as connection:
        asked = "SELECT note FROM checkpoint WHERE community_id = 1 ORDER BY size"
        *_, newest = connection.exec_driver_sql(asked).scalars()
    kept, other = tmp_path / "monday.txt", tmp_path / "letter.txt"
    kept.write_text(newest, "utf-8")
    other.write_text("no checkpoint", "utf-8")
    good = run("check-books", *KEY, "--checkpoint", str(kept), "--checkpoint", str(kept))
    assert (good.exit_code, "kept checkpoints 2" in good.output) == (0, True), good.output
    assert "there is no checkpoint" in run("check-books", "--checkpoint", str(other)).output
    with Intruder.enters(database.engine, stays=True) as intruder:
        intruder.run("DELETE FROM checkpoint WHERE community_id = 1")
        intruder.run("DELETE FROM log_leaf WHERE community_id = 1")
    bad = run("check-books", *KEY, "--checkpoint", str(kept))
    assert bad.exit_code == 1
    assert "the books were cut or rewritten since 2025-06-15" in bad.output
