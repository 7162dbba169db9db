"""Who is behind the token of a visit, and the open visits of a person."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, select
from sqlalchemy.orm import Session

from timebank.db import built
from timebank.people.rules.invitations import is_role_on
from timebank.people.tables import app_user, card, known_device, person, staff_role, visit
from timebank.values import By, Role


@dataclass(frozen=True, slots=True)
class SignedVisit:
    """A visit as the request behind its token finds it.

    ``lacks`` says what is missing before it opens any page; ``ended_why`` is empty while the visit
    goes on.
    """

    id: int
    by: By
    name: str
    lacks: str
    last_seen_at: datetime
    proven_at: datetime
    ends_at: datetime
    ended_why: str


@dataclass(frozen=True, slots=True)
class OpenVisit:
    """A visit as its owner sees it in the list of their visits."""

    id: int
    kind: str
    card_id: int | None
    device: str
    opened_at: datetime
    last_seen_at: datetime


@dataclass(frozen=True, slots=True)
class KnownDevice:
    """A browser in which somebody has signed in, as its owner sees it."""

    id: int
    words: str
    known_at: datetime
    used_at: datetime
    is_here: bool


# Every page begins with this statement. The visit of a closed user or a stopped card is not found.
_VISIT = (
    select(
        visit.c.id,
        visit.c.user_id,
        visit.c.card_id,
        visit.c.lacks,
        visit.c.last_seen_at,
        visit.c.proven_at,
        visit.c.ends_at,
        visit.c.ended_why,
        visit.c.person_id,
        person.c.name,
        person.c.household_id,
        staff_role.c.name.label("role"),
        staff_role.c.place_id,
        staff_role.c.until_at,
    )
    .select_from(visit)
    .join(
        person,
        and_(person.c.community_id == visit.c.community_id, person.c.id == visit.c.person_id),
    )
    .outerjoin(
        app_user,
        and_(app_user.c.community_id == visit.c.community_id, app_user.c.id == visit.c.user_id),
    )
    .outerjoin(
        card, and_(card.c.community_id == visit.c.community_id, card.c.id == visit.c.card_id)
    )
    .outerjoin(
        staff_role,
        and_(
            staff_role.c.community_id == visit.c.community_id,
            staff_role.c.user_id == visit.c.user_id,
            staff_role.c.ended_at.is_(None),
        ),
    )
    .where(
        visit.c.community_id == bindparam("of_community"),
        visit.c.token_digest == bindparam("of_token"),
        visit.c.kind == bindparam("of_kind"),
        app_user.c.closed_at.is_(None),
        card.c.revoked_at.is_(None),
    )
)
_OPEN = (
    select(*(visit.c[name] for name in OpenVisit.__slots__))
    .where(
        visit.c.community_id == bindparam("of_community"),
        visit.c.person_id == bindparam("of_person"),
        visit.c.ended_at.is_(None),
        visit.c.ends_at > bindparam("now"),
    )
    .order_by(visit.c.last_seen_at.desc(), visit.c.id.desc())
)


def token_digest(token: str) -> bytes:
    """Hash a token, which nobody can guess: it needs no key, and survives a change of keys."""
    return hashlib.sha256(token.encode()).digest()


def visit_of_token(
    session: Session, community_id: int, token: str, *, now: datetime, kind: str = "web"
) -> SignedVisit | None:
    """The visit behind a token, with its person and their current roles, in one statement.

    None for a token that is unknown, and for one of a closed user or a stopped card. A role that
    ended a minute ago, by somebody or by itself, is gone on the next page.
    """
    asked = {
        "of_community": community_id,
        "of_token": token_digest(token),
        "of_kind": kind,
    }
    rows = session.execute(_VISIT, asked).all()
    return _visit(community_id, rows, now) if rows else None


def _visit(community_id: int, rows: Any, now: datetime) -> SignedVisit:
    first = rows[0]
    is_user = first.user_id is not None
    by = By(
        community_id=community_id,
        client=f"user:{first.user_id}" if is_user else f"card:{first.card_id}",
        channel="web",
        user_id=first.user_id,
        person_id=first.person_id,
        household_id=first.household_id,
        roles=frozenset(
            Role(row.role, row.place_id)
            for row in rows
            if row.role and is_role_on(row.until_at, now)
        ),
    )
    return SignedVisit(
        id=first.id,
        by=by,
        name=first.name,
        lacks=first.lacks or "",
        last_seen_at=first.last_seen_at,
        proven_at=first.proven_at,
        ends_at=first.ends_at,
        ended_why=first.ended_why or ("idle" if first.ends_at <= now else ""),
    )


def open_visits(session: Session, by: By, *, now: datetime) -> list[OpenVisit]:
    """The visits of a person that are open now, the last seen first."""
    asked = {"of_community": by.community_id, "of_person": by.person_id, "now": now}
    return built(OpenVisit, session.execute(_OPEN, asked))


def known_devices(session: Session, by: By, *, browser: str) -> list[KnownDevice]:
    """The devices that are known to a person, the last used first; ``browser`` is the one here."""
    rows = session.execute(
        select(known_device)
        .where(
            known_device.c.community_id == by.community_id,
            known_device.c.person_id == by.person_id,
        )
        .order_by(known_device.c.used_at.desc(), known_device.c.id.desc())
    )
    here = token_digest(browser)
    return [
        KnownDevice(
            id=row.id,
            words=row.words,
            known_at=row.known_at,
            used_at=row.used_at,
            is_here=bytes(row.browser_digest) == here,
        )
        for row in rows
    ]
