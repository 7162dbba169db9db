"""One user for the pages of staff, and how staff sign in: when last, and by how many steps."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, bindparam, exists, func, select
from sqlalchemy.orm import Session

from timebank.errors import NotFound
from timebank.people.queries.merged import kept_id, records_of
from timebank.people.tables import app_user, person, second_factor, staff_role, visit


@dataclass(frozen=True, slots=True)
class UserBrief:
    """A user of the community; ``closed_at`` is when they left."""

    id: int
    person_id: int
    name: str
    login_name: str
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class StaffSign:
    """When a member of staff signed in last, as far as it is kept, and whether by two steps."""

    last_at: datetime | None
    has_factor: bool


_USER = select(
    app_user.c.id, person.c.id.label("person_id"), person.c.name, app_user.c.login_name,
    app_user.c.closed_at,
).select_from(app_user).join(
    person,
    and_(
        person.c.community_id == app_user.c.community_id,
        person.c.id == kept_id(app_user.c.community_id, app_user.c.person_id),
    ),
)  # fmt: skip


def user_brief(session: Session, community_id: int, user_id: int) -> UserBrief:
    """**Refuses**: ``NotFound``."""
    of_user = (app_user.c.community_id == community_id, app_user.c.id == user_id)
    row = session.execute(_USER.where(*of_user)).first()
    if row is None:
        raise NotFound(kind="user")
    return UserBrief(**row._mapping)


def user_of_person(session: Session, community_id: int, person_id: int) -> UserBrief | None:
    """The user of a person, also a closed one; None if they have none."""
    own = records_of(community_id, [person_id])
    of_person = (app_user.c.community_id == community_id, app_user.c.person_id.in_(own))
    # Of a person with two records: the user that is open, and first that of the record they keep.
    order = (app_user.c.closed_at.is_not(None), app_user.c.person_id != person_id)
    row = session.execute(_USER.where(*of_person).order_by(*order).limit(1)).first()
    return None if row is None else UserBrief(**row._mapping)


_LAST = (
    select(func.max(visit.c.opened_at))
    .where(
        visit.c.community_id == app_user.c.community_id,
        visit.c.user_id == app_user.c.id,
        visit.c.lacks.is_(None),
    )
    .scalar_subquery()
)
_HAS_FACTOR = exists().where(
    second_factor.c.community_id == app_user.c.community_id,
    second_factor.c.user_id == app_user.c.id,
    second_factor.c.confirmed_at.is_not(None),
)
_IS_STAFF = exists().where(
    staff_role.c.community_id == app_user.c.community_id,
    staff_role.c.user_id == app_user.c.id,
    staff_role.c.ended_at.is_(None),
)
_SIGNS = select(app_user.c.id, _LAST.label("last_at"), _HAS_FACTOR.label("has_factor")).where(
    app_user.c.community_id == bindparam("of_community"), _IS_STAFF
)


def staff_signs(session: Session, community_id: int) -> dict[int, StaffSign]:
    """How each member of staff signs in, by user."""
    rows = session.execute(_SIGNS, {"of_community": community_id})
    return {row.id: StaffSign(row.last_at, bool(row.has_factor)) for row in rows}
