"""Open invitations to become staff, and those that wait for a second person."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, and_, exists, func, literal, select
from sqlalchemy.orm import Session

from timebank.db import NOW, waiting_row, written
from timebank.people import may
from timebank.people.queries.kin import kin_of
from timebank.people.rules.invitations import ROLES_BY_TWO, last_day_of, needs_two
from timebank.people.tables import app_user, invitation, invited_role, organisation, person
from timebank.values import By


@dataclass(frozen=True, slots=True)
class InvitedLine:
    """One of the invited roles; ``until_at`` is when it ends by itself."""

    name: str
    place_id: int | None
    until_at: datetime | None

    @property
    def last_on(self) -> date | None:
        """The last day of a role that ends by itself."""
        return last_day_of(self.until_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """An invitation that was neither used nor withdrawn, and is not over.

    ``asked_by`` is empty for one of the set-up. ``has_slip``: a code was drawn for it.
    ``has_user``: who signs in already needs no slip, and holds the roles once it is confirmed.
    ``organisation`` is the firm that the person is to represent; empty for staff.
    """

    id: int
    person_id: int
    household_id: int | None
    name: str
    asked_by: str
    asked_by_person_id: int | None
    asked_at: datetime
    until_at: datetime
    confirmed_by: str
    has_slip: bool
    has_user: bool
    organisation: str
    roles: tuple[InvitedLine, ...]

    @property
    def is_waiting(self) -> bool:
        """Tell whether a second person must confirm it first."""
        is_of_two = self.asked_by_person_id is not None and needs_two(
            {role.name for role in self.roles}
        )
        return is_of_two and not self.confirmed_by


_ASKER, _SECOND = person.alias("asker"), person.alias("second")


def _is(whose: Any, person_id: Any) -> Any:
    return and_(whose.c.community_id == invitation.c.community_id, whose.c.id == person_id)


_OPEN = (
    select(
        invitation.c.id,
        invitation.c.person_id,
        person.c.household_id,
        person.c.name,
        func.coalesce(_ASKER.c.name, "").label("asked_by"),
        invitation.c.asked_by_person_id,
        invitation.c.asked_at,
        invitation.c.until_at,
        func.coalesce(_SECOND.c.name, "").label("confirmed_by"),
        invitation.c.code_digest.is_not(None).label("has_slip"),
        app_user.c.id.is_not(None).label("has_user"),
        func.coalesce(organisation.c.name, "").label("organisation"),
    )
    .join(person, _is(person, invitation.c.person_id))
    .outerjoin(
        app_user,
        and_(
            app_user.c.community_id == invitation.c.community_id,
            app_user.c.person_id == invitation.c.person_id,
            app_user.c.closed_at.is_(None),
        ),
    )
    .outerjoin(
        organisation,
        and_(
            organisation.c.community_id == invitation.c.community_id,
            organisation.c.id == invitation.c.organisation_id,
        ),
    )
    .outerjoin(_ASKER, _is(_ASKER, invitation.c.asked_by_person_id))
    .outerjoin(_SECOND, _is(_SECOND, invitation.c.confirmed_by_person_id))
    .where(invitation.c.used_at.is_(None), invitation.c.withdrawn_at.is_(None))
    .order_by(invitation.c.asked_at, invitation.c.id)
)


def open_invitations(session: Session, community_id: int, *, now: datetime) -> list[Invitation]:
    """All open invitations, the oldest first."""
    rows = session.execute(
        _OPEN.where(invitation.c.community_id == community_id, invitation.c.until_at > now)
    ).all()
    roles = _roles(session, community_id, [row.id for row in rows])
    return [Invitation(**row._mapping, roles=tuple(roles.get(row.id, ()))) for row in rows]


def waiting_invitations(by: By) -> Select[Any] | None:
    """Roles of weight that somebody offered, for who may confirm them: for others, by others."""
    if not may.CONFIRM_STAFF.is_held_everywhere(by):
        return None
    of = invitation.c
    is_weighty = exists().where(
        invited_role.c.community_id == of.community_id,
        invited_role.c.invitation_id == of.id,
        invited_role.c.name.in_([written(name) for name in sorted(ROLES_BY_TWO)]),
    )
    people = (of.person_id, of.asked_by_person_id)
    at_home = [person_id.in_(kin_of(by)) for person_id in people]
    return waiting_row(
        "invitation",
        of.id,
        since=of.asked_at,
        until=of.until_at,
        person_id=of.person_id,
        count=literal(1),
    ).where(
        of.community_id == by.community_id,
        of.confirmed_at.is_(None),
        of.used_at.is_(None),
        of.withdrawn_at.is_(None),
        of.until_at > NOW,
        of.asked_by_person_id.is_not(None),
        is_weighty,
        *(~close for close in at_home),
    )


def is_invitation(session: Session, community_id: int, invitation_id: int) -> bool:
    """Tell whether there is such an invitation, be it open or settled."""
    known = select(invitation.c.id).where(
        invitation.c.community_id == community_id, invitation.c.id == invitation_id
    )
    return session.scalar(known) is not None


def _roles(session: Session, community_id: int, ids: list[int]) -> dict[int, list[InvitedLine]]:
    roles_by_id: dict[int, list[InvitedLine]] = {}
    if not ids:
        return roles_by_id
    rows = session.execute(
        select(invited_role)
        .where(invited_role.c.community_id == community_id, invited_role.c.invitation_id.in_(ids))
        .order_by(invited_role.c.id)
    )
    for row in rows:
        line = InvitedLine(row.name, row.place_id, row.until_at)
        roles_by_id.setdefault(row.invitation_id, []).append(line)
    return roles_by_id
