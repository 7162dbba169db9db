"""Wipe the pick-up codes that older versions kept with claims that are over."""

from sqlalchemy import update
from sqlalchemy.orm import Session

from timebank.aid.actions.codes import WIPED
from timebank.aid.rules import READY
from timebank.aid.tables import claim
from timebank.db import written


def wipe_used_codes(session: Session) -> None:
    """Their digests stay, so that a late report of a kiosk is still recognised."""
    is_over = claim.c.state != written(READY)
    session.execute(update(claim).where(is_over, claim.c.pickup_sealed.is_not(None)).values(WIPED))
