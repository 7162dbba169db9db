"""What a posting does to balances. Pure, on numbers that the caller has locked.

A posting moves a positive integer of one commodity from a source to a destination account. So what
leaves always equals what enters. Not here: reading, writing, clocks.
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace

import msgspec

from timebank.errors import BadInput, NotFound, TimebankError, WrongState
from timebank.ledger.refusals import (
    AboveCeiling,
    AccountClosed,
    AlreadyReversed,
    CaptureAboveHold,
    CommodityMismatch,
    HoldAlreadyResolved,
    InsufficientBalance,
)
from timebank.values import LARGEST_QUANTITY

LARGEST_COUNTER = 2**63 - 1  # The largest value of a column on either engine.

NOTE_MAX = 2000  # Characters beside a transaction.

POST, HOLD, RESOLVE = 0, 1, 2
POSTED, REJECTED = 1, 2
AUTHORISE, RECORD = 1, 2  # It may be refused; it has taken place already.
GIVING, TAKING = 1, 2  # The side on which an account fell short.


@dataclass(frozen=True, slots=True)
class Move:
    """Move ``quantity`` from ``source`` to ``destination`` at once."""

    source: int
    destination: int
    quantity: int


@dataclass(frozen=True, slots=True)
class PlaceHold:
    """Place a hold: reserve ``quantity`` for ``destination`` until ``expires_us``."""

    source: int
    destination: int
    quantity: int
    expires_us: int


@dataclass(frozen=True, slots=True)
class ResolveHold:
    """End a hold: ``capture`` moves, the rest is released. Zero releases all of it."""

    hold_txn_id: int
    hold_line: int
    capture: int


PostingLine = Move | PlaceHold | ResolveHold


@dataclass(frozen=True, slots=True)
class Request:
    """A requested transaction. ``client`` and ``key`` ensure that it is posted at most once.

    ``note`` is stored outside the books and may be erased, so it is not part of the fingerprint.
    """

    client: str
    key: str
    kind: str
    lines: tuple[PostingLine, ...] = ()
    effective_us: int = 0
    reverses_id: int | None = None
    relates_id: int | None = None
    closes_id: int | None = None
    mode: int = AUTHORISE
    note: str = ""

    @property
    def name(self) -> tuple[str, str]:
        return self.client, self.key

    @property
    def fingerprint(self) -> bytes:
        """Hash what is requested, not when: a retry an hour later is the same request."""
        lines = [_fields(line) for line in self.lines]
        content = (
            self.kind, lines, self.reverses_id, self.relates_id, self.closes_id, self.mode,
        )  # fmt: skip
        return hashlib.sha256(msgspec.json.encode(content)).digest()


def _fields(line: PostingLine) -> tuple[int, ...]:
    """List what identifies a line. A hold's deadline depends on the clock, so it is omitted."""
    if isinstance(line, ResolveHold):
        return RESOLVE, line.hold_txn_id, line.hold_line, line.capture
    phase = HOLD if isinstance(line, PlaceHold) else POST
    return phase, line.source, line.destination, line.quantity


@dataclass(frozen=True, slots=True)
class Counters:
    """The locked balance row of one account."""

    account_id: int
    commodity_id: int
    posted_in: int
    posted_out: int
    pending_in: int
    pending_out: int
    seq: int
    last_us: int
    floor: int | None
    ceiling: int | None
    closed: bool

    @property
    def posted(self) -> int:
        return self.posted_in - self.posted_out

    @property
    def available(self) -> int:
        return self.posted - self.pending_out


@dataclass(frozen=True, slots=True)
class HeldLine:
    """A placed hold, and whether it has ended."""

    txn_id: int
    line: int
    source: int
    destination: int
    quantity: int
    resolved: bool = False


@dataclass(frozen=True, slots=True)
class DecidedPosting:
    """A decided posting, with the running numbers of both sides."""

    line: int
    phase: int
    commodity_id: int
    source: int
    destination: int
    quantity: int
    released: int = 0
    hold_txn_id: int | None = None
    hold_line: int | None = None
    expires_us: int | None = None
    source_seq: int = 0
    destination_seq: int = 0
    source_after: int = 0
    destination_after: int = 0


@dataclass(frozen=True, slots=True)
class Lack:
    """The amount of a fact that an account could not give or take, so that suspense covered it.

    ``line`` is that of the posting. If both accounts fell short, nothing was posted: these
    shortfalls are numbered after the last line.
    """

    line: int
    account_id: int
    side: int
    quantity: int


