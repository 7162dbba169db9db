"""Count what a household took before these books began, or at another store.

Aid is not given twice, so what is known from elsewhere counts against the same quota.
"""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import insert

from timebank.aid import may
from timebank.aid.actions.holding import lock_household
from timebank.aid.tables import withdrawal
from timebank.deeds.action import action
from timebank.deeds.audit import audit
from timebank.deeds.deed import Deed
from timebank.errors import BadInput
from timebank.people.closeness import Involved, require_not_close
from timebank.people.sight import household_reached
from timebank.values import local_day, new_id

_SOURCES = ("carried_over", "elsewhere")


@dataclass(frozen=True, slots=True)
class CarriedOver:
    """A number of pieces on a day, and the source of this knowledge (``note``)."""

    household_id: int
    taken_on: date
    pieces: int
    note: str
    source: str = "carried_over"


@dataclass(frozen=True, slots=True)
class WithdrawalsCarriedOver:
    withdrawal_ids: tuple[int, ...]


@action("carry_over_withdrawals")
def carry_over_withdrawals(
    deed: Deed, *, withdrawals: tuple[CarriedOver, ...]
) -> WithdrawalsCarriedOver:
    """Count pieces from outside these books against their household's quota.

    **Refuses**: ``NotAllowed`` to all but social workers, approvers and the coordinator, and for
    one's own household; ``NotFound``, also out of reach; ``BadInput`` with the line.
    """
    may.CARRY_OVER.require(deed.by)
    for number, new in enumerate(withdrawals):
        if fault := _fault(new, local_day(deed.now)):
            raise BadInput(field=f"withdrawals.{number}.{fault}", why="range")
    homes = sorted({new.household_id for new in withdrawals})
    involved = Involved(household_ids=tuple(homes))
    require_not_close(deed.session, deed.by, involved, deed="carry_over_withdrawals")
    for household_id in homes:
        household_reached(deed.session, deed.by, household_id, may.CARRY_OVER)
        lock_household(deed.session, deed.community_id, household_id)
    rows = [
        {
            "community_id": deed.community_id,
            "id": new_id(),
            "household_id": new.household_id,
            "taken_on": new.taken_on,
            "pieces": new.pieces,
            "source": new.source,
            "note": new.note.strip()[:200],
            "recorded_at": deed.now,
            "recorded_by": deed.by.client,
        }
        for new in withdrawals
    ]
    if rows:
        deed.session.execute(insert(withdrawal), rows)
    audit(
        deed,
        name="carry_over_withdrawals",
        subject_kind="household",
        subject_id=withdrawals[0].household_id if len(withdrawals) == 1 else None,
        facts={"entries": len(rows)},
    )
    return WithdrawalsCarriedOver(tuple(row["id"] for row in rows))  # type: ignore[misc]


def _fault(new: CarriedOver, today: date) -> str | None:
    """The invalid field, or None."""
    if new.pieces < 1:
        return "pieces"
    if new.taken_on > today:
        return "taken_on"
    if new.source not in _SOURCES:
        return "source"
    return None if new.note.strip() else "note"
