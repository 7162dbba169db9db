"""The rule tree: its node types, and a parser that checks every type.

There are only groups and tests: no free text, no sums, no loops. So every rule terminates and can
be read as a sentence. A rule that asks what its facts cannot answer is refused.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Annotated, Any

import msgspec

from timebank.errors import BadInput
from timebank.policy.rules.facts import DOCUMENTS, FACTS, Fact, choice_codes
from timebank.policy.rules.parameters import PARAMETERS
from timebank.policy.rules.values import has_shape
from timebank.policy.rules.windows import DAYS_MAX, MONTHS_MAX, WindowKind
from timebank.values import LARGEST_QUANTITY

DEPTH_MAX, NODES_MAX, BYTES_MAX = 6, 100, 40_000
ENGINE_VERSION = 1
TODAY = "today"

WholeNumber = Annotated[int, msgspec.Meta(ge=0, le=LARGEST_QUANTITY)]


class FromParameter(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A number from a dated parameter, instead of a constant in the rule."""

    parameter: str


Number = WholeNumber | FromParameter


class _Node(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="op"):
    pass


class AllOf(_Node, frozen=True, tag="all"):
    of: "tuple[Node, ...]"


class AnyOf(_Node, frozen=True, tag="any"):
    of: "tuple[Node, ...]"


class NoneOf(_Node, frozen=True, tag="none"):
    of: "tuple[Node, ...]"


class AtLeastOf(_Node, frozen=True, tag="at_least_of"):
    n: int
    of: "tuple[Node, ...]"


class Is(_Node, frozen=True, tag="is"):
    fact: str
    value: bool | int | str


class IsOneOf(_Node, frozen=True, tag="is_one_of"):
    fact: str
    values: tuple[str, ...]


class AtLeast(_Node, frozen=True, tag="at_least"):
    fact: str
    value: Number


class AtMost(_Node, frozen=True, tag="at_most"):
    fact: str
    value: Number


class Between(_Node, frozen=True, tag="between"):
    """A range that includes both ends."""

    fact: str
    least: Number
    most: Number


class Before(_Node, frozen=True, tag="before"):
    fact: str
    day: str = TODAY


class After(_Node, frozen=True, tag="after"):
    fact: str
    day: str = TODAY


class HasDocument(_Node, frozen=True, tag="has_document"):
    """One paper of these kinds, valid on the day."""

    fact: str
    kinds: tuple[str, ...]
    day: str = TODAY


class WithinArea(_Node, frozen=True, tag="within_area"):
    fact: str
    area: str


