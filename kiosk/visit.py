"""One person at the kiosk: language, card, current task. In memory only.

A visit ends by 完成, by another card, or by a timeout; then its data is deleted. Recorded events
stay in the outbox.
"""

import secrets
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date

from timebank.kiosks import wire

VISITS_MAX = 50


@dataclass(frozen=True, slots=True)
class ScannedCard:
    """A card in this visit: the hash of its code, and its row if the kiosk knows it."""

    ref: str
    member: wire.Member | None = None
    as_of: int = 0

    @property
    def refs(self) -> tuple[str, ...]:
        """Every hash that identifies this card."""
        return self.member.refs if self.member else (self.ref,)

    @property
    def actor(self) -> str:
        return f"card:{self.ref}"


@dataclass(slots=True)
class UnfinishedLine:
    """One unfinished line of a deposit."""

    item_id: int
    pieces: int = 1
    condition: str | None = None
    best_before_on: date | None = None
    is_counted: bool = False


@dataclass(slots=True)
class UnfinishedDeposit:
    """The goods listed so far. The event id is created once, when the task starts."""

    event_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    lines: list[wire.WireDepositLine] = field(default_factory=list)
    entry: UnfinishedLine | None = None

    @property
    def pieces(self) -> int:
        return sum(line.pieces for line in self.lines)


@dataclass(slots=True)
class Pickup:
    """Goods that wait for this person, as the server answered.

    ``grant`` is the server's word that the code was right.
    """

    ready: tuple[wire.ReadyClaim, ...]
    pickup_code: str | None
    event_ids: dict[int, str] = field(default_factory=dict)
    grant: str | None = None


@dataclass(frozen=True, slots=True)
class Announced:
    """An announced deposit, as the server found it by its code; the event id of bringing it."""

    found: wire.DepositFound
    event_id: str = field(default_factory=lambda: str(uuid.uuid4()))


@dataclass(slots=True)
class Taking:
    """What the household may take, as the server answered, and what was chosen.

    ``offered`` is what the server would give of it, as it was shown.
    """

    today: wire.TakeToday
    event_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    chosen: dict[int, int] = field(default_factory=dict)
    offered: tuple[wire.TakeOffered, ...] = ()

    def row(self, item_id: int) -> wire.TakeRow | None:
        return next((row for row in self.today.rows if row.item_id == item_id), None)

    def wanted(self) -> tuple[wire.TakeWanted, ...]:
        """The chosen pieces of what is still there."""
        rows = [row for row in self.today.rows if row.item_id in self.chosen]
        return tuple(wire.TakeWanted(row.item_id, self.chosen[row.item_id]) for row in rows)


@dataclass(frozen=True, slots=True)
class Helping:
    """A check-in that is being prepared: the service, and whom it is for once that is known.

    ``whom`` is what the page shows of them.
    """

    service_id: int
    start: wire.ShiftStarted | None = None
    whom: str = ""


@dataclass(slots=True)
class Visit:
    """Everything the pages remember about the person in front of them."""

    id: str
    csrf: str
    touched_at: float
    language: str = "zh"
    large_text: bool = False
    high_contrast: bool = False
    more_time: bool = False
    card: ScannedCard | None = None
    deposit: UnfinishedDeposit | None = None
    announced: Announced | None = None
    pickup: Pickup | None = None
    taking: Taking | None = None
    helping: Helping | None = None
    shift_id: str | None = None  # The event id of the current check-in or check-out.
    view_id: str | None = None  # The event id of the look at the passbook, once revealed.
    typed_no: str | None = None  # A typed card number, until its PIN was right.
    grant: str | None = None  # The server's word that the PIN was right; never the PIN itself.
    after_pin: str = "/"  # The page to open then.
    page: str = "/"
    notice: str | None = None
    wrong_codes: int = 0  # Errors of this person; the next one begins afresh.
    called_at: float | None = None  # When this person last asked for staff.
    call_failed: bool = False  # Nobody heard it.
    unread: int = 0  # Messages of this person, as the server counted them.
    was_sent_home: bool = False  # It is recorded that they came for their goods in vain.
    has_returned: bool = False  # A browser has sent its cookie back at least once.

    @property
    def is_used(self) -> bool:
        """Tell whether somebody would lose something with this visit."""
        begun = (
            self.card,
            self.deposit,
            self.pickup,
            self.typed_no,
            self.shift_id,
            self.view_id,
            self.taking,
            self.announced,
        )
        return any(start is not None for start in begun)

    @property
    def member(self) -> wire.Member | None:
        return self.card.member if self.card else None

    @property
    def needs_pin(self) -> bool:
        """Tell whether passbook and pick-up stay closed until the PIN of this card was right."""
        return self.member is not None and self.member.asks_pin and self.grant is None

    def take_notice(self) -> str | None:
        """Return the notice and clear it."""
        notice, self.notice = self.notice, None
        return notice


class Crowded(Exception):
    """Every visit in memory is in use; new ones must wait until one ends."""


class Visits:
    """The visits in memory. Expired ones are dropped, then those that nobody came back to.

    A visit in which somebody has begun something is never dropped for a new one: any program on
    this machine can send requests without a cookie.
    """

    def __init__(self, clock: Callable[[], float], *, seconds: Callable[[Visit], int]) -> None:
        self._clock = clock
        self._seconds = seconds
        self._open: dict[str, Visit] = {}
        self._lock = threading.Lock()

    def find(self, visit_id: str | None, *, touch: bool = True) -> Visit | None:
        """Find a live visit; ``touch`` extends it."""
        now = self._clock()
        with self._lock:
            for old in [v for v in self._open.values() if now - v.touched_at > self._seconds(v)]:
                del self._open[old.id]
            found = self._open.get(visit_id or "")
            if found is not None:
                found.has_returned = True
                found.touched_at = now if touch else found.touched_at
            return found

    def begin(self, like: Visit | None = None) -> Visit:
        """Begin a visit; ``like`` passes on language, text size and time, nothing else.

        **Refuses**: ``Crowded``.
        """
        fresh = Visit(
            id=secrets.token_urlsafe(12), csrf=secrets.token_urlsafe(24), touched_at=self._clock()
        )
        if like is not None:
            fresh = replace(
                fresh,
                language=like.language,
                large_text=like.large_text,
                high_contrast=like.high_contrast,
                more_time=like.more_time,
            )
        with self._lock:
            while len(self._open) >= VISITS_MAX:
                self._drop_one()
            self._open[fresh.id] = fresh
        return fresh

    def _drop_one(self) -> None:
        first = min(self._open.values(), key=lambda v: (v.is_used, v.has_returned, v.touched_at))
        if first.is_used:
            raise Crowded
        del self._open[first.id]

    def end(self, visit: Visit) -> None:
        """Delete a visit and its data."""
        with self._lock:
            self._open.pop(visit.id, None)
