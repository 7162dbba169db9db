"""Read the YAML of a story file into mappings, lists, texts, whole numbers, true and false.

It reads less than YAML has, so that a file means what it says: ``2:30``, ``0421`` and ``no`` stay
texts, and so do days; a key stands once; no anchors, tags or merged keys. Pure: a text in, values
out. It builds from events, without recursion, so that a deeply nested file is only a fault.
"""

import re
from dataclasses import dataclass, field
from typing import Any

import yaml

from timebank.stories.faults import StoryFault, short

DEEPEST = 20  # A story needs six levels.
LARGEST_CHARACTERS = 200_000  # The longest story of ours has 5,000.
_WHOLE = re.compile("0|-?[1-9][0-9]{0,17}")
_CONSTANTS = {"true": True, "false": False, "null": None, "~": None, "": None}
_WIDE_COLON = "\uff1a"


@dataclass(slots=True)
class _Level:
    """A mapping or list that is being read; ``key`` is the word whose value comes next."""

    values: dict[str, Any] | list[Any]
    key: str | None = None


@dataclass(slots=True)
class _Reading:
    name: str
    levels: list[_Level] = field(default_factory=list)
    result: Any = None

    def fault(self, mark: Any, why: str) -> StoryFault:
        line = "" if mark is None else f", line {mark.line + 1}"
        return StoryFault(f"{self.name}{self._step()}{line}: {why}")

    def _step(self) -> str:
        """The step that is being read, if the place is within the steps."""
        is_inside = len(self.levels) > 1 and self.levels[0].key == "steps"
        steps = self.levels[1].values if is_inside else None
        return f", step {len(steps) + 1}" if isinstance(steps, list) else ""

    def place(self, value: Any) -> None:
        """Put a finished value where it belongs."""
        if not self.levels:
            self.result = value
            return
        level = self.levels[-1]
        if isinstance(level.values, list):
            level.values.append(value)
        elif level.key is not None:
            level.values[level.key] = value
            level.key = None


def read_yaml(text: str, name: str) -> Any:
    """Read one document; a ``StoryFault`` names the file, the step and the line."""
    if len(text) > LARGEST_CHARACTERS:
        raise StoryFault(f"{name}: a story has at most {LARGEST_CHARACTERS} characters")
    reading = _Reading(name)
    documents = 0
    try:
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            documents += isinstance(event, yaml.DocumentStartEvent)
            if documents > 1:
                raise reading.fault(event.start_mark, "a second document begins: one file, one")
            _take(reading, event)
    except yaml.MarkedYAMLError as fault:
        raise reading.fault(fault.problem_mark, _why(fault, text)) from fault
    except yaml.YAMLError as fault:  # A character that no text has, such as NUL.
        raise reading.fault(None, f"it is not a text: {str(fault).splitlines()[0]}") from fault
    return reading.result


def _take(reading: _Reading, event: yaml.Event) -> None:
    if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
        raise reading.fault(event.start_mark, "anchors (& and *) are not read: write it out")
    if getattr(event, "tag", None):
        raise reading.fault(event.start_mark, "tags (!) are not read")
    if isinstance(event, yaml.ScalarEvent):
        _scalar(reading, event)
    elif isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
        _require_word(reading, event)
        if len(reading.levels) == DEEPEST:
            raise reading.fault(event.start_mark, f"nested deeper than {DEEPEST} levels")
        is_mapping = isinstance(event, yaml.MappingStartEvent)
        reading.levels.append(_Level({} if is_mapping else []))
    elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
        reading.place(reading.levels.pop().values)


def _require_word(reading: _Reading, event: yaml.Event) -> None:
    level = reading.levels[-1] if reading.levels else None
    if level is not None and isinstance(level.values, dict) and level.key is None:
        raise reading.fault(event.start_mark, "a word must be a text, not a list or a mapping")


def _scalar(reading: _Reading, event: yaml.ScalarEvent) -> None:
    level = reading.levels[-1] if reading.levels else None
    if level is None or isinstance(level.values, list) or level.key is not None:
        reading.place(_value(event))
    elif event.value in level.values:
        raise reading.fault(event.start_mark, f"the word {short(event.value)} stands twice")
    else:
        level.key = event.value


def _value(event: yaml.ScalarEvent) -> Any:
    if not event.implicit[0]:  # Quoted, or a block of text.
        return event.value
    if event.value.lower() in _CONSTANTS:
        return _CONSTANTS[event.value.lower()]
    return int(event.value) if _WHOLE.fullmatch(event.value) else event.value


def _why(fault: yaml.MarkedYAMLError, text: str) -> str:
    """Say in one sentence why the text cannot be parsed, with the usual cause where it is seen."""
    mark = fault.problem_mark
    lines = text.splitlines()
    near = lines[max(mark.line - 1, 0) : mark.line + 1] if mark is not None else []
    if any("\t" in line[: len(line) - len(line.lstrip())] for line in near):
        return "a tab: indent with spaces"
    if any(_WIDE_COLON in line for line in near):
        return f"a full-width colon {_WIDE_COLON} stands here: write : and a space after a word"
    return f"{fault.problem or fault.context}"
