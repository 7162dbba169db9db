"""One receipt, from its QR code alone: under a checkpoint, unsealed, or not in the books."""

import base64
import json
from dataclasses import replace

import pytest
from sqlalchemy import text

from tests.checking.planting import TILE, keys, make_books
from tests.factories import make_by
from tests.factories.other_sealer import Sealer, tree_root
from timebank.checking import log
from timebank.checking.columns import SHAPES, select_all
from timebank.checking.entries import ACCOUNT, TXN, account_entry, leaf_of, txn_entry
from timebank.checking.notes import Keys, Unfit
from timebank.checking.reading import Books
from timebank.checking.receipts import (
    BROKEN,
    MISSING,
    SEALED,
    WAITING,
    Bundle,
    Receipt,
    check_bundle,
    count_into,
    find_receipt,
    read_bundle,
    read_receipt,
)
from timebank.checking.tree import path_of, root_from_path
from timebank.goods.rules import receipt_code, receipt_token_in

TOKEN = "GZR1:0123456789ABCDEF"


@pytest.fixture
def books(session, now, monkeypatch):
    monkeypatch.setattr(log, "TILE", TILE)
    make_books(session, by=make_by("keeper"), now=now)
    return Books(session.connection())


def papers(books):
    """The receipt of every posted transaction, as its QR code reads."""
    asked = "SELECT id, leaf_hash, status FROM txn WHERE community_id = 1 ORDER BY id"
    rows = [row for row in books.rows(asked) if row.status == 1]
    return [read_receipt(receipt_code(TOKEN, row.id, bytes(row.leaf_hash))) for row in rows]


def test_every_receipt_under_a_checkpoint_is_proved_and_the_last_one_waits(books):
    *sealed, waiting = papers(books)
    for paper in sealed:
        standing = find_receipt(books, paper, keys())
        assert (standing.state, standing.is_signed) == (SEALED, True)
        assert standing.checkpoint.origin == "timebank/ours"
    assert find_receipt(books, waiting, keys()).state == WAITING


def test_a_proof_alone_is_enough(books):
    paper = papers(books)[0]
    dumped = find_receipt(books, paper, Keys({})).bundle.dumped()
    standing = check_bundle(paper, read_bundle(dumped), keys())
    assert (standing.state, standing.is_signed, standing.kind) == (SEALED, True, "test")
    assert [line.quantity for line in standing.lines] == [60]


def test_a_proof_that_was_changed_anywhere_proves_nothing(books):
    paper = papers(books)[0]
    bundle = find_receipt(books, paper, keys()).bundle
    other = find_receipt(books, papers(books)[1], keys()).bundle
    broken = [
        replace(bundle, index=bundle.index + 1),
        replace(bundle, path=bundle.path[:-1]),
        replace(bundle, path=(*bundle.path, bytes(32))),
        replace(bundle, path=(bytes(32), *bundle.path[1:])),
        replace(bundle, checkpoint=bundle.checkpoint.replace("time 1", "time 2")),
        replace(bundle, checkpoint=bundle.checkpoint[:-8] + "AAAAAA=\n"),
    ]
    assert [check_bundle(paper, one, keys()).state for one in broken] == [BROKEN] * len(broken)
    for one in (replace(bundle, entry=bundle.entry[:-1] + b"\0\0"), other):
        assert check_bundle(paper, one, keys()).state == MISSING


def test_a_paper_that_tells_another_leaf_or_number_is_not_in_the_books(books):
    paper = papers(books)[0]
    for forged in (replace(paper, leaf=bytes(32)), replace(paper, txn_id=paper.txn_id + 1)):
        assert find_receipt(books, forged, keys()).state == MISSING


@pytest.mark.parametrize(
    ("statement", "why"),
    [
        ("UPDATE posting SET quantity = quantity + 1 WHERE txn_id = :id", "the books were changed"),
        ("DELETE FROM log_leaf WHERE entry = 1 AND entry_id = :id", "neither in the log nor"),
        (
            "UPDATE checkpoint SET note = replace(note, 'timebank/', 'timebank/e')"
            " WHERE :id > 0 AND community_id = 1",
            "it is that of timebank/eours",
        ),
    ],
)
def test_books_that_were_changed_are_told_apart_from_a_paper_that_was(books, statement, why):
    """Even without a key: this does not depend on a signature."""
    paper = papers(books)[0]
    _change(books, statement, id=paper.txn_id)
    standing = find_receipt(books, paper, Keys({}))
    assert (standing.state, why in standing.why) == (BROKEN, True)


def _change(books, statement, **told):
    """Make a change that the guards forbid."""
    connection = books._connection
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL session_replication_role = replica"))
    else:
        for name in connection.scalars(text("SELECT name FROM sqlite_master WHERE type='trigger'")):
            connection.execute(text(f"DROP TRIGGER {name}"))
    assert connection.execute(text(statement), told).rowcount


