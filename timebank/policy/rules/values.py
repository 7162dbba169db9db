"""The shapes of facts: papers, entries in the books, and unknown values.

Plain values only; the catalogue of facts is in ``facts.py``.
"""

from collections.abc import Mapping
from datetime import date
from typing import Literal, NamedTuple

import msgspec

from timebank.values import LARGEST_QUANTITY

Day = date


class Paper(msgspec.Struct, frozen=True):
    """A paper that a member of staff has seen. It is still valid on its last day."""

    kind: str
    valid_from_on: date
    valid_until_on: date | None = None
    evidence: str = ""

    def is_valid_on(self, day: date) -> bool:
        until = self.valid_until_on
        return self.valid_from_on <= day and (until is None or day <= until)


class Papers(msgspec.Struct, frozen=True):
    """The papers of a household: those seen, and the kinds it claims to have but has not shown.

    A kind in neither list is known to be absent.
    """

    seen: tuple[Paper, ...] = ()
    unseen: tuple[str, ...] = ()


class Entry(NamedTuple):
    """A number of pieces on a day."""

    day: date
    pieces: int


Value = bool | int | str | date | Papers | tuple[Entry, ...] | tuple[str, ...]


class Known(msgspec.Struct, frozen=True):
    """A value and its origin: ``source`` is a register or a person, ``evidence`` a paper."""

    value: Value
    source: str = ""
    evidence: str = ""


class Unknown(msgspec.Struct, frozen=True):
    """The value is not known yet. Never treat it as no."""


UNKNOWN = Unknown()

# A fact that is missing from the mapping is unknown too.
Facts = Mapping[str, Known | Unknown]

Kind = Literal["yes_no", "whole", "fen", "day", "choice", "area", "documents", "entries"]


def has_shape(kind: Kind, value: object) -> bool:
    """Tell whether a value has exactly the shape that the catalogue gives."""
    if kind in ("whole", "fen"):
        return type(value) is int and 0 <= value <= LARGEST_QUANTITY
    if kind == "entries":
        return type(value) is tuple and all(_is_entry(part) for part in value)
    if kind == "documents":
        return type(value) is Papers and _are_papers(value)
    if kind == "area":
        return type(value) is tuple and all(type(part) is str for part in value)
    if kind == "day":
        return type(value) is Day
    return type(value) is (bool if kind == "yes_no" else str)


def _is_entry(part: object) -> bool:
    if not isinstance(part, tuple) or len(part) != 2:
        return False
    day, pieces = part
    return type(day) is Day and type(pieces) is int and 0 <= pieces <= LARGEST_QUANTITY


def _are_papers(papers: Papers) -> bool:
    return (
        type(papers.seen) is tuple
        and type(papers.unseen) is tuple
        and all(type(kind) is str for kind in papers.unseen)
        and all(
            type(paper) is Paper
            and type(paper.kind) is str
            and type(paper.evidence) is str
            and type(paper.valid_from_on) is Day
            and (paper.valid_until_on is None or type(paper.valid_until_on) is Day)
            for paper in papers.seen
        )
    )
