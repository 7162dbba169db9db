"""The published sets of rules beside the rules of this community: two or three, differences first.

All of them at once, with what a choice means, are in the set-up (``web/founding``).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from timebank.policy.presets import preset_codes, read_preset
from timebank.policy.rules import PARAMETERS, Parameters
from web.formats import own_name
from web.reader import gettext as _
from web.reader import language
from web.settings.sentences import default_of, label
from web.settings.values import value_word

SETS_MAX = 3
USUAL = ("guangzhou_2019", "changning")


@dataclass(frozen=True, slots=True)
class ComparedCell:
    """A value in words; ``is_other`` if this community has something else."""

    name: str
    word: str
    is_other: bool
    source: str = ""


@dataclass(frozen=True, slots=True)
class ComparedRow:
    """A parameter, and its value here and in each of the sets."""

    key: str
    label: str
    cells: tuple[ComparedCell, ...]

    @property
    def differs(self) -> bool:
        """Tell whether any of the sets has something else."""
        return any(cell.is_other for cell in self.cells)


@dataclass(frozen=True, slots=True)
class SetsCompared:
    """The sets to choose from, the chosen ones, and every parameter of each."""

    choices: tuple[tuple[str, str, bool], ...]
    names: tuple[str, ...]
    differing: tuple[ComparedRow, ...]
    alike: tuple[ComparedRow, ...]


def chosen_sets(asked: Iterable[str]) -> tuple[str, ...]:
    """The sets of an address, as far as there are such; the usual ones without any."""
    known = preset_codes()
    found = tuple(dict.fromkeys(code for code in asked if code in known))
    return (found or tuple(code for code in USUAL if code in known))[:SETS_MAX]


def compare_sets(current: Parameters, codes: Sequence[str]) -> SetsCompared:
    """Put some sets beside the values that are in force here."""
    presets = [read_preset(code) for code in codes]
    values = [{row.key: row for row in preset.parameter} for preset in presets]
    names = (_("本社区现在"), *(own_name(preset, language()) for preset in presets))
    rows = [_row(key, names, current, values) for key in PARAMETERS]
    choices = tuple(
        (code, own_name(read_preset(code), language()), code in codes) for code in preset_codes()
    )
    return SetsCompared(
        choices, names, tuple(row for row in rows if row.differs),
        tuple(row for row in rows if not row.differs),
    )  # fmt: skip


def _row(key: str, names: Sequence[str], current: Parameters, values: Sequence[Any]) -> ComparedRow:
    own = current.rows.get(key)
    mine = default_of(key) if own is None else own.value
    cells = [ComparedCell(names[0], value_word(key, mine), False)]
    for name, rows in zip(names[1:], values, strict=True):
        row = rows.get(key)
        theirs = default_of(key) if row is None else row.value
        is_other = _plain(theirs) != _plain(mine)
        cells.append(
            ComparedCell(name, value_word(key, theirs), is_other, "" if row is None else row.source)
        )
    return ComparedRow(key, label(key), tuple(cells))


def _plain(value: Any) -> bytes:
    """The text of a value, whatever the order of its parts."""
    return msgspec.json.encode(value, order="deterministic")
