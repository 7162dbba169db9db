"""The devices on which somebody has signed in before, so that strangers cannot keep them out.

The browser keeps a random token, the database only its digest. Each sign-in replaces the token, so
a copy that somebody took at a shared computer soon knows nobody. A known device opens nothing: it
only has a count of its own for wrong passwords and PINs (``tries.py``).
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, insert, select, update
from sqlalchemy.orm import Session

from timebank.deeds.action import action
from timebank.deeds.audit import audit
from timebank.deeds.deed import Deed
from timebank.errors import NotAllowed, NotFound
from timebank.people.queries.visits import token_digest
from timebank.people.rules.throttles import BROWSER_PEOPLE_MAX, DEVICES_MAX
from timebank.people.tables import known_device
from timebank.values import By, new_id

_TOKEN_BYTES = 32


@dataclass(frozen=True, slots=True)
class DeviceForgotten:
    device_id: int


def known_device_id(
    session: Session, community_id: int, person_id: int | None, token: str
) -> int | None:
    """The id of a browser that is known to a person; None for every other browser."""
    if person_id is None or not token:
        return None
    return session.scalar(
        select(known_device.c.id).where(
            known_device.c.community_id == community_id,
            known_device.c.person_id == person_id,
            known_device.c.browser_digest == token_digest(token),
        )
    )


def remember_device(deed: Deed, *, token: str, words: str) -> str:
    """Know the browser of somebody who has signed in; return the token that it keeps from now on.

    Other people whom this browser is known to stay so under the new token.
    """
    fresh = secrets.token_urlsafe(_TOKEN_BYTES)
    digest, of_community = token_digest(fresh), known_device.c.community_id == deed.community_id
    if token:
        is_same = known_device.c.browser_digest == token_digest(token)
        _set(deed.session, of_community & is_same, browser_digest=digest)
    own = known_device.c.person_id == deed.by.person_id
    is_here = known_device.c.browser_digest == digest
    if not _set(deed.session, of_community & own & is_here, used_at=deed.now):
        row = {
            "community_id": deed.community_id, "id": new_id(), "person_id": deed.by.person_id,
            "browser_digest": digest, "words": words[:40],
            "known_at": deed.now, "used_at": deed.now,
        }  # fmt: skip
        deed.session.execute(insert(known_device).values(row))
    _keep_newest(deed.session, of_community & own, DEVICES_MAX)
    _keep_newest(deed.session, of_community & is_here, BROWSER_PEOPLE_MAX)
    return fresh


@action("forget_device")
def forget_device(deed: Deed, *, device_id: int) -> DeviceForgotten:
    """Forget one of one's own devices: there one is a stranger again.

    **Refuses**: ``NotAllowed`` for a caller who is no person; ``NotFound``.
    """
    if deed.by.person_id is None:
        raise NotAllowed(deed="forget_device")
    own = known_device.c.person_id == deed.by.person_id
    if not _forget(deed.session, deed.community_id, own & (known_device.c.id == device_id)):
        raise NotFound(kind="known_device")
    audit(deed, name="forget_device", subject_kind="person", subject_id=deed.by.person_id)
    return DeviceForgotten(device_id)


def forget_devices(session: Session, by: By) -> None:
    """Forget all devices of somebody who has changed their own secret."""
    _forget(session, by.community_id, known_device.c.person_id == by.person_id)


def forget_worn_out(session: Session, community_id: int, device_id: int, *, now: datetime) -> None:
    """Forget a device on which a secret was guessed too often."""
    _forget(session, community_id, known_device.c.id == device_id)
    deed = Deed(session, By(community_id=community_id, client="nobody", channel="web"), now)
    audit(deed, name="forget_worn_out_device", subject_kind="known_device", subject_id=device_id)


def device_ids(session: Session, community_id: int, person_id: int) -> Sequence[int]:
    return session.scalars(
        select(known_device.c.id).where(
            known_device.c.community_id == community_id, known_device.c.person_id == person_id
        )
    ).all()


def _set(session: Session, condition: ColumnElement[bool], **cells: Any) -> int:
    done = session.execute(update(known_device).where(condition).values(**cells))
    return int(done.rowcount)  # type: ignore[attr-defined]


def _forget(session: Session, community_id: int, condition: ColumnElement[bool]) -> int:
    gone = session.execute(
        delete(known_device).where(known_device.c.community_id == community_id, condition)
    )
    return int(gone.rowcount)  # type: ignore[attr-defined]


def _keep_newest(session: Session, condition: ColumnElement[bool], most: int) -> None:
    """Forget what was used longest ago, so that no list grows without end."""
    rows = session.scalars(
        select(known_device.c.id)
        .where(condition)
        .order_by(known_device.c.used_at.desc(), known_device.c.id.desc())
    ).all()
    if len(rows) > most:
        session.execute(delete(known_device).where(condition, known_device.c.id.in_(rows[most:])))
