"""Reads of the set-up: what was saved, and what a new community still lacks."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from timebank.deeds.queries import communities
from timebank.founding.tables import set_up_code, set_up_draft
from timebank.kiosks.queries import has_kiosk
from timebank.people.queries import factor_roles, staffing

SLIPS_SHOWN = timedelta(hours=1)
SLIP_LASTS = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpeningLacks:
    """What a new community still lacks; a backup is not in the database."""

    keeper: bool
    second_factor: bool
    second_coordinator: bool
    kiosk: bool


def what_lacks(session: Session, community_id: int, *, now: datetime) -> OpeningLacks:
    """Read what a new community still lacks."""
    roles = factor_roles(session, community_id, now=now)
    known = staffing(session, community_id, factor_roles=roles)
    return OpeningLacks(
        keeper=known.keepers == 0,
        # Who has not come in yet has none either.
        second_factor=known.without_factor > 0 or known.coordinators == 0,
        second_coordinator=known.coordinators < 2,
        kiosk=not has_kiosk(session, community_id),
    )


@dataclass(frozen=True, slots=True)
class SetUpDraft:
    """The tables of the description that were saved so far, and the community made of them."""

    tables: dict[str, Any]
    saved_at: datetime | None
    community_id: int | None


def set_up_draft_now(session: Session) -> SetUpDraft:
    """The draft; an empty one before the first step is saved."""
    row = session.execute(select(set_up_draft)).first()
    if row is None:
        return SetUpDraft({}, None, None)
    return SetUpDraft(json.loads(row.tables), row.saved_at, row.community_id)


def is_code_open(session: Session, code_id: int) -> bool:
    """Tell whether the code with which a browser came in still opens the set-up."""
    ended = set_up_code.c.ended_at.is_(None)
    query = select(set_up_code.c.id).where(set_up_code.c.id == code_id, ended)
    return session.scalar(query) is not None


def first_slips(session: Session, *, now: datetime) -> list[tuple[int, str]]:
    """Whom to hand a slip in the hour after the founding: the person, and their name."""
    draft = set_up_draft_now(session)
    if draft.community_id is None or draft.saved_at is None or now - draft.saved_at > SLIPS_SHOWN:
        return []
    return [(person_id, name) for person_id, name in draft.tables.get("slips", ())]


def was_used_to_found(session: Session, code_id: int) -> bool:
    """Tell whether a browser came in with a code that ended when the community was founded."""
    query = select(set_up_code.c.ended_at).where(set_up_code.c.id == code_id)
    return session.scalar(query) is not None and bool(communities(session))
