"""Shortfalls at the desk: who sees them, and who may settle them or write them off.

How shortfalls are posted is in ``ledger/shortfalls.py``.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select

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


def may_settle(by: By, found: Shortfall) -> bool:
    """Tell whether somebody may settle a case: not one of their own passbook."""
    is_own = any(
        (lack.account_kind == "person" and lack.owner_id == by.person_id)
        or (lack.account_kind == "household" and lack.owner_id == by.household_id)
        for lack in found.lacking
    )  # fmt: skip
    return may.SETTLE_SHORTFALL.is_held(by) and not is_own


def may_write_off(by: By, found: Shortfall) -> bool:
    """Tell whether somebody may write a case off: also not if they recorded the fact."""
    return may_settle(by, found) and by.client != found.client


@action("settle_shortfall")
def settle_shortfall(deed: Deed, *, txn_id: int, how: str, note: str) -> ShortfallSettled:
    """Take the missing amount from the account after all, or let the community bear it.

    **Refuses**: ``NotAllowed`` for all but coordinator and accountant, for one's own case, and for
    writing off a fact that one recorded; ``BadInput`` for a write-off without a reason;
    ``NotFound``; ``WrongState`` if somebody else was first; whatever posting refuses.
    """
    may.SETTLE_SHORTFALL.require(deed.by)
    if how not in (SETTLE, WRITE_OFF):
        raise BadInput(field="how", why="choice")
    shortfall = shortfall_of(deed.session, deed.community_id, txn_id)
    is_allowed = may_settle if how == SETTLE else may_write_off
    if not is_allowed(deed.by, shortfall):
        raise NotAllowed(deed=how)
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
