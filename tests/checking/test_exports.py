"""The exports: rows for an auditor, plain text for beancount."""

import json
import os
from datetime import UTC, datetime

import pytest

from tests.checking.planting import TILE, keys, make_books
from tests.factories import make_by
from tests.factories.ledger import make_account
from timebank.checking import log
from timebank.checking.books import check_books, report
from timebank.checking.export_reader import reading_export
from timebank.checking.export_writer import jsonl
from timebank.checking.plain_text import beancount
from timebank.checking.reading import Books, NotReadable

NOTE = '{"table":"txn_note","community_id":1,"txn_id":1,"salt":"00","body":"for the soup"}\n'


@pytest.fixture
def books(session, now, monkeypatch):
    monkeypatch.setattr(log, "TILE", TILE)
    make_books(session, by=make_by("keeper"), now=now)
    return Books(session.connection())


@pytest.fixture
def exported(books, tmp_path):
    path = tmp_path / "books.jsonl"
    path.write_text("\n".join(jsonl(books)) + "\n", encoding="utf-8")
    return path


def test_an_export_is_checked_with_no_database_at_all(exported):
    with reading_export(exported) as books:
        found = check_books(books, keys())
    lines, is_whole = report(found)
    assert is_whole, lines
    assert found[0].counts["leaves"] > TILE
    assert found[0].counts["signatures"] == 3


def test_a_changed_line_of_an_export_is_named(exported):
    rows = [json.loads(line) for line in exported.read_text().splitlines()]
    chosen = next(row for row in rows if row["table"] == "posting" and row["phase"] == 2)
    chosen["quantity"] -= 1
    exported.write_text("\n".join(json.dumps(row) for row in rows))
    with reading_export(exported) as books:
        lines, is_whole = report(check_books(books, keys()))
    assert not is_whole
    assert any(f"posting {chosen['txn_id']}/{chosen['line']}" in line for line in lines)


def test_an_export_in_another_format_is_refused_by_its_first_line(exported):
    first, rest = exported.read_text().split("\n", 1)
    assert json.loads(first)["format"] == "timebank-books-2"
    exported.write_text(first.replace("timebank-books-2", "timebank-books-1") + "\n" + rest)
    told_why = r"line 1 .* format timebank-books-2"
    with pytest.raises(NotReadable, match=told_why), reading_export(exported):
        pass


def test_what_is_no_export_is_refused_with_its_line(exported):
    first, *rest = exported.read_text().splitlines(keepends=True)
    for lines, number in (
        ((first, '{"table":"person","id":1}\n', *rest), 2),
        ((first, NOTE, *rest), 2),
        ((first, "[]\n", *rest), 2),
        (('{"table":"export"}\n', *rest), 1),
        (rest, 1),
        ((first, *rest, rest[0]), len(rest) + 2),
    ):
        exported.write_text("".join(lines))
        with pytest.raises(NotReadable, match=f"line {number} "), reading_export(exported):
            pass


