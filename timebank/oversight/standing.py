"""How a community stands, as far as its database knows: seal, clock, calendar, kiosks, staff.

Not here: what the data folder knows (``backups/notes.py``), and what is good or bad (``rules``).
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from timebank.deeds.queries import working_days
from timebank.kiosks.queries import KioskStanding, kiosk_standings
from timebank.kiosks.rules import FROZEN, REVOKED
from timebank.ledger.entries import oldest_waiting_us
from timebank.messages.queries import outbox_standing
from timebank.oversight.rules import (
    HealthLine,
    KioskFacts,
    judge_calendar,
    judge_clock,
    judge_factor,
    judge_kiosk,
    judge_messages,
    judge_seal,
)
from timebank.people.queries import factor_roles, staffing
from timebank.sealing.queries import checkpoint_latest
from timebank.values import from_us, local_day

_CLOCK_OF_DATABASE = text("SELECT clock_timestamp()")


def standing_lines(
    session: Session, community_id: int, *, now: datetime, has_jumped: bool
) -> Iterator[HealthLine]:
    """Every line but those of the kiosks."""
    latest = checkpoint_latest(session, community_id)
    oldest_us = oldest_waiting_us(session, community_id)
    yield judge_seal(
        from_us(latest.signed_us) if latest else None,
        oldest_at=from_us(oldest_us) if oldest_us is not None else None,
        now=now,
    )
    yield judge_clock(has_jumped=has_jumped, drift=_drift(session, now))
    calendar = working_days(session, community_id)
    today = local_day(now)
    yield judge_calendar(calendar.known_until_on, ends_soon=calendar.ends_soon(today), today=today)
    roles = factor_roles(session, community_id, now=now)
    outbox = outbox_standing(session, community_id)
    yield judge_messages(outbox.oldest_at, waiting=outbox.waiting, unclear=outbox.unclear, now=now)
    yield judge_factor(staffing(session, community_id, factor_roles=roles).without_factor)


def _drift(session: Session, now: datetime) -> timedelta | None:
    """How far our clock is ahead of the database's; SQLite has the clock of this machine."""
    if session.get_bind().dialect.name == "sqlite":
        return None
    at: datetime = session.execute(_CLOCK_OF_DATABASE).scalar_one()
    return now - at


def living_kiosks(session: Session, community_id: int) -> list[KioskStanding]:
    """The kiosks that were not ended, newest first."""
    found = kiosk_standings(session, community_id)
    return [kiosk for kiosk in found if kiosk.state != REVOKED]


def kiosk_line(kiosk: KioskStanding, *, name: str, now: datetime, newest: str) -> HealthLine:
    """The line of one kiosk; ``newest`` is the version of this server."""
    ahead = None if kiosk.ahead_us is None else timedelta(microseconds=kiosk.ahead_us)
    facts = KioskFacts(
        name=name, is_frozen=kiosk.state == FROZEN, seen_at=kiosk.seen_at, version=kiosk.version,
        waiting=kiosk.waiting, ahead=ahead,
    )  # fmt: skip
    return judge_kiosk(facts, now, newest=newest)