@dataclass(frozen=True, slots=True)
class PostingDecision:
    """The result of one request: entries, or the refusal that explains why not.

    ``closes`` is the account that it closes, as of then; ``lacks`` are shortfalls for the
    worklist.
    """

    request: Request
    posted_us: int
    entries: tuple[DecidedPosting, ...] = ()
    refusal: TimebankError | None = None
    closes: Counters | None = None
    lacks: tuple[Lack, ...] = ()


@dataclass
class LockedBooks:
    """A working copy of the locked rows; decisions change the copy, never the database."""

    counters: dict[int, Counters]
    holds: dict[tuple[int, int], HeldLine] = field(default_factory=dict)
    originals: Mapping[int, tuple[DecidedPosting, ...]] = field(default_factory=dict)
    reversed_ids: set[int] = field(default_factory=set)
    barred: Mapping[int, TimebankError] = field(default_factory=dict)  # From being reversed.
    related_ids: Collection[int] = ()
    lacks: list[Lack] = field(default_factory=list)

    def decide(self, request: Request, now_us: int) -> PostingDecision:
        """Decide one request on the numbers after the ones before it."""
        before = dict(self.counters)
        holds_before = dict(self.holds)
        self.lacks = []
        try:
            entries = self._apply(request)
        except TimebankError as refusal:
            self.counters, self.holds = before, holds_before
            return PostingDecision(request=request, posted_us=now_us, refusal=refusal)
        posted_us = self._stamp(request, entries, now_us)
        closes = None if request.closes_id is None else self.counters[request.closes_id]
        return PostingDecision(
            request=request,
            posted_us=posted_us,
            entries=entries,
            closes=closes,
            lacks=tuple(self.lacks),
        )

    def _apply(self, request: Request) -> tuple[DecidedPosting, ...]:
        if request.relates_id is not None and request.relates_id not in self.related_ids:
            raise NotFound(what="transaction")
        if len(request.note) > NOTE_MAX or "\0" in request.note:
            raise BadInput(field="note", why="length")
        if request.closes_id is not None:
            self._close(request, request.closes_id)
            return ()
        entries = self._entries(request)
        for account_id in {a for e in entries for a in (e.source, e.destination)}:
            _check_limits(self.counters[account_id])
        if request.reverses_id is not None:
            self.reversed_ids.add(request.reverses_id)
        return entries

    def _entries(self, request: Request) -> tuple[DecidedPosting, ...]:
        """Apply a request line by line; the caller checks limits on the whole."""
        planned = self._plan(request)
        if not planned:
            raise BadInput(field="lines", why="empty")
        if any(self._is_shut(entry) for entry in planned):
            raise AccountClosed()
        return tuple(self._book(entry) for entry in planned)

    def _close(self, request: Request, account_id: int) -> None:
        """Close an account without balance and holds, for good."""
        if request.lines or request.reverses_id is not None:
            raise BadInput(field="lines", why="closing")
        account = self._known(account_id)
        if account.closed:
            raise AccountClosed()
        if account.posted or account.pending_in or account.pending_out:
            raise WrongState(state="not_empty")
        self.counters[account_id] = replace(account, closed=True)

    def _plan(self, request: Request) -> list[DecidedPosting]:
        if request.reverses_id is not None:
            if request.lines:
                raise BadInput(
                    field="lines", why="reversal"
                )  # A reversal takes the lines of the original.
            return self._plan_reversal(request.reverses_id)
        return [self._plan_line(number, line) for number, line in enumerate(request.lines)]

    def _plan_line(self, number: int, line: PostingLine) -> DecidedPosting:
        if isinstance(line, ResolveHold):
            return self._plan_resolve(number, line)
        check_quantity(line.quantity)
        if line.source == line.destination:
            raise BadInput(field="destination", why="same_account")
        phase = HOLD if isinstance(line, PlaceHold) else POST
        expires = line.expires_us if isinstance(line, PlaceHold) else None
        source, destination = self._pair(line.source, line.destination)
        return DecidedPosting(
            line=number, phase=phase, commodity_id=source.commodity_id,
            source=source.account_id, destination=destination.account_id,
            quantity=line.quantity, expires_us=expires,
        )  # fmt: skip

    def _plan_resolve(self, number: int, line: ResolveHold) -> DecidedPosting:
        name = (line.hold_txn_id, line.hold_line)
        held = self.holds.get(name)
        if held is None:
            raise NotFound(what="hold")
        if held.resolved:
            raise HoldAlreadyResolved()
        if line.capture:
            check_quantity(line.capture)
        if line.capture > held.quantity:
            raise CaptureAboveHold(held=held.quantity, asked=line.capture)
        self.holds[name] = replace(held, resolved=True)
        return DecidedPosting(
            line=number, phase=RESOLVE, commodity_id=self._known(held.source).commodity_id,
            source=held.source, destination=held.destination,
            quantity=line.capture, released=held.quantity,
            hold_txn_id=held.txn_id, hold_line=held.line,
        )  # fmt: skip

    def _plan_reversal(self, txn_id: int) -> list[DecidedPosting]:
        original = self.originals.get(txn_id)
        if original is None:
            raise NotFound(what="transaction")
        if txn_id in self.reversed_ids:
            raise AlreadyReversed()
        if txn_id in self.barred:
            raise self.barred[txn_id]
        if any(entry.phase == HOLD for entry in original):
            raise WrongState(state="hold")  # A hold is released, not reversed.
        moved = [entry for entry in original if entry.quantity]
        return [
            DecidedPosting(
                line=number, phase=POST, commodity_id=entry.commodity_id,
                source=entry.destination, destination=entry.source, quantity=entry.quantity,
            )
            for number, entry in enumerate(moved)
        ]  # fmt: skip

    def _known(self, account_id: int) -> Counters:
        try:
            return self.counters[account_id]
        except KeyError:
            raise NotFound(what="account") from None

    def _pair(self, source_id: int, destination_id: int) -> tuple[Counters, Counters]:
        source, destination = self._known(source_id), self._known(destination_id)
        if source.commodity_id != destination.commodity_id:
            raise CommodityMismatch()
        return source, destination

    def _is_shut(self, entry: DecidedPosting) -> bool:
        sides = self.counters[entry.source], self.counters[entry.destination]
        return entry.phase != RESOLVE and any(side.closed for side in sides)

    def _book(self, entry: DecidedPosting) -> DecidedPosting:
        source, destination = self._pair(entry.source, entry.destination)
        source = _after(source, entry, out=True)
        destination = _after(destination, entry, out=False)
        self.counters[source.account_id] = source
        self.counters[destination.account_id] = destination
        return replace(
            entry,
            source_seq=source.seq,
            destination_seq=destination.seq,
            source_after=source.posted,
            destination_after=destination.posted,
        )

    def _stamp(self, request: Request, entries: Iterable[DecidedPosting], now_us: int) -> int:
        """A time that never decreases along each touched account, even with skewed clocks."""
        touched = {a for e in entries for a in (e.source, e.destination)}
        if request.closes_id is not None:
            touched.add(request.closes_id)
        posted_us = max([now_us, *(self.counters[a].last_us + 1 for a in touched)])
        for account_id in touched:
            self.counters[account_id] = replace(self.counters[account_id], last_us=posted_us)
        return posted_us


