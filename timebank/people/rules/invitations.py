"""Invitations of staff: what is promised to whom, and for how long. Pure."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from timebank.errors import BadInput
from timebank.people.rules import ROLE_NAMES
from timebank.values import Role, local_day, local_instant

INVITATION_LIFE = timedelta(days=7)
ROLES_MAX = 5  # Of one invitation; nobody needs more.
# Whoever holds one of these can spend, decide, or make others staff: two coordinators agree on it.
ROLES_BY_TWO = frozenset({"coordinator", "approver", "cashier", "accountant", "auditor"})


@dataclass(frozen=True, slots=True)
class InvitedRole:
    """A role to be given: for the whole community or one place, until the end of a day or open."""

    name: str
    place_id: int | None = None
    last_on: date | None = None

    @property
    def role(self) -> Role:
        return Role(self.name, self.place_id)


@dataclass(frozen=True, slots=True)
class StaffRole:
    """A role of the whole community that has no last day, and whose it is."""

    id: int
    user_id: int
    name: str


def missing_without(deciding: tuple[StaffRole, ...], ended: set[int]) -> str:
    """Tell who would be missing once some of the roles end that invite and confirm staff.

    Empty if nobody is, or if none of these roles ends. Two people must stay, one of them a
    coordinator: *coordinator* or *second* is who would be missing. A role with a last day does
    not count, because nobody is asked again on that day.
    """
    left = [role for role in deciding if role.id not in ended]
    if len(left) == len(deciding):
        return ""
    if all(role.name != "coordinator" for role in left):
        return "coordinator"
    return "second" if len({role.user_id for role in left}) < 2 else ""


def check_invited(roles: tuple[InvitedRole, ...], *, today: date) -> None:
    """**Refuses**: ``BadInput`` for no role or too many, a repeated or unknown one, a past day."""
    if not 1 <= len(roles) <= ROLES_MAX:
        raise BadInput(field="role", why="missing" if not roles else "too_many")
    if any(role.name not in ROLE_NAMES for role in roles):
        raise BadInput(field="role", why="unknown")
    if len({role.role for role in roles}) < len(roles):
        raise BadInput(field="role", why="same_role")
    if any(role.last_on is not None and role.last_on < today for role in roles):
        raise BadInput(field="last_on", why="past")


def needs_two(names: set[str]) -> bool:
    """Tell whether a second person must confirm these roles."""
    return bool(names & ROLES_BY_TWO)


def until_of(last_on: date | None) -> datetime | None:
    """The instant at which a role with a last day ends: the beginning of the next day."""
    return None if last_on is None else local_instant(last_on + timedelta(days=1))


def last_day_of(until_at: datetime | None) -> date | None:
    """The last day of a role that ends by itself."""
    return None if until_at is None else local_day(until_at - timedelta(microseconds=1))


def is_role_on(until_at: datetime | None, now: datetime) -> bool:
    """Tell whether a role that was not ended has not ended by itself either."""
    return until_at is None or now < until_at
