"""For whom a change of the rules of aid changes something."""

from collections import defaultdict

from sqlalchemy import bindparam, select, union_all
from sqlalchemy.orm import Session

from timebank.aid.queries.standing import (
    ENTRIES_MONTHS,
    FACT_SUPPLIERS,
    GOODS_SHELF,
    HouseholdRecords,
    quota_of,
)
from timebank.aid.rules import READY
from timebank.aid.tables import claim, household_aid, withdrawal
from timebank.db import written
from timebank.people.queries import proofs_of_household
from timebank.policy.queries import active_rule
from timebank.policy.rules import Entry, Parameters, RuleVersion, evaluate
from timebank.policy.rules.effects import Affected, Effect, ParameterChange, effect, told
from timebank.policy.rules.windows import last_day_outside
from timebank.values import local_day

_HELD_NOW = (
    claim.c.community_id == bindparam("of_community"),
    claim.c.state == written(READY),
    claim.c.hold_until_at > bindparam("now", type_=claim.c.hold_until_at.type),
)
_ENTRIES = union_all(
    select(withdrawal.c.household_id, withdrawal.c.taken_on.label("day"), withdrawal.c.pieces)
    .where(
        withdrawal.c.community_id == bindparam("of_community"),
        withdrawal.c.taken_on > bindparam("since"),
    ),
    select(
        claim.c.household_id,
        bindparam("today", type_=withdrawal.c.taken_on.type).label("day"),
        claim.c.held_pieces.label("pieces"),
    ).where(*_HELD_NOW),
)  # fmt: skip
_HOLDS = select(claim.c.household_id, claim.c.id).where(*_HELD_NOW).order_by(claim.c.hold_until_at)
_CLOSED = (
    select(household_aid.c.household_id)
    .where(
        household_aid.c.community_id == bindparam("of_community"),
        household_aid.c.booking_closed_until_on > bindparam("on"),
    )
    .order_by(household_aid.c.household_id)
)


def cap_effects(session: Session, community_id: int, change: ParameterChange) -> tuple[Effect, ...]:
    """Households that may take nothing more, that may take again, and whose share changes."""
    entries, moved = _entries(session, community_id, change), defaultdict[str, list[Affected]](list)
    version = active_rule(session, community_id, GOODS_SHELF, change.on)
    for household_id, taken in sorted(entries.items()):
        before, after = (_left(taken, rows, change) for rows in (change.before, change.after))
        if before == after:
            continue
        records = HouseholdRecords(
            proofs_of_household(session, community_id, household_id), tuple(taken)
        )
        if version is None or not _has_right(version, records, change):
            continue  # Without a paper the share says nothing.
        kind = "some_again" if not before else "none_left" if not after else "share_changes"
        moved[kind].append(Affected(household_id=household_id, before=before, after=after))
    kinds = ("none_left", "some_again", "share_changes")
    return told(*(effect(kind, moved[kind]) for kind in kinds))


def _entries(
    session: Session, community_id: int, change: ParameterChange
) -> dict[int, list[Entry]]:
    today = local_day(change.now)
    asked = {
        "of_community": community_id, "now": change.now, "today": today,
        "since": last_day_outside("rolling_months", ENTRIES_MONTHS, today),
    }  # fmt: skip
    entries: dict[int, list[Entry]] = defaultdict(list)
    for household_id, day, pieces in session.execute(_ENTRIES, asked):
        entries[household_id].append(Entry(day, pieces))
    return entries


def _left(taken: list[Entry], rows: Parameters, change: ParameterChange) -> int:
    return quota_of(taken, rows, change.on).remaining


def _has_right(version: RuleVersion, records: HouseholdRecords, change: ParameterChange) -> bool:
    """Tell whether the rule lets a household take with the old or with the new values."""
    if any(proof.kind is None for proof in records.proofs):
        return True  # A paper that cannot be read: a person decides, so it is shown.
    facts = {key: supply(records) for key, supply in FACT_SUPPLIERS.items()}
    answers = (
        evaluate(version.rule, facts, rows, on=change.on, asked=1)
        for rows in (change.before, change.after)
    )
    return any(answer.kind == "eligible" for answer in answers)


def kept_holds(session: Session, community_id: int, change: ParameterChange) -> tuple[Effect, ...]:
    """Reservations that stand now keep their end; the new one counts for later ones."""
    asked = {"of_community": community_id, "now": change.now}
    homes = [Affected(household_id=row.household_id) for row in session.execute(_HOLDS, asked)]
    return told(effect("holds_keep", homes))


def kept_closures(
    session: Session, community_id: int, change: ParameterChange
) -> tuple[Effect, ...]:
    """Households whose booking rests now keep the day on which it opens again."""
    asked = {"of_community": community_id, "on": local_day(change.now)}
    homes = [Affected(household_id=found) for found in session.scalars(_CLOSED, asked)]
    return told(effect("closures_keep", homes))


EFFECTS = {
    "aid.household_pieces_max": cap_effects,
    "aid.window_months": cap_effects,
    "aid.hold_hours": kept_holds,
    "aid.no_show_max": kept_closures,
    "aid.no_show_months": kept_closures,
    "aid.booking_closed_days": kept_closures,
}
