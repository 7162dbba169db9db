"""People who came to a kiosk for their claim and were sent home are no no-shows."""

from datetime import datetime

from sqlalchemy.orm import Session

from timebank.aid.actions.issuing import write_visit
from timebank.aid.queries import claims_waiting_at, household_of_claim
from timebank.kiosks import rules, wire
from timebank.kiosks.actions.arrived import Arrived
from timebank.kiosks.actions.cards import whose_card
from timebank.kiosks.actions.devices import by_device
from timebank.kiosks.actions.grants import is_code_granted
from timebank.kiosks.queries import CardOwner, Device

KIOSK_DOWN = "KIOSK_DOWN"
# The other reasons doubt the machine, and so whether anybody came.
_CAME = (rules.PIN_MISSING, rules.TIME_IMPLAUSIBLE)


def note_came(session: Session, now: datetime, arrived: Arrived, *, why: str) -> None:
    """Record who came for a claim that a member of staff has to look at first."""
    if why not in _CAME:
        return
    envelope = wire.read_envelope(arrived.raw)
    body = wire.read_body(envelope)
    if not isinstance(body, wire.PickupCompleted):
        return
    owner = whose_card(session, arrived.device, arrived.actor_ref) if arrived.actor_ref else None
    if _is_theirs(session, arrived, body, owner):
        at = arrived.counted_at or now
        write_visit(session, at, by=by_device(arrived.device), claim_id=body.claim_id, why=why)


def _is_theirs(
    session: Session, arrived: Arrived, body: wire.PickupCompleted, owner: CardOwner | None
) -> bool:
    """Tell whether the card is of the household of the claim, or its code was right."""
    device = arrived.device
    home = household_of_claim(session, device.community_id, body.claim_id)
    if home is None:
        return False
    if owner is not None and not owner.revoked and owner.household_id == home:
        return True
    return is_code_granted(session, device, body.claim_id, body.grant, at=None)


def note_sent_home(
    session: Session, device: Device, owner: CardOwner, *, came_at: datetime
) -> None:
    """Record that a kiosk could not serve a household, for each claim that waited for it there."""
    if owner.household_id is None:
        return
    waiting = claims_waiting_at(
        session, device.community_id,
        household_id=owner.household_id, store_id=device.store_id, at=came_at,
    )  # fmt: skip
    for claim_id in waiting:
        write_visit(session, came_at, by=by_device(device), claim_id=claim_id, why=KIOSK_DOWN)
