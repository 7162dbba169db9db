"""Which kiosks may join which shop: who asked, who agreed, and what a second person can do."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, func, literal, select
from sqlalchemy.orm import Session

from timebank.db import NOW, waiting_row
from timebank.errors import NotFound
from timebank.kiosks import may
from timebank.kiosks.tables import permit
from timebank.people.queries import not_of_kin, person_names
from timebank.values import By


@dataclass(frozen=True, slots=True, kw_only=True)
class Permit:
    """One kiosk may join a shop; ``confirmed_by`` is empty until a second person has agreed."""

    id: int
    store_id: int
    asked_by: str
    asked_by_person_id: int
    asked_at: datetime
    until_at: datetime
    confirmed_by: str
    confirmed_at: datetime | None
    device_id: int | None


_ASKER, _SECOND = person_names().alias("asker"), person_names().alias("second")
_PERMITS = (
    select(
        permit.c.id, permit.c.store_id, _ASKER.c.name.label("asked_by"),
        permit.c.asked_by_person_id, permit.c.asked_at, permit.c.until_at,
        func.coalesce(_SECOND.c.name, "").label("confirmed_by"), permit.c.confirmed_at,
        permit.c.device_id,
    )
    .join(
        _ASKER,
        and_(
            _ASKER.c.community_id == permit.c.community_id,
            _ASKER.c.id == permit.c.asked_by_person_id,
        ),
    )
    .outerjoin(
        _SECOND,
        and_(
            _SECOND.c.community_id == permit.c.community_id,
            _SECOND.c.id == permit.c.confirmed_by_person_id,
        ),
    )
    .order_by(permit.c.asked_at, permit.c.id)
)  # fmt: skip


def open_permits(session: Session, community_id: int, *, now: datetime) -> list[Permit]:
    """Those that may still be agreed on or used, the oldest first."""
    rows = session.execute(
        _PERMITS.where(
            permit.c.community_id == community_id,
            permit.c.device_id.is_(None),
            permit.c.withdrawn_at.is_(None),
            permit.c.until_at > now,
        )
    )
    return [Permit(**row._mapping) for row in rows]


def permits_of_devices(session: Session, community_id: int) -> dict[int, Permit]:
    """By kiosk, who agreed that it joined; none for a kiosk of before this was asked."""
    rows = session.execute(
        _PERMITS.where(permit.c.community_id == community_id, permit.c.device_id.is_not(None))
    )
    return {row.device_id: Permit(**row._mapping) for row in rows}


def permit_of(session: Session, community_id: int, permit_id: int) -> Permit:
    """**Refuses**: ``NotFound``."""
    row = session.execute(
        _PERMITS.where(permit.c.community_id == community_id, permit.c.id == permit_id)
    ).first()
    if row is None:
        raise NotFound(kind="pairing")
    return Permit(**row._mapping)


def waiting_pairings(by: By) -> Select[Any] | None:
    """What a second coordinator or an approver can agree on: others, not close to who asked."""
    if not may.CONFIRM_PAIRING.is_held_everywhere(by) or by.person_id is None:
        return None
    return waiting_row(
        "pairing", permit.c.id, since=permit.c.asked_at, until=permit.c.until_at, count=literal(1)
    ).where(
        permit.c.community_id == by.community_id,
        permit.c.device_id.is_(None),  # Redundant, but an index serves it.
        permit.c.confirmed_at.is_(None),
        permit.c.withdrawn_at.is_(None),
        permit.c.until_at > NOW,
        not_of_kin(by, person_id=permit.c.asked_by_person_id),
    )
