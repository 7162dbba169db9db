"""For whom a change of the rules of joining changes something."""

from sqlalchemy.orm import Session

from timebank.joining.queries import count_waiting
from timebank.policy.rules.effects import Effect, ParameterChange, told


def kept_registrations(
    session: Session, community_id: int, change: ParameterChange
) -> tuple[Effect, ...]:
    """Whoever has registered keeps the day that is on their slip."""
    return told(Effect("registrations_keep", count_waiting(session, community_id)))


EFFECTS = {"joining.registration_days": kept_registrations}
