"""How service is credited: rounding, caps, overlaps, and who may confirm it.

Pure: numbers, instants and roles in, answers out. Not here: accounts (``actions``) and which
parameters are in force on which day (``policy``).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from timebank.hours import may
from timebank.values import By

# The seven categories of the family service centre; every service belongs to one of them. Source:
# domain.md A, row 14.
CATEGORIES = {
    "elders": ("长者服务", "Services for elders"),
    "families": ("家庭服务", "Services for families"),
    "youth": ("儿童青少年服务", "Services for children and youth"),
    "convenience": ("便民利民服务", "Everyday services"),
    "employment": ("就业辅导服务", "Help with finding work"),
    "culture": ("社区文体组织孵化", "Culture and sports groups"),
    "volunteering": ("志愿者服务", "Volunteer services"),
}

# The states of a record. Only ``entered`` waits for confirmations.
OPEN = "open"  # Checked in, not yet checked out.
UNENDED = "unended"  # The check-out was forgotten; an organiser must propose an end.
PROPOSED = "proposed"  # An end is proposed; the volunteer has not agreed yet.
ENTERED = "entered"
CONFIRMED = "confirmed"  # Everybody has confirmed, but no minutes are credited.
CREDITED = "credited"
REFUSED = "refused"
REVERSED = "reversed"
STATES = (OPEN, UNENDED, PROPOSED, ENTERED, CONFIRMED, CREDITED, REFUSED, REVERSED)
VOID = (REFUSED, REVERSED)  # These do not occupy time in the volunteer's day.

KIOSK, PHONE, TYPED = "kiosk", "phone", "entered"
SOURCES = (KIOSK, PHONE, TYPED)

# The sides of a record. The volunteer only agrees to a proposed end and never confirms.
RECIPIENT, ORGANISER, VOLUNTEER = "recipient", "organiser", "volunteer"
SIDES = (RECIPIENT, ORGANISER, VOLUNTEER)

SAME_START = timedelta(minutes=2)  # A double tap, not a second shift. kiosk-and-face.md 5.
LONGEST_SESSION = timedelta(hours=12)  # Longer means a forgotten check-out. Our proposal.
CLOCK_SLACK = timedelta(minutes=5)  # How far a kiosk's clock may run ahead of ours.
BATCH_MAX = 1000  # Records per deed; keeps a unit of work short.


@dataclass(frozen=True, slots=True)
class Terms:
    """The dated parameters of the time bank. **Units**: minutes, working days."""

    rounding_minutes: int = 30
    shortest_minutes: int = 30
    daily_cap_minutes: int = 240
    balance_cap_minutes: int = 90_000
    recording_working_days: int = 10


@dataclass(frozen=True, slots=True)
class Credit:
    """The credited minutes of a session, and how many the daily cap cut off."""

    credited_minutes: int
    over_cap_minutes: int


def real_minutes(started_at: datetime, ended_at: datetime) -> int:
    """Count the minutes of a session between its clock times as they are shown, without seconds.

    23:30:59 to 00:00:58 is shown as 23:30–00:00 and counts 30. The record keeps them, whatever is
    credited.
    """
    return (_to_the_minute(ended_at) - _to_the_minute(started_at)) // timedelta(minutes=1)


def _to_the_minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)


def in_steps(minutes: int, step: int) -> int:
    """Round down to whole steps."""
    return minutes - minutes % step


def credit_of(real: int, *, credited_that_day: int, terms: Terms) -> Credit:
    """Compute the credit of one session: steps, minimum length, and the rest of the daily cap.

    **Units**: minutes. **Source**: domain.md C.1; Changning caps the day as well.
    """
    if real < terms.shortest_minutes:
        return Credit(0, 0)
    counted = in_steps(real, terms.rounding_minutes)
    left = max(terms.daily_cap_minutes - credited_that_day, 0)
    credited = in_steps(min(counted, left), terms.rounding_minutes)
    return Credit(credited, counted - credited)


def split_at_ceiling(credited: int, *, held_already: int, ceiling: int) -> tuple[int, int]:
    """Split a credit into the part for the volunteer's account and the overflow for the pool."""
    to_person = min(credited, max(ceiling - held_already, 0))
    return to_person, credited - to_person


def overlaps(
    started_at: datetime, ended_at: datetime, *, other_start: datetime, other_end: datetime | None
) -> bool:
    """Tell whether two sessions overlap; one may begin when the other ends.

    A session without an end counts as long as the longest session allowed.
    """
    until = other_end or other_start + LONGEST_SESSION
    return started_at < until and other_start < ended_at


def is_same_start(one: datetime, other: datetime) -> bool:
    """Tell whether two starts are a double tap."""
    return abs(one - other) <= SAME_START


def is_forgotten(started_at: datetime, at: datetime) -> bool:
    """Tell whether a shift is so long that its check-out must have been forgotten."""
    return at - started_at > LONGEST_SESSION


def needs(*, has_recipient: bool) -> frozenset[str]:
    """The sides that must confirm; a group activity has only an organiser."""
    return frozenset({RECIPIENT, ORGANISER} if has_recipient else {ORGANISER})


def may_organise(by: By, *place_ids: int | None) -> bool:
    """Tell whether a role covers a record of one of these places (grid or store)."""
    return any(may.ORGANISE.is_held_at(by, place_id) for place_id in place_ids)


def may_write_for(by: By, *place_ids: int | None) -> bool:
    """Tell whether somebody may enter records for others: an organiser there, or the hotline."""
    return may.TAKE_CALLS.is_held_everywhere(by) or may_organise(by, *place_ids)


def shares_household(one: int | None, other: int | None) -> bool:
    """Tell whether two people live in one household; an unknown household is never shared."""
    return one is not None and one == other
