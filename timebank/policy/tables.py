"""The tables of policy: dated parameters, rule versions, recorded decisions.

Parameters and decisions are append-only. A rule version moves through its states one step at a
time. Once a second person has approved it, the database refuses changes of its text.
"""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
)

from timebank.db import Instant, append_only, guarded, sealed_as, table
from timebank.vault.rules import SEALED_BYTES

STATES = ("draft", "rehearsed", "approved", "scheduled", "active", "retired")
IN_FORCE = ("scheduled", "active", "retired")

# The allowed changes of state.
STEPS = (
    ("draft", "rehearsed"),
    ("rehearsed", "draft"),  # Its text was changed, so it must be rehearsed again.
    ("rehearsed", "approved"),
    ("approved", "scheduled"),
    ("approved", "retired"),  # Approved, but never used.
    ("scheduled", "approved"),  # Removed from the calendar before its first day.
    ("scheduled", "active"),
    ("active", "retired"),
)

parameter = append_only(
    table(
        "parameter",
        Column("community_id", BigInteger, nullable=False),
        Column("id", BigInteger, nullable=False, autoincrement=False),
        Column("key", String(60), nullable=False),
        Column("value", Text, nullable=False),  # Canonical JSON.
        Column("unit", String(20), nullable=False),
        Column("valid_from_on", Date, nullable=False),
        Column("source", Text, nullable=False),
        Column("note", Text, nullable=False),
        Column("recorded_by", String(80), nullable=False),
        Column("recorded_at", Instant, nullable=False),
        PrimaryKeyConstraint("community_id", "id"),
        # One value per day. Forbids: a cap of 20 and a cap of 25 that both start on 1 July.
        UniqueConstraint("community_id", "key", "valid_from_on"),
        # Every number needs a source. Forbids: "cap 20" with an empty source.
        CheckConstraint("source <> ''", name="source"),
    )
)

rule_version = table(
    "rule_version",
    Column("community_id", BigInteger, nullable=False),
    Column("id", BigInteger, nullable=False, autoincrement=False),
    Column("programme", String(40), nullable=False),
    Column("version_no", SmallInteger, nullable=False),
    Column("tree", Text, nullable=False),  # Canonical JSON.
    Column("hash", String(64), nullable=False),
    Column("state", String(12), nullable=False),
    Column("active_from_on", Date),
    Column("active_until_on", Date),  # The last day in force; NULL means until further notice.
    Column("drafted_by", String(80), nullable=False),
    Column("drafted_at", Instant, nullable=False),
    Column("rehearsed_at", Instant),
    Column("rehearsed_cases", SmallInteger),
    Column("approved_by", String(80)),
    Column("approved_at", Instant),
    PrimaryKeyConstraint("community_id", "id"),
    UniqueConstraint("community_id", "programme", "version_no"),
    CheckConstraint("state IN ('" + "', '".join(STATES) + "')", name="state"),
    # Nobody approves their own draft. Forbids: user:3 drafts and user:3 approves.
    CheckConstraint("approved_by IS NULL OR approved_by <> drafted_by", name="second_person"),
    # An approved version has an approver. Forbids: active without an approver.
    CheckConstraint(
        "(state IN ('draft', 'rehearsed')) = (approved_by IS NULL)"
        " AND (approved_by IS NULL) = (approved_at IS NULL)",
        name="approved",
    ),
    # Only a rehearsed version is approved. Forbids: approved without a time of rehearsal.
    CheckConstraint("state = 'draft' OR rehearsed_at IS NOT NULL", name="rehearsed"),
    # A version on the calendar has a first day. Forbids: active without a first day.
    CheckConstraint(
        "state NOT IN ('scheduled', 'active') OR active_from_on IS NOT NULL", name="has_range"
    ),
    CheckConstraint(
        "state NOT IN ('draft', 'rehearsed', 'approved') OR active_from_on IS NULL",
        name="no_range",
    ),
    # Forbids: from 1 July until 30 June.
    CheckConstraint(
        "active_until_on IS NULL"
        " OR (active_from_on IS NOT NULL AND active_from_on <= active_until_on)",
        name="range",
    ),
)

_FIXED = ("community_id", "id", "programme", "version_no", "drafted_by", "drafted_at")
_FIXED_ONCE_APPROVED = (
    "tree", "hash", "rehearsed_at", "rehearsed_cases", "approved_by", "approved_at",
)  # fmt: skip


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(f"'{name}'" for name in names)


def _guards(differs: str) -> dict[str, str]:
    """Return the triggers that refuse a new row, with the engine's own operator for "differs
    from".
    """

    def any_changed(names: tuple[str, ...]) -> str:
        return " OR ".join(f"NEW.{name} {differs} OLD.{name}" for name in names)

    steps = " OR ".join(f"(OLD.state = '{a}' AND NEW.state = '{b}')" for a, b in STEPS)
    approved = "OLD.state NOT IN ('draft', 'rehearsed')"
    in_force = f"OLD.state IN ({_listed(IN_FORCE)}) AND NEW.state <> 'approved'"
    return {
        "a rule version keeps its name": any_changed(_FIXED),
        "an approved rule is never changed": (
            f"{approved} AND ({any_changed(_FIXED_ONCE_APPROVED)})"
        ),
        "the range of a rule in force is never moved": (
            f"{in_force} AND ({any_changed(('active_from_on',))})"
        ),
        "a retired rule is never changed": (
            f"OLD.state = 'retired' AND ({any_changed(('active_until_on',))})"
        ),
        "a rule goes one step at a time": f"NEW.state <> OLD.state AND NOT ({steps})",
    }


