"""Shortfalls at the desk: who sees them, and who may settle them or write them off.

How shortfalls are posted is in ``ledger/shortfalls.py``.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select
from sqlalchemy.orm import Session

from timebank.db import waiting_row
from timebank.deeds.action import action
from timebank.deeds.audit import audit
from timebank.deeds.deed import Deed
from timebank.desk import may
from timebank.errors import BadInput, NotAllowed
from timebank.ledger.shortfalls import (
    Shortfall,
    open_cases,
    settle,
    shortfall_of,
    write_off,
)
from timebank.people.closeness import Involved, closeness, require_other
from timebank.values import By

SETTLE, WRITE_OFF = "settle", "write_off"
NOTE_MAX = 400


@dataclass(frozen=True, slots=True)
class ShortfallSettled:
    """A closed case: how it was closed, and the transaction that closed it."""

    txn_id: int
    how: str
    settling_txn_id: int


def waiting_shortfalls(by: By) -> Select[Any] | None:
    """Recorded facts that exceeded an account's balance, one row per transaction.

    **Shape**: the person is the owner of the passbook that fell short; ``count`` is what is open.
    """
    if not may.READ_SHORTFALLS.is_held(by):
        return None
    found = open_cases(by.community_id).subquery()
    return waiting_row(
        "shortfall", found.c.txn_id, since=found.c.found_us, person_id=found.c.person_id,
        count=found.c.count,
    )  # fmt: skip


def may_settle(session: Session, by: By, found: Shortfall) -> bool:
    """Tell whether somebody may settle a case: not one of their own or a housemate's passbook."""
    return may.SETTLE_SHORTFALL.is_held_everywhere(by) and not _is_own(session, by, found)


def may_write_off(session: Session, by: By, found: Shortfall) -> bool:
    """Tell whether somebody may write a case off: also not if they or a housemate recorded it."""
    recorder = Involved((found.client,))
    return may_settle(session, by, found) and closeness(session, by, recorder) is None


def _is_own(session: Session, by: By, found: Shortfall) -> bool:
    owners = {
        kind: tuple(lack.owner_id for lack in found.lacking if lack.account_kind == kind)
        for kind in ("person", "household")
    }
    owned = Involved(person_ids=owners["person"], household_ids=owners["household"])
    return closeness(session, by, owned) is not None


@action("settle_shortfall")
def settle_shortfall(deed: Deed, *, txn_id: int, how: str, note: str) -> ShortfallSettled:
    """Take the missing amount from the account after all, or let the community bear it.

    **Refuses**: ``NotAllowed`` for all but coordinator and accountant, and for the case of one's
    own household; ``SamePerson`` for writing off what one or a housemate recorded;
    ``BadInput`` for a write-off without a reason; ``NotFound``;
    ``WrongState`` if somebody else was first; whatever posting refuses.
    """
    may.SETTLE_SHORTFALL.require_everywhere(deed.by)
    if how not in (SETTLE, WRITE_OFF):
        raise BadInput(field="how", why="choice")
    shortfall = shortfall_of(deed.session, deed.community_id, txn_id)
    if _is_own(deed.session, deed.by, shortfall):
        raise NotAllowed(deed=how, why="own_case")
    if how == WRITE_OFF:
        require_other(deed, Involved((shortfall.client,)))
    note = note.strip()[:NOTE_MAX]
    if how == WRITE_OFF and not note:
        raise BadInput(field="note", why="needed")
    if how == SETTLE:
        settling = settle(deed, case=shortfall)
    else:
        settling = write_off(deed, case=shortfall, note=note)
    audit(
        deed,
        name="settle_shortfall",
        subject_kind="shortfall",
        subject_id=txn_id,
        facts={"how": how, "lines": len(shortfall.lacking)},
    )
    return ShortfallSettled(txn_id, how, settling)
