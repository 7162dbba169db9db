"""What a change of the rules of kiosks changes."""

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from timebank.db import written
from timebank.kiosks.rules import ACTIVE
from timebank.kiosks.tables import device
from timebank.policy.rules.effects import Effect, ParameterChange, told

_KIOSKS = select(func.count()).where(
    device.c.community_id == bindparam("of_community"), device.c.state == written(ACTIVE)
)


def kiosk_effects(
    session: Session, community_id: int, change: ParameterChange
) -> tuple[Effect, ...]:
    """Kiosks that work by the new number from its day on."""
    return told(Effect("kiosks", session.scalar(_KIOSKS, {"of_community": community_id}) or 0))


EFFECTS = {"kiosks.upload_days_max": kiosk_effects}
