"""What the data folder says about the last backup and the last drills.

Not here: the backups themselves (``checking/backups.py``, ``bundle.py``).
"""

import contextlib
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

_MADE, _DRILLS, _RESTORED = "last-backup", "last-drills.json", "last-restore.json"
_AT = re.compile(r"timebank-(\d{8}T\d{6})Z\b")
RESTORE, LOST_KEY, STOLEN_KIOSK, WRONG_CLOCK = "restore", "lost-key", "stolen-kiosk", "wrong-clock"
DRILLS = (RESTORE, LOST_KEY, STOLEN_KIOSK, WRONG_CLOCK)


@dataclass(frozen=True, slots=True)
class DrillNote:
    """When a drill was last run, and whether it ended well."""

    name: str
    at: datetime
    is_good: bool


def made_at(name: str) -> datetime | None:
    """Read the time from the name of a backup; None for another file."""
    found = _AT.match(name)
    return datetime.strptime(found[1], "%Y%m%dT%H%M%S").replace(tzinfo=UTC) if found else None


def last_backup_at(data: Path) -> datetime | None:
    """When the last backup was made, also one that lies elsewhere; None before the first."""
    names = [file.name for file in (data / "backups").glob("timebank-*") if not is_partial(file)]
    with contextlib.suppress(OSError, UnicodeError):
        names.append((data / _MADE).read_text("utf-8").strip())
    return max(filter(None, map(made_at, names)), default=None)


def is_partial(file: Path) -> bool:
    """Tell whether a file among the backups is unfinished, or only a manifest."""
    return file.suffix in (".part", ".json")


def drill_notes(data: Path) -> dict[str, DrillNote]:
    """The last run of each drill that was ever run here; a damaged note counts as none."""
    try:
        kept = json.loads((data / _DRILLS).read_text("utf-8"))
        return {
            name: DrillNote(name, datetime.fromisoformat(kept[name]["at"]), kept[name]["is_good"])
            for name in DRILLS
            if name in kept
        }
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def note_drill(data: Path, name: str, *, at: datetime, is_good: bool) -> None:
    """Note how a drill ended, for the health page."""
    notes = {**drill_notes(data), name: DrillNote(name, at, is_good)}
    kept = {
        note.name: {"at": note.at.isoformat(), "is_good": note.is_good} for note in notes.values()
    }
    write_whole(data / _DRILLS, kept)


def note_restore(data: Path, *, at: datetime, of: datetime) -> None:
    """Note that a backup of that time was restored, for the health page."""
    write_whole(data / _RESTORED, {"at": at.isoformat(), "of": of.isoformat()})


def last_restore(data: Path) -> tuple[datetime, datetime] | None:
    """When a backup was last restored here, and of when it was; None if never."""
    try:
        kept = json.loads((data / _RESTORED).read_text("utf-8"))
        return datetime.fromisoformat(kept["at"]), datetime.fromisoformat(kept["of"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write_whole(path: Path, content: Mapping[str, object]) -> None:
    """Write a small file so that it is the old one or the new one, also after a power cut."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump(content, file, ensure_ascii=False)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