_OVERLAP = f"""
NEW.state IN ({_listed(IN_FORCE)}) AND EXISTS (
  SELECT 1 FROM rule_version other
  WHERE other.community_id = NEW.community_id AND other.programme = NEW.programme
    AND other.id <> NEW.id AND other.state IN ({_listed(IN_FORCE)})
    AND other.active_from_on <= COALESCE(NEW.active_until_on, '9999-12-31')
    AND NEW.active_from_on <= COALESCE(other.active_until_on, '9999-12-31'))
"""


def _sqlite_statements() -> list[str]:
    refusals = {**_guards("IS NOT"), "rules of one programme may not overlap": _OVERLAP}
    updates = [
        f"CREATE TRIGGER rule_version_guard_{number} BEFORE UPDATE ON rule_version "
        f"WHEN {when} BEGIN SELECT RAISE(ABORT, '{why}'); END"
        for number, (why, when) in enumerate(refusals.items(), 1)
    ]
    return [
        *updates,
        "CREATE TRIGGER rule_version_starts BEFORE INSERT ON rule_version "
        "WHEN NEW.state <> 'draft' "
        "BEGIN SELECT RAISE(ABORT, 'a rule starts as a draft'); END",
        "CREATE TRIGGER rule_version_no_delete BEFORE DELETE ON rule_version "
        "BEGIN SELECT RAISE(ABORT, 'a rule version is never removed'); END",
    ]


def _postgresql_statements() -> list[str]:
    checks = "\n".join(
        f"IF {when} THEN RAISE EXCEPTION '{why}'; END IF;"
        for why, when in _guards("IS DISTINCT FROM").items()
    )
    body = f"""
BEGIN
IF TG_OP IN ('DELETE', 'TRUNCATE') THEN
  RAISE EXCEPTION 'a rule version is never removed';
END IF;
IF TG_OP = 'INSERT' THEN
  IF NEW.state <> 'draft' THEN RAISE EXCEPTION 'a rule starts as a draft'; END IF;
  RETURN NEW;
END IF;
{checks}
RETURN NEW;
END
"""
    runs = "EXECUTE FUNCTION rule_version_guard()"
    return [
        # Compares numbers and words within a range index; trusted, so the owner may install it.
        "CREATE EXTENSION IF NOT EXISTS btree_gist",
        f"CREATE OR REPLACE FUNCTION rule_version_guard() RETURNS trigger "
        f"LANGUAGE plpgsql AS $${body}$$",
        "CREATE TRIGGER rule_version_guard BEFORE INSERT OR UPDATE OR DELETE ON rule_version "
        f"FOR EACH ROW {runs}",
        f"CREATE TRIGGER rule_version_no_truncate BEFORE TRUNCATE ON rule_version {runs}",
        # One version per day. Forbids: version 1 until 31 July and version 2 from 15 July.
        "ALTER TABLE rule_version ADD CONSTRAINT ex_rule_version_overlap EXCLUDE USING gist "
        "(community_id WITH =, programme WITH =, "
        "daterange(active_from_on, active_until_on, '[]') WITH &&) "
        f"WHERE (state IN ({_listed(IN_FORCE)}) AND active_from_on IS NOT NULL)",
    ]


guarded(rule_version, {"sqlite": _sqlite_statements(), "postgresql": _postgresql_statements()})


def _sealed(name: str) -> Column[bytes]:
    info = sealed_as(f"decision.{name}")
    return Column(f"{name}_sealed", LargeBinary, nullable=False, info=info)


decision = append_only(
    table(
        "decision",
        Column("community_id", BigInteger, nullable=False),
        Column("id", BigInteger, nullable=False, autoincrement=False),
        Column("programme", String(40), nullable=False),
        Column("subject_kind", String(10), nullable=False),
        Column("subject_id", BigInteger, nullable=False),
        Column("rule_version_id", BigInteger, nullable=False),
        Column("rule_hash", String(64), nullable=False),
        Column("engine_version", SmallInteger, nullable=False),
        Column("asked_pieces", BigInteger, nullable=False),
        Column("as_of_on", Date, nullable=False),
        Column("recorded_at", Instant, nullable=False),
        Column("recorded_by", String(80), nullable=False),
        Column("channel", String(10), nullable=False),
        # Canonical JSON each: the known facts, the parameters in force, the trace of the tree. What
        # tells which papers a household has is sealed.
        _sealed("facts"),
        Column("parameters", Text, nullable=False),
        _sealed("trace"),
        Column("answer", String(20), nullable=False),
        _sealed("reasons"),
        _sealed("missing"),
        Column("remaining_pieces", BigInteger),
        Column("next_on", Date),
        PrimaryKeyConstraint("community_id", "id"),
        ForeignKeyConstraint(
            ["community_id", "rule_version_id"],
            ["rule_version.community_id", "rule_version.id"],
        ),
        CheckConstraint("subject_kind IN ('household', 'person')", name="subject_kind"),
        CheckConstraint(
            "answer IN ('eligible', 'not_eligible', 'needs_information', 'needs_review')",
            name="answer",
        ),
        # A refusal has a reason. Forbids: not eligible with an empty list of reasons, sealed.
        CheckConstraint(
            f"answer = 'eligible' OR length(reasons_sealed) > {SEALED_BYTES + len('[]')}",
            name="reasons",
        ),
        CheckConstraint("asked_pieces > 0", name="asked"),
        Index("ix_decision_subject", "community_id", "subject_kind", "subject_id", "id"),
        Index("ix_decision_programme", "community_id", "programme", "as_of_on"),
    )
)
