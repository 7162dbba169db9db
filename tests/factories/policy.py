"""Builders for policy: the demo preset, facts of a household, and cases decided on them."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories import make_by
from timebank.deeds.deed import Deed
from timebank.policy.actions import load_preset, set_parameter
from timebank.policy.presets import read_preset
from timebank.policy.queries import active_rule, decision, parameters_on, version_of
from timebank.policy.rules import (
    UNKNOWN,
    WHOLE_COMMUNITY,
    Decided,
    Entry,
    Known,
    Paper,
    Papers,
    Parameter,
    Parameters,
    Rule,
    Unknown,
    decide,
    parse_rule,
)
from timebank.policy.rules.decided import Decision, RuleVersion, SubjectKind
from timebank.policy.tables import decision as decision_table
from timebank.policy.tables import rule_version
from timebank.values import By, local_day

LONG_AGO = date(2023, 1, 1)


def demo_parameters(on: date = LONG_AGO) -> Parameters:
    """The parameters of the demo preset, without a database."""
    rows = [
        Parameter(one.key, one.value, one.unit, LONG_AGO, one.source, one.note)
        for one in read_preset("demo").parameter
    ]
    return Parameters.of(rows, on)


def demo_rule(programme: str = "goods_shelf") -> Rule:
    (found,) = (one for one in read_preset("demo").programme if one.code == programme)
    return parse_rule(found.rule)


def make_preset(
    session: Session, *, now: datetime, by: By | None = None, from_on: date = LONG_AGO
) -> None:
    """Give a community the demo preset, from long ago."""
    by = by or make_by("coordinator")
    load_preset(Deed(session, by, now, "preset"), preset="demo", from_on=from_on)


def make_paper(
    kind: str = "dibao",
    *,
    valid_from_on: date = date(2025, 1, 1),
    valid_until_on: date | None = date(2025, 12, 31),
) -> Paper:
    return Paper(kind, valid_from_on, valid_until_on, "proof:1")


def make_facts(
    *,
    papers: Iterable[Paper] | None = (),
    unseen: Iterable[str] = (),
    area: tuple[str, ...] | None = (WHOLE_COMMUNITY,),
    taken: Iterable[tuple[date, int]] | None = (),
) -> dict[str, Known | Unknown]:
    """The known facts of a household at the goods shelf; None means unknown."""

    def known(value: Any, source: str) -> Known | Unknown:
        return UNKNOWN if value is None else Known(value, source, f"{source}:1")

    seen = None if papers is None else Papers(tuple(papers), tuple(unseen))
    entries = None if taken is None else tuple(Entry(day, pieces) for day, pieces in taken)
    return {
        "household.documents": known(seen, "people"),
        "household.area": known(area, "people"),
        "household.pieces_taken": known(entries, "books"),
    }


def make_decided(
    session: Session,
    *,
    on: date,
    household_id: int = 117,
    asked: int = 1,
    community_id: int = 1,
    **facts: Any,
) -> Decided:
    """Decide a household's case by the version and parameters in force on the day."""
    version = active_rule(session, community_id, "goods_shelf", on)
    assert version is not None
    parameters = parameters_on(session, community_id, on)
    known = make_facts(**facts)
    return decide(version, known, parameters, household_id=household_id, on=on, pieces=asked)


def ask_for_no_second_factor(session: Session, now: datetime, by: By) -> None:
    """Let every role sign in with its password alone, as in the sample community."""
    set_parameter(
        Deed(session, by, now, "no-second-factor"),
        key="people.second_factor_roles",
        value=[],
        valid_from_on=local_day(now),
        source="a meeting of the residents",
    )


def rule_versions(session: Session, community_id: int, programme: str) -> list[RuleVersion]:
    """The versions of a programme, newest first."""
    rows = session.execute(
        select(rule_version)
        .where(rule_version.c.community_id == community_id, rule_version.c.programme == programme)
        .order_by(rule_version.c.version_no.desc())
    )
    return [version_of(row) for row in rows]


def decisions_of(
    session: Session, community_id: int, kind: SubjectKind, subject_id: int
) -> list[Decision]:
    """The decisions for a household or a person, newest first."""
    newest_first = (
        select(decision_table.c.id)
        .where(
            decision_table.c.community_id == community_id,
            decision_table.c.subject_kind == kind,
            decision_table.c.subject_id == subject_id,
        )
        .order_by(decision_table.c.recorded_at.desc(), decision_table.c.id.desc())
    )
    return [decision(session, community_id, one) for one in session.scalars(newest_first).all()]
