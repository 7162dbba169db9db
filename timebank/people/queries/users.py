"""The person behind a user or a card, and the staff list.

Passwords and PINs are checked in ``actions/sign_in.py``; a request is looked up by the token of its
visit, in ``visits.py``.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, and_, bindparam, select
from sqlalchemy.orm import Session

from timebank.db import built, utc_now
from timebank.people.queries.merged import kept_id, kept_of
from timebank.people.rules.invitations import is_role_on, last_day_of
from timebank.people.rules.names import spoken_key
from timebank.people.tables import app_user, card, person, staff_role
from timebank.values import By, Role


@dataclass(frozen=True, slots=True)
class StaffMember:
    """A member of staff with one role and its place; ``role_id`` is used to end the role."""

    user_id: int
    person_id: int
    name: str
    login_name: str
    role_id: int
    role: str
    place_id: int | None
    until_at: datetime | None

    @property
    def last_on(self) -> date | None:
        """The last day of a role that ends by itself."""
        return last_day_of(self.until_at)


def _person_of(table: Any) -> Any:
    """The record that is kept of whoever signs in."""
    kept = kept_id(table.c.community_id, table.c.person_id)
    return and_(person.c.community_id == table.c.community_id, person.c.id == kept)


def _living_role() -> Any:
    return and_(
        staff_role.c.community_id == app_user.c.community_id,
        staff_role.c.user_id == app_user.c.id,
        staff_role.c.ended_at.is_(None),
    )


_USER = (
    select(
        person.c.id,
        person.c.household_id,
        staff_role.c.name.label("role"),
        staff_role.c.place_id,
        staff_role.c.until_at,
    )
    .select_from(app_user)
    .join(person, _person_of(app_user))
    .outerjoin(staff_role, _living_role())
    .where(
        app_user.c.community_id == bindparam("of_community"),
        app_user.c.id == bindparam("own_id"),
        app_user.c.closed_at.is_(None),
    )
)
_CARD = (
    select(person.c.id, person.c.household_id)
    .select_from(card)
    .join(person, _person_of(card))
    .where(
        card.c.community_id == bindparam("of_community"),
        card.c.id == bindparam("own_id"),
        card.c.revoked_at.is_(None),
    )
)


def by_of_user(
    session: Session,
    community_id: int,
    user_id: int,
    channel: str = "web",
    *,
    now: datetime | None = None,
) -> By | None:
    """The user and their current roles; None if the user is unknown or closed."""
    return by_of_client(session, community_id, f"user:{user_id}", channel, now=now)


def by_of_card(
    session: Session,
    community_id: int,
    card_id: int,
    channel: str = "web",
    *,
    now: datetime | None = None,
) -> By | None:
    """The person who signed in with a card; None if the card was revoked meanwhile.

    A card with its PIN opens a passbook, never a desk: it gives no roles.
    """
    return by_of_client(session, community_id, f"card:{card_id}", channel, now=now)


def by_of_client(
    session: Session,
    community_id: int,
    client: str,
    channel: str = "web",
    *,
    now: datetime | None = None,
) -> By | None:
    """The person behind the ``client`` of a sign-in: ``user:12`` or ``card:34``.

    ``now`` decides which roles have reached their last day; without it, it is the present moment.
    """
    kind, _, number = client.partition(":")
    if kind not in ("user", "card") or not number.isascii() or not number.isdigit():
        return None
    own_id = int(number)
    query = _USER if kind == "user" else _CARD
    rows = session.execute(query, {"of_community": community_id, "own_id": own_id}).all()
    if not rows:
        return None
    return By(
        community_id=community_id,
        client=f"{kind}:{own_id}",
        channel=channel,
        user_id=own_id if kind == "user" else None,
        person_id=rows[0].id,
        household_id=rows[0].household_id,
        roles=_roles(rows, now or utc_now()) if kind == "user" else frozenset(),
    )


def _roles(rows: Iterable[Row[Any]], now: datetime) -> frozenset[Role]:
    return frozenset(
        Role(row.role, row.place_id) for row in rows if row.role and is_role_on(row.until_at, now)
    )


def person_of_login(session: Session, community_id: int, login_name: str) -> int | None:
    """The id of the person who signs in with a name, or None."""
    return session.scalar(
        select(kept_of(app_user)).where(
            app_user.c.community_id == community_id,
            app_user.c.login_name == login_name,
            app_user.c.closed_at.is_(None),
        )
    )


def staff(
    session: Session,
    community_id: int,
    *,
    now: datetime | None = None,
    user_id: int | None = None,
) -> list[StaffMember]:
    """All roles of now by role and name, or the roles of one user."""
    query = (
        select(
            app_user.c.id.label("user_id"),
            person.c.id.label("person_id"),
            person.c.name,
            app_user.c.login_name,
            staff_role.c.id.label("role_id"),
            staff_role.c.name.label("role"),
            staff_role.c.place_id,
            staff_role.c.until_at,
        )
        .select_from(app_user)
        .join(person, _person_of(app_user))
        .join(staff_role, _living_role())
        .where(app_user.c.community_id == community_id, app_user.c.closed_at.is_(None))
    )
    if user_id is not None:
        query = query.where(app_user.c.id == user_id)
    listed = built(StaffMember, session.execute(query.order_by(staff_role.c.id)))
    members = [member for member in listed if is_role_on(member.until_at, now or utc_now())]
    return sorted(members, key=lambda one: (one.role, spoken_key(one.name)))


def people_of_users(
    session: Session, community_id: int, user_ids: Collection[int]
) -> dict[int, int]:
    """The person behind each of these sign-ins, also of those that are closed."""
    rows = session.execute(
        select(app_user.c.id, kept_of(app_user)).where(
            app_user.c.community_id == community_id, app_user.c.id.in_(sorted(user_ids))
        )
    )
    return {row.id: row.person_id for row in rows} if user_ids else {}
