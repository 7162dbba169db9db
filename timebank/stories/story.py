"""A story in YAML: sections that prepare it, and its steps with their expected results.

Pure: parses text and reports faults with the step. Playing is in ``demo/player``.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from timebank.stories import shapes
from timebank.stories.faults import StoryFault, did_you_mean, short
from timebank.stories.written import read_yaml
from timebank.typed import plain

_STORY_WORDS = {"title_zh", "title_en", "begins", "steps"}
_STEP_WORDS = {"at", "by", "then", "refused", "facts", "note"}
_DAY = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})( [0-9]{2}:[0-9]{2})?")
_CLOCK = re.compile(r"0*([0-9]+:[0-5][0-9])")
LARGEST_BYTES = 1_000_000


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
    file: str = ""
    title_zh: str
    title_en: str
    begins_at: datetime
    sections: dict[str, Any]
    steps: tuple[Step, ...]


def read_story(path: Path) -> Story:
    """Parse one file; a fault names the file and the step."""
    file = read_yaml(_text_of(path), path.name)
    if not isinstance(file, dict) or not file.get("steps"):
        words = file if isinstance(file, dict) else {}
        near = next((word for word in words if did_you_mean(word, ["steps"])), None)
        hint = f"; is {near!r} a slip?" if near and near != "steps" else ""
        raise StoryFault(f"{path.name}: a story needs steps{hint}")
    if not isinstance(file["steps"], list):
        raise StoryFault(f"{path.name}: steps: expected a list, found {short(file['steps'])}")
    steps = tuple(
        _read_step(path.name, number, step) for number, step in enumerate(file["steps"], start=1)
    )
    title_zh = shapes.text(file.get("title_zh", path.stem), f"{path.name}: title_zh")
    return Story(
        name=path.stem,
        file=path.name,
        title_zh=title_zh,
        title_en=shapes.text(file.get("title_en", title_zh), f"{path.name}: title_en"),
        begins_at=shapes.local_time(file.get("begins", "2025-01-01 09:00"), f"{path.name}: begins"),
        sections={word: value for word, value in file.items() if word not in _STORY_WORDS},
        steps=steps,
    )


def _text_of(path: Path) -> str:
    """The text of a file, with or without a byte order mark; anything else is a fault."""
    if path.is_dir():
        raise StoryFault(f"{path.name}: it is a folder; name the files in it")
    if not path.is_file():
        raise StoryFault(f"{path}: there is no such file")
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise StoryFault(f"{path.name}: it is larger than {LARGEST_BYTES} bytes")
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise StoryFault(f"{path.name}: it is not UTF-8; save it with that encoding") from None
    except OSError as why:
        raise StoryFault(f"{path.name}: it cannot be read: {why.strerror}") from None


def _read_step(name: str, number: int, written: object) -> Step:
    where = f"{name}, step {number}"
    if not isinstance(written, dict):
        raise StoryFault(f"{where}: a step is a mapping of words to values")
    verb = _verb_of(written, where)
    body = {} if written[verb] is None else written[verb]
    if not isinstance(body, dict):
        raise StoryFault(f"{where}, {verb}: expected words with values, found {short(body)}")
    return Step(
        number=number,
        verb=verb.replace(" ", "_"),
        body=body,
        at=shapes.local_time(written["at"], f"{where}: at") if "at" in written else None,
        by=_text(written, "by", where),
        then=_expected(written, "then", where),
        refused=_text(written, "refused", where),
        facts=_expected(written, "facts", where),
        note=str(written.get("note", "")),
    )


def _verb_of(written: Mapping[str, Any], where: str) -> str:
    verbs = [word for word in written if word not in _STEP_WORDS]
    if len(verbs) == 1:
        return verbs[0]
    for word in verbs:
        if near := did_you_mean(word, _STEP_WORDS):
            raise StoryFault(f"{where}: there is no word {word!r}{near}")
    raise StoryFault(f"{where}: expected one verb, found {', '.join(verbs) or 'none'}")


def _text(written: Mapping[str, Any], word: str, where: str) -> str | None:
    return shapes.text(written[word], f"{where}: {word}") if word in written else None


def _expected(written: Mapping[str, Any], word: str, where: str) -> dict[str, Any]:
    found = written.get(word)
    if found is not None and not isinstance(found, dict):
        raise StoryFault(f"{where}: {word}: expected words with values, found {short(found)}")
    _require_days(found, f"{where}: {word}")
    return found or {}


def _require_days(value: object, where: str) -> None:
    """Refuse a day that does not exist wherever a result is expected: it could never come."""
    if isinstance(value, dict):
        for word, inner in value.items():
            _require_days(inner, f"{where}.{word}")
    elif isinstance(value, list):
        for place, inner in enumerate(value, start=1):
            _require_days(inner, f"{where}[{place}]")
    elif isinstance(value, str) and (found := _DAY.fullmatch(plain(value))):
        shapes.day(found[1], where)


def differences(wanted: Any, actual: Any, path: str = "") -> list[str]:
    """Compare the expected words of a story with the result; other words are ignored."""
    if isinstance(wanted, dict) and isinstance(actual, dict):
        return [
            line
            for word, value in wanted.items()
            for line in _difference(word, value, actual, f"{path}.{word}" if path else word)
        ]
    if isinstance(wanted, list) and isinstance(actual, list) and len(wanted) == len(actual):
        return [
            line
            for place, (expected, other) in enumerate(zip(wanted, actual, strict=True))
            for line in differences(expected, other, f"{path}[{place}]")
        ]
    if _plain(wanted) == _plain(actual):
        return []
    return [f"{path}: wanted {_plain(wanted)}, found {_plain(actual)}"]


def _difference(word: str, wanted: Any, actual: dict[str, Any], path: str) -> list[str]:
    """Compare one word; one that the result does not have at all is probably misspelt."""
    if word in actual or wanted is None:
        return differences(wanted, actual.get(word), path)
    return [f"{path}: the result has no such word{did_you_mean(word, map(str, actual))}"]


def _plain(value: Any) -> Any:
    """A value as it is compared: a number or a day and its text are the same."""
    if value is None or isinstance(value, bool | dict | list):
        return value
    written = plain(value.isoformat() if isinstance(value, date) else str(value))
    clock = _CLOCK.fullmatch(written)
    return clock[1] if clock else written
