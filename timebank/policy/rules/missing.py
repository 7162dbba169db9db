"""Find the smallest set of unknown facts that would make an answer *eligible*.

Each way to turn the tree into yes requires certain facts to have certain values. The ways are
built from the leaves upwards; a way with contradictory requirements is dropped. So every fact
named here can be provided and does help: nobody is sent for papers in vain.
"""

from functools import cache
from itertools import combinations, product
from typing import Any

import msgspec

from timebank.policy.rules.facts import DOCUMENTS, FACTS, choice_codes
from timebank.policy.rules.judge import Case, Trace, judge_leaf
from timebank.policy.rules.tree import (
    After,
    AllOf,
    AnyOf,
    AtLeast,
    AtMost,
    Before,
    Between,
    FewerThan,
    Group,
    HasDocument,
    Is,
    Leaf,
    Node,
    NoneOf,
    Rule,
    WithinArea,
)
from timebank.policy.rules.values import Entry, Known, Value
from timebank.values import LARGEST_QUANTITY

# A normal rule has a handful of ways. In a very complex rule the search keeps only the easiest: its
# result still helps, though a shorter list may exist.
WAYS_MAX, WAYS_LEFT, JOINS_MAX = 64, 4, 20_000

# A question: a fact, and for documents one kind. A way maps it to the candidate values (bits) that
# still satisfy it.
Wanted = tuple[str, str]
Way = dict[Wanted, int]

_ABSENT, _SHOWN = 0b01, 0b10


class Missing(msgspec.Struct, frozen=True):
    """One thing to bring. For papers, any one of ``kinds`` is enough.

    ``without`` lists papers that the household must turn out not to have: a question to ask,
    nothing to bring.
    """

    fact: str
    kinds: tuple[str, ...] = ()
    without: tuple[str, ...] = ()

    @property
    def papers(self) -> tuple[tuple[str, str], ...]:
        """The papers in Chinese and English."""
        if self.kinds:
            named = [DOCUMENTS[kind] for kind in self.kinds]
            return tuple((kind.label_zh, kind.label_en) for kind in named)
        fact = FACTS[self.fact]
        return ((fact.paper_zh, fact.paper_en),)


def smallest_missing(rule: Rule, trace: Trace, case: Case) -> tuple[Missing, ...]:
    """Find the least information that would make the household eligible.

    Empty if no unknown fact could: then a person has to look at the case.
    """
    ways = Search(rule, case).ways(rule.root, trace, want=True)
    if not ways:
        return ()
    best, found = ways[0], {frozenset(way) for way in ways}
    in_order = sorted(best, key=_rank)
    absent = [wanted for wanted in in_order if wanted[1] and best[wanted] == _ABSENT]
    named = [_named(leaf, frozenset(best), found) for leaf in in_order if leaf not in absent]
    facts = dict.fromkeys(fact for fact, _ in absent)
    asked = [Missing(fact, (), tuple(k for f, k in absent if f == fact)) for fact in facts]
    return (*named, *asked)


def _named(wanted: Wanted, best: frozenset[Wanted], found: set[frozenset[Wanted]]) -> Missing:
    fact, kind = wanted
    if not kind:
        return Missing(fact)
    others = (
        other for other in DOCUMENTS if other != kind and best - {wanted} | {(fact, other)} in found
    )
    return Missing(fact, (kind, *others))


@cache
def _rank(wanted: Wanted) -> tuple[int, int, str]:
    """Rank first what a person can most easily bring."""
    fact, kind = wanted
    return FACTS[fact].rigidity, list(DOCUMENTS).index(kind) if kind else 0, fact


def _effort(way: Way) -> tuple[int, int, list[tuple[int, int, str]]]:
    ranks = sorted(map(_rank, way))
    return len(way), sum([rank[0] for rank in ranks]), ranks


