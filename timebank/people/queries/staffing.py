"""Who of staff is there and who is not: for the list of what a new community lacks."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, distinct, exists, func, select
from sqlalchemy.orm import Session

from timebank.db import among
from timebank.people.tables import second_factor, staff_role


@dataclass(frozen=True, slots=True)
class Staffing:
    """How many people keep a store, coordinate, and still need to set up a second factor."""

    keepers: int
    coordinators: int
    without_factor: int


def _holders(*wanted: Any) -> Any:
    """Count the users with a living role; closing a user ends their roles."""
    return (
        select(func.count(distinct(staff_role.c.user_id)))
        .where(
            staff_role.c.community_id == bindparam("of_community"),
            staff_role.c.ended_at.is_(None),
            *wanted,
        )
        .scalar_subquery()
    )


_HAS_FACTOR = exists().where(
    second_factor.c.community_id == staff_role.c.community_id,
    second_factor.c.user_id == staff_role.c.user_id,
    second_factor.c.confirmed_at.is_not(None),
)
_STAFFING = select(
    _holders(staff_role.c.name == bindparam("keeper")).label("keepers"),
    _holders(staff_role.c.name == bindparam("coordinator")).label("coordinators"),
    _holders(among(staff_role.c.name, "factor_roles"), ~_HAS_FACTOR).label("without_factor"),
)


def staffing(session: Session, community_id: int, *, factor_roles: Collection[str]) -> Staffing:
    """Count them; ``factor_roles`` are the roles that need a second factor."""
    asked = {
        "of_community": community_id, "keeper": "keeper", "coordinator": "coordinator",
        "factor_roles": factor_roles,
    }  # fmt: skip
    return Staffing(*session.execute(_STAFFING, asked).one())
