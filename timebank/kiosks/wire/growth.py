"""A kiosk requires proof that the books extend the checkpoint that it has seen.

Pure. An older copy of the database, or a rewritten history, cannot give this proof. The format is
that of ``/api/v1/checkpoint/consistency``.
"""

import msgspec

from timebank.sealing.notes import Checkpoint, NoteUnfit, read_checkpoint
from timebank.sealing.rules import EMPTY_ROOT, HASH_BYTES, Tip, verify_consistency

GROWTH_PATH = "/api/v1/checkpoint/consistency"


class Growth(msgspec.Struct, frozen=True):
    """The last checkpoint, and the proof that its log only grew. Hashes in hexadecimal."""

    checkpoint: str
    proof: tuple[str, ...]


class Unproven(Exception):
    """The server cannot prove that its books extend the checkpoint seen before."""


def known_size(note: str | None, verifier: str) -> int:
    """The size of the log in the last checkpoint; 0 before the first one."""
    return _read(note, verifier).size if note else 0


def require_growth(note: str | None, growth: Growth | None, verifier: str) -> str | None:
    """Verify that the books grew from those of ``note``; return the note to store from now on.

    ``growth`` is None if the server has no such checkpoint. **Refuses**: ``Unproven``.
    """
    if growth is None:
        if note:
            raise Unproven("it has no checkpoint as long as the one seen before")
        return None
    before = _read(note, verifier).tip if note else Tip(0, EMPTY_ROOT)
    after = _read(growth.checkpoint, verifier).tip
    if not verify_consistency(before, after, _hashes(growth.proof)):
        raise Unproven(f"{after.size} leaves do not begin with the {before.size} seen before")
    return growth.checkpoint


def _read(note: str, verifier: str) -> Checkpoint:
    try:
        return read_checkpoint(note, verifier)
    except NoteUnfit as fault:
        raise Unproven(str(fault)) from fault


def _hashes(proof: tuple[str, ...]) -> list[bytes]:
    try:
        steps = [bytes.fromhex(step) for step in proof]
    except ValueError as fault:
        raise Unproven("its proof cannot be read") from fault
    if any(len(step) != HASH_BYTES for step in steps):
        raise Unproven("its proof cannot be read")
    return steps