class Search:
    """The ways through one tree for one case; ``joins`` counts the work done so far."""

    def __init__(self, rule: Rule, case: Case) -> None:
        self._case = case
        self._leaves: dict[str, list[Leaf]] = {}
        for leaf in rule.leaves:
            self._leaves.setdefault(leaf.fact, []).append(leaf)
        self._values: dict[str, list[Value]] = {}
        self.joins = 0

    def ways(self, node: Node, trace: Trace, *, want: bool) -> list[Way]:
        """List the easiest ways to make a node come out yes (or no)."""
        if trace.outcome != "unknown":
            return [{}] if (trace.outcome == "yes") == want else []
        if isinstance(node, HasDocument):
            return _ways_by_paper(node, trace, want=want)
        if not isinstance(node, Group):
            return self._ways_by_value(node, want=want)
        total = len(node.of)
        if isinstance(node, NoneOf):
            need, sign = (total, False) if want else (1, True)
        else:
            yes = total if isinstance(node, AllOf) else 1 if isinstance(node, AnyOf) else node.n
            need, sign = (yes, True) if want else (total - yes + 1, False)
        parts = [
            self.ways(part, seen, want=sign) for part, seen in zip(node.of, trace.of, strict=True)
        ]
        return self._pick(parts, need)

    def _pick(self, parts: list[list[Way]], need: int) -> list[Way]:
        """Combine the ways of at least ``need`` of the parts."""
        by_count: list[list[Way]] = [[{}], *([] for _ in range(need))]
        for ways in parts:
            for count in range(need, 0, -1):
                joined = [_join(a, b) for a, b in product(by_count[count - 1], ways)]
                found = [way for way in joined if way is not None]
                self.joins += len(joined)
                most = WAYS_MAX if self.joins < JOINS_MAX else WAYS_LEFT
                if found:
                    by_count[count] = _shortest([*by_count[count], *found], most)
        return by_count[need]

    def _ways_by_value(self, leaf: Leaf, *, want: bool) -> list[Way]:
        outcome = "yes" if want else "no"
        bits = 0
        for place, value in enumerate(self._candidates(leaf.fact)):
            tried = Case({leaf.fact: Known(value)}, self._case.parameters, self._case.on)
            if judge_leaf(leaf, tried).outcome == outcome:
                bits |= 1 << place
        return [{(leaf.fact, ""): bits}] if bits else []

    def _candidates(self, key: str) -> list[Value]:
        """List values on each side of every limit that the tree sets for a fact."""
        if key not in self._values:
            leaves = self._leaves[key]
            found = [value for leaf in leaves for value in _around(leaf, self._case)]
            if FACTS[key].kind == "area":
                found = _area_sets(leaves)
            self._values[key] = list(dict.fromkeys(found))
        return self._values[key]


def _ways_by_paper(leaf: HasDocument, trace: Trace, *, want: bool) -> list[Way]:
    kinds: tuple[str, ...] = trace.shown.get("unseen", leaf.kinds)
    if want:
        return [{(leaf.fact, kind): _SHOWN} for kind in kinds]
    return [{(leaf.fact, kind): _ABSENT for kind in kinds}]


def _join(one: Way, other: Way) -> Way | None:
    """Require both; None if they contradict each other."""
    both = dict(one)
    for wanted, bits in other.items():
        both[wanted] = both.get(wanted, bits) & bits
        if not both[wanted]:
            return None
    return both


def _shortest(ways: list[Way], most: int) -> list[Way]:
    """Keep the ways of least effort. Drop a way that requires more than another one."""
    kept: list[Way] = []
    for way in sorted(ways, key=_effort):
        if not any(_contains(way, easier) for easier in kept):
            kept.append(way)
        if len(kept) == most:
            break
    return kept


def _contains(way: Way, easier: Way) -> bool:
    """Tell whether everything that satisfies ``way`` also satisfies ``easier``."""
    if not easier.keys() <= way.keys():
        return False
    return all(not way[wanted] & ~bits for wanted, bits in easier.items())


def _area_sets(leaves: list[Leaf]) -> list[tuple[str, ...]]:
    """List places to live. Areas are nested, so several may apply at once."""
    areas = sorted({leaf.area for leaf in leaves if isinstance(leaf, WithinArea)})
    some = [set_ for size in range(4) for set_ in combinations(areas, size)]
    return [*some, tuple(areas)]


def _around(leaf: Leaf, case: Case) -> list[Any]:
    fact = FACTS[leaf.fact]
    if fact.choices:
        return list(choice_codes(fact))
    if fact.kind == "yes_no":
        return [True, False]
    if isinstance(leaf, Is):
        return _near(leaf.value)
    if isinstance(leaf, AtLeast | AtMost):
        return _near(case.number(leaf.value))
    if isinstance(leaf, Between):
        return _near(case.number(leaf.least)) + _near(case.number(leaf.most))
    if isinstance(leaf, Before | After):
        day = case.day(leaf.day).toordinal()
        return [type(case.on).fromordinal(n) for n in (day - 1, day, day + 1)]
    if isinstance(leaf, FewerThan):
        return [(), (Entry(case.on, case.number(leaf.pieces)),)]
    return []


def _near(value: Any) -> list[int]:
    return [n for n in (value - 1, value, value + 1) if 0 <= n <= LARGEST_QUANTITY]