class Window(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    kind: WindowKind
    length: Number = 1


class FewerThan(_Node, frozen=True, tag="fewer_than"):
    """Fewer than so many pieces in the window, so that at least one more may be taken."""

    fact: str
    pieces: Number
    window: Window


Group = AllOf | AnyOf | NoneOf | AtLeastOf
Compare = AtLeast | AtMost
Leaf = (
    Is | IsOneOf | AtLeast | AtMost | Between | Before | After | HasDocument | WithinArea
    | FewerThan
)  # fmt: skip
Node = (
    AllOf | AnyOf | NoneOf | AtLeastOf | Is | IsOneOf | AtLeast | AtMost | Between | Before
    | After | HasDocument | WithinArea | FewerThan
)  # fmt: skip

_KINDS_FOR: dict[type[msgspec.Struct], tuple[str, ...]] = {
    Is: ("yes_no", "choice", "whole"),
    IsOneOf: ("choice",),
    AtLeast: ("whole", "fen"),
    AtMost: ("whole", "fen"),
    Between: ("whole", "fen"),
    Before: ("day",),
    After: ("day",),
    HasDocument: ("documents",),
    WithinArea: ("area",),
    FewerThan: ("entries",),
}


def op_of(kind: type[msgspec.Struct]) -> str:
    """The word for a node type in the written rule."""
    return str(kind.__struct_config__.tag)


@dataclass(frozen=True)
class Rule:
    """A checked tree with its canonical text, its hash, and the facts it uses."""

    root: Node = field(compare=False)
    body: bytes = field(repr=False)
    hash: str = field(compare=False)
    leaves: tuple[Leaf, ...] = field(compare=False, repr=False)
    fact_keys: frozenset[str] = field(compare=False)
    parameter_keys: frozenset[str] = field(compare=False)


def parse_rule(source: bytes | str | Mapping[str, Any]) -> Rule:
    """Parse a rule from JSON, or from a mapping read from a TOML file.

    **Refuses**: ``BadInput`` with ``field="rule"``, ``why`` and the position.
    """
    try:
        if isinstance(source, Mapping):
            source = msgspec.json.encode(source)
        elif isinstance(source, str):
            source = source.encode()
        if len(source) > BYTES_MAX:
            raise BadInput(field="rule", why="too_long", most=BYTES_MAX)
        return _parse(source)
    except (msgspec.MsgspecError, RecursionError, UnicodeError, TypeError) as wrong:
        raise BadInput(field="rule", why="shape", told=str(wrong)[:200]) from None


def parse_draft(source: bytes | str | Mapping[str, Any]) -> Rule:
    """Read the rule of a new version.

    **Refuses**: what ``parse_rule`` refuses; ``BadInput`` for a fact that no subject supplies.
    """
    rule = parse_rule(source)
    for leaf in leaves_of(rule.root):
        if not FACTS[leaf.fact].supplied_by:
            raise BadInput(field="rule", why="fact_not_supplied", fact=leaf.fact)
    return rule


@lru_cache(maxsize=256)
def _parse(source: bytes) -> Rule:
    root = msgspec.json.decode(source, type=Node)
    _check_size(root)
    _check(root, "rule")
    body = canonical(root)
    leaves = leaves_of(root)
    return Rule(
        root=root,
        body=body,
        hash=hashlib.sha256(body).hexdigest(),
        leaves=leaves,
        fact_keys=frozenset(leaf.fact for leaf in leaves),
        parameter_keys=frozenset(
            number.parameter for leaf in leaves for number in _references(leaf)
        ),
    )


def canonical(rule: Rule | Node) -> bytes:
    """Encode a rule in its canonical form: equal rules give equal bytes."""
    root = rule.root if isinstance(rule, Rule) else rule
    return msgspec.json.encode(root, order="sorted")


def rule_hash(rule: Rule | Node) -> str:
    return hashlib.sha256(canonical(rule)).hexdigest()


def walk(node: Node) -> Iterator[Node]:
    yield node
    if isinstance(node, Group):
        for part in node.of:
            yield from walk(part)


def leaves_of(root: Node) -> tuple[Leaf, ...]:
    return tuple(node for node in walk(root) if not isinstance(node, Group))


def depth_of(node: Node) -> int:
    return 1 + max(map(depth_of, node.of), default=0) if isinstance(node, Group) else 1


def _check_size(root: Node) -> None:
    if depth_of(root) > DEPTH_MAX:
        raise BadInput(field="rule", why="too_deep", most=DEPTH_MAX)
    if sum(1 for _ in walk(root)) > NODES_MAX:
        raise BadInput(field="rule", why="too_many_nodes", most=NODES_MAX)


def _wrong(where: str, why: str) -> BadInput:
    return BadInput(field="rule", why=why, where=where)


def _check(node: Node, where: str) -> None:
    if not isinstance(node, Group):
        _check_leaf(node, where)
        return
    if not node.of:
        raise _wrong(where, "empty_group")
    if isinstance(node, AtLeastOf) and not 1 <= node.n <= len(node.of):
        raise _wrong(where, "n_out_of_range")
    for number, part in enumerate(node.of):
        _check(part, f"{where}.of.{number}")


def _check_leaf(leaf: Leaf, where: str) -> None:
    fact = FACTS.get(leaf.fact)
    if fact is None:
        raise _wrong(where, "unknown_fact")
    if fact.kind not in _KINDS_FOR[type(leaf)]:
        raise _wrong(where, "test_does_not_fit_fact")
    for number in _numbers(leaf):
        if isinstance(number, FromParameter):
            _check_reference(number, fact.unit, where)
    if isinstance(leaf, Is):
        _check_value(leaf, fact, where)
    elif isinstance(leaf, IsOneOf):
        _check_names(leaf.values, choice_codes(fact), where)
    elif isinstance(leaf, Between):
        _check_ends(leaf, where)
    elif isinstance(leaf, Before | After | HasDocument):
        _check_day(leaf.day, where)
    elif isinstance(leaf, WithinArea) and not leaf.area:
        raise _wrong(where, "empty_area")
    if isinstance(leaf, HasDocument):
        _check_names(leaf.kinds, tuple(DOCUMENTS), where)
    if isinstance(leaf, FewerThan):
        _check_window(leaf, where)


def _check_value(leaf: Is, fact: Fact, where: str) -> None:
    if not has_shape(fact.kind, leaf.value):
        raise _wrong(where, "value_does_not_fit_fact")
    if fact.choices and leaf.value not in choice_codes(fact):
        raise _wrong(where, "unknown_choice")


def _check_names(names: tuple[str, ...], known: tuple[str, ...], where: str) -> None:
    if not names or len(set(names)) != len(names):
        raise _wrong(where, "empty_or_double")
    if not set(names) <= set(known):
        raise _wrong(where, "unknown_choice")


def _check_ends(leaf: Between, where: str) -> None:
    if isinstance(leaf.least, int) and isinstance(leaf.most, int) and leaf.least > leaf.most:
        raise _wrong(where, "ends_swapped")


def _check_day(day: str, where: str) -> None:
    try:
        if day != TODAY and date.fromisoformat(day).isoformat() != day:
            raise _wrong(where, "bad_day")
    except ValueError:
        raise _wrong(where, "bad_day") from None


def _check_window(leaf: FewerThan, where: str) -> None:
    window = leaf.window
    units = {"rolling_days": ("days", DAYS_MAX), "rolling_months": ("months", MONTHS_MAX)}
    if window.kind == "calendar_month":
        if window.length != 1:
            raise _wrong(where, "bad_window")
        return
    unit, most = units[window.kind]
    if isinstance(window.length, FromParameter):
        _check_reference(window.length, unit, where)
    elif not 1 <= window.length <= most:
        raise _wrong(where, "bad_window")


def _check_reference(number: FromParameter, unit: str, where: str) -> None:
    kind = PARAMETERS.get(number.parameter)
    if kind is None or kind.shape != "whole":
        raise _wrong(where, "unknown_parameter")
    if kind.unit != unit:
        raise _wrong(where, "unit_does_not_fit_fact")


def _numbers(leaf: Leaf) -> tuple[Number, ...]:
    """List the numbers that are counted in the unit of the fact."""
    if isinstance(leaf, AtLeast | AtMost):
        return (leaf.value,)
    if isinstance(leaf, Between):
        return (leaf.least, leaf.most)
    return (leaf.pieces,) if isinstance(leaf, FewerThan) else ()


def _references(leaf: Leaf) -> list[FromParameter]:
    numbers = _numbers(leaf)
    if isinstance(leaf, FewerThan):
        numbers = (*numbers, leaf.window.length)
    return [number for number in numbers if isinstance(number, FromParameter)]
