"""Checkpoints and proofs over HTTP: public, verifiable, and without names."""

import pytest
from sqlalchemy import select

from tests.factories.sealing import VERIFIER, move_some, seal_in
from timebank.checking.tree import root_from_path
from timebank.ledger.tables import txn
from timebank.sealing.notes import read_checkpoint
from timebank.sealing.rules import verify_consistency


@pytest.fixture
def anyone(hall):
    return hall.passer_by()


def ask(anyone, path):
    where, _, query = path.partition("?")
    return anyone.get(where, **dict(one.split("=") for one in query.split("&") if one))


def grow(hall, count=3):
    moved = hall.database.write(
        lambda session, now: move_some(session, count, client="user:7530171205841714018")
    )
    seal_in(hall.database)
    return moved


def hashes(told):
    return [bytes.fromhex(step) for step in told]


def test_before_the_first_checkpoint_there_is_none(anyone):
    for path in ("/checkpoint", "/checkpoint/consistency?from=0", "/proofs/1"):
        answer = ask(anyone, path)
        assert (answer.status_code, answer.json["code"]) == (404, "NOT_FOUND")


def test_a_passer_by_can_check_that_the_books_only_grew(hall, anyone):
    grow(hall)
    first = anyone.get("/checkpoint").json
    old = read_checkpoint(first["checkpoint"], VERIFIER)
    assert (old.size, old.root.hex()) == (first["size"], first["root"])
    grow(hall, 5)
    middle = anyone.get("/checkpoint").json["size"]
    grow(hall)
    for path in (f"?from={old.size}", f"?from={old.size}&to={middle}"):
        told = ask(anyone, f"/checkpoint/consistency{path}").json
        new = read_checkpoint(told["checkpoint"], VERIFIER)
        assert new.size > old.size
        assert verify_consistency(old.tip, new.tip, hashes(told["proof"]))


def test_what_cannot_be_proved_is_bad_input_or_not_found(hall, anyone):
    grow(hall)
    for asked in ("", "?from=-1", "?from=x", "?from=99999", "?from=1&to=-1"):
        assert ask(anyone, f"/checkpoint/consistency{asked}").json["code"] == "BAD_INPUT"
    for asked in ("0", "1", "x", "9" * 30):
        assert anyone.get(f"/proofs/{asked}").status_code == 404
    # A size that was never signed.
    assert ask(anyone, "/checkpoint/consistency?from=1&to=2").status_code == 404


def test_a_transaction_is_proved_to_anyone_and_tells_of_nobody(hall, anyone):
    txn_id = grow(hall)[0]
    told = anyone.get(f"/proofs/{txn_id}")
    assert told.status_code == 200
    tip = read_checkpoint(told.json["checkpoint"], VERIFIER).tip
    leaf, path = bytes.fromhex(told.json["leaf"]), hashes(told.json["path"])
    assert root_from_path(leaf, told.json["index"], size=tip.size, path=path) == tip.root
    with hall.database.reading() as session:
        row = session.execute(select(txn).where(txn.c.id == txn_id)).one()
    assert bytes(row.leaf_hash) == leaf
    assert set(told.json) == {"format", "leaf", "index", "path", "checkpoint"}
    for known in (row.client, row.request_key, row.client.encode().hex(), str(txn_id)):
        assert known not in told.text
