"""The answer to one household: eligible or not, why, how many pieces are left, from which day.

``evaluate`` always answers. An internal fault becomes *needs review*, never a refusal.
"""

import logging
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, Literal

import msgspec

from timebank.policy.refusals import NeedsInformation
from timebank.policy.rules.facts import FACTS
from timebank.policy.rules.judge import Case, Trace, judge
from timebank.policy.rules.missing import Missing, smallest_missing
from timebank.policy.rules.parameters import Parameters
from timebank.policy.rules.tree import (
    After,
    AnyOf,
    AtLeastOf,
    Before,
    FewerThan,
    Group,
    HasDocument,
    Leaf,
    Node,
    NoneOf,
    Rule,
)
from timebank.policy.rules.values import Facts, Known, Papers
from timebank.policy.rules.windows import free_on

AnswerKind = Literal["eligible", "not_eligible", "needs_information", "needs_review"]
DAYS_LOOKED_AT_MAX = 400  # Days on which something changes; a household has a few dozen.

_log = logging.getLogger(__name__)


class Reason(msgspec.Struct, frozen=True):
    """One reason: the ``code`` of a refusal, the key of its text, and plain facts.

    ``facts`` contains the name of a private fact, never its value.
    """

    code: str
    text: str
    facts: dict[str, Any] = {}


class Answer(msgspec.Struct, frozen=True):
    """**Units**: ``remaining`` pieces may be taken today; None means no limit.

    ``next_on`` is the first day on which more becomes possible if nothing else changes.
    """

    kind: AnswerKind
    reasons: tuple[Reason, ...]
    remaining: int | None
    next_on: date | None
    trace: Trace
    missing: tuple[Missing, ...] = ()

    @property
    def is_eligible(self) -> bool:
        return self.kind == "eligible"


def evaluate(
    rule: Rule, facts: Facts, parameters: Parameters, *, on: date, asked: int = 1
) -> Answer:
    """Decide whether the rule lets ``asked`` pieces be issued on a day.

    If only some of them may be issued, the answer is *eligible* with the number in ``remaining``
    and the reason of the cut. The caller reduces the request.
    """
    case = Case(facts, parameters, on, asked)
    try:
        trace = judge(rule.root, case)
        if trace.outcome == "yes":
            return _eligible(rule, trace, case)
        if trace.outcome == "no":
            return _not_eligible(rule, trace, case)
        return _unsettled(rule, trace, case)
    except Exception as fault:  # A bug of ours must not refuse the household.
        _log.exception("a rule could not be evaluated", extra={"rule_hash": rule.hash})
        return _review(Trace(op="fault", outcome="unknown"), type(fault).__name__)


def _review(trace: Trace, why: str) -> Answer:
    reason = Reason("NEEDS_REVIEW", "needs_review", {"why": why})
    return Answer(kind="needs_review", reasons=(reason,), remaining=None, next_on=None, trace=trace)


def _eligible(rule: Rule, trace: Trace, case: Case) -> Answer:
    remaining = trace.remaining
    if remaining is None or case.asked <= remaining:
        return Answer(kind="eligible", reasons=(), remaining=remaining, next_on=None, trace=trace)
    next_on = _first_day(rule, case, case.asked) or _first_day(rule, case, remaining + 1)
    binding = next(leaf for leaf in _leaves(trace) if leaf.remaining == remaining)
    return Answer(
        kind="eligible",
        reasons=(_cap(binding, next_on, case.asked),),
        remaining=remaining,
        next_on=next_on,
        trace=trace,
    )


def _not_eligible(rule: Rule, trace: Trace, case: Case) -> Answer:
    _, reasons = _why_no(rule.root, trace, case)
    reasons.sort(key=_rigidity)
    return Answer(
        kind="not_eligible",
        reasons=tuple(reasons),
        remaining=0,
        next_on=_first_day(rule, case, 1),
        trace=trace,
    )


def _unsettled(rule: Rule, trace: Trace, case: Case) -> Answer:
    missing = smallest_missing(rule, trace, case)
    if not missing:
        return _review(trace, "nothing_would_settle_it")
    papers = [
        {"fact": paper.fact, "kinds": list(paper.kinds), "without": list(paper.without)}
        for paper in missing
    ]
    reason = Reason(NeedsInformation.code, "needs_information", {"missing": papers})
    return Answer(
        kind="needs_information",
        reasons=(reason,),
        remaining=None,
        next_on=None,
        trace=trace,
        missing=missing,
    )


def _leaves(trace: Trace) -> Iterator[Trace]:
    if not trace.of:
        yield trace
    for part in trace.of:
        yield from _leaves(part)


def _rigidity(reason: Reason) -> int:
    fact = FACTS.get(reason.facts.get("fact", ""))
    return fact.rigidity if fact else 100


# Why not: the nearest path to yes, by what a person can change most easily.


