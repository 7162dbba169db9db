"""Reads of policy: the parameters and rules in force on a day, and the decisions."""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Any

import msgspec
from sqlalchemy import Row, and_, bindparam, select
from sqlalchemy.orm import Session

from timebank.db import state_among
from timebank.errors import NotFound
from timebank.policy.rules import (
    Answer,
    Decided,
    Decision,
    Parameter,
    Parameters,
    Rule,
    RuleVersion,
    evaluate,
    facts_from_json,
    parse_rule,
)
from timebank.policy.rules.answer import Reason
from timebank.policy.rules.judge import Trace
from timebank.policy.rules.missing import Missing
from timebank.policy.tables import IN_FORCE, parameter, rule_version
from timebank.policy.tables import decision as decision_table
from timebank.vault.cipher import Vault, vault_to_open

_READ = "parameters_read"  # In ``session.info``: what this unit of work has read.


_HISTORY = (
    select(
        parameter.c.key,
        parameter.c.value,
        parameter.c.unit,
        parameter.c.valid_from_on,
        parameter.c.source,
        parameter.c.note,
    )
    .where(parameter.c.community_id == bindparam("of_community"))
    .order_by(parameter.c.key, parameter.c.valid_from_on)
)
_ACTIVE = select(rule_version).where(
    rule_version.c.community_id == bindparam("of_community"),
    rule_version.c.programme == bindparam("of_programme"),
    state_among(rule_version.c.state, IN_FORCE),
    rule_version.c.active_from_on <= bindparam("on"),
    (rule_version.c.active_until_on.is_(None))
    | (rule_version.c.active_until_on >= bindparam("on")),
)


def parameter_history(session: Session, community_id: int) -> tuple[Parameter, ...]:
    """List every dated row; ``Parameters.of(rows, day)`` gives the values of any day.

    It suits callers that need many days. Within one unit of work the rows are read once, and again
    after ``forget_parameters``.
    """
    known: dict[int, tuple[Parameter, ...]] = session.info.setdefault(_READ, {})
    if community_id not in known:
        known[community_id] = _read_history(session, community_id)
    return known[community_id]


def forget_parameters(session: Session) -> None:
    """Read the parameters again from here on, because a row was added."""
    session.info.pop(_READ, None)


def _read_history(session: Session, community_id: int) -> tuple[Parameter, ...]:
    rows = session.execute(_HISTORY, {"of_community": community_id})
    return tuple(_parameter(*row) for row in rows)


@lru_cache(maxsize=1024)
def _parameter(*row: Any) -> Parameter:
    """Build the value of a row. A row never changes, so the same text is decoded once."""
    named = dict(zip(_COLUMNS, row, strict=True))
    return Parameter(**{**named, "value": msgspec.json.decode(named["value"])})


_COLUMNS = [column.name for column in _HISTORY.selected_columns]


@lru_cache(maxsize=64)
def _rule(tree: str) -> Rule:
    """Parse a stored rule; the same text is parsed once."""
    return parse_rule(tree)


def parameters_on(session: Session, community_id: int, on: date) -> Parameters:
    """Read the parameters in force on a day."""
    return Parameters.of(parameter_history(session, community_id), on)


def active_rule(
    session: Session, community_id: int, programme: str, on: date
) -> RuleVersion | None:
    """The version in force on a day; None if the community has none."""
    asked = {"of_community": community_id, "of_programme": programme, "on": on}
    row = session.execute(_ACTIVE, asked).first()
    return None if row is None else version_of(row)


def version_of(row: Row[Any]) -> RuleVersion:
    """Build a rule version from its row."""
    return RuleVersion(
        id=row.id,
        community_id=row.community_id,
        programme=row.programme,
        version_no=row.version_no,
        state=row.state,
        rule=_rule(row.tree),
        active_from_on=row.active_from_on,
        active_until_on=row.active_until_on,
        drafted_by=row.drafted_by,
        approved_by=row.approved_by,
    )


def decision(session: Session, community_id: int, decision_id: int) -> Decision:
    """One decision with everything it was based on.

    **Refuses**: ``NotFound``.
    """
    asked = {"of_community": community_id, "of_decision": decision_id}
    row = session.execute(_ONE_DECISION, asked).first()
    if row is None:
        raise NotFound(what="decision")
    return _decision_of(vault_to_open(session), row)


def replay(found: Decision) -> Answer:
    """Answer again with the stored version and the stored facts; the answer must be the same."""
    case = found.decided
    return evaluate(case.version.rule, case.facts, case.parameters, on=case.on, asked=case.asked)


_VERSION_COLUMNS = [
    rule_version.c[name].label(f"version_{name}")
    for name in (
        "id", "version_no", "state", "tree", "active_from_on", "active_until_on",
        "drafted_by", "approved_by",
    )
]  # fmt: skip


_DECISIONS = (
    select(decision_table, *_VERSION_COLUMNS)
    .join(
        rule_version,
        and_(
            rule_version.c.community_id == decision_table.c.community_id,
            rule_version.c.id == decision_table.c.rule_version_id,
        ),
    )
    .where(decision_table.c.community_id == bindparam("of_community"))
)
_ONE_DECISION = _DECISIONS.where(decision_table.c.id == bindparam("of_decision"))


# What is shown of a decision that cannot be decrypted: nothing of it, and no fault.
_UNREADABLE = {
    "facts": "{}", "trace": '{"op":"fault","outcome":"unknown"}', "reasons": "[]", "missing": "[]",
}  # fmt: skip


def _decision_of(vault: Vault, row: Row[Any]) -> Decision:
    sealed = {name: getattr(row, f"{name}_sealed") for name in _UNREADABLE}
    opened = {name: vault.open_or_none(value, f"decision.{name}") for name, value in sealed.items()}
    texts = {name: text for name, text in opened.items() if text is not None}
    if texts.keys() != sealed.keys():
        texts = _UNREADABLE
    version = RuleVersion(
        id=row.version_id,
        community_id=row.community_id,
        programme=row.programme,
        version_no=row.version_version_no,
        state=row.version_state,
        rule=_rule(row.version_tree),
        active_from_on=row.version_active_from_on,
        active_until_on=row.version_active_until_on,
        drafted_by=row.version_drafted_by,
        approved_by=row.version_approved_by,
    )
    decided = Decided(
        version=version,
        subject_kind=row.subject_kind,
        subject_id=row.subject_id,
        facts=facts_from_json(texts["facts"]),
        parameters=_parameters_of(row.parameters),
        on=row.as_of_on,
        asked=row.asked_pieces,
        answer=_answer_of(row, texts),
    )
    return Decision(
        id=row.id,
        decided=decided,
        engine_version=row.engine_version,
        recorded_at=row.recorded_at,
        recorded_by=row.recorded_by,
        channel=row.channel,
    )


def _parameters_of(stored: str) -> Parameters:
    rows = msgspec.json.decode(stored, type=list[Parameter])
    return Parameters({row.key: row for row in rows})


def _answer_of(row: Row[Any], texts: Mapping[str, str]) -> Answer:
    return Answer(
        kind=row.answer,
        reasons=msgspec.json.decode(texts["reasons"], type=tuple[Reason, ...]),
        remaining=row.remaining_pieces,
        next_on=row.next_on,
        trace=msgspec.json.decode(texts["trace"], type=Trace),
        missing=msgspec.json.decode(texts["missing"], type=tuple[Missing, ...]),
    )
