"""What is known about bytes that arrived from a kiosk, before and while they are judged."""

from dataclasses import dataclass
from datetime import datetime

from timebank.kiosks.queries import Device
from timebank.values import By

# The run of a machine, and the milliseconds that it has counted; both None if it did not say.
SentBy = tuple[str | None, int | None]


@dataclass(slots=True)
class Arrived:
    """Bytes from a kiosk and what is known about them.

    ``event_id`` and ``actor_ref`` are set once the bytes were parsed, ``deed_at`` and ``deed_run``
    once a deed was found to have happened then; ``counted_at`` is its time by the machine's count.
    """

    device: Device
    seq: int
    raw: bytes
    signature: bytes
    digest: str
    is_signed: bool
    ahead_us: int
    run: SentBy = (None, None)
    event_id: str | None = None
    actor_ref: str | None = None
    deed_at: datetime | None = None
    deed_run: SentBy = (None, None)
    counted_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Review:
    """A member of staff applies a reviewed envelope, at the time that was proposed to them, or at
    the one that they entered (``told_at``).
    """

    by: By
    arrived_at: datetime
    proposed_at: datetime | None = None
    is_time_doubted: bool = False
    told_at: datetime | None = None


class MustReview(Exception):
    """The bytes are valid, but the circumstances are not; ``reason`` says which.

    This is not a refusal: nobody gets it as an answer; a member of staff reviews the envelope.
    """

    def __init__(self, reason: str, **facts: object) -> None:
        super().__init__(reason)
        self.reason = reason
        self.facts = facts
