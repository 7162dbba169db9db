"""What waits is sealed once and in order, and a changed row stops the sealer."""

import pytest
from sqlalchemy import delete, func, insert, select, text, update

from tests.conftest import only_on
from tests.factories.ledger import make_account, make_hold, make_request, post_now
from tests.factories.sealing import SIGNER, VERIFIER, move_some, seal_in, seal_now
from timebank.checking.tree import root_from_path
from timebank.db import StaleRow
from timebank.ledger.entries import end_waiting, read_entries
from timebank.ledger.rules import Move, ResolveHold
from timebank.ledger.tables import balance, seal_queue, txn, txn_note
from timebank.sealing import actions
from timebank.sealing.actions import SealingStopped, seal
from timebank.sealing.notes import read_checkpoint
from timebank.sealing.queries import (
    checkpoint_latest,
    consistency,
    inclusion,
    sealing_state,
)
from timebank.sealing.rules import Tip, tree_root, verify_consistency
from timebank.sealing.tables import log_head, log_leaf, log_tile


def leaves(session, community_id=1):
    rows = session.execute(
        select(log_leaf.c.idx, log_leaf.c.leaf_hash)
        .where(log_leaf.c.community_id == community_id)
        .order_by(log_leaf.c.idx)
    ).all()
    assert [row.idx for row in rows] == list(range(len(rows)))
    return [bytes(row.leaf_hash) for row in rows]


def assert_checkpoint_fits(session):
    """The signed root is that of the leaves, computed again."""
    latest = checkpoint_latest(session, 1)
    told = read_checkpoint(latest.note, VERIFIER)
    found = leaves(session)
    assert (told.size, told.root) == (len(found), tree_root(found)) == (latest.size, latest.root)


def test_whatever_is_posted_is_sealed_once(session):
    move_some(session, 3)
    state = sealing_state(session, 1)
    assert (state.sealed, state.waiting, state.is_whole) == (0, state.entries, True)
    done = seal_now(session)
    assert done.count == done.size == state.entries
    after = sealing_state(session, 1)
    assert (after.sealed, after.waiting, after.oldest_us) == (state.entries, 0, None)
    assert_checkpoint_fits(session)
    again = seal_now(session)
    assert (again.count, again.size, again.note) == (0, done.size, None)
    move_some(session, 2)
    assert seal_now(session).size == done.size + 5
    assert_checkpoint_fits(session)


def test_what_is_sealed_in_parts_makes_the_same_tree(session):
    move_some(session, 7)
    sizes = []
    while (done := seal_now(session, limit=3)).count:
        sizes.append(done.size)
        assert_checkpoint_fits(session)
    assert sizes == [3, 6, 9, 11]
    for old in sizes:
        found = consistency(session, 1, old)
        before = Tip(old, tree_root(leaves(session)[:old]))
        now = Tip(found.checkpoint.size, found.checkpoint.root)
        assert verify_consistency(before, now, found.proof)
    assert consistency(session, 1, 3, 6).checkpoint.size == 6


def root_of(proved):
    """Compute the root with the code of the checker, which shares nothing with the sealer."""
    size = proved.checkpoint.size
    return root_from_path(proved.leaf, proved.index, size=size, path=proved.path)


def test_every_kind_of_entry_reads_as_it_was_posted(session):
    """Holds, their ends, refusals, notes, closings: the sealer would stop at any difference."""
    source, other = make_account(session, filled=90), make_account(session)
    hold_txn, line = make_hold(session, source, other, 30)
    post_now(session, make_request(ResolveHold(hold_txn, line, 10)))
    post_now(session, make_request(Move(source, other, 10**6)))
    noted = post_now(session, make_request(Move(source, other, 1), note="给楼下送菜"))[0]
    post_now(session, make_request(reverses_id=noted.txn_id, effective_us=5))
    empty = make_account(session, ceiling=5)
    closed = post_now(session, make_request(closes_id=empty))[0]
    assert closed.refusal is None
    done = seal_now(session)
    assert done.count == sealing_state(session, 1).entries
    for txn_id in session.scalars(select(txn.c.id).where(txn.c.community_id == 1)).all():
        proved = inclusion(session, 1, txn_id)
        assert root_of(proved) == proved.checkpoint.root


def test_an_erased_note_leaves_every_proof_as_it_was(session):
    source, other = make_account(session, filled=9), make_account(session)
    noted = post_now(session, make_request(Move(source, other, 1), note="腿脚不便，送到门口"))[0]
    seal_now(session)
    before = inclusion(session, 1, noted.txn_id)
    assert session.execute(delete(txn_note).where(txn_note.c.txn_id == noted.txn_id)).rowcount == 1
    assert inclusion(session, 1, noted.txn_id) == before
    assert root_of(before) == before.checkpoint.root
    # Also where it is erased before it was sealed.
    noted = post_now(session, make_request(Move(source, other, 1), note="电话以后再打"))[0]
    session.execute(delete(txn_note).where(txn_note.c.txn_id == noted.txn_id))
    assert seal_now(session).count == 1


