"""When an event of a kiosk took place: by its clock, its chain and the count of its machine.

Not here: the decisions (``rules``), and what is done then (``applying``).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, insert, select, update
from sqlalchemy.orm import Session

from timebank.errors import BadInput
from timebank.kiosks import rules
from timebank.kiosks.actions.arrived import Arrived, MustReview, Review, SentBy
from timebank.kiosks.queries import Device
from timebank.kiosks.refusals import TimeUnknown
from timebank.kiosks.tables import run
from timebank.policy.queries import parameters_on
from timebank.values import local_day


@dataclass(frozen=True, slots=True)
class TimeStamp:
    """What an envelope says about its time; ``at`` is its clock, corrected by the error at sending.

    Only a deed has a time that must be possible: ``is_deed`` is false for a note.
    """

    boot_id: str | None
    monotonic_ms: int | None
    at: datetime
    is_shift: bool
    is_deed: bool

    @property
    def counted_ms(self) -> int | None:
        return rules.count_of(self.boot_id, self.monotonic_ms)


def learn_run(session: Session, now: datetime, sender: Device, sent: SentBy) -> None:
    """Note when the run of the machine that sends began. Needs the lock of its device.

    An upload never arrives before it was sent, so the earliest start that any shows is the best.
    """
    counted_ms = rules.count_of(*sent)
    if counted_ms is None:
        return
    boot_id = str(sent[0])
    started_at, known = now - timedelta(milliseconds=counted_ms), _run_of(session, sender, boot_id)
    if known is None:
        key = {"community_id": sender.community_id, "device_id": sender.device_id}
        session.execute(
            insert(run).values(**key, boot_id=boot_id, started_at=started_at, known_ms=counted_ms)
        )
    elif started_at < known.started_at:
        session.execute(update(run).where(_of(sender, boot_id)).values(started_at=started_at))


def _of(sender: Device, boot_id: str) -> ColumnElement[bool]:
    return and_(
        run.c.community_id == sender.community_id,
        run.c.device_id == sender.device_id,
        run.c.boot_id == boot_id,
    )


def _run_of(session: Session, sender: Device, boot_id: str) -> rules.Run | None:
    row = session.execute(
        select(run.c.started_at, run.c.known_ms).where(_of(sender, boot_id))
    ).first()
    return None if row is None else rules.Run(*row)


def checked_time(session: Session, now: datetime, stamp: TimeStamp, arrived: Arrived) -> datetime:
    """The time at which a deed is posted. Notes have no such time.

    **Refuses**: ``MustReview`` for a time at which the deed cannot have happened, with the time
    that is proposed instead.
    """
    if not stamp.is_deed:
        return stamp.at
    bounds = _bounds(session, now, stamp, arrived)
    arrived.counted_at = bounds.counted_at or bounds.last_counted_at
    proposed = rules.proposed_at(stamp.at, bounds, is_shift=stamp.is_shift)
    known = {"proposed_at": _written(proposed), "earliest_at": _written(bounds.earliest)}
    if stamp.is_shift and rules.is_clock_wrong(arrived.ahead_us):
        minutes = arrived.ahead_us // 60_000_000
        raise MustReview(rules.CLOCK_WRONG, minutes=minutes, **known)
    why = rules.doubt_of(stamp.at, bounds)
    if why is not None:
        raise MustReview(rules.TIME_IMPLAUSIBLE, why=why, **known)
    arrived.deed_at = rules.in_order(stamp.at, bounds)
    if stamp.counted_ms is not None:
        arrived.deed_run = (stamp.boot_id, stamp.counted_ms)
    return arrived.deed_at


def require_after(started_at: datetime, at: datetime, *, counted_at: datetime | None) -> datetime:
    """The end of a service, which was begun elsewhere too: not before its beginning.

    **Refuses**: ``MustReview`` if the clock was wrong by more than what is tolerated.
    """
    if at < started_at - rules.TOLERANCE:
        is_possible = counted_at is not None and counted_at >= started_at
        proposed = _written(counted_at if is_possible else None)
        raise MustReview(
            rules.TIME_IMPLAUSIBLE, why=rules.BEFORE_START, proposed_at=proposed,
            earliest_at=_written(started_at),
        )  # fmt: skip
    return max(at, started_at)


def _written(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _bounds(session: Session, now: datetime, stamp: TimeStamp, arrived: Arrived) -> rules.Bounds:
    device, counted_ms = arrived.device, stamp.counted_ms
    last_counted_at = counted_at = not_before = None
    if counted_ms is not None:
        own = _run_of(session, device, str(stamp.boot_id))
        counted_at = own.at(counted_ms) if own else None
        not_before = counted_at if own and counted_ms > own.known_ms else None
        last_counted_at = _since_last(device, stamp.boot_id, counted_ms)
    days = parameters_on(session, device.community_id, local_day(now)).whole(
        "kiosks.upload_days_max", rules.UPLOAD_DAYS_MAX
    )
    return rules.Bounds(
        paired_at=device.paired_at, last_at=device.last_deed_at, arrived_at=now,
        longest=timedelta(days=days), last_counted_at=last_counted_at, counted_at=counted_at,
        not_before=not_before,
    )  # fmt: skip


def _since_last(device: Device, boot_id: str | None, counted_ms: int) -> datetime | None:
    """The previous deed's time and what the machine has counted since; None after a restart."""
    at, before_ms = device.last_deed_at, device.last_deed_ms
    if at is None or before_ms is None or device.last_deed_boot_id != boot_id:
        return None
    return at + timedelta(milliseconds=max(counted_ms - before_ms, 0))


def reviewed_time(stamp: TimeStamp, arrived: Arrived, review: Review) -> datetime:
    """When a reviewed event took place: as staff entered it, or saw it on the page of the review.

    **Refuses**: ``BadInput`` for an entered time before pairing or after arrival; ``TimeUnknown``
    for a service without a plausible time.
    """
    if not stamp.is_deed:
        return stamp.at
    bounds = rules.Bounds(
        paired_at=arrived.device.paired_at, last_at=None, arrived_at=review.arrived_at,
        longest=timedelta.max,
    )  # fmt: skip
    if review.told_at is not None:
        if not bounds.paired_at <= review.told_at <= bounds.arrived_at:
            raise BadInput(field="happened_at", why="range")
        return review.told_at
    if review.proposed_at is not None:
        return review.proposed_at
    is_doubted = review.is_time_doubted or rules.doubt_of(stamp.at, bounds) is not None
    if is_doubted and stamp.is_shift:
        raise TimeUnknown()
    return rules.in_order(stamp.at, bounds)


def likely_at(session: Session, now: datetime, device: Device, stamp: TimeStamp) -> datetime:
    """When a note was written, for which no person decides: by its clock, if that is possible."""
    if device.paired_at - rules.TOLERANCE <= stamp.at <= now + rules.TOLERANCE:
        return min(stamp.at, now)
    counted_ms = stamp.counted_ms
    own = None if counted_ms is None else _run_of(session, device, str(stamp.boot_id))
    return now if own is None or counted_ms is None else min(own.at(counted_ms), now)
