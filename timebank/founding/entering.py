"""Let the first people of staff in, in the unit of work that founds their community."""

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
from timebank.vault.cipher import vault_of

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Without letters that are misread.
_GROUPS, _LETTERS = 4, 4


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstSignIn:
    """How one of the first people signs in for the first time."""

    person_id: int
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
        password = first_password(session, person_id)
        roles = tuple(Role(name) for name in one.roles)
        add_user(deed, person_id=person_id, login_name=login_name, password=password, roles=roles)
        sign_ins.append(
            FirstSignIn(
                person_id=person_id, name=one.name, login_name=login_name, password=password
            )
        )
    return founded, tuple(sign_ins)


def first_password(session: Session, person_id: int) -> str:
    """The password on somebody's first slip, computed from the key and stored nowhere.

    So a second press of the last button can print the same slip.
    """
    drawn = vault_of(session).digest("founding.first_password", str(person_id))
    letters = "".join(_ALPHABET[byte % len(_ALPHABET)] for byte in drawn[: _GROUPS * _LETTERS])
    groups = range(0, len(letters), _LETTERS)
    return "-".join(letters[at : at + _LETTERS] for at in groups)


def login_names(staff: tuple[PlannedStaff, ...]) -> list[str]:
    """Name each by the first role, with a number where several hold it: ``coordinator2``."""
    seen: Counter[str] = Counter()
    names = []
    for one in staff:
        role = one.roles[0]
        seen[role] += 1
        names.append(f"{role}{seen[role]}" if seen[role] > 1 else role)
    return names
