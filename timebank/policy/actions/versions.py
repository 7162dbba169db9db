"""Move a rule through its states: draft, rehearsed, approved, scheduled, active, retired.

Each step is a deed. Constraints in ``tables.py`` enforce the order, the second person and the days
as well.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Row, func, insert, select, update
from sqlalchemy.orm import Session

from timebank.deeds.action import action
from timebank.deeds.audit import audit
from timebank.deeds.deed import Deed
from timebank.deeds.queries import lines_about
from timebank.deeds.refusals import SamePerson
from timebank.errors import BadInput, NotAllowed, NotFound, WrongState
from timebank.policy import may
from timebank.policy.actions.parameters import require_no_person
from timebank.policy.queries import parameters_on
from timebank.policy.refusals import RehearsalFailed, RuleOverlap
from timebank.policy.rules import PROGRAMMES, GoldenCase, Parameters, parse_draft, parse_rule
from timebank.policy.tables import IN_FORCE, rule_version
from timebank.values import By, local_day, new_id


@dataclass(frozen=True, slots=True)
class RuleMoved:
    """The new state of a version."""

    rule_version_id: int
    version_no: int
    state: str
    rule_hash: str


@dataclass(frozen=True, slots=True)
class RulesTurned:
    activated: int
    retired: int


@action("draft_rule")
def draft_rule(deed: Deed, *, programme: str, tree: Mapping[str, Any] | str) -> RuleMoved:
    """Write a new version of a programme's rule, to be rehearsed.

    **Refuses**: ``NotAllowed``; ``BadInput`` for the programme, or for the rule with the position
    and the reason.
    """
    may.DRAFT_RULE.require_everywhere(deed.by)
    moved = insert_draft(deed, programme, tree, drafted_by=who(deed.by))
    _note(deed, moved, "draft_rule")
    return moved


@action("redraft_rule")
def redraft_rule(deed: Deed, *, rule_version_id: int, tree: Mapping[str, Any] | str) -> RuleMoved:
    """Change the text of a version that is not approved; it becomes a draft again.

    Only its author may: otherwise an editor could approve their own text under another name.

    **Refuses**: ``NotAllowed``, ``NotFound``, ``WrongState``, ``BadInput``.
    """
    may.REDRAFT_RULE.require_everywhere(deed.by)
    row = lock_version(deed.session, deed.community_id, rule_version_id, "draft", "rehearsed")
    if row.drafted_by != who(deed.by):
        raise NotAllowed(deed="redraft_rule")
    rule = parse_draft(tree)
    content = {"tree": rule.body.decode(), "hash": rule.hash}
    fresh = {"rehearsed_at": None, "rehearsed_cases": None}
    return _move(deed, row, "draft", "redraft_rule", **content, **fresh)


@action("rehearse_rule")
def rehearse_rule(deed: Deed, *, rule_version_id: int, cases: tuple[GoldenCase, ...]) -> RuleMoved:
    """Run a draft on cases with known answers, with the parameters of today.

    **Refuses**: ``NotAllowed``, ``NotFound``, ``WrongState``; ``BadInput`` without a case;
    ``RehearsalFailed`` with the first case whose answer differs.
    """
    may.REHEARSE_RULE.require_everywhere(deed.by)
    row = lock_version(deed.session, deed.community_id, rule_version_id, "draft")
    return pass_rehearsal(
        deed,
        row,
        cases,
        parameters=parameters_on(deed.session, deed.community_id, local_day(deed.now)),
    )


@action("approve_rule")
def approve_rule(deed: Deed, *, rule_version_id: int) -> RuleMoved:
    """Approve a rehearsed version as a second person; from then on it never changes.

    **Refuses**: ``NotAllowed``, ``NotFound``, ``WrongState``, ``SamePerson`` for its author and
    their housemates.
    """
    may.APPROVE_RULE.require_everywhere(deed.by)
    row = lock_version(deed.session, deed.community_id, rule_version_id, "rehearsed")
    _require_other(deed, row)
    approval = {"approved_by": who(deed.by), "approved_at": deed.now}
    return _move(deed, row, "approved", "approve_rule", **approval)


@action("schedule_rule")
def schedule_rule(
    deed: Deed, *, rule_version_id: int, active_from_on: date, active_until_on: date | None = None
) -> RuleMoved:
    """Put an approved version on the calendar; the one before it ends the day before.

    Its author does not: they would choose alone from which day on their text decides.

    **Refuses**: ``NotAllowed``, ``NotFound``, ``WrongState``; ``SamePerson`` for its author and
    their housemates; ``BadInput`` for a range in the past or with its ends reversed;
    ``RuleOverlap`` with a version that starts later.
    """
    may.SCHEDULE_RULE.require_everywhere(deed.by)
    if active_from_on < local_day(deed.now):
        raise BadInput(field="active_from_on", why="past")
    if active_until_on is not None and active_until_on < active_from_on:
        raise BadInput(field="active_until_on", why="before_start")
    row = lock_version(deed.session, deed.community_id, rule_version_id, "approved")
    _require_other(deed, row)
    return put_on_calendar(deed, row, from_on=active_from_on, until_on=active_until_on)


@action("retire_rule")
def retire_rule(deed: Deed, *, rule_version_id: int, last_on: date) -> RuleMoved:
    """End a version that is in force, today or on a later day; nobody may take by it any more.

    **Refuses**: ``NotAllowed``, to every person, because no second one has agreed; ``NotFound``,
    ``WrongState``; ``BadInput`` for a past day.
    """
    may.RETIRE_RULE.require_everywhere(deed.by)
    require_no_person(deed, "retire_rule")
    row = lock_version(deed.session, deed.community_id, rule_version_id, "active")
    if last_on < local_day(deed.now) or (row.active_until_on and last_on > row.active_until_on):
        raise BadInput(field="last_on", why="range")
    return _move(deed, row, "active", "retire_rule", active_until_on=last_on)


@action("turn_rules")
def turn_rules(deed: Deed) -> RulesTurned:
    """Let each version's state follow the calendar; a job runs it every night.

    **Refuses**: ``NotAllowed``.
    """
    may.TURN_RULES.require_everywhere(deed.by)
    today = local_day(deed.now)
    own = rule_version.c.community_id == deed.community_id
    began = update(rule_version).where(
        own, rule_version.c.state == "scheduled", rule_version.c.active_from_on <= today
    )
    ended = update(rule_version).where(
        own, rule_version.c.state == "active", rule_version.c.active_until_on < today
    )
    activated: Any = deed.session.connection().execute(began.values(state="active"))
    retired: Any = deed.session.connection().execute(ended.values(state="retired"))
    return RulesTurned(activated.rowcount, retired.rowcount)


# The steps, shared by these actions and by loading a preset.


def who(by: By) -> str:
    """The identity of a person, the same for every way of signing in."""
    if by.user_id is not None:
        return f"user:{by.user_id}"
    return f"person:{by.person_id}" if by.person_id is not None else by.client


def insert_draft(
    deed: Deed, programme: str, tree: Mapping[str, Any] | str, *, drafted_by: str
) -> RuleMoved:
    """Insert a draft with the next number of its programme."""
    if programme not in PROGRAMMES:
        raise BadInput(field="programme", why="unknown")
    rule = parse_draft(tree)
    newest = deed.session.scalar(
        select(func.max(rule_version.c.version_no)).where(
            rule_version.c.community_id == deed.community_id,
            rule_version.c.programme == programme,
        )
    )
    moved = RuleMoved(new_id(), (newest or 0) + 1, "draft", rule.hash)
    deed.session.execute(
        insert(rule_version).values(
            community_id=deed.community_id,
            id=moved.rule_version_id,
            programme=programme,
            version_no=moved.version_no,
            tree=rule.body.decode(),
            hash=rule.hash,
            state="draft",
            drafted_by=drafted_by,
            drafted_at=deed.now,
        )
    )
    return moved


def lock_version(
    session: Session, community_id: int, rule_version_id: int, *states: str
) -> Row[Any]:
    """Lock a version that must be in one of the states, together with all of its programme.

    So two people who schedule two versions of one programme do so one after the other.
    """
    named = rule_version.alias("named")
    programme = select(named.c.programme).where(
        named.c.community_id == community_id, named.c.id == rule_version_id
    )
    rows = session.execute(
        select(rule_version)
        .where(
            rule_version.c.community_id == community_id,
            rule_version.c.programme == programme.scalar_subquery(),
        )
        .order_by(rule_version.c.id)
        .with_for_update(key_share=True, of=rule_version)
    ).all()
    for row in rows:
        if row.id == rule_version_id:
            if row.state not in states:
                raise WrongState(kind="rule_version", state=row.state)
            return row
    raise NotFound(what="rule")


def pass_rehearsal(
    deed: Deed, row: Row[Any], cases: tuple[GoldenCase, ...], *, parameters: Parameters
) -> RuleMoved:
    """Run a version on golden cases and record that it passed them all."""
    if not cases:
        raise BadInput(field="cases", why="empty")
    rule = parse_rule(row.tree)
    for case in cases:
        wanted, got = case.wanted(), case.got(rule, parameters)
        if wanted != got:
            raise RehearsalFailed(case=case.name, wanted=wanted, got=got)
    passed = {"rehearsed_at": deed.now, "rehearsed_cases": len(cases)}
    return _move(deed, row, "rehearsed", "rehearse_rule", **passed)


def put_on_calendar(
    deed: Deed, row: Row[Any], *, from_on: date, until_on: date | None
) -> RuleMoved:
    """Give a version its days and shorten the one before it; past days do not change."""
    last = until_on or date.max
    others = deed.session.execute(
        select(rule_version)
        .where(
            rule_version.c.community_id == row.community_id,
            rule_version.c.programme == row.programme,
            rule_version.c.state.in_(IN_FORCE),
            rule_version.c.active_from_on <= last,
            func.coalesce(rule_version.c.active_until_on, date.max) >= from_on,
        )
        .order_by(rule_version.c.id)
    ).all()
    for other in others:
        is_before = other.active_from_on < from_on and other.state in ("scheduled", "active")
        if not is_before or from_on < local_day(deed.now):
            raise RuleOverlap(version_no=other.version_no)
        _write(deed.session, other, {"active_until_on": from_on - timedelta(days=1)})
    days = {"active_from_on": from_on, "active_until_on": until_on}
    moved = _move(deed, row, "scheduled", "schedule_rule", **days)
    if from_on > local_day(deed.now):
        return moved
    _write(deed.session, row, {"state": "active"})
    return RuleMoved(row.id, row.version_no, "active", row.hash)


def _move(deed: Deed, row: Row[Any], state: str, name: str, **content: Any) -> RuleMoved:
    _write(deed.session, row, {"state": state, **content})
    moved = RuleMoved(row.id, row.version_no, state, content.get("hash", row.hash))
    _note(deed, moved, name)
    return moved


def _write(session: Session, row: Row[Any], content: Mapping[str, Any]) -> None:
    session.execute(
        update(rule_version)
        .where(rule_version.c.community_id == row.community_id, rule_version.c.id == row.id)
        .values(**content)
    )


def _note(deed: Deed, moved: RuleMoved, name: str) -> None:
    audit(
        deed,
        name=name,
        subject_kind="rule_version",
        subject_id=moved.rule_version_id,
        facts={
            "version_no": moved.version_no,
            "state": moved.state,
            "hash": moved.rule_hash,
            "household_id": deed.by.household_id,
        },
    )


def _require_other(deed: Deed, row: Row[Any]) -> None:
    """Refuse the author of a version and their housemates, as the audit trail knows them.

    Policy stands below the people, so it asks nobody where somebody lives.
    """
    subject = "rule_version", row.id
    lines = lines_about(deed.session, deed.community_id, subject, name="draft_rule", limit=1)
    if row.drafted_by == who(deed.by) or any(
        deed.by.person_id is not None and line.person_id == deed.by.person_id for line in lines
    ):
        raise SamePerson(why="self")
    home = deed.by.household_id
    if home is not None and any(line.facts.get("household_id") == home for line in lines):
        raise SamePerson(why="household")
