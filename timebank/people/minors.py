"""What somebody under 18 may do: whatever needs it, only with the consent of a guardian.

The consent is a dated paper (``guardian_consent``), entered at the counter like the others.
**Source**: domain.md C.1 (b:B22 art 12; b:B61), scenario S2 (e).
"""

from collections.abc import Iterable
from datetime import date

from sqlalchemy.orm import Session

from timebank.people.queries import PersonBrief, guardian_consents
from timebank.people.refusals import MinorNoGuardian
from timebank.people.rules.ages import MINOR_GROUPS


def require_guardian(
    session: Session, community_id: int, days: Iterable[tuple[PersonBrief, date]]
) -> None:
    """Check each of the people on a day: of age, or with a consent that is valid then.

    Without a minor among them nothing is read. An unknown age is not a minor's.

    **Refuses**: ``MinorNoGuardian``.
    """
    for person_id, on in sorted(without_guardian(session, community_id, days)):
        raise MinorNoGuardian(person_id=person_id, served_on=on.isoformat())


def without_guardian(
    session: Session, community_id: int, days: Iterable[tuple[PersonBrief, date]]
) -> set[tuple[int, date]]:
    """The minors among the people who have no consent that is valid on their day."""
    minors = {(person.id, on) for person, on in days if person.age_group_on(on) in MINOR_GROUPS}
    if not minors:
        return set()
    consents = guardian_consents(session, community_id, {person_id for person_id, _ in minors})
    return {
        (person_id, on)
        for person_id, on in minors
        if not any(
            consent.person_id == person_id and consent.is_valid_on(on) for consent in consents
        )
    }
