"""A household's papers, what it took, and the answer of the rule.

A page, a claim and the counter all ask the same question; the answer is computed here. Nothing is
stored; ``actions`` do that.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import bindparam, func, or_, select, union_all
from sqlalchemy.orm import Session

from timebank.aid.queries.origins import ORIGIN_HOLDS
from timebank.aid.rules import READY
from timebank.aid.tables import claim, household_aid, household_origin, withdrawal
from timebank.db import written
from timebank.people.queries import Proof, proofs_of_household
from timebank.people.rules import PROOF_KINDS
from timebank.policy.queries import active_rule, parameters_on
from timebank.policy.refusals import NeedsReview
from timebank.policy.rules import (
    WHOLE_COMMUNITY,
    Decided,
    Entry,
    Known,
    Paper,
    Papers,
    Parameters,
    decide,
)
from timebank.policy.rules.windows import free_on, last_day_outside, pieces_after
from timebank.values import local_day

GOODS_SHELF = "goods_shelf"
# Older entries cannot affect a claim: every window of a rule about pieces is shorter.
ENTRIES_MONTHS = 36


@dataclass(frozen=True, slots=True)
class Quota:
    """The pieces of a household in the current window.

    **Units**: pieces; reserved pieces count as used. ``next_on`` is the next day on which some of
    them stop counting.
    """

    used: int
    most: int
    next_on: date | None

    @property
    def remaining(self) -> int:
        return max(self.most - self.used, 0)

    def facts(self) -> dict[str, int | str]:
        """The facts of a refusal by quota."""
        share: dict[str, int | str] = {"used": self.used, "most": self.most}
        return share | ({"next_on": self.next_on.isoformat()} if self.next_on else {})


def decide_household(
    session: Session,
    community_id: int,
    household_id: int,
    *,
    now: datetime,
    pieces: int = 1,
    without_claim_id: int | None = None,
    parameters: Parameters | None = None,
) -> Decided:
    """Decide by the rule of this day whether a household may take so many pieces.

    ``without_claim_id`` ignores the pieces reserved for a claim, to decide that claim again.

    **Refuses**: ``NeedsReview`` if the community has no rule in force, or a paper cannot be read: a
    person decides.
    """
    on = local_day(now)
    version = active_rule(session, community_id, GOODS_SHELF, on)
    if version is None:
        raise NeedsReview(why="no_rule")
    entries = entries_of(
        session, community_id, household_id, now=now, without_claim_id=without_claim_id
    )
    proofs = proofs_of_household(session, community_id, household_id)
    if any(proof.kind is None for proof in proofs):
        raise NeedsReview(why="paper_unreadable")
    records = HouseholdRecords(proofs, entries)
    facts = {key: supply(records) for key, supply in FACT_SUPPLIERS.items()}
    return decide(
        version,
        facts,
        parameters or parameters_on(session, community_id, on),
        household_id=household_id,
        on=on,
        pieces=pieces,
    )


_TAKEN = select(withdrawal.c.taken_on.label("day"), withdrawal.c.pieces).where(
    withdrawal.c.community_id == bindparam("of_community"),
    withdrawal.c.household_id == bindparam("of_household"),
    withdrawal.c.taken_on > bindparam("since"),
)
# What other households took until their people came into this one, each piece once.
_UNTIL = (
    select(
        household_origin.c.from_household_id,
        func.max(household_origin.c.until_at).label("until_at"),
        func.max(household_origin.c.until_on).label("until_on"),
    )
    .where(
        household_origin.c.community_id == bindparam("of_community"),
        household_origin.c.household_id == bindparam("of_household"),
        ORIGIN_HOLDS,
    )
    .group_by(household_origin.c.from_household_id)
    .subquery()
)
_BROUGHT = (
    select(withdrawal.c.taken_on.label("day"), withdrawal.c.pieces)
    .join(_UNTIL, _UNTIL.c.from_household_id == withdrawal.c.household_id)
    .where(
        withdrawal.c.community_id == bindparam("of_community"),
        withdrawal.c.taken_on > bindparam("since"),
        or_(
            withdrawal.c.recorded_at <= _UNTIL.c.until_at,
            withdrawal.c.taken_on < _UNTIL.c.until_on,
        ),
    )
)
_HELD = select(
    bindparam("today", type_=withdrawal.c.taken_on.type).label("day"),
    claim.c.held_pieces.label("pieces"),
).where(
    claim.c.community_id == bindparam("of_community"),
    claim.c.household_id == bindparam("of_household"),
    claim.c.state == written(READY),
    claim.c.hold_until_at > bindparam("now", type_=claim.c.hold_until_at.type),
    claim.c.id != bindparam("not_claim"),
)
_ENTRIES = union_all(_TAKEN, _BROUGHT, _HELD)


def entries_of(
    session: Session,
    community_id: int,
    household_id: int,
    *,
    now: datetime,
    without_claim_id: int | None = None,
) -> tuple[Entry, ...]:
    """List what a household and its people took, by day, and what is reserved for it now.

    A reservation counts until the second at which it ends, whether or not the job has ended it.

    One statement, so that a claim that is handed over meanwhile is neither missed nor counted
    twice.
    """
    on = local_day(now)
    values = {
        "of_community": community_id,
        "of_household": household_id,
        "since": last_day_outside("rolling_months", ENTRIES_MONTHS, on),
        "today": on,
        "now": now,
        "not_claim": without_claim_id or 0,
    }
    return tuple(sorted(Entry(day, pieces) for day, pieces in session.execute(_ENTRIES, values)))


@dataclass(frozen=True, slots=True)
class HouseholdRecords:
    """The records from which the facts of a household are computed."""

    proofs: list[Proof]
    entries: tuple[Entry, ...]


def _documents(records: HouseholdRecords) -> Known:
    papers = tuple(paper for proof in records.proofs if (paper := _paper(proof)))
    return Known(Papers(papers), "people.proof")


def _area(records: HouseholdRecords) -> Known:
    """Every enrolled household lives in the community."""
    return Known((WHOLE_COMMUNITY,), "people.household")


def _pieces_taken(records: HouseholdRecords) -> Known:
    return Known(records.entries, "aid.withdrawal")


FACT_SUPPLIERS: Mapping[str, Callable[[HouseholdRecords], Known]] = {
    "household.documents": _documents,
    "household.area": _area,
    "household.pieces_taken": _pieces_taken,
}


def _paper(proof: Proof) -> Paper | None:
    """A paper as the rules see it. One that was ended early is valid until the day before."""
    until = proof.valid_until_on
    if proof.ended_on is not None:
        until = min(until, proof.ended_on - timedelta(days=1))
    if until < proof.valid_from_on or proof.kind not in PROOF_KINDS:
        return None  # A guardian's consent opens no shelf.
    return Paper(proof.kind, proof.valid_from_on, until, f"proof:{proof.id}")


def quota(session: Session, community_id: int, household_id: int, now: datetime) -> Quota:
    """How much of its quota a household has used, and when some of it becomes free."""
    on = local_day(now)
    return quota_of(
        entries_of(session, community_id, household_id, now=now),
        parameters_on(session, community_id, on),
        on,
    )


def quota_of(entries: Iterable[Entry], parameters: Parameters, on: date) -> Quota:
    """Compare entries with the cap of the day."""
    entries = tuple(entries)
    months = parameters.whole("aid.window_months")
    outside = last_day_outside("rolling_months", months, on)
    counted = [day for day, _ in entries if day > outside]
    next_on = min((free_on("rolling_months", months, day) for day in counted), default=None)
    most = parameters.whole("aid.household_pieces_max")
    return Quota(pieces_after(entries, outside), most, next_on)


def booking_closed_until(
    session: Session, community_id: int, household_id: int, on: date
) -> date | None:
    """The first day on which booking is open again, or None if it is open."""
    until: date | None = session.scalar(
        select(household_aid.c.booking_closed_until_on).where(
            household_aid.c.community_id == community_id,
            household_aid.c.household_id == household_id,
        )
    )
    return until if until is not None and on < until else None
