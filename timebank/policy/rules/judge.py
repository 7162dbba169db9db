"""Evaluate a tree on facts, with three outcomes: yes, no, unknown.

All-of is no as soon as one part is no. Any-of is yes as soon as one part is yes. Otherwise unknown
parts make it unknown. Every node leaves a trace with the value that it saw. Not here: what the
outcome means (see ``answer.py``).
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Literal, cast

import msgspec

from timebank.policy.rules.facts import FACTS, is_sound
from timebank.policy.rules.parameters import Parameters
from timebank.policy.rules.tree import (
    TODAY,
    After,
    AllOf,
    AnyOf,
    AtLeast,
    AtLeastOf,
    AtMost,
    Before,
    Between,
    FewerThan,
    FromParameter,
    Group,
    HasDocument,
    Is,
    IsOneOf,
    Leaf,
    Node,
    NoneOf,
    Number,
    WithinArea,
    op_of,
)
from timebank.policy.rules.values import Facts, Known, Papers, Unknown
from timebank.policy.rules.windows import last_day_outside, pieces_after

Outcome = Literal["yes", "no", "unknown"]


class FactOutOfShape(TypeError):
    """A fact was passed with a value of the wrong shape: our fault."""


class Trace(msgspec.Struct, frozen=True):
    """The outcome of one node, for the staff's tree in green, red and grey.

    **Units**: ``remaining`` pieces may still be taken as far as this node decides; None means no
    limit. ``shown`` contains the values that the leaf compared, with parameters filled in.
    """

    op: str
    outcome: Outcome
    of: "tuple[Trace, ...]" = ()
    fact: str = ""
    source: str = ""
    evidence: str = ""
    shown: dict[str, Any] = {}
    remaining: int | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """Everything that a judgement depends on."""

    facts: Facts
    parameters: Parameters
    on: date
    asked: int = 1

    def number(self, number: Number) -> int:
        if isinstance(number, FromParameter):
            return self.parameters.whole(number.parameter)
        return number

    def day(self, day: str) -> date:
        return self.on if day == TODAY else date.fromisoformat(day)

    def moved_to(self, day: date) -> "Case":
        return replace(self, on=day)


def judge(node: Node, case: Case) -> Trace:
    """Evaluate one node and all nodes below it."""
    join = _JOINS.get(type(node))
    if join is None:
        return judge_leaf(cast(Leaf, node), case)
    return join(node, tuple([judge(part, case) for part in cast(Group, node).of]))


def judge_leaf(leaf: Leaf, case: Case) -> Trace:
    """Evaluate one test on the known value of its fact."""
    known = case.facts.get(leaf.fact)
    if known is None or isinstance(known, Unknown):
        kinds = {"kinds": leaf.kinds} if isinstance(leaf, HasDocument) else {}
        return Trace(op=_OPS[type(leaf)], outcome="unknown", fact=leaf.fact, shown=kinds)
    if type(known) is not Known or not is_sound(FACTS[leaf.fact], known.value):
        raise FactOutOfShape(leaf.fact)
    outcome, shown, remaining = _JUDGES[type(leaf)](leaf, known.value, case)
    return Trace(
        op=_OPS[type(leaf)],
        outcome=outcome,
        of=(),
        fact=leaf.fact,
        source=known.source,
        evidence=known.evidence,
        shown=shown,
        remaining=remaining,
    )


def _all(node: AllOf, of: tuple[Trace, ...]) -> Trace:
    return Trace(
        op="all", outcome=_count(of, len(of)), of=of, remaining=_nth_remaining(of, len(of))
    )


def _any(node: AnyOf, of: tuple[Trace, ...]) -> Trace:
    return Trace(op="any", outcome=_count(of, 1), of=of, remaining=_nth_remaining(of, 1))


def _at_least_of(node: AtLeastOf, of: tuple[Trace, ...]) -> Trace:
    remaining = _nth_remaining(of, node.n)
    return Trace(
        op="at_least_of",
        outcome=_count(of, node.n),
        of=of,
        shown={"n": node.n},
        remaining=remaining,
    )


def _none(node: NoneOf, of: tuple[Trace, ...]) -> Trace:
    outcomes = [part.outcome for part in of]
    if "yes" in outcomes:
        return Trace(op="none", outcome="no", of=of)
    return Trace(op="none", outcome="unknown" if "unknown" in outcomes else "yes", of=of)


def _count(of: tuple[Trace, ...], wanted: int) -> Outcome:
    """Yes once enough parts are yes; no once too few still can be."""
    outcomes = [part.outcome for part in of]
    yes = outcomes.count("yes")
    if yes >= wanted:
        return "yes"
    return "unknown" if yes + outcomes.count("unknown") >= wanted else "no"


def _nth_remaining(of: tuple[Trace, ...], wanted: int) -> int | None:
    """How many pieces at least so many of the parts allow; a part without a limit allows all."""
    limits = sorted(part.remaining for part in of if part.outcome == "yes" and part.remaining)
    free = sum(part.outcome == "yes" and part.remaining is None for part in of)
    short = wanted - free
    return limits[-short] if 0 < short <= len(limits) else None


_Told = tuple[Outcome, dict[str, Any], int | None]


def _told(is_so: bool, **shown: Any) -> _Told:
    return ("yes" if is_so else "no"), shown, None


def _is(leaf: Is, value: Any, case: Case) -> _Told:
    return _told(value == leaf.value, saw=value, value=leaf.value)


def _is_one_of(leaf: IsOneOf, value: Any, case: Case) -> _Told:
    return _told(value in leaf.values, saw=value, values=leaf.values)


def _at_least(leaf: AtLeast, value: Any, case: Case) -> _Told:
    limit = case.number(leaf.value)
    return _told(value >= limit, saw=value, value=limit)


def _at_most(leaf: AtMost, value: Any, case: Case) -> _Told:
    limit = case.number(leaf.value)
    return _told(value <= limit, saw=value, value=limit)


def _between(leaf: Between, value: Any, case: Case) -> _Told:
    least, most = case.number(leaf.least), case.number(leaf.most)
    return _told(least <= value <= most, saw=value, least=least, most=most)


def _before(leaf: Before, value: Any, case: Case) -> _Told:
    day = case.day(leaf.day)
    return _told(value < day, saw=value.isoformat(), day_on=day.isoformat())


def _after(leaf: After, value: Any, case: Case) -> _Told:
    day = case.day(leaf.day)
    return _told(value > day, saw=value.isoformat(), day_on=day.isoformat())


def _within_area(leaf: WithinArea, value: Any, case: Case) -> _Told:
    return _told(leaf.area in value, saw=value, area=leaf.area)


def _has_document(leaf: HasDocument, value: Papers, case: Case) -> _Told:
    day = case.day(leaf.day)
    shown: dict[str, Any] = {"kinds": leaf.kinds, "day_on": day.isoformat()}
    for paper in value.seen:
        if paper.kind in leaf.kinds and paper.is_valid_on(day):
            until = paper.valid_until_on
            shown["kind"] = paper.kind
            shown["evidence"] = paper.evidence
            shown["until_on"] = until.isoformat() if until else ""
            return "yes", shown, None
    open_kinds = tuple(kind for kind in leaf.kinds if kind in value.unseen)
    if open_kinds:
        shown["unseen"] = open_kinds
        return "unknown", shown, None
    return "no", shown, None


def _fewer_than(leaf: FewerThan, value: Any, case: Case) -> _Told:
    most, length = case.number(leaf.pieces), case.number(leaf.window.length)
    used = pieces_after(value, last_day_outside(leaf.window.kind, length, case.on))
    shown = {"used": used, "most": most, "window": leaf.window.kind, "length": length}
    return ("yes" if used < most else "no"), shown, max(most - used, 0)


_JOINS: dict[type, Callable[..., Trace]] = {
    AllOf: _all,
    AnyOf: _any,
    NoneOf: _none,
    AtLeastOf: _at_least_of,
}
_JUDGES: dict[type[msgspec.Struct], Callable[..., _Told]] = {
    Is: _is,
    IsOneOf: _is_one_of,
    AtLeast: _at_least,
    AtMost: _at_most,
    Between: _between,
    Before: _before,
    After: _after,
    HasDocument: _has_document,
    WithinArea: _within_area,
    FewerThan: _fewer_than,
}
_OPS: dict[type[msgspec.Struct], str] = {kind: op_of(kind) for kind in _JUDGES}
