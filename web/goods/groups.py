"""The headings under which items are listed, wherever people pick or look for them."""

from collections.abc import Iterable
from itertools import groupby
from typing import Any, TypeVar

from wtforms.fields.choices import SelectChoice

from web.formats import own_name
from web.reader import LazyString, language
from web.reader import lazy_gettext as _l

Row = TypeVar("Row", bound=Any)

# Most needed kinds first; other kinds come last.
GROUPS: tuple[tuple[str, LazyString, tuple[str, ...]], ...] = (
    ("food", _l("吃的"), ("food",)),
    ("daily", _l("日用的"), ("household",)),
    ("clothes", _l("穿的、盖的"), ("clothes", "bedding")),
    ("other", _l("其他"), ()),
)


def group_of(kind: str) -> int:
    """The place of a kind of item among the groups."""
    last = len(GROUPS) - 1
    return next((at for at, (_, _, kinds) in enumerate(GROUPS) if kind in kinds), last)


def grouped(rows: Iterable[Row]) -> list[tuple[str, list[Row]]]:
    """Group rows of items under their headings; a heading without items is omitted."""
    ordered = sorted(rows, key=lambda row: group_of(row.kind))
    by_group = groupby(ordered, lambda row: group_of(row.kind))
    return [(str(GROUPS[at][1]), list(some)) for at, some in by_group]


def item_choices(items: Iterable[Any]) -> list[SelectChoice]:
    """The choices of a list of items, none first, each under its heading."""
    chosen = [SelectChoice("", _l("请选择"))]
    for heading, some in grouped(items):
        chosen += [
            SelectChoice(str(item.id), own_name(item, language()), optgroup=heading)
            for item in some
        ]
    return chosen