def test_an_export_that_was_cut_is_refused(exported):
    whole = exported.read_bytes()
    lines = whole.splitlines(keepends=True)
    for left in (
        b"",
        lines[0],
        b"".join(lines[:2]),
        b"".join(lines[:-1]),
        whole[: len(whole) // 2],
    ):
        exported.write_bytes(left)
        with pytest.raises(NotReadable, match="the export"), reading_export(exported):
            pass


def test_an_export_tells_at_its_end_how_many_rows_it_has(exported):
    lines = exported.read_text().splitlines(keepends=True)
    told = json.loads(lines[-1])
    assert told["table"] == "end"
    assert sum(told["rows"].values()) == len(lines) - 2
    del lines[5]
    exported.write_text("".join(lines))
    with pytest.raises(NotReadable, match="not as many as it says"), reading_export(exported):
        pass


def test_an_export_holds_no_note_and_no_answer(exported):
    tables = {json.loads(line)["table"] for line in exported.read_text().splitlines()}
    assert {"txn", "log_leaf", "checkpoint"} <= tables
    assert not {"txn_note", "deed", "person"} & tables
    assert "for the soup" not in exported.read_text()


def test_two_communities_are_not_mixed_into_one_text(books):
    with pytest.raises(NotReadable, match="choose one with --community: ours, neighbour"):
        list(beancount(books))
    with pytest.raises(NotReadable, match="there is no community nope; choose one of these: ours"):
        list(beancount(books, "nope"))


@pytest.mark.parametrize(
    ("table", "changed", "why"),
    [
        ("balance", None, "its balance or its commodity is missing"),
        ("commodity", None, "its balance or its commodity is missing"),
        ("txn", {"posted_us": 2**62}, "not a valid time"),
        ("txn", {"effective_us": -(2**62)}, "not a valid time"),
        ("community", None, "there is no community"),
    ],
)
def test_what_beancount_could_not_read_is_not_written(exported, table, changed, why):
    lines = []
    for row in map(json.loads, exported.read_text().splitlines()):
        is_meant = row["table"] == table
        if row["table"] == "end":
            row["rows"][table] *= changed is not None
        if changed is not None or not is_meant:
            lines.append(json.dumps(row | (changed if changed and is_meant else {})))
    exported.write_text("\n".join(lines))
    code = "" if table == "community" else "ours"
    with reading_export(exported) as books, pytest.raises(NotReadable, match=why):
        list(beancount(books, code))


def test_a_transaction_without_a_posting_is_written_all_the_same(exported):
    rows = [json.loads(line) for line in exported.read_text().splitlines()]
    rows[-1]["rows"]["posting"] = 0
    exported.write_text("\n".join(json.dumps(row) for row in rows if row["table"] != "posting"))
    with reading_export(exported) as books:
        lines = list(beancount(books, "ours"))
    assert any('* "test"' in line for line in lines)


def _loaded(text):
    loader = _loader()
    return loader.load_string(text)


def _loader():
    try:
        from beancount import loader
    except ImportError as why:
        if os.environ.get("CI", "").lower() in ("1", "true"):
            pytest.fail(f"CI needs beancount: {why}")
        pytest.skip("beancount is not installed: see requirements/dev.txt")
    return loader


def test_beancount_accepts_the_books_and_comes_to_the_same_balances(books, session):
    make_account(session, kind="long_kind", commodity="pieces:7531056305253304766", filled=7)
    text = "\n".join(beancount(books, "ours"))
    entries, errors, _ = _loaded(text)
    assert errors == []
    asserted = {e.account: e.amount for e in entries if type(e).__name__ == "Balance"}
    account_rows = list(books.rows("SELECT id FROM account WHERE community_id = 1"))
    held = [name for name in asserted if name.endswith(":Held")]
    assert len(asserted) == len(account_rows) + len(held)
    assert [int(asserted[name].number) for name in held] == [30]
    assert any(amount.currency == "P-7531056305253304766" for amount in asserted.values())
    closed = [entry for entry in entries if type(entry).__name__ == "Close"]
    rejected = [entry for entry in entries if type(entry).__name__ == "Custom"]
    assert (len(closed), len(rejected)) == (1, 1)


def test_beancount_finds_a_balance_that_does_not_follow(books):
    lines = list(beancount(books, "ours"))
    at = next(at for at, line in enumerate(lines) if " balance Assets" in line)
    words = lines[at].split()
    lines[at] = " ".join([*words[:-2], str(int(words[-2]) + 1), words[-1]])
    _, errors, _ = _loaded("\n".join(lines))
    assert [type(error).__name__ for error in errors] == ["BalanceError"]


def test_each_transaction_tells_its_id_kind_and_key(books):
    lines = list(beancount(books, "ours"))
    at = next(at for at, line in enumerate(lines) if '  key: "noted"' in line)
    assert lines[at - 3].endswith('* "test"')
    assert lines[at - 2].startswith('  id: "')
    assert lines[at - 1] == '  kind: "test"'
    day = datetime.strptime(lines[at - 3][:10], "%Y-%m-%d").replace(tzinfo=UTC)
    assert day.year == 2025
