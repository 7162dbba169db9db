"""Checkpoints stored elsewhere: the log must be an extension of each of them.

Who controls the database and the key can write another history and sign it. They cannot change
a mail, a printed sheet or the disk of a kiosk.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from timebank.checking.faults import Findings
from timebank.checking.notes import CheckpointText, Keys, Unfit, check_signature, read_note
from timebank.checking.tree import Growing

_NOTE = re.compile(r"^\S+\n\d+\n\S+\n(?:.+\n)*\n(?:— .+(?:\n|\Z))+", re.MULTILINE)
# Each part begins in one place only, so that a long text of no sense is read in one pass.
_LINE = re.compile(r"^\W*(\w[^\s/]*/\S+) (\d+) ([A-Za-z0-9+/]{43}=)\s*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class KeptCheckpoint:
    """A checkpoint stored elsewhere. ``note`` is empty if it is only a printed line."""

    told: CheckpointText
    note: str


def read_kept(text: str) -> list[KeptCheckpoint]:
    """Find the checkpoints in a text: signed notes, a JSON response, lines of printed sheets.

    Raises ``Unfit`` if the text has no checkpoint.
    """
    text = "\n\n".join(_notes_in_json(text)) or text.replace("\r\n", "\n")
    notes = [found.group().rstrip("\n") + "\n" for found in _NOTE.finditer(text)]
    checkpoints = [KeptCheckpoint(read_note(note)[1], note) for note in notes]
    for origin, size, root in _LINE.findall(text):
        # A printed line contains the lines of a note, so the same parser reads it.
        _, checkpoint = read_note(f"{origin}\n{size}\n{root}\ntime 0\n\n")
        checkpoints.append(KeptCheckpoint(checkpoint, ""))
    if not checkpoints:
        raise Unfit("there is no checkpoint")
    return checkpoints


def _notes_in_json(text: str) -> list[str]:
    """The notes in a response of ``/api/v1/checkpoint`` or in the manifest of a backup."""
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        return []
    if not isinstance(content, dict):
        return []
    several = content.get("checkpoints")
    found = several if isinstance(several, list) else [content.get("checkpoint")]
    return [note for note in found if isinstance(note, str)]


class Witnesses:
    """The stored checkpoints of one log, smallest first, while its tree is rebuilt."""

    def __init__(self, kept: Iterable[KeptCheckpoint], keys: Keys, findings: Findings) -> None:
        self._waiting = sorted(kept, key=lambda one: one.told.size, reverse=True)
        self._found = findings
        for kept_note in self._waiting:
            self._check_signature(kept_note, keys)

    def _check_signature(self, checkpoint: KeptCheckpoint, keys: Keys) -> None:
        self._found.counts["kept checkpoints"] += 1
        public, size = keys.of(checkpoint.told.origin), checkpoint.told.size
        if not checkpoint.note:
            self._found.limits.append(f"checkpoint {size} was kept as a line, without signature")
        elif public is not None:
            try:
                check_signature(checkpoint.note, public)
            except Unfit as fault:
                self._found.fault("checkpoint", size, f"as it was kept: {fault}")

    def at_size(self, tree: Growing) -> None:
        """Compare with the root of the tree at its current size."""
        while self._waiting and self._waiting[-1].told.size == tree.size:
            checkpoint = self._waiting.pop().told
            if checkpoint.root != tree.root():
                what = (
                    f"the first {checkpoint.size} leaves have another root than the checkpoint kept"
                )
                self._found.fault("checkpoint", checkpoint.size, f"{_since(checkpoint)}: {what}")

    def end(self, size: int) -> None:
        """Report the checkpoints that are longer than the log."""
        for checkpoint in (kept_note.told for kept_note in reversed(self._waiting)):
            what = f"the log has only {size} leaves, the checkpoint kept has {checkpoint.size}"
            self._found.fault("checkpoint", checkpoint.size, f"{_since(checkpoint)}: {what}")


def _since(checkpoint: CheckpointText) -> str:
    said = "the books were cut or rewritten since"
    try:
        when = datetime.fromtimestamp(checkpoint.signed_us // 1_000_000, UTC)
    except (ValueError, OverflowError, OSError):
        return f"{said} checkpoint {checkpoint.size}"
    if not checkpoint.signed_us:
        return f"{said} checkpoint {checkpoint.size} was printed"
    return f"{said} {when:%Y-%m-%d %H:%M:%S} UTC"
