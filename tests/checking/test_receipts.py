"""One receipt, from its QR alone: under a checkpoint, waiting, or not in the books."""

from dataclasses import replace

import pytest
from sqlalchemy import text

from tests.checking.planting import TILE, keys, make_books
from tests.factories import make_by
from tests.factories.other_sealer import Sealer, tree_root
from timebank.checking import log
from timebank.checking.notes import Keys, Unfit
from timebank.checking.reading import Books
from timebank.checking.receipts import (
    MISSING,
    SEALED,
    WAITING,
    check_bundle,
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
    """The receipt of every transaction that was posted, as its QR reads."""
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
    wrong = [
        replace(bundle, index=bundle.index + 1),
        replace(bundle, path=bundle.path[:-1]),
        replace(bundle, path=(*bundle.path, bytes(32))),
        replace(bundle, path=(bytes(32), *bundle.path[1:])),
        replace(bundle, entry=bundle.entry[:-1] + b"\0\0"),
        replace(bundle, checkpoint=bundle.checkpoint.replace("time 1", "time 2")),
        replace(bundle, checkpoint=bundle.checkpoint[:-8] + "AAAAAA=\n"),
        other,
    ]
    assert [check_bundle(paper, one, keys()).state for one in wrong] == [MISSING] * len(wrong)


def test_a_paper_that_tells_another_leaf_or_number_is_not_in_the_books(books):
    paper = papers(books)[0]
    for forged in (replace(paper, leaf=bytes(32)), replace(paper, txn_id=paper.txn_id + 1)):
        assert find_receipt(books, forged, keys()).state == MISSING


def test_a_receipt_whose_rows_were_changed_is_not_in_the_books(books, session):
    paper = papers(books)[0]
    _drop_guards(session)
    session.execute(
        text("UPDATE posting SET quantity = quantity + 1 WHERE txn_id = :id"), {"id": paper.txn_id}
    )
    assert find_receipt(books, paper, keys()).state == MISSING


def _drop_guards(session):
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SET LOCAL session_replication_role = replica"))
    else:
        session.execute(text("DROP TRIGGER posting_no_update"))


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
