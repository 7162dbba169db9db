"""Count failed attempts at a secret, and block further ones for a while.

An attempt is counted *before* the secret is checked, in a unit of work of its own. So sixteen
concurrent attempts count as sixteen, and a refusal never rolls back its own count.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, delete, or_, select, update
from sqlalchemy.orm import Session

from timebank.db import insert_new
from timebank.people.refusals import TooManyTries
from timebank.people.rules import THROTTLE_SOURCE, THROTTLE_SUBJECT, TRIES_FORGOTTEN
from timebank.people.tables import sign_in_try
from timebank.people.vault import vault_of

_THROTTLES = {"name": THROTTLE_SUBJECT, "card": THROTTLE_SUBJECT, "source": THROTTLE_SOURCE}
TryKeys = tuple[tuple[str, bytes], ...]


def try_keys(session: Session, *subjects: tuple[str, str]) -> TryKeys:
    """The throttle keys, in the order in which their rows are always locked."""
    vault = vault_of(session)
    return tuple(sorted((kind, vault.digest(f"try.{kind}", text)) for kind, text in subjects))


def code_keys(session: Session, user_id: int) -> TryKeys:
    """The throttle key of a user's second factor, apart from that of their password."""
    return (("name", vault_of(session).digest("try.code", str(user_id))),)


def _rows_of(community_id: int, keys: TryKeys) -> Any:
    return and_(
        sign_in_try.c.community_id == community_id,
        or_(
            *(and_(sign_in_try.c.kind == k, sign_in_try.c.subject == digest) for k, digest in keys)
        ),
    )


def _taken(session: Session, community_id: int, keys: TryKeys) -> Any:
    return session.execute(
        select(sign_in_try)
        .where(_rows_of(community_id, keys))
        .order_by(sign_in_try.c.kind)
        .with_for_update()
    ).all()


def count_try(session: Session, community_id: int, keys: TryKeys, *, now: datetime) -> None:
    """Count one more attempt. **Refuses**: ``TooManyTries`` while sign-in is blocked."""
    fresh = {"community_id": community_id, "failures": 0, "last_at": now, "closed_until_at": now}
    insert_new(session, sign_in_try, [{**fresh, "kind": k, "subject": d} for k, d in keys])
    rows = _taken(session, community_id, keys)
    closed_until = max(_closed_until(row, now) for row in rows)
    if closed_until > now:
        raise TooManyTries(until_at=closed_until.isoformat())
    for row in rows:
        is_old = row.last_at < now - TRIES_FORGOTTEN
        failures = 1 if is_old else min(row.failures + 1, 30_000)
        wait = _THROTTLES[row.kind].wait(failures)
        _set(session, row, failures=failures, last_at=now, closed_until_at=now + wait)


def _closed_until(row: Any, now: datetime) -> datetime:
    """When a row stops blocking. A wait beyond the longest was counted by a clock that was ahead.

    Otherwise a clock that is set back would keep out whoever never failed.
    """
    longest = timedelta(seconds=_THROTTLES[row.kind].longest_seconds)
    has_waited = row.closed_until_at > row.last_at
    is_plausible = has_waited and row.closed_until_at - now <= longest
    closed_until: datetime = row.closed_until_at
    return closed_until if is_plausible else now


def uncount_try(session: Session, community_id: int, keys: TryKeys, *, now: datetime) -> None:
    """Clear the failures of a name or card; give an address back only this one attempt.

    Otherwise somebody could reset the counter of an address with their own card.
    """
    for row in _taken(session, community_id, keys):
        failures = max(row.failures - 1, 0) if row.kind == "source" else 0
        closed_until = row.last_at + _THROTTLES[row.kind].wait(failures)
        _set(
            session, row, failures=failures, closed_until_at=min(closed_until, row.closed_until_at)
        )
    session.execute(delete(sign_in_try).where(sign_in_try.c.last_at < now - 2 * TRIES_FORGOTTEN))


def _set(session: Session, row: Any, **cells: Any) -> None:
    session.execute(
        update(sign_in_try)
        .where(
            sign_in_try.c.community_id == row.community_id,
            sign_in_try.c.kind == row.kind,
            sign_in_try.c.subject == row.subject,
        )
        .values(**cells)
    )
