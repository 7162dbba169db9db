"""The leaf of a transaction covers all of it, and can be parsed by the page that describes it."""

import hashlib
import struct
from dataclasses import fields, replace

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, select

from tests.factories.ledger import make_account, make_hold, make_request, post_now
from timebank.ledger.leaves import (
    AccountEntry,
    LackEntry,
    LineEntry,
    TxnEntry,
    account_bytes,
    leaf_hash,
    note_hash,
    txn_bytes,
)
from timebank.ledger.rules import Move
from timebank.ledger.tables import hold, posting, seal_queue, txn, txn_note

IDS = st.integers(1, 2**63 - 1)
TEXTS = st.text(max_size=20)
HASHES = st.binary(min_size=32, max_size=32)
HEADERS = st.builds(
    TxnEntry, IDS, IDS, st.sampled_from([1, 2]), st.sampled_from([1, 2]), IDS, IDS,
    TEXTS, TEXTS, TEXTS, HASHES, TEXTS, IDS, IDS, IDS, HASHES,
)  # fmt: skip
LINES = st.builds(
    LineEntry, st.integers(0, 9), st.integers(0, 2), IDS, IDS, IDS, IDS, IDS, IDS,
    st.integers(1, 9), IDS, IDS, IDS, IDS, IDS,
)  # fmt: skip
LACKS = st.builds(LackEntry, st.integers(0, 9), IDS, st.sampled_from([1, 2]), IDS)
ACCOUNTS = st.builds(AccountEntry, IDS, IDS, IDS, TEXTS, TEXTS, IDS, IDS, IDS)


def changed(one, name):
    value = getattr(one, name)
    if isinstance(value, bytes):
        return replace(one, **{name: bytes(32) if value != bytes(32) else b"\1" * 32})
    return replace(one, **{name: value + "x" if isinstance(value, str) else value ^ 1})


@given(HEADERS, st.lists(LINES, min_size=1, max_size=3))
def test_no_field_of_a_transaction_changes_unseen(header, lines):
    whole = txn_bytes(header, lines)
    for field in fields(TxnEntry):
        assert txn_bytes(changed(header, field.name), lines) != whole, field.name
    for field in fields(LineEntry):
        assert txn_bytes(header, [changed(lines[0], field.name), *lines[1:]]) != whole, field.name
    assert txn_bytes(header, lines[1:]) != whole


@given(HEADERS, LACKS)
def test_no_field_of_a_shortfall_changes_unseen(header, lack):
    whole = txn_bytes(header, [], [lack])
    for field in fields(LackEntry):
        assert txn_bytes(header, [], [changed(lack, field.name)]) != whole, field.name
    assert txn_bytes(header, []) != whole


@given(ACCOUNTS)
def test_no_field_of_an_account_changes_unseen(account):
    for field in fields(AccountEntry):
        assert account_bytes(changed(account, field.name)) != account_bytes(account), field.name
    unlimited = replace(account, floor=None)
    assert account_bytes(unlimited) != account_bytes(replace(account, floor=0))


@given(HEADERS, TEXTS, TEXTS)
def test_a_border_between_two_texts_cannot_be_moved(header, one, other):
    parted = txn_bytes(replace(header, kind=one, client=other), [])
    if one:
        moved = replace(header, kind=one[:-1], client=one[-1] + other)
        assert txn_bytes(moved, []) != parted


def test_what_is_posted_is_kept_as_the_page_describes_it(session):
    """Parsed by ``docs/books-format.md`` alone, without the module that writes it."""
    anna, bert = make_account(session, filled=60), make_account(session)
    txn_id, _line = make_hold(session, anna, bert, 20)
    head = session.execute(select(txn).where(txn.c.id == txn_id)).one()
    line = session.execute(select(posting).where(posting.c.txn_id == txn_id)).one()
    until = session.scalar(select(hold.c.expires_us).where(hold.c.txn_id == txn_id))
    told = b"".join(
        len(part.encode()).to_bytes(2) + part.encode()
        for part in (head.kind, head.client, head.request_key, "")
    )
    entry = (
        struct.pack(">BBqqBBqq", 2, 1, 1, txn_id, 1, 1, head.effective_us, head.posted_us)
        + struct.pack(">qqq", 0, 0, 0) + told + bytes(head.fingerprint) + bytes(32)
        + struct.pack(">HHB", 1, 0, 1)
        + struct.pack(">qqqqqq", line.commodity_id, anna, bert, 20, 0, 0)
        + struct.pack(">HqqqqqH", 0, until, line.source_seq, line.destination_seq, 60, 0, 0)
    )  # fmt: skip
    assert bytes(head.leaf_hash) == hashlib.sha256(b"\0" + entry).digest() == leaf_hash(entry)


def test_each_opening_and_transaction_waits_to_be_sealed(session):
    anna = make_account(session)
    posted = post_now(session, make_request(Move(anna, make_account(session), 999)))[0]
    waiting = set(session.execute(select(seal_queue.c.entry, seal_queue.c.entry_id)).all())
    assert posted.refusal is not None
    assert {(2, anna), (1, posted.txn_id)} <= waiting


def test_a_note_is_told_by_its_salted_hash_and_can_be_erased(session):
    anna, bert = make_account(session, filled=60), make_account(session)
    asked = make_request(Move(anna, bert, 10), note="给奶奶的谢意")
    txn_id = post_now(session, asked)[0].txn_id
    kept = session.execute(select(txn_note).where(txn_note.c.txn_id == txn_id)).one()
    told = session.scalar(select(txn.c.note_hash).where(txn.c.id == txn_id))
    assert kept.body == asked.note
    assert bytes(told) == note_hash(bytes(kept.salt), kept.body)
    assert bytes(told) != hashlib.sha256(kept.body.encode()).digest()
    session.execute(delete(txn_note).where(txn_note.c.txn_id == txn_id))
