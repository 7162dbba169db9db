"""Count wrong codes of the set-up by the address that sent them, before a code is looked at."""

from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from timebank.db import insert_new
from timebank.founding.tables import set_up_try
from timebank.people.refusals import TooManyTries
from timebank.people.rules.throttles import PAIR, THROTTLES, failures_now, is_closed
from timebank.vault.cipher import vault_of

_THROTTLE = THROTTLES[PAIR]  # A code from one address, as a name from one address.
_FAILURES_KEPT = 30_000


def count_try(session: Session, now: datetime, source: str) -> None:
    """Count one more attempt from an address. **Refuses**: ``TooManyTries`` in its delay."""
    digest = _source(session, source)
    row = {"source_digest": digest, "failures": 0, "last_at": now, "closed_until_at": now}
    insert_new(session, set_up_try, [row])
    known = session.execute(
        select(set_up_try).where(set_up_try.c.source_digest == digest).with_for_update()
    ).one()
    if is_closed(now, last_at=known.last_at, until_at=known.closed_until_at):
        raise TooManyTries(until_at=known.closed_until_at.isoformat())
    before = failures_now(PAIR, known.failures, last_at=known.last_at, now=now)
    failures = min(before + 1, _FAILURES_KEPT)
    until = now + _THROTTLE.wait(failures)
    _set(session, source, failures=failures, last_at=now, closed_until_at=until)


def clear_tries(session: Session, now: datetime, source: str) -> None:
    """Forget the attempts of an address that had the right code."""
    _set(session, source, failures=0, last_at=now, closed_until_at=now)


def _source(session: Session, source: str) -> bytes:
    return vault_of(session).digest("set_up_try.source", source)


def _set(session: Session, source: str, **cells: Any) -> None:
    known = set_up_try.c.source_digest == _source(session, source)
    session.execute(update(set_up_try).where(known).values(**cells))