def test_the_same_number_in_another_community_changes_nothing(books):
    paper = papers(books)[0]
    columns = ", ".join(SHAPES["txn"].columns[1:])
    copied = f"INSERT INTO txn (community_id, {columns}) SELECT :c, {columns} FROM txn"
    before = (
        "INSERT INTO community (id, code, name_zh, name_en) VALUES (-7, 'seven', '七', 'Seven')"
    )
    _change(books, before)
    for community_id in (-7, 2):  # One is checked before ours, one after.
        _change(
            books, f"{copied} WHERE community_id = 1 AND id = :id",
            c=community_id, id=paper.txn_id,
        )  # fmt: skip
    assert find_receipt(books, paper, keys()).state == SEALED
    assert find_receipt(books, paper, keys(), community_id=1).state == SEALED
    assert find_receipt(books, paper, keys(), community_id=2).state == BROKEN


def _bundle(books, entry, kind, id_):
    """The complete, signed proof of an entry of the log."""
    rows = books.rows("SELECT * FROM log_leaf WHERE community_id = 1 ORDER BY idx")
    known = [(row.entry, row.entry_id, bytes(row.leaf_hash)) for row in rows]
    asked = "SELECT size, note FROM checkpoint WHERE community_id = 1 ORDER BY size DESC LIMIT 1"
    signed = next(books.rows(asked))
    index, leaves = known.index((kind, id_, leaf_of(entry))), [leaf for _, _, leaf in known]
    path = path_of(index, signed.size, lambda first, end: tree_root(leaves[first:end]))
    return Bundle(entry, index, tuple(path), signed.note)


def test_a_rejection_moved_nothing_though_it_is_in_the_log(books):
    asked = select_all("txn", "WHERE community_id = 1 AND status = 2")
    row = next(books.rows(asked))
    paper = Receipt(TOKEN[5:], row.id, bytes(row.leaf_hash))
    bundle = _bundle(books, txn_entry(row, [], {}, lacks=[]), TXN, row.id)
    for standing in (check_bundle(paper, bundle, keys()), find_receipt(books, paper, keys())):
        assert (standing.state, "rejected" in standing.why) == (MISSING, True)


def test_an_account_is_no_receipt_though_it_is_in_the_log(books):
    asked = """
        SELECT a.*, b.floor, b.ceiling, c.code FROM account a
        JOIN balance b ON b.community_id = a.community_id AND b.account_id = a.id
        JOIN commodity c ON c.community_id = a.community_id AND c.id = a.commodity_id
        WHERE a.community_id = 1 ORDER BY a.id LIMIT 1
    """
    row = next(books.rows(asked))
    entry = account_entry(row, row.code)
    standing = check_bundle(
        Receipt(TOKEN[5:], row.id, leaf_of(entry)), _bundle(books, entry, ACCOUNT, row.id), keys()
    )
    assert (standing.state, "not refer to a transaction" in standing.why) == (MISSING, True)


HEAD = b"\x02\x01" + (1).to_bytes(8) + (7).to_bytes(8) + b"\x01\x01" + bytes(8)
POSTED, REST = (1_700_000_000_000_000).to_bytes(8), bytes(24)
TAIL = bytes(6) + bytes(64) + bytes(4)


@pytest.mark.parametrize(
    "entry",
    [
        b"\x02\x01" + (1).to_bytes(8) + (7).to_bytes(8) + b"\x01",
        HEAD + POSTED + REST + b"\xff\xff",
        HEAD + POSTED + REST + b"\0\1\x1b" + TAIL,
        HEAD + (2**63 - 1).to_bytes(8) + REST + b"\0\1k" + TAIL,
        HEAD + POSTED + REST + b"\0\1k" + TAIL[:-4] + b"\xff\xff\0\0",
    ],
)
def test_an_entry_that_was_made_up_is_refused_before_anything_of_it_is_told(entry):
    paper, bundle = Receipt(TOKEN[5:], 7, leaf_of(entry)), Bundle(entry, 0, (), "")
    standing = check_bundle(paper, bundle, Keys({}))
    assert (standing.state, standing.why) == (MISSING, "its entry is incomplete")


def test_an_entry_in_another_format_is_not_read():
    """Parsed in the wrong format, an old entry would show what was never posted."""
    for version, state in ((b"\x01", MISSING), (b"\x02", SEALED), (b"\x03", MISSING)):
        entry = version + HEAD[1:] + POSTED + REST + b"\0\1k" + TAIL
        leaf = leaf_of(entry)
        note = f"timebank/ours\n1\n{base64.b64encode(leaf).decode()}\ntime 1\n\n"
        standing = check_bundle(Receipt(TOKEN[5:], 7, leaf), Bundle(entry, 0, (), note), Keys({}))
        assert standing.state == state
        assert ("format number" in standing.why) is (state == MISSING)


