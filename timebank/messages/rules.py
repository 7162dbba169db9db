"""The ways on which a message leaves the inbox, and when an attempt is repeated. Pure."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from timebank.errors import BadInput
from timebank.typed import joined
from timebank.values import COMMUNITY_ZONE

EMAIL, SMS, CALL = "email", "sms", "call"
OUTSIDE = (EMAIL, SMS)  # Sent by a gateway; a call is made by a person.
CHANNELS = (*OUTSIDE, CALL)

# What becomes of a message on one way. *due*: waits for its time. *sending*: an attempt has begun.
# *unclear*: nobody knows whether it arrived. *dropped*: it was read, or is of no use any more.
DUE, SENDING, DONE, UNCLEAR, FAILED, DROPPED = (
    "due", "sending", "done", "unclear", "failed", "dropped",
)  # fmt: skip
STATES = (DUE, SENDING, DONE, UNCLEAR, FAILED, DROPPED)

SENT, REFUSED = "sent", "failed"  # Outcomes of a gateway; the third is UNCLEAR.
REACHED, AWAY, WRONG_NUMBER, SLIP = "reached", "away", "wrong_number", "slip"
CALL_OUTCOMES = (REACHED, AWAY, WRONG_NUMBER, SLIP)
CALLS_THAT_END = (REACHED, SLIP)
OUTCOMES = (SENT, REFUSED, UNCLEAR, *CALL_OUTCOMES)

# After each definite failure; after the last one staff call. **Source**: our own defaults.
WAITS = (timedelta(minutes=5), timedelta(hours=1), timedelta(hours=6))
# An attempt without an outcome is unclear then. Every gateway has given up long before.
LOST_AFTER = timedelta(minutes=15)

# So long it makes sense to send a message or to call about it.
OF_USE = timedelta(days=14)
# Nobody is woken: between these hours, in local time, nothing leaves.
QUIET_FROM, QUIET_UNTIL = time(21), time(8)

ABOUT_MAX, EMAIL_MAX = 60, 120
_EMAIL = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")


@dataclass(frozen=True, slots=True)
class Reach:
    """How a person may be reached: their addresses as far as known, and what they switched on."""

    has_email: bool = False
    has_phone: bool = False
    by_email: bool = True
    by_sms: bool = True
    by_call: bool = True

    def channels(self, ready: Collection[str], *, is_called: bool) -> tuple[str, ...]:
        """The ways for a message; ``ready`` are those whose gateway is set up.

        Staff call, or bring a slip, if no other way is left and the message is worth it.
        """
        ways = tuple(
            channel
            for channel, is_open in (
                (EMAIL, self.has_email and self.by_email),
                (SMS, self.has_phone and self.by_sms),
            )
            if is_open and channel in ready
        )
        return ways or ((CALL,) if is_called and self.by_call else ())


def is_quiet(now: datetime) -> bool:
    """Tell whether it is night where the people are."""
    clock = now.astimezone(COMMUNITY_ZONE).time()
    return clock >= QUIET_FROM or clock < QUIET_UNTIL


def next_try(tries: int, now: datetime) -> datetime | None:
    """When a message that was refused is tried again; None after the last attempt."""
    return now + WAITS[tries - 1] if tries <= len(WAITS) else None


def check_email(typed: str) -> str:
    """Read an e-mail address in letters of either width; an empty one stays empty.

    **Refuses**: ``BadInput``.
    """
    address = joined(typed)
    if address and (len(address) > EMAIL_MAX or not _EMAIL.fullmatch(address)):
        raise BadInput(field="email", why="email")
    return address