def _after(counters: Counters, entry: DecidedPosting, *, out: bool) -> Counters:
    posted = entry.quantity if entry.phase in (POST, RESOLVE) else 0
    pending = entry.quantity if entry.phase == HOLD else -entry.released
    if out:
        return replace(
            counters,
            posted_out=counters.posted_out + posted,
            pending_out=counters.pending_out + pending,
            seq=counters.seq + 1,
        )
    return replace(
        counters,
        posted_in=counters.posted_in + posted,
        pending_in=counters.pending_in + pending,
        seq=counters.seq + 1,
    )


def check_quantity(quantity: int) -> None:
    """Refuse what no posting can hold, before a database rounds it or overflows."""
    if type(quantity) is not int:
        raise BadInput(field="quantity", why="whole_number")
    if not 0 < quantity <= LARGEST_QUANTITY:
        raise BadInput(field="quantity", why="range")


def _check_limits(counters: Counters) -> None:
    """Check the limits after the whole transaction, never line by line."""
    most_in = counters.posted_in + counters.pending_in
    most_out = counters.posted_out + counters.pending_out
    if max(most_in, most_out) > LARGEST_COUNTER:
        raise BadInput(field="quantity", why="range")
    if counters.floor is not None and counters.available < counters.floor:
        raise InsufficientBalance(short_by=counters.floor - counters.available)
    most = counters.posted + counters.pending_in
    if counters.ceiling is not None and most > counters.ceiling:
        raise AboveCeiling(over_by=most - counters.ceiling)