def _why_no(node: Node, trace: Trace, case: Case) -> tuple[int, list[Reason]]:
    """Return the reasons to fix, and how rigid they are."""
    if not isinstance(node, Group):
        return FACTS[node.fact].rigidity, [_why_leaf(node, trace, case)]
    if isinstance(node, NoneOf):
        held = [seen for seen in trace.of if seen.outcome == "yes"]
        return sum(map(_weight, held)), [_excluded(seen) for seen in held]
    failed = [
        _why_no(part, seen, case)
        for part, seen in zip(node.of, trace.of, strict=True)
        if seen.outcome == "no"
    ]
    failed.sort(key=lambda path: path[0])
    kept = failed[: _repairs_needed(node, len(failed))]
    return sum(cost for cost, _ in kept), [reason for _, some in kept for reason in some]


def _repairs_needed(node: Node, failed: int) -> int:
    if isinstance(node, AnyOf):
        return 1
    if isinstance(node, AtLeastOf):
        return failed - (len(node.of) - node.n)
    return failed


def _weight(trace: Trace) -> int:
    return max(FACTS[leaf.fact].rigidity for leaf in _leaves(trace))


def _excluded(trace: Trace) -> Reason:
    leaf = next(_leaves(trace))
    return Reason("NOT_ELIGIBLE", "excluded", {"fact": leaf.fact})


def _why_leaf(leaf: Leaf, trace: Trace, case: Case) -> Reason:
    if isinstance(leaf, FewerThan):
        return _cap(trace, _leaf_free_on(leaf, case), case.asked)
    if isinstance(leaf, HasDocument):
        return _why_paper(leaf, case)
    return Reason("NOT_ELIGIBLE", trace.op, {"fact": leaf.fact})


def _cap(trace: Trace, next_on: date | None, asked: int) -> Reason:
    """The quota of the window that limits the answer; of a person or a household."""
    facts: dict[str, Any] = {"fact": trace.fact, "asked": asked, "remaining": trace.remaining}
    facts |= {name: trace.shown[name] for name in ("used", "most", "window", "length")}
    if next_on:
        facts["next_on"] = next_on.isoformat()
    return Reason("HOUSEHOLD_CAP", "fewer_than" if next_on else "fewer_than_ever", facts)


def _why_paper(leaf: HasDocument, case: Case) -> Reason:
    known, day = case.facts[leaf.fact], case.day(leaf.day)
    assert isinstance(known, Known) and isinstance(known.value, Papers)
    own = [paper for paper in known.value.seen if paper.kind in leaf.kinds]
    ended = [(p.valid_until_on, p.kind) for p in own if p.valid_until_on and p.valid_until_on < day]
    later = [(p.valid_from_on, p.kind) for p in own if p.valid_from_on > day]
    facts: dict[str, Any] = {"fact": leaf.fact}
    if later:
        from_on, kind = min(later)
        facts |= {"kind": kind, "from_on": from_on.isoformat()}
        return Reason("NOT_ELIGIBLE", "has_document_later", facts)
    if ended:
        ended_on, kind = max(ended)
        facts |= {"kind": kind, "ended_on": ended_on.isoformat()}
        return Reason("PROOF_EXPIRED", "has_document_ended", facts)
    return Reason("NOT_ELIGIBLE", "has_document", facts | {"kinds": list(leaf.kinds)})


# From which day: try each day on which a fact changes with time alone.


def _leaf_free_on(leaf: FewerThan, case: Case) -> date | None:
    days = sorted(day for day in _days_of(leaf, case) if day > case.on)
    for day in days[:DAYS_LOOKED_AT_MAX]:
        if judge(leaf, case.moved_to(day)).outcome == "yes":
            return day
    return None


def _first_day(rule: Rule, case: Case, pieces: int) -> date | None:
    """Find the first later day on which so many pieces may be taken, if nothing else changes."""
    days = sorted({day for leaf in rule.leaves for day in _days_of(leaf, case) if day > case.on})
    for day in days[:DAYS_LOOKED_AT_MAX]:
        trace = judge(rule.root, case.moved_to(day))
        if trace.outcome == "yes" and (trace.remaining is None or trace.remaining >= pieces):
            return day
    return None


def _days_of(leaf: Leaf, case: Case) -> Iterator[date]:
    """List the days on which a leaf may change its outcome with the same facts."""
    known = case.facts.get(leaf.fact)
    value: Any = known.value if isinstance(known, Known) else None
    if value is None:
        return
    if isinstance(leaf, FewerThan):
        kind, length = leaf.window.kind, case.number(leaf.window.length)
        yield from {free_on(kind, length, entry[0]) for entry in value}
    elif isinstance(leaf, HasDocument):
        for paper in value.seen:
            yield paper.valid_from_on
            if paper.valid_until_on and paper.valid_until_on < date.max:
                yield paper.valid_until_on + timedelta(days=1)
    elif isinstance(leaf, Before | After) and value < date.max:
        yield from (value, value + timedelta(days=1))