@pytest.mark.parametrize(
    ("origin", "at_us"),
    [("timebank/\x1b[2J", 1), ("timebank/\ud800", 1), ("timebank/ours", 10**30),
     ("timebank/ours", -1)],
)  # fmt: skip
def test_a_checkpoint_that_was_made_up_is_not_told_on(origin, at_us):
    entry = HEAD + POSTED + REST + b"\0\1k" + TAIL
    leaf = leaf_of(entry)
    paper = Receipt(TOKEN[5:], 7, leaf)
    notes = [
        f"{name}\n1\n{base64.b64encode(leaf).decode()}\ntime {us}\n\n"
        for name, us in ((origin, at_us), ("timebank/ours", 1))
    ]
    states = [check_bundle(paper, Bundle(entry, 0, (), note), Keys({})).state for note in notes]
    assert states == [BROKEN, SEALED]


WHOLE = {"format": "timebank-proof-2", "entry": "00", "index": 1, "path": ["00"], "checkpoint": ""}


@pytest.mark.parametrize(
    "told",
    [
        b"", b"\xff\xfe\x00\xd8", b"\x89PNG\r\n", b"[]", b"7", b"null", b"[" * 100_000,
        json.dumps(WHOLE).replace("1,", "1e400,"), json.dumps(WHOLE).replace("1,", "NaN,"),
        *(
            json.dumps({**WHOLE, name: value})
            for name, value in [
                ("format", "timebank-proof-1"), ("entry", "0"), ("entry", None), ("index", 1.0),
                ("index", "1"), ("index", True), ("index", None), ("path", 7), ("path", [7]),
                ("path", {"x": 1}), ("checkpoint", None), ("checkpoint", 7),
            ]
        ),
    ],
)  # fmt: skip
def test_a_file_that_is_no_proof_is_refused_whatever_it_holds(told):
    assert read_bundle(json.dumps(WHOLE)).index == 1
    with pytest.raises(Unfit):
        read_bundle(told)


@pytest.mark.parametrize("txn_id", [2**63, 2**64 - 1])
def test_a_number_that_no_database_holds_is_no_code(txn_id):
    assert read_receipt(receipt_code(TOKEN, 2**63 - 1, bytes(32))).txn_id == 2**63 - 1
    with pytest.raises(Unfit):
        read_receipt(receipt_code(TOKEN, txn_id, bytes(32)))


def test_what_was_moved_is_counted_by_where_it_went(books):
    given = next(books.rows("SELECT id FROM txn WHERE request_key = 'given'"))
    paper = next(one for one in papers(books) if one.txn_id == given.id)
    standing = find_receipt(books, paper, keys())
    asked = "SELECT kind FROM account WHERE community_id = 1 AND id = :id"
    [line] = standing.lines
    kind = next(books.rows(asked, id=line.destination_account_id)).kind
    assert count_into(books, standing, (kind,), community_id=1) == 10
    assert count_into(books, standing, ("elsewhere",), community_id=1) == 0


def test_paths_are_those_of_the_tree_for_every_size_up_to_forty():
    leaves = [bytes([n + 1]) * 32 for n in range(40)]
    for size in range(1, 41):
        for index in range(size):
            path = path_of(index, size, lambda first, end: tree_root(leaves[first:end]))
            root = root_from_path(leaves[index], index, size=size, path=path)
            assert root == tree_root(leaves[:size])
            assert root_from_path(bytes(32), index, size=size, path=path) != root


def test_a_code_is_read_alone_and_out_of_its_address():
    code = receipt_code(TOKEN, 7531055325991715382, bytes(range(32)))
    for told in (code, code.lower(), f"https://x.example/receipt?no={code}"):
        found = read_receipt(told)
        assert found.txn_id == 7531055325991715382
        assert found.leaf == bytes(range(32))
    assert read_receipt(f"https://x.example/receipt?no={code.replace(':', '%3A')}")


@pytest.mark.parametrize("told", [TOKEN, "GZR2:X", "", "hello", "GZR2:0123456789ABCDEF-A-B"])
def test_what_names_nothing_posted_is_no_proof(told):
    with pytest.raises(Unfit):
        read_receipt(told)


def test_old_and_new_codes_hold_the_same_token():
    code = receipt_code(TOKEN, 1, bytes(32))
    assert receipt_token_in(code) == receipt_token_in(TOKEN) == TOKEN
    assert receipt_token_in("S1-2026-000123") is None


def test_the_sealer_of_these_tests_draws_the_tree_of_the_paper():
    """Against the vectors of Certificate Transparency: the empty tree and one empty leaf."""
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert tree_root([]).hex() == empty
    assert Sealer.__doc__
