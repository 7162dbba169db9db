"""Count failed attempts at a secret, and block further ones for a while.

An attempt is counted *before* the secret is checked, in a unit of work of its own. So sixteen
concurrent attempts count as sixteen, and a refusal never rolls back its own count. How many are
allowed is in ``rules/throttles.py``; here is where each of them is counted.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, delete, or_, select, update
from sqlalchemy.orm import Session

from timebank.db import insert_new
from timebank.people.actions.devices import forget_worn_out, known_device_id
from timebank.people.refusals import SignInClosed, TooManyTries
from timebank.people.rules import throttles as rules
from timebank.people.rules.throttles import THROTTLES, Origin
from timebank.people.tables import sign_in_try
from timebank.vault.cipher import vault_of

_FAILURES_KEPT = 30_000


@dataclass(frozen=True, slots=True, order=True)
class TryKey:
    """One count: its kind and the digest of its subject; a pair also names its account."""

    kind: str
    subject: bytes
    account: bytes | None = None


TryKeys = tuple[TryKey, ...]  # In the order in which their rows are always locked.


@dataclass(frozen=True, slots=True)
class Account:
    """What is guessed at: a login name, a card number or a user's codes, and whose it is.

    ``person_id`` is None for a name or number that does not exist: it is counted all the same.
    """

    kind: str
    subject: str
    person_id: int | None


def try_keys(
    session: Session, community_id: int, account: Account, origin: Origin, *, now: datetime
) -> TryKeys:
    """Where an attempt is counted: at a known device, or else as one of a stranger."""
    device_id = known_device_id(session, community_id, account.person_id, origin.browser)
    if device_id is not None:
        (key,) = keys = _keys(session, (rules.DEVICE, str(device_id)))
        row = _row(session, community_id, key)
        if row is None or not THROTTLES[rules.DEVICE].is_used_up(row.failures):
            return keys
        forget_worn_out(session, community_id, device_id, now=now)
    return _stranger_keys(session, account, origin)


def scan_keys(session: Session, card_no: str, origin: Origin) -> TryKeys:
    """Where an attempt with a scanned card is counted: apart from all that needs no card.

    The address counts too, for a thief of many cards or of a kiosk, which knows them all. One or
    two cards are used up before they close it to others.
    """
    return _keys(session, (rules.SCAN, card_no), (rules.SOURCE, f"scan@{origin.source}"))


def invitation_keys(session: Session, origin: Origin) -> TryKeys:
    """Where an attempt at the code of an invitation is counted: per address.

    A code is one of 2**50, so that no count per code is needed. The address is counted apart from
    its sign-ins: whoever guesses codes in a service centre keeps nobody there from signing in.
    """
    return _keys(session, (rules.SOURCE, f"invitation@{origin.source}"))


def registration_keys(session: Session, registration_no: str, origin: Origin) -> TryKeys:
    """Where an attempt at a number and a birthday is counted: per number, and per address.

    A birthday is one of some ten thousand, so the number is closed after many of them.
    """
    number = (rules.CODE, f"registration.{registration_no}")
    return _keys(session, number, (rules.SOURCE, f"registration@{origin.source}"))


def is_known(keys: TryKeys) -> bool:
    """Tell whether an attempt is counted at a known device."""
    return any(key.kind == rules.DEVICE for key in keys)


def account_digest(session: Session, kind: str, subject: str) -> bytes:
    return vault_of(session).digest(f"try.{kind}", subject)


def _keys(session: Session, *subjects: tuple[str, str]) -> TryKeys:
    return tuple(sorted(TryKey(kind, account_digest(session, kind, s)) for kind, s in subjects))


def _stranger_keys(session: Session, account: Account, origin: Origin) -> TryKeys:
    (whole,) = _keys(session, (account.kind, account.subject))
    pair = account_digest(session, rules.PAIR, f"{whole.subject.hex()}@{origin.source}")
    return tuple(
        sorted(
            (
                whole,
                TryKey(rules.PAIR, pair, whole.subject),
                *_keys(session, (rules.SOURCE, origin.source)),
            )
        )
    )


def _is_row(key: TryKey) -> Any:
    return and_(sign_in_try.c.kind == key.kind, sign_in_try.c.subject == key.subject)


def _row(session: Session, community_id: int, key: TryKey) -> Any:
    return session.execute(
        select(sign_in_try).where(sign_in_try.c.community_id == community_id, _is_row(key))
    ).first()


def _locked(session: Session, community_id: int, keys: TryKeys) -> Any:
    return session.execute(
        select(sign_in_try)
        .where(sign_in_try.c.community_id == community_id, or_(*map(_is_row, keys)))
        .order_by(sign_in_try.c.kind, sign_in_try.c.subject)
        .with_for_update()
    ).all()


def count_try(session: Session, community_id: int, keys: TryKeys, *, now: datetime) -> None:
    """Count one more attempt.

    **Refuses**: ``TooManyTries`` while one of the counts is in its delay; ``SignInClosed`` if one
    is used up.
    """
    fresh = {"community_id": community_id, "failures": 0, "last_at": now, "closed_until_at": now}
    fresh_rows = [
        {**fresh, "kind": k.kind, "subject": k.subject, "account": k.account} for k in keys
    ]
    insert_new(session, sign_in_try, fresh_rows)
    rows = _locked(session, community_id, keys)
    _refuse_closed(rows, now)
    for row in rows:
        before = rules.failures_now(row.kind, row.failures, last_at=row.last_at, now=now)
        failures = min(before + 1, _FAILURES_KEPT)
        wait = THROTTLES[row.kind].wait(failures)
        _set(session, row, failures=failures, last_at=now, closed_until_at=now + wait)


def _refuse_closed(rows: Any, now: datetime) -> None:
    if any(THROTTLES[row.kind].is_used_up(row.failures) for row in rows):
        raise SignInClosed()
    delays = [
        row.closed_until_at
        for row in rows
        if rules.is_closed(now, last_at=row.last_at, until_at=row.closed_until_at)
    ]
    if delays:
        raise TooManyTries(until_at=max(delays).isoformat())


def uncount_try(session: Session, community_id: int, keys: TryKeys, *, now: datetime) -> None:
    """Clear the failures of an account or device; give an address back only this one attempt.

    Otherwise somebody could reset the counter of an address with their own card.
    """
    for row in _locked(session, community_id, keys):
        failures = max(row.failures - 1, 0) if row.kind == rules.SOURCE else 0
        until = row.last_at + THROTTLES[row.kind].wait(failures)
        _set(session, row, failures=failures, closed_until_at=min(until, row.closed_until_at))
    _sweep(session, now)


def _sweep(session: Session, now: datetime) -> None:
    """Delete the counts of long ago, of names that exist and of others after the same time."""
    is_old = or_(
        sign_in_try.c.kind.not_in(rules.LIMITED_KINDS),
        sign_in_try.c.last_at < now - rules.TRIES_SWEPT,
    )
    session.execute(
        delete(sign_in_try).where(sign_in_try.c.last_at < now - 2 * rules.TRIES_FORGOTTEN, is_old)
    )


def clear_tries(session: Session, community_id: int, *keys: tuple[str, str]) -> int:
    """Forget all failures at accounts, from wherever: their secret is new, or somebody vouches.

    Return how many counts held a failure.
    """
    digests = [account_digest(session, kind, subject) for kind, subject in keys]
    gone = session.execute(
        delete(sign_in_try)
        .where(
            sign_in_try.c.community_id == community_id,
            or_(sign_in_try.c.subject.in_(digests), sign_in_try.c.account.in_(digests)),
        )
        .returning(sign_in_try.c.failures)
    )
    return sum(row.failures > 0 for row in gone)


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
