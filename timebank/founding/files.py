"""Read a description from a TOML file, and name the line of each fault."""

import re
import tomllib
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from timebank.founding.faults import PlanFault
from timebank.founding.plan import CommunityPlan
from timebank.founding.reading import read_plan

EXAMPLES = Path(__file__).parent / "examples"
LARGEST_BYTES = 1_000_000
_HEADER = re.compile(r"\s*\[(\[)?\s*([^\[\]]+?)\s*\]")
_KEY = re.compile(r"\s*([A-Za-z0-9_-]+)\s*[=.]")


class PlanUnfit(Exception):
    """A description that cannot be used; ``sentences`` say every fault."""

    def __init__(self, sentences: list[str]) -> None:
        super().__init__("\n".join(sentences))
        self.sentences = sentences


@dataclass(frozen=True, slots=True)
class PlanLines:
    """Where the tables and fields of a file begin. **Shape**: (table, number, field) → line."""

    lines: dict[tuple[str, int | None, str], int]

    def line_of(self, fault: PlanFault) -> int | None:
        """The line of the field, or else of its table."""
        place = (fault.table, fault.number, fault.name)
        return self.lines.get(place) or self.lines.get((fault.table, fault.number, ""))


def read_file(path: Path, *, today: date, needs_staff: bool = True) -> CommunityPlan:
    """Read a whole file. Raises ``PlanUnfit`` with every fault of it."""
    text = _text_of(path)
    given = parse(text, path.name)
    plan, faults = read_plan(given, today=today, needs_staff=needs_staff)
    if plan is None:
        lines = find_lines(text)
        by_line = sorted(faults, key=lambda fault: lines.line_of(fault) or 0)
        raise PlanUnfit([fault.sentence(path.name, lines.line_of(fault)) for fault in by_line])
    return plan


def parse(text: str, name: str) -> dict[str, Any]:
    """Parse TOML. Raises ``PlanUnfit`` with the line of the first fault."""
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as why:
        raise PlanUnfit([f"{name}: it is not TOML: {why}."]) from None


def _text_of(path: Path) -> str:
    if path.is_dir():
        raise PlanUnfit([f"{path.name}: it is a folder; name a file in it."])
    if not path.is_file():
        raise PlanUnfit([f"{path}: there is no such file."])
    if path.stat().st_size > LARGEST_BYTES:
        raise PlanUnfit([f"{path.name}: it is larger than {LARGEST_BYTES} bytes."])
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise PlanUnfit([f"{path.name}: it is not UTF-8; save it with that encoding."]) from None


def find_lines(text: str) -> PlanLines:
    """Find the lines of the tables and fields of a file that could be parsed."""
    lines: dict[tuple[str, int | None, str], int] = {}
    counts: dict[str, int] = {}
    table, number = "", None
    for line, written in enumerate(text.splitlines(), start=1):
        if header := _HEADER.match(written):
            table, number = header[2].strip(), None
            if header[1]:
                number = counts[table] = counts.get(table, 0) + 1
            lines.setdefault((table, number, ""), line)
        elif key := _KEY.match(written):
            lines.setdefault((table, number, key[1]), line)
            if not table:
                lines.setdefault((key[1], None, ""), line)
    return PlanLines(lines)
