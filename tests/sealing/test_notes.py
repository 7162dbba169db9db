"""Signed checkpoints: read with the right key only, and only as they were signed."""

import base64
import stat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories.sealing import move_some, seal_now
from timebank.db import Database
from timebank.keyfile import KeyUnfit
from timebank.sealing.keys import SEAL_KEY_VARIABLE, Signer
from timebank.sealing.notes import (
    Checkpoint,
    NoteUnfit,
    checkpoint_text,
    read_checkpoint,
    sign_note,
    verifier_key,
)

KEY = bytes(range(32))
NAME = "timebank/ours"
TOLD = Checkpoint(NAME, 7, bytes(range(100, 132)), 1_749_520_800_000_000)
NOTE = sign_note(checkpoint_text(TOLD), NAME, KEY)
VERIFIER = verifier_key(NAME, KEY)


def test_a_note_of_the_specification_is_read_as_its_author_meant_it():
    """The first example of golang.org/x/mod/sumdb/note, the basis of the C2SP specification."""
    key = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
    note = (
        "If you think cryptography is the answer to your problem,\n"
        "then you don't know what your problem is.\n\n"
        "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdng"
        "otpRZb6KE6RyyBwJnAM=\n"
    )
    with pytest.raises(NoteUnfit, match="not a checkpoint"):  # Signed well, and no checkpoint.
        read_checkpoint(note, key)
    with pytest.raises(NoteUnfit, match="wrong"):
        read_checkpoint(note.replace("answer", "answers"), key)


def test_a_checkpoint_is_read_with_the_verifier_key():
    assert read_checkpoint(NOTE, VERIFIER) == TOLD
    assert NOTE.split("\n")[:5] == [
        NAME, "7", base64.b64encode(TOLD.root).decode(), "time 1749520800000000", "",
    ]  # fmt: skip


def test_signatures_of_others_are_passed_over():
    stranger = sign_note(checkpoint_text(TOLD), "witness.example", KEY[::-1]).rpartition("\n\n")[2]
    assert read_checkpoint(NOTE + stranger, VERIFIER) == TOLD
    head, gap, ours = NOTE.rpartition("\n\n")
    assert read_checkpoint(f"{head}{gap}{stranger}{ours}", VERIFIER) == TOLD
    with pytest.raises(NoteUnfit):
        read_checkpoint(f"{head}{gap}{stranger}", VERIFIER)


def test_another_key_of_our_name_is_not_ours():
    with pytest.raises(NoteUnfit):
        read_checkpoint(sign_note(checkpoint_text(TOLD), NAME, KEY[::-1]), VERIFIER)
    with pytest.raises(NoteUnfit):
        read_checkpoint(NOTE, verifier_key("timebank/other", KEY))


def test_a_key_signs_for_its_own_log_only():
    elsewhere = Checkpoint("timebank/other", 7, TOLD.root, 1)
    with pytest.raises(NoteUnfit, match="another log"):
        read_checkpoint(sign_note(checkpoint_text(elsewhere), NAME, KEY), VERIFIER)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\nb"])
def test_a_name_that_would_break_the_line_is_no_name(name):
    with pytest.raises(ValueError, match="cannot stand"):
        sign_note("x\n", name, KEY)


NO_CHECKPOINTS = (
    "", "x\n7\n", "x\n07\nAAAA\ntime 1\n", "x\n7\nAAAA\ntime 1\n", "x\n７\nAAAA\ntime 1\n",
    "x\n" + "9" * 5000 + "\nAAAA\ntime 1\n",
    "x\n7\n" + base64.b64encode(bytes(32)).decode() + "\n", "x\n7\n!\ntime 1\n",
)  # fmt: skip


@pytest.mark.parametrize("lines", NO_CHECKPOINTS)
def test_a_well_signed_text_of_another_shape_is_none(lines):
    with pytest.raises(NoteUnfit):
        read_checkpoint(sign_note(lines or "\n", NAME, KEY), VERIFIER)


@given(st.integers(min_value=0, max_value=len(NOTE.encode()) - 1), st.integers(0, 7))
def test_a_changed_bit_anywhere_is_no_note_of_ours(at, bit):
    raw = bytearray(NOTE.encode())
    raw[at] ^= 1 << bit
    with pytest.raises(NoteUnfit):
        read_checkpoint(bytes(raw).decode("utf-8", "replace"), VERIFIER)


@given(st.text())
def test_rubbish_is_no_note_and_no_key(text):
    with pytest.raises(NoteUnfit):
        read_checkpoint(text, VERIFIER)
    with pytest.raises(NoteUnfit):
        read_checkpoint(NOTE, text)


def test_the_first_start_makes_a_key_that_only_its_owner_may_read(session, tmp_path):
    path = tmp_path / "seal.key"
    made = Signer.load(session, {}, path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert Signer.load(session, {}, path).verifier(NAME) == made.verifier(NAME)
    assert read_checkpoint(made.sign(TOLD), made.verifier(NAME)) == TOLD
    path.chmod(0o640)
    with pytest.raises(KeyUnfit, match="600"):
        Signer.load(session, {}, path)


def test_a_key_from_the_environment_goes_before_the_file(session, tmp_path):
    environ = {SEAL_KEY_VARIABLE: base64.b64encode(KEY).decode()}
    assert Signer.load(session, environ, tmp_path / "none").verifier(NAME) == VERIFIER
    assert not (tmp_path / "none").exists()
    assert "PrivateKey" not in repr(Signer(KEY)) and repr(Signer(KEY)) == "<Signer>"
    with pytest.raises(KeyUnfit, match="bytes"):
        Signer(b"short")


def test_after_the_first_checkpoint_no_key_is_made(session, tmp_path):
    move_some(session, 1)
    seal_now(session)
    with pytest.raises(KeyUnfit, match=r"put the key back there, or into TIMEBANK_SEAL_KEY"):
        Signer.load(session, {}, tmp_path / "seal.key")
    assert list(tmp_path.iterdir()) == []
    environ = {SEAL_KEY_VARIABLE: base64.b64encode(KEY).decode()}
    assert Signer.load(session, environ, tmp_path / "seal.key").verifier(NAME) == VERIFIER


def test_before_the_schema_is_laid_a_key_may_be_made(tmp_path):
    empty = Database(f"sqlite:///{tmp_path / 'empty.sqlite'}")
    with empty.reading() as session:
        Signer.load(session, {}, tmp_path / "seal.key")
    empty.close()
    assert (tmp_path / "seal.key").exists()
