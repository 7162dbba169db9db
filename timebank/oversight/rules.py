"""How a community is looked after: what is well, what to watch, what somebody must act on. Pure.

Not here: where the facts come from (``standing.py`` and the web), and the words.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from timebank.people.rules import CROCKFORD

PASS_LETTERS = 25  # 125 bits.
WELL, WATCH, ACT = "well", "watch", "act"
STATES = (ACT, WATCH, WELL)

# Our own proposals. A week of receipts can still be entered again from paper; a month cannot.
BACKUP_WATCH, BACKUP_ACT = timedelta(days=2), timedelta(days=8)
DRILL_WATCH, DRILL_ACT = timedelta(days=35), timedelta(days=100)  # A drill a month; a quarter.
RESTORE_SHOWN = timedelta(days=14)
# The server seals every three seconds, cron every minute.
SEAL_WATCH, SEAL_ACT = timedelta(minutes=5), timedelta(minutes=30)
FREE_WATCH_BYTES, FREE_ACT_BYTES = 1024**3, 64 * 1024**2  # /healthz fails at the second.
CLOCK_WATCH, CLOCK_ACT = timedelta(seconds=15), timedelta(minutes=2)  # A code lasts 30 seconds.
# Events of a kiosk wait for staff if its clock is ten minutes wrong.
KIOSK_WATCH, KIOSK_ACT = timedelta(minutes=1), timedelta(minutes=10)
OUTBOX_WATCH, OUTBOX_ACT = timedelta(hours=12), timedelta(days=2)
SILENT_WATCH, SILENT_ACT = timedelta(days=1), timedelta(days=3)  # Shops are closed at night.


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthLine:
    """One line: what, its state, why in a code, and since when.

    ``why`` names the sentence; ``facts`` are what it tells. ``of`` is the kiosk or drill that the
    line is about.
    """

    what: str
    state: str
    why: str
    since: datetime | None = None
    of: str = ""
    facts: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class KioskFacts:
    """What is known of a kiosk that was not ended."""

    name: str
    is_frozen: bool
    seen_at: datetime
    version: str | None
    waiting: int | None
    ahead: timedelta | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DrillFacts:
    """The last run of a drill; both are None before the first."""

    name: str
    at: datetime | None
    is_good: bool | None


def judge_backup(at: datetime | None, now: datetime) -> HealthLine:
    """The last backup."""
    if at is None:
        return HealthLine(what="backup", state=ACT, why="never")
    state = _by_age(now - at, BACKUP_WATCH, BACKUP_ACT)
    return HealthLine(what="backup", state=state, why="well" if state == WELL else "old", since=at)


def judge_restore(at: datetime, *, of: datetime, now: datetime) -> HealthLine | None:
    """A backup was restored some days ago: kiosks and papers must be brought up to date."""
    if now - at > RESTORE_SHOWN:
        return None
    return HealthLine(what="restore", state=WATCH, why="done", since=at, facts={"of": of})


def judge_drill(drill: DrillFacts, now: datetime) -> HealthLine:
    """A drill that failed is to be acted on; one that was never run is to be watched."""
    if drill.at is None:
        return HealthLine(what="drill", state=WATCH, why="never", of=drill.name)
    state, why = _by_age(now - drill.at, DRILL_WATCH, DRILL_ACT), "old"
    if not drill.is_good:
        state, why = ACT, "bad"
    why = "well" if state == WELL else why
    return HealthLine(what="drill", state=state, why=why, since=drill.at, of=drill.name)


def judge_seal(
    sealed_at: datetime | None, *, oldest_at: datetime | None, now: datetime
) -> HealthLine:
    """The seal of the books: what counts is how long the oldest entry has been waiting."""
    if oldest_at is not None and now - oldest_at > SEAL_WATCH:
        state = _by_age(now - oldest_at, SEAL_WATCH, SEAL_ACT)
        return HealthLine(what="seal", state=state, why="waits", since=oldest_at)
    why = "well" if sealed_at is not None else "nothing"
    return HealthLine(what="seal", state=WELL, why=why, since=sealed_at)


def judge_disk(free_bytes: int) -> HealthLine:
    """The free disk."""
    state = WELL
    if free_bytes < FREE_WATCH_BYTES:
        state = ACT if free_bytes < FREE_ACT_BYTES else WATCH
    why = "well" if state == WELL else "full"
    facts = {"free": free_bytes}
    return HealthLine(what="disk", state=state, why=why, facts=facts)


def judge_clock(*, has_jumped: bool, drift: timedelta | None) -> HealthLine:
    """The clock of this server; ``drift`` is against the server of the database."""
    if has_jumped:
        return HealthLine(what="clock", state=ACT, why="jumped")
    if drift is None:
        return HealthLine(what="clock", state=WELL, why="well")
    state = _by_age(abs(drift), CLOCK_WATCH, CLOCK_ACT)
    facts = {"seconds": round(abs(drift).total_seconds())}
    return HealthLine(
        what="clock", state=state, why="same" if state == WELL else "drifts", facts=facts
    )


def judge_calendar(until_on: date, *, ends_soon: bool, today: date) -> HealthLine:
    """The table of public holidays."""
    if until_on < today:
        return HealthLine(what="calendar", state=ACT, why="over", facts={"until": until_on})
    state, why = (WATCH, "soon") if ends_soon else (WELL, "well")
    return HealthLine(what="calendar", state=state, why=why, facts={"until": until_on})


def judge_kiosk(kiosk: KioskFacts, now: datetime, *, newest: str) -> HealthLine:
    """One kiosk; ``newest`` is the version of the server. The gravest fault decides."""
    facts = {"waiting": kiosk.waiting or 0, "version": kiosk.version or ""}
    state, why = _kiosk_state(kiosk, now, newest)
    if kiosk.ahead is not None:
        facts["minutes"] = round(abs(kiosk.ahead).total_seconds() / 60)
    return HealthLine(
        what="kiosk", state=state, why=why, since=kiosk.seen_at, of=kiosk.name, facts=facts
    )


def _kiosk_state(kiosk: KioskFacts, now: datetime, newest: str) -> tuple[str, str]:
    silent = _by_age(now - kiosk.seen_at, SILENT_WATCH, SILENT_ACT)
    if kiosk.is_frozen:
        return ACT, "frozen"
    if silent == ACT or (silent == WATCH and kiosk.waiting):
        return ACT, "silent"
    drift = _by_age(abs(kiosk.ahead or timedelta()), KIOSK_WATCH, KIOSK_ACT)
    if drift != WELL:
        return drift, "clock"
    if silent == WATCH:
        return WATCH, "silent"
    return (WELL, "well") if kiosk.version in (None, newest) else (WATCH, "version")


def judge_factor(without: int) -> HealthLine:
    """The second step of those who decide; the sign-in asks for it, so nothing stands open."""
    if not without:
        return HealthLine(what="factor", state=WELL, why="well")
    return HealthLine(what="factor", state=WATCH, why="missing", facts={"count": without})


def judge_messages(
    oldest_at: datetime | None, *, waiting: int, unclear: int, now: datetime
) -> HealthLine:
    """The outbox of messages; at night it rests, and what was refused is tried for hours."""
    facts = {"count": waiting, "unclear": unclear}
    if oldest_at is not None and now - oldest_at > OUTBOX_WATCH:
        state = _by_age(now - oldest_at, OUTBOX_WATCH, OUTBOX_ACT)
        return HealthLine(what="messages", state=state, why="waits", since=oldest_at, facts=facts)
    if unclear:
        return HealthLine(what="messages", state=WATCH, why="unclear", facts=facts)
    return HealthLine(what="messages", state=WELL, why="well", facts=facts)


def judge_schema(found: str | None, newest: str | None) -> HealthLine:
    """The schema of the database; one of the tests has no revision."""
    is_newest = found in (None, newest)
    facts = {"found": found or "", "newest": newest or ""}
    state, why = (WELL, "well") if is_newest else (ACT, "old")
    return HealthLine(what="schema", state=state, why=why, facts=facts)


def gravest_first(lines: Iterable[HealthLine]) -> list[HealthLine]:
    """What must be acted on first; within a state as the lines came."""
    return sorted(lines, key=lambda line: STATES.index(line.state))


def in_red(lines: Iterable[HealthLine]) -> Iterator[HealthLine]:
    """What somebody must act on."""
    return (line for line in lines if line.state == ACT)


def _by_age(age: timedelta, watch: timedelta, act: timedelta) -> str:
    if age > act:
        return ACT
    return WATCH if age > watch else WELL


def pass_of_digest(digest: bytes) -> str:
    """Write 125 bits of a digest as five groups of five letters, for paper."""
    number = int.from_bytes(digest)
    letters = [CROCKFORD[number >> 5 * place & 31] for place in range(PASS_LETTERS)]
    groups = ("".join(letters[at : at + 5]) for at in range(0, PASS_LETTERS, 5))
    return "-".join(groups)
