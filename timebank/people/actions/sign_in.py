"""Sign in by name and password, or by card and PIN; sign out.

An attempt is counted *before* the secret is checked, in its own unit of work. So sixteen
concurrent attempts count as sixteen, and a refusal never rolls back its own count. The slow hash
is computed between two units of work, so that it blocks no writer.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, delete, or_, select, update
from sqlalchemy.orm import Session

from timebank.db import Database, insert_new
from timebank.deeds.audit import audit
from timebank.deeds.deed import Deed
from timebank.people.passwords import is_secret_of, nobody_hash, profile_of
from timebank.people.queries.cards import card_condition
from timebank.people.queries.users import by_of_card, by_of_user
from timebank.people.refusals import CardRevoked, SignInFailed, TooManyTries
from timebank.people.rules import (
    SECRET_LENGTH_MAX,
    THROTTLE_SOURCE,
    THROTTLE_SUBJECT,
    TRIES_FORGOTTEN,
    tidy_login_name,
)
from timebank.people.tables import app_user, card, sign_in_try
from timebank.people.vault import vault_of
from timebank.values import By

_THROTTLES = {"name": THROTTLE_SUBJECT, "card": THROTTLE_SUBJECT, "source": THROTTLE_SOURCE}


@dataclass(frozen=True, slots=True)
class _Try:
    """What an attempt is checked against; an unknown name gets a hash that matches nothing."""

    keys: tuple[tuple[str, bytes], ...]
    secret_hash: str
    subject_kind: str
    subject_id: int | None = None
    is_revoked: bool = False


def sign_in(
    database: Database,
    *,
    community_id: int,
    login_name: str,
    password: str,
    source: str,
    now: datetime,
) -> By:
    """Identify a person by name and password.

    ``source`` is the network address. An unknown name takes as long as a known one.

    **Refuses**: ``SignInFailed``, without saying which was wrong; ``TooManyTries`` until a time.
    """

    def look(session: Session) -> _Try:
        name = tidy_login_name(login_name)[:SECRET_LENGTH_MAX]
        row = session.execute(
            select(app_user.c.id, app_user.c.password_hash).where(
                app_user.c.community_id == community_id,
                app_user.c.login_name == name,
                app_user.c.closed_at.is_(None),
            )
        ).first()
        keys = _keys(session, ("name", name), ("source", source))
        if row is None:
            return _Try(
                keys=keys, secret_hash=nobody_hash(profile_of(session)), subject_kind="user"
            )
        return _Try(
            keys=keys, secret_hash=row.password_hash, subject_kind="user", subject_id=row.id
        )

    return _sign_in(database, community_id, look, secret=password, now=now)


def sign_in_by_card(
    database: Database,
    *,
    community_id: int,
    card: str,
    pin: str,
    source: str,
    now: datetime,
    channel: str = "web",
) -> By:
    """Identify a person by card (scanned, or its number typed) and PIN.

    ``channel`` is *kiosk* where a kiosk asks; its ``source`` is then the kiosk.

    **Refuses**: ``SignInFailed``; ``TooManyTries``; ``CardRevoked`` if the PIN is right.
    """

    def look(session: Session) -> _Try:
        row = _card_row(session, community_id, card)
        subject = card.strip()[:SECRET_LENGTH_MAX] if row is None else row.card_no
        keys = _keys(session, ("card", subject), ("source", source))
        if row is None:
            return _Try(
                keys=keys, secret_hash=nobody_hash(profile_of(session)), subject_kind="card"
            )
        secret_hash = row.pin_hash or nobody_hash(profile_of(session))
        return _Try(
            keys=keys,
            secret_hash=secret_hash,
            subject_kind="card",
            subject_id=row.id,
            is_revoked=row.revoked_at is not None,
        )

    return _sign_in(database, community_id, look, secret=pin, now=now, channel=channel)


def sign_out(database: Database, *, by: By, why: str = "asked") -> None:
    """Record that a visit ended, on request or because it was idle."""
    kind, _, number = by.client.partition(":")
    database.write(
        lambda session, now: audit(
            Deed(session, by, now),
            name="sign_out",
            subject_kind=kind,
            subject_id=int(number),
            facts={"why": why},
        )
    )


def _sign_in(
    database: Database,
    community_id: int,
    look: Any,
    *,
    secret: str,
    now: datetime,
    channel: str = "web",
) -> By:
    def count(session: Session, _: datetime) -> _Try:
        attempt: _Try = look(session)
        _count(session, community_id, attempt.keys, now=now)
        return attempt

    attempt = database.write(count)
    is_right = is_secret_of(attempt.secret_hash, secret[:SECRET_LENGTH_MAX])
    by = database.write(
        lambda session, _: _settle(
            session, community_id, attempt, is_right=is_right, now=now, channel=channel
        )
    )
    if by is not None:
        return by
    if is_right and attempt.is_revoked:
        raise CardRevoked()
    raise SignInFailed()


def _settle(
    session: Session,
    community_id: int,
    attempt: _Try,
    *,
    is_right: bool,
    now: datetime,
    channel: str,
) -> By | None:
    """Record the result of an attempt; if it was right, take its count back."""
    by = None
    if is_right and attempt.subject_id is not None:
        reader = by_of_user if attempt.subject_kind == "user" else by_of_card
        by = reader(session, community_id, attempt.subject_id, channel)
    if is_right:
        _uncount(session, community_id, attempt.keys, now=now)
    audit(
        Deed(session, by or By(community_id=community_id, client="nobody", channel=channel), now),
        name="sign_in_refused" if by is None else "sign_in",
        subject_kind=attempt.subject_kind,
        subject_id=attempt.subject_id,
    )
    return by


def _card_row(session: Session, community_id: int, text: str) -> Any:
    condition = card_condition(session, text)
    if condition is None:
        return None
    return session.execute(
        select(card.c.id, card.c.card_no, card.c.pin_hash, card.c.revoked_at).where(
            card.c.community_id == community_id, condition
        )
    ).first()


def _keys(session: Session, *subjects: tuple[str, str]) -> tuple[tuple[str, bytes], ...]:
    """The throttle keys, in the order in which their rows are always locked."""
    vault = vault_of(session)
    return tuple(sorted((kind, vault.digest(f"try.{kind}", text)) for kind, text in subjects))


def _rows_of(community_id: int, keys: tuple[tuple[str, bytes], ...]) -> Any:
    return and_(
        sign_in_try.c.community_id == community_id,
        or_(
            *(and_(sign_in_try.c.kind == k, sign_in_try.c.subject == digest) for k, digest in keys)
        ),
    )


def _taken(session: Session, community_id: int, keys: tuple[tuple[str, bytes], ...]) -> Any:
    return session.execute(
        select(sign_in_try)
        .where(_rows_of(community_id, keys))
        .order_by(sign_in_try.c.kind)
        .with_for_update()
    ).all()


def _count(
    session: Session, community_id: int, keys: tuple[tuple[str, bytes], ...], *, now: datetime
) -> None:
    """Count one more attempt. **Refuses**: ``TooManyTries`` while sign-in is blocked."""
    fresh = {"community_id": community_id, "failures": 0, "last_at": now, "closed_until_at": now}
    insert_new(session, sign_in_try, [{**fresh, "kind": k, "subject": d} for k, d in keys])
    rows = _taken(session, community_id, keys)
    closed_until = max(row.closed_until_at for row in rows)
    if closed_until > now:
        raise TooManyTries(until_at=closed_until.isoformat())
    for row in rows:
        is_old = row.last_at < now - TRIES_FORGOTTEN
        failures = 1 if is_old else min(row.failures + 1, 30_000)
        wait = _THROTTLES[row.kind].wait(failures)
        _set(session, row, failures=failures, last_at=now, closed_until_at=now + wait)


def _uncount(
    session: Session, community_id: int, keys: tuple[tuple[str, bytes], ...], *, now: datetime
) -> None:
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
