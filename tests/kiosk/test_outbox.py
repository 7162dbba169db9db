"""The outbox: on disk before the screen confirms, gapless, chained, and marked one by one."""

import stat
import uuid
from dataclasses import replace
from pathlib import Path

import pytest

from kiosk.outbox import NewEvent, NotPaired, Outbox
from kiosk.store import DiskUnfit, Identity, journal_for, open_connection, write_key
from timebank.kiosks import wire


def paired(folder, kind=Outbox, device="7", epoch=1):
    outbox = kind(folder, clock=lambda: 1_000)
    name = write_key(folder, wire.new_key())
    outbox.adopt(Identity(device, epoch, "S1", "店", "Shop", wire.to_text(b"k" * 32), name))
    return outbox


@pytest.fixture
def outbox(tmp_path):
    return paired(tmp_path)


def draft(event_id=None, **told):
    body = wire.UnknownCardScanned(ref=told.pop("ref", "0"))
    return NewEvent(event_id or str(uuid.uuid4()), body, "visit", **told)


def result(kept, outcome="posted", **told):
    return wire.Result(kept.epoch, kept.seq, kept.digest, outcome, **told)


def test_deeds_are_signed_gapless_and_chained(outbox):
    kept = [outbox.record(draft()) for _ in range(5)]
    previous = wire.NO_PREVIOUS
    for number, one in enumerate(kept, start=1):
        envelope = wire.read_envelope(one.raw)
        assert (envelope.seq, envelope.prev) == (number, previous)
        assert wire.fingerprint(wire.public_key(outbox._key)) == outbox.identity.fingerprint
        assert wire.is_signed(wire.public_key(outbox._key), one.raw, one.signature)
        previous = wire.digest(one.raw)


def test_a_second_tap_gives_the_first_deed(outbox):
    first = outbox.record(draft("same", ref="a"))
    assert outbox.record(draft("same", ref="b")) == first
    assert outbox.count_waiting() == 1


def test_what_was_recorded_is_there_after_a_restart(tmp_path, outbox):
    kept = outbox.record(draft())
    outbox.close()
    again = Outbox(tmp_path, clock=lambda: 2_000)
    assert again.find(kept.event_id) == kept
    assert again.record(draft()).seq == 2


def test_nothing_is_recorded_before_pairing(tmp_path):
    with pytest.raises(NotPaired):
        Outbox(tmp_path, clock=lambda: 1).record(draft())


def test_a_mark_touches_its_own_row_and_no_other(outbox):
    kept = [outbox.record(draft()) for _ in range(3)]
    outbox.mark(outbox.identity, result(kept[1], "review", reason="X"))
    states = [outbox.find(one.event_id).state for one in kept]
    assert states == ["saved", "review", "saved"]


def test_a_mark_for_other_bytes_or_another_device_changes_nothing(outbox):
    kept = outbox.record(draft())
    wrong = wire.Result(kept.epoch, kept.seq, "0" * 64, "posted")
    outbox.mark(outbox.identity, wrong)
    outbox.mark(wire_identity(outbox, device="8"), result(kept))
    assert outbox.find(kept.event_id).state == "saved"


def wire_identity(outbox, **changes):
    return replace(outbox.identity, **changes)


def test_a_full_disk_says_so_and_saves_nothing(outbox):
    outbox.record(draft())
    pages = outbox._db.execute("PRAGMA page_count").fetchone()[0]
    outbox._db.execute(f"PRAGMA max_page_count={pages}")
    with pytest.raises(Exception, match="full"):
        for _ in range(200):
            saved = outbox.record(draft(ref="x" * 500)).seq
    assert outbox.count_waiting() == saved
    outbox._db.execute("PRAGMA max_page_count=100000")
    assert outbox.record(draft()).seq == saved + 1


def test_pairing_again_begins_a_new_chain_and_keeps_the_old_deeds(tmp_path, outbox):
    old = outbox.identity
    outbox.record(draft())
    name = write_key(tmp_path, wire.new_key())
    outbox.adopt(Identity("9", 2, "S1", "店", "Shop", wire.to_text(b"n" * 32), name))
    fresh = outbox.record(draft())
    assert (fresh.device, fresh.epoch, fresh.seq) == ("9", 2, 1)
    assert [one.device for one in outbox.identities()] == ["7", "9"]
    outbox.mark(old, result(outbox.at(old, 1)))
    assert [one.device for one in outbox.identities()] == ["9"]


def test_the_private_key_is_readable_by_its_owner_only(tmp_path, outbox):
    (path,) = tmp_path.glob("key-*")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_pragmas_are_stated_and_read_back(tmp_path, outbox):
    read = {name: outbox._db.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("journal_mode", "synchronous")}  # fmt: skip
    assert read == {"journal_mode": outbox.journal, "synchronous": 2}


def test_a_disk_that_does_not_keep_a_pragma_is_refused():
    with pytest.raises(DiskUnfit, match="memory"):
        open_connection(Path(":memory:"), Outbox.PRAGMAS)


@pytest.mark.parametrize(
    ("version", "journal"),
    [((3, 40, 1), "delete"), ((3, 51, 2), "delete"), ((3, 51, 3), "wal"), ((3, 53, 4), "wal")],
)
def test_an_affected_sqlite_keeps_a_rollback_journal(version, journal):
    assert journal_for(version) == journal


def test_the_database_itself_refuses_a_second_deed_at_one_place(outbox):
    kept = outbox.record(draft())
    with pytest.raises(Exception, match="UNIQUE"):
        outbox._db.execute(
            "INSERT INTO event SELECT device, epoch, seq, 'other', visit_id, type, actor,"
            " occurred_at, raw, signature, digest, state, reason FROM event WHERE seq=?",
            (kept.seq,),
        )
