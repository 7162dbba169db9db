"""Let the first people of staff in, in the unit of work that founds their community."""

import secrets
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from timebank.deeds.deed import Deed
from timebank.deeds.founded import Founded
from timebank.founding.actions import found, founder_of
from timebank.founding.plan import CommunityPlan, PlannedStaff
from timebank.people.actions import add_user
from timebank.values import Role

_ALPHABET = "23456789abcdefghjkmnpqrstvwxyz"  # Without letters that are misread.
_GROUPS, _LETTERS = 4, 4


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstSignIn:
    """How one of the first people signs in for the first time."""

    name: str
    login_name: str
    password: str = field(repr=False)


def found_with_sign_ins(
    session: Session, now: datetime, plan: CommunityPlan
) -> tuple[Founded, tuple[FirstSignIn, ...]]:
    """Found a community, and draw a password for each of its first people.

    **Refuses**: as ``found``.
    """
    founded = found(session, now, plan)
    deed = Deed(session, founder_of(founded.community_id), now, f"enter-{plan.code}")
    sign_ins = []
    names = login_names(plan.staff)
    for one, person_id, login_name in zip(plan.staff, founded.person_ids, names, strict=True):
        password = "-".join(
            "".join(secrets.choice(_ALPHABET) for _ in range(_LETTERS)) for _ in range(_GROUPS)
        )
        roles = tuple(Role(name) for name in one.roles)
        add_user(deed, person_id=person_id, login_name=login_name, password=password, roles=roles)
        sign_ins.append(FirstSignIn(name=one.name, login_name=login_name, password=password))
    return founded, tuple(sign_ins)


def login_names(staff: tuple[PlannedStaff, ...]) -> list[str]:
    """Name each by the first role, with a number where several hold it: ``coordinator2``."""
    seen: Counter[str] = Counter()
    names = []
    for one in staff:
        role = one.roles[0]
        seen[role] += 1
        names.append(f"{role}{seen[role]}" if seen[role] > 1 else role)
    return names
