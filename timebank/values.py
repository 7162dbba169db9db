"""Ids, commodities, instants, local days, and the actor of a deed.

Pure values. No clock is read here, except for the first bits of an id.
"""

import os
import secrets
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

COMMUNITY_ZONE = ZoneInfo("Asia/Shanghai")
LARGEST_QUANTITY = 2**53 - 1  # Kiosks with JavaScript stay exact up to here.

MINUTES = "minutes"  # What a time account can spend.
SERVED = "served_minutes"  # The cumulative counter of a volunteer; never spent.
FEN = "fen"
POINTS = "points"
SHEETS = "day_sheets"  # Signed sheets of closed days.
HONOUR = "honour"  # Value of donations in whole yuan, for thanks only; never redeemed.


def pieces_of(item_id: int) -> str:
    """The commodity that counts pieces of one catalogue item."""
    return f"pieces:{item_id}"


_id_lock = threading.Lock()
_id_state = [0, 0, 0]  # process, milliseconds, tail


def new_id() -> int:
    """Create an id of 63 bits: milliseconds and a tail of 22 bits.

    The tail starts at a random value in each millisecond and counts up. Two processes, even forked
    ones, rarely draw the same id; if they do, the primary key refuses the second and the unit of
    work is retried. The ids of one process increase strictly. An id is a name and never a cursor.
    In September 2039 the milliseconds exceed their 41 bits and ids start again at small numbers:
    until then the epoch or the width must be changed.
    """
    with _id_lock:
        process, ms = os.getpid(), max(time.time_ns() // 1_000_000, _id_state[1])
        tail = _id_state[2] + 1
        if [process, ms] != _id_state[:2]:
            tail = secrets.randbits(21)
        elif tail > 0x3FFFFF:
            ms, tail = ms + 1, secrets.randbits(21)
        _id_state[:] = process, ms, tail
        return (ms & 0x1FFFFFFFFFF) << 22 | tail


def us_of_id(id_: int) -> int:
    """The microseconds at which an id was created. An id is a name, so do not rely on it."""
    return (id_ >> 22) * 1000


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def to_us(instant: datetime) -> int:
    """The exact number of microseconds since 1970 of an aware instant."""
    return (instant - _EPOCH) // timedelta(microseconds=1)


def from_us(us: int) -> datetime:
    return _EPOCH + timedelta(0, 0, us)  # By name it takes twice as long, for each row of a page.


def local_day(instant: datetime) -> date:
    """The calendar day of an instant in the community's time zone."""
    return instant.astimezone(COMMUNITY_ZONE).date()


def local_instant(day: date, hour: int = 0, minute: int = 0) -> datetime:
    """The instant in UTC of a local day and time."""
    local = datetime(day.year, day.month, day.day, hour, minute, tzinfo=COMMUNITY_ZONE)
    return local.astimezone(UTC)


def day_no(day: date) -> int:
    """The number of a day, counted from 1970, as a key of whole numbers in the database."""
    return (day - _EPOCH.date()).days


def month_start(day: date, back: int = 0) -> date:
    """The first day of the month so many months earlier; -1 is the next month."""
    count = day.year * 12 + day.month - 1 - back
    return date(count // 12, count % 12 + 1, 1)


class Role(NamedTuple):
    """A role of a member of staff, and its place; without a place it covers the whole community."""

    name: str
    place_id: int | None = None


@dataclass(frozen=True, slots=True)
class By:
    """The actor: a person on a page, a keeper at the counter, a kiosk, a job.

    ``client`` names the sender of request ids (``user:12``, ``device:7``): the same id
    from two clients is two deeds. ``channel`` is web, counter, kiosk, phone or job.
    ``device_id`` is the kiosk that sends the deed, if one does.
    """

    community_id: int
    client: str
    channel: str = "web"
    user_id: int | None = None
    person_id: int | None = None
    household_id: int | None = None
    device_id: int | None = None
    roles: frozenset[Role] = field(default_factory=frozenset)

    def has_role(self, *names: str, place_id: int | None = None) -> bool:
        """Tell whether the actor holds one of the roles for the place, or everywhere."""
        return any(
            role.name in names and (role.place_id is None or role.place_id == place_id)
            for role in self.roles
        )

    def holds(self, *names: str) -> bool:
        """Tell whether the actor holds one of the roles anywhere."""
        return any(role.name in names for role in self.roles)

    @property
    def is_staff(self) -> bool:
        return bool(self.roles)
