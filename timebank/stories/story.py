"""A story in YAML: sections that prepare it, and its steps with their expected results.

Pure: parses text and reports faults with the step. Playing is in ``demo/player``.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from timebank.values import COMMUNITY_ZONE

_STORY_WORDS = {"title_zh", "title_en", "begins", "steps"}
_STEP_WORDS = {"at", "by", "then", "refused", "facts", "note"}


class StoryFault(Exception):
    """The story cannot be read; the message names the file and the step."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One deed (``verb``) by somebody at a time, and the expected result.

    ``then`` is compared with the answer, word by word; ``refused`` is the expected code of a
    refusal, ``facts`` its facts.
    """

    number: int
    verb: str
    body: dict[str, Any]
    at: datetime | None = None
    by: str | None = None
    then: dict[str, Any] = field(default_factory=dict)
    refused: str | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One file. ``sections`` contains all other words, for the subjects that read them."""

    name: str
    title_zh: str
    title_en: str
    begins_at: datetime
    sections: dict[str, Any]
    steps: tuple[Step, ...]


def local_time(value: object, where: str) -> datetime:
    """Parse ``2025-06-10 09:00`` as a local time of the community."""
    if isinstance(value, datetime):
        return value.replace(tzinfo=COMMUNITY_ZONE)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, 9, tzinfo=COMMUNITY_ZONE)
    day, _, clock = str(value).partition(" ")
    is_midnight = clock == "24:00"  # The end of the day, as in a working plan.
    try:
        written = f"{day} {'00:00' if is_midnight else clock}"
        at = datetime.strptime(written, "%Y-%m-%d %H:%M").replace(tzinfo=COMMUNITY_ZONE)
        return at + timedelta(days=is_midnight)
    except ValueError:
        raise StoryFault(f"{where}: {value!r} is not a time like 2025-06-10 09:00") from None


def read_story(path: Path) -> Story:
    """Parse one file; a fault names the file and the step."""
    try:
        file = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as fault:
        raise StoryFault(f"{path.name}: {fault}") from fault
    if not isinstance(file, dict) or "steps" not in file:
        raise StoryFault(f"{path.name}: a story needs steps")
    steps = tuple(
        _read_step(path.name, number, step) for number, step in enumerate(file["steps"], start=1)
    )
    return Story(
        name=path.stem,
        title_zh=str(file.get("title_zh", path.stem)),
        title_en=str(file.get("title_en", path.stem)),
        begins_at=local_time(file.get("begins", "2025-01-01 09:00"), path.name),
        sections={word: value for word, value in file.items() if word not in _STORY_WORDS},
        steps=steps,
    )


def _read_step(name: str, number: int, written: object) -> Step:
    where = f"{name}, step {number}"
    if not isinstance(written, dict):
        raise StoryFault(f"{where}: a step is a mapping of words to values")
    verbs = [word for word in written if word not in _STEP_WORDS]
    if len(verbs) != 1:
        raise StoryFault(f"{where}: expected one verb, found {', '.join(verbs) or 'none'}")
    verb = verbs[0]
    body = written[verb] if isinstance(written[verb], dict) else {"value": written[verb]}
    return Step(
        number=number,
        verb=verb.replace(" ", "_"),
        body=body,
        at=local_time(written["at"], where) if "at" in written else None,
        by=written.get("by"),
        then=written.get("then") or {},
        refused=written.get("refused"),
        facts=written.get("facts") or {},
        note=str(written.get("note", "")),
    )


def differences(wanted: Any, actual: Any, path: str = "") -> list[str]:
    """Compare the expected words of a story with the result; other words are ignored."""
    if isinstance(wanted, dict) and isinstance(actual, dict):
        return [
            line
            for word, value in wanted.items()
            for line in differences(value, actual.get(word), f"{path}.{word}" if path else word)
        ]
    if isinstance(wanted, list) and isinstance(actual, list) and len(wanted) == len(actual):
        return [
            line
            for place, (one, other) in enumerate(zip(wanted, actual, strict=True))
            for line in differences(one, other, f"{path}[{place}]")
        ]
    if _plain(wanted) == _plain(actual):
        return []
    return [f"{path}: wanted {_plain(wanted)}, found {_plain(actual)}"]


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
