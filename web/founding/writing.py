"""Lists that are typed as lines, such as goods of one's own: read and written again."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from timebank.founding.kinds import ITEM_KIND_WORDS
from timebank.founding.spelling import spelled
from timebank.hours.rules import CATEGORIES
from timebank.typed import plain

Rows = list[dict[str, Any]]
_PARTS = re.compile("[,，;；\t]")
_NAMES = re.compile("[、,，]")


def lines_of(text: str) -> list[str]:
    """The lines of a long text, without empty ones."""
    return [line.strip() for line in text.splitlines() if line.strip()]


def own_items(text: str) -> Rows:
    """Read ``绿豆 1kg，袋，食品，8.50，365``: name, unit, kind, price, shelf life."""
    rows = []
    for line in lines_of(text):
        parts = [part.strip() for part in _PARTS.split(line)]
        names = ("name_zh", "unit_zh", "kind", "price", "shelf_life_days")
        row = {name: part for name, part in zip(names, parts, strict=False) if part}
        if "kind" in row:
            row["kind"] = _code_of(row["kind"], ITEM_KIND_WORDS)
        rows.append(row)
    return rows


def own_services(text: str) -> Rows:
    """Read ``代写书信，便民利民服务``: the name, and the category."""
    rows = []
    for line in lines_of(text):
        parts = [part.strip() for part in _PARTS.split(line)]
        row = {"name_zh": parts[0], "code": spelled(parts[0])}
        if len(parts) > 1:
            row["category"] = _code_of(parts[1], CATEGORIES)
        rows.append(row)
    return rows


def _code_of(word: str, words: Mapping[str, tuple[str, str]]) -> str:
    """The code of a word in either language; another word stays as it is, and is a fault."""
    return next((code for code, known in words.items() if word in (code, *known)), word)


def written_items(rows: Iterable[Mapping[str, Any]]) -> str:
    """Write the lines again as they were typed."""
    return "\n".join(
        "，".join(
            str(part)
            for part in (
                row["name_zh"], row["unit_zh"], ITEM_KIND_WORDS[row["kind"]][0], row["price"],
                row.get("shelf_life_days", ""),
            )
            if part != ""
        )
        for row in rows
    )  # fmt: skip


def written_services(rows: Iterable[Mapping[str, Any]]) -> str:
    return "\n".join(f"{row['name_zh']}，{CATEGORIES[row['category']][0]}" for row in rows)


def read_days(text: str) -> Rows:
    """Read ``2027-02-06 春节``, one day a line."""
    halves = (plain(line).partition(" ") for line in lines_of(text))
    return [{"day": day, "note": note.strip() or day} for day, _space, note in halves]


def written_days(rows: Iterable[Mapping[str, Any]]) -> str:
    return "\n".join(f"{row['day']} {row['note']}" for row in rows)


def read_grids(text: str) -> Rows:
    """Read ``东区：1栋、2栋``, one grid a line."""
    rows = []
    for line in lines_of(text):
        name, _colon, rest = line.replace(":", "：").partition("：")
        buildings = [part.strip() for part in _NAMES.split(rest) if part.strip()]
        rows.append({"name_zh": name.strip(), "buildings": buildings})
    return rows


def written_grids(rows: Iterable[Mapping[str, Any]]) -> str:
    return "\n".join(f"{row['name_zh']}：{'、'.join(row['buildings'])}" for row in rows)
