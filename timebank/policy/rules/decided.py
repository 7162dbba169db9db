"""A decided case: who asked, the rule version, the facts and the answer.

It contains everything that a decision record stores, so that the answer can be replayed.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

import msgspec

from timebank.policy.rules.answer import Answer, AnswerKind, evaluate
from timebank.policy.rules.facts import known_facts
from timebank.policy.rules.parameters import Parameters
from timebank.policy.rules.tree import Rule
from timebank.policy.rules.values import Facts

SubjectKind = Literal["household", "person"]


@dataclass(frozen=True, slots=True)
class RuleVersion:
    """One version of a programme's rule, and its state.

    ``active_until_on`` is the last day on which it is in force; None means until further notice.
    """

    id: int
    community_id: int
    programme: str
    version_no: int
    state: str
    rule: Rule
    active_from_on: date | None
    active_until_on: date | None
    drafted_by: str
    approved_by: str | None


@dataclass(frozen=True, slots=True)
class Decided:
    """A case with its answer, not stored yet."""

    version: RuleVersion
    subject_kind: SubjectKind
    subject_id: int
    facts: Facts
    parameters: Parameters
    on: date
    asked: int
    answer: Answer


@dataclass(frozen=True, slots=True)
class Decision:
    """A stored decision, with who wrote it and when."""

    id: int
    decided: Decided
    engine_version: int
    recorded_at: datetime
    recorded_by: str
    channel: str

    @property
    def answer(self) -> Answer:
        return self.decided.answer


def decide(
    version: RuleVersion,
    facts: Facts,
    parameters: Parameters,
    *,
    household_id: int | None = None,
    person_id: int | None = None,
    on: date,
    pieces: int = 1,
) -> Decided:
    """Answer a household (or a person) by a version of the rule."""
    assert (household_id is None) != (person_id is None)
    answer = evaluate(version.rule, facts, parameters, on=on, asked=pieces)
    kind: SubjectKind = "person" if household_id is None else "household"
    subject_id = person_id if household_id is None else household_id
    assert subject_id is not None
    return Decided(
        version=version,
        subject_kind=kind,
        subject_id=subject_id,
        facts=facts,
        parameters=parameters,
        on=on,
        asked=pieces,
        answer=answer,
    )


def is_same_answer(one: Answer, other: Answer) -> bool:
    """Tell whether two answers are identical, including every node of the trace."""
    written = [msgspec.json.encode(answer, order="deterministic") for answer in (one, other)]
    return written[0] == written[1]


class GoldenCase(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A case whose right answer somebody has confirmed.

    **Shape**: ``facts`` maps a fact to its value as written in JSON; omitted facts are unknown.
    ``reason`` is the code of the first reason; it is empty if there is no reason.
    """

    name: str
    on: date
    facts: dict[str, Any]
    kind: AnswerKind
    asked: int = 1
    reason: str = ""
    remaining: int | None = None
    next_on: date | None = None

    def wanted(self) -> dict[str, object]:
        return _plain(self.kind, self.reason, remaining=self.remaining, next_on=self.next_on)

    def got(self, rule: Rule, parameters: Parameters) -> dict[str, object]:
        """Answer the case by a rule, in the form in which it was confirmed.

        **Refuses**: ``BadInput`` for facts of a wrong shape.
        """
        facts = known_facts(self.facts, "golden")
        answer = evaluate(rule, facts, parameters, on=self.on, asked=self.asked)
        code = answer.reasons[0].code if answer.reasons else ""
        return _plain(answer.kind, code, remaining=answer.remaining, next_on=answer.next_on)


def _plain(
    kind: str, reason: str, *, remaining: int | None, next_on: date | None
) -> dict[str, object]:
    day = next_on.isoformat() if next_on else None
    return {"kind": kind, "reason": reason, "remaining": remaining, "next_on": day}
