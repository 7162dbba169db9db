"""Somebody who acts for another one by a mandate: asks for goods, or fetches them."""

from dataclasses import replace

from timebank.deeds.deed import Deed
from timebank.people.actions.mandates import record_use
from timebank.people.queries import Mandate, household, mandate_for
from timebank.people.refusals import NoMandate
from timebank.values import local_day


def mandate_of(deed: Deed, person_id: int, what: str, *, agent_id: int | None) -> Mandate | None:
    """The mandate by which an agent acts for a person today, or None."""
    if agent_id is None or agent_id == person_id:
        return None
    on = local_day(deed.now)
    return mandate_for(
        deed.session, deed.community_id, agent_id, [person_id], deed=what, on=on
    )  # fmt: skip


def require_mandate(deed: Deed, person_id: int, what: str, *, agent_id: int) -> Mandate:
    """**Refuses**: ``NoMandate``."""
    held = mandate_of(deed, person_id, what, agent_id=agent_id)
    if held is None:
        raise NoMandate()
    return held


def mandate_of_home(
    deed: Deed, household_id: int, what: str, *, agent_id: int | None
) -> Mandate | None:
    """The mandate by which an agent acts for somebody of a household today, or None."""
    if agent_id is None:
        return None
    members = household(deed.session, deed.community_id, household_id).members
    return mandate_for(
        deed.session, deed.community_id, agent_id, [one.id for one in members], deed=what,
        on=local_day(deed.now),
    )  # fmt: skip


def acting_for(deed: Deed, held: Mandate | None, household_id: int) -> Deed:
    """The deed of an agent, who decides for the household of whoever gave the mandate.

    The sender stays the agent: so the books, the audit trail and the receipts name them.
    """
    if held is None or deed.by.is_staff:
        return deed
    return replace(deed, by=replace(deed.by, household_id=household_id))


def note_claim(deed: Deed, held: Mandate | None, what: str, claim_id: int) -> None:
    """Write down that an agent acted about a claim."""
    if held is not None:
        record_use(deed, held.id, what, subject_kind="claim", subject_id=claim_id)
