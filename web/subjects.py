"""The declarations of all folders of the web; no other module knows every folder.

A folder ``web/<subject>/`` with a module ``subject.py`` is found automatically. The folders are
read on first use, not when this module is imported.
"""

import importlib
import importlib.util
import pkgutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from web.wording import Text, Words

Pages = Any  # A value of ``web.pages``, which is on a floor above this module.
Name = TypeVar("Name")
Value = TypeVar("Value")


class DeclaredTwice(Exception):
    """Two folders declare the same name differently."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """The declarations of all folders.

    **Shape**: ``places`` are by menu, in order; ``under`` maps the endpoint of a page to that of
    the page under which the menus show it.
    """

    places: Mapping[str, tuple[Any, ...]]
    under: Mapping[str, str]
    refusals: Mapping[str, Words]
    kinds: Mapping[str, Text]
    states: Mapping[tuple[str, str], Text]
    fields: Mapping[str, Text]
    whys: Mapping[str, Text]
    papers: Mapping[str, Text]
    accounts: Mapping[str, Text]
    deeds: Mapping[str, Text]
    audited: Mapping[str, Text]
    rights: Mapping[str, Text]
    faces: Mapping[str, Any]
    messages: Mapping[str, Any]
    reminders: tuple[Any, ...]
    sheets: Mapping[str, Any]

    def state(self, kind: str | None, state: str) -> Text | None:
        """The word for the state of a thing of a kind.

        A refusal that was stored without the kind gets a word only where all kinds share it.
        """
        if kind is not None:
            return self.states.get((kind, state))
        found = {str(word): word for (_kind, name), word in self.states.items() if name == state}
        return next(iter(found.values())) if len(found) == 1 else None


def folders() -> Iterator[str]:
    """List every folder of the web that contains code."""
    here = str(Path(__file__).parent)
    return (found.name for found in pkgutil.iter_modules([here]) if found.ispkg)


@cache
def declared() -> tuple[Pages, ...]:
    """List what every folder declares, by the folder's name."""
    return tuple(
        importlib.import_module(f"web.{name}.subject").PAGES
        for name in folders()
        if importlib.util.find_spec(f"web.{name}.subject")
    )


@cache
def gathered() -> Gathered:
    """The declarations of all folders as one."""
    return gather(declared())


def gather(parts: Iterable[Pages]) -> Gathered:
    """Merge declarations. Raises ``DeclaredTwice`` if two of them differ."""
    parts = tuple(parts)
    places = [place for pages in parts for route in pages.routes for place in route.places]
    bars = {place.bar for place in places}
    return Gathered(
        places={
            bar: tuple(
                sorted((place for place in places if place.bar == bar), key=lambda one: one.order)
            )
            for bar in bars
        },
        under={route.endpoint: route.under for pages in parts for route in pages.routes},
        faces=_joined({face.kind: face for face in pages.faces} for pages in parts),
        sheets=_joined({sheet.name: sheet for sheet in pages.sheets} for pages in parts),
        reminders=tuple(draw for pages in parts for draw in pages.reminders),
        **{name: _joined(getattr(pages, name) for pages in parts) for name in _TABLES},
    )


_TABLES = (
    "refusals", "kinds", "states", "fields", "whys", "papers", "accounts", "deeds", "audited",
    "rights", "messages",
)  # fmt: skip


def _joined(tables: Iterable[Mapping[Name, Value]]) -> dict[Name, Value]:
    joined: dict[Name, Value] = {}
    for table in tables:
        for name, value in table.items():
            if name in joined and not _is_same(joined[name], value):
                raise DeclaredTwice(name)
            joined[name] = value
    return joined


def _is_same(one: Any, other: Any) -> bool:
    """Tell whether two texts have the same source sentence."""
    return one is other or (hasattr(one, "_args") and one._args == getattr(other, "_args", None))