def plant(session, statement):
    """Change history as only the owner of the database can."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SET LOCAL session_replication_role = replica"))
        session.execute(statement)
        session.execute(text("SET LOCAL session_replication_role = origin"))
        return
    for verb in ("update", "delete"):
        session.execute(text(f"DROP TRIGGER {statement.table.name}_no_{verb}"))
    session.execute(statement)


def test_a_row_changed_behind_our_back_stops_the_sealer_and_is_named(session):
    _, wrong, _ = move_some(session, 3)
    plant(session, update(txn).where(txn.c.id == wrong).values(effective_us=txn.c.effective_us + 1))
    waiting = sealing_state(session, 1).waiting
    with pytest.raises(SealingStopped, match=f"txn {wrong} of community 1.*leaf_hash"):
        seal_now(session)
    assert sealing_state(session, 1).waiting == waiting
    assert checkpoint_latest(session, 1) is None


def test_a_row_that_is_gone_stops_the_sealer_and_is_named(session):
    account_id = make_account(session)
    session.execute(delete(balance).where(balance.c.account_id == account_id))
    with pytest.raises(SealingStopped, match=f"account {account_id} of community 1: its row"):
        seal_now(session)


@pytest.mark.parametrize(
    "changed",
    [
        {"frontier": bytes(32)},
        {"size": 0, "frontier": b""},
        {"size": log_head.c.size + 1},
    ],
    ids=["root", "begun anew", "size"],
)
def test_a_head_that_was_never_signed_stops_the_sealer(session, changed):
    """Its next checkpoint could not be proved to extend the last one."""
    move_some(session, 1)
    while seal_now(session, limit=1).count and checkpoint_latest(session, 1).size < 4:
        pass
    session.execute(update(log_head).where(log_head.c.community_id == 1).values(**changed))
    with pytest.raises(SealingStopped, match="log_head of community 1"):
        seal_now(session)
    assert checkpoint_latest(session, 1).size == 4


def test_a_sealer_that_looks_at_nothing_would_seal_the_lie(session, monkeypatch):
    """The negative control: without the comparison the changed row is sealed."""
    [wrong] = move_some(session, 1)
    plant(session, update(txn).where(txn.c.id == wrong).values(effective_us=5))
    blind = actions.leaf_hash
    kept = {}

    def remember(connection, community_id, names):
        found = read_entries(connection, community_id, names)
        kept.update({r.entry: r.leaf_hash or blind(r.entry) for r in found.values()})
        return found

    monkeypatch.setattr(actions, "read_entries", remember)
    monkeypatch.setattr(actions, "leaf_hash", kept.__getitem__)
    assert seal_now(session).count == sealing_state(session, 1).entries


def test_each_community_has_a_log_of_its_own(session, neighbour_id):
    move_some(session, 2)
    make_account(session, community_id=neighbour_id)
    ours = seal_now(session)
    theirs = seal_now(session, community_id=neighbour_id)
    assert theirs.size == 1 and ours.size > 1
    assert theirs.note.startswith("timebank/neighbour\n1\n")
    assert len(leaves(session, neighbour_id)) == 1


@only_on("postgresql")
def test_a_transaction_that_commits_late_is_in_the_next_batch(fresh_database):
    """Its id is older than the last sealed one; a cursor by id would skip it.

    SQLite has one writer at a time, so nobody commits late there.
    """
    fresh_database.write(lambda session, now: (make_account(session), move_some(session, 1)))
    seal_in(fresh_database)
    with fresh_database._writer.connect() as slow:
        late = {"community_id": 1, "entry": 1, "entry_id": 7}
        slow.execute(insert(seal_queue), [late])  # Older than all, and not committed.
        fresh_database.write(lambda session, now: move_some(session, 1))
        assert seal_in(fresh_database).count > 0
        slow.commit()
    with fresh_database.reading() as session:
        state = sealing_state(session, 1)
    assert state.waiting == 1
    with pytest.raises(SealingStopped, match="txn 7"):  # It is looked at, late as it is.
        seal_in(fresh_database)


def test_a_second_sealer_passes_on_while_one_is_at_work(fresh_database):
    fresh_database.write(lambda session, now: move_some(session, 2))
    seal_in(fresh_database, limit=1)
    if fresh_database.engine.dialect.name == "sqlite":
        assert seal_in(fresh_database).count > 0  # Its writers take turns anyway.
        return

    def first(session, now):
        done = seal(session, 1, now=now, signer=SIGNER, limit=1)
        assert seal_in(fresh_database).is_busy  # Another connection, meanwhile.
        return done

    assert fresh_database.write(first).size == 2
    assert not seal_in(fresh_database).is_busy
    with fresh_database.reading() as session:
        assert_checkpoint_fits(session)


def test_an_entry_that_waits_no_more_is_noticed(session):
    move_some(session, 1)
    with pytest.raises(StaleRow):
        end_waiting(session.connection(), 1, [(1, 99)])


def test_proofs_from_kept_nodes_are_those_of_the_leaves(session):
    for _ in range(5):
        move_some(session, 120)
        seal_now(session)
    found = leaves(session)
    assert session.scalar(select(func.count()).select_from(log_tile)) == len(found) // 256 > 1
    tip = Tip(len(found), tree_root(found))
    for old in (1, 255, 256, 300, 512, len(found)):
        proof = consistency(session, 1, old).proof
        assert verify_consistency(Tip(old, tree_root(found[:old])), tip, proof)
    txn_id = session.scalars(select(txn.c.id).order_by(txn.c.id)).first()
    proved = inclusion(session, 1, txn_id)
    assert root_of(proved) == tip.root
