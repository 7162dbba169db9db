"""Decide transactions that record facts. Pure, on numbers that are locked.

A fact has taken place already, for example in a shop without a network, so it is never refused for
lack of balance. As much as the accounts can give and take is moved. The community's suspense
account covers the rest, which appears on the worklist. No account falls below its floor. Not here:
authorised transactions (``rules.py``).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from timebank.errors import BadInput, NotFound
from timebank.ledger.refusals import (
    AboveCeiling,
    AccountClosed,
    CaptureAboveHold,
    HoldAlreadyResolved,
    InsufficientBalance,
)
from timebank.ledger.rules import (
    GIVING,
    POST,
    RECORD,
    TAKING,
    Counters,
    DecidedPosting,
    Lack,
    LockedBooks,
    Move,
    PlaceHold,
    Request,
    ResolveHold,
    check_quantity,
)

# Reasons that refuse an authorised request but never a fact.
_NOT_OF_FACTS = (
    AboveCeiling,
    AccountClosed,
    CaptureAboveHold,
    HoldAlreadyResolved,
    InsufficientBalance,
)


@dataclass
class RecordingBooks(LockedBooks):
    """The books of ``post()``, for both modes.

    **Shape**: ``suspense`` is the account of each commodity that facts may need.
    """

    suspense: Mapping[int, int] = field(default_factory=dict)

    def _entries(self, request: Request) -> tuple[DecidedPosting, ...]:
        """Apply a fact like an authorised request; if that fails, apply as much as possible."""
        if request.mode != RECORD:
            return super()._entries(request)
        if any(isinstance(line, PlaceHold) for line in request.lines):
            raise BadInput(
                field="lines", why="record"
            )  # A hold is in the future, so it is not a fact.
        before, holds_before = dict(self.counters), dict(self.holds)
        try:
            entries = super()._entries(request)
            if not any(self._is_beyond(a) for e in entries for a in (e.source, e.destination)):
                return entries
        except _NOT_OF_FACTS:
            pass
        self.counters, self.holds = before, holds_before
        return self._record(request)

    def _is_beyond(self, account_id: int) -> bool:
        account = self.counters[account_id]
        most = account.posted + account.pending_in
        return (account.floor is not None and account.available < account.floor) or (
            account.ceiling is not None and most > account.ceiling
        )

    def _record(self, request: Request) -> tuple[DecidedPosting, ...]:
        """Apply a fact line by line, each as far as its accounts allow; the rest is a shortfall."""
        entries: list[DecidedPosting] = []
        unmoved: list[Lack] = []
        for line in self._facts(request):
            if isinstance(line, ResolveHold):
                entries.append(self._book(self._plan_resolve(len(entries), line)))
            else:
                unmoved += self._record_move(line, entries)
        self.lacks += [replace(lack, line=n) for n, lack in enumerate(unmoved, len(entries))]
        return tuple(entries)

    def _facts(self, request: Request) -> Iterator[Move | ResolveHold]:
        """List the moves of a fact; amounts that a hold no longer covers are moved without it."""
        if request.reverses_id is not None:
            for entry in self._plan(request):
                yield Move(entry.source, entry.destination, entry.quantity)
            return
        for line in request.lines:
            if isinstance(line, ResolveHold):
                yield from self._facts_of_hold(line)
            elif isinstance(line, Move):
                yield line

    def _facts_of_hold(self, line: ResolveHold) -> Iterator[Move | ResolveHold]:
        held = self.holds.get((line.hold_txn_id, line.hold_line))
        if held is None:
            raise NotFound(what="hold")
        if line.capture:
            check_quantity(line.capture)
        covered = 0 if held.resolved else min(line.capture, held.quantity)
        if not held.resolved:
            yield ResolveHold(line.hold_txn_id, line.hold_line, covered)
        if line.capture > covered:
            yield Move(held.source, held.destination, line.capture - covered)

    def _record_move(self, line: Move, entries: list[DecidedPosting]) -> list[Lack]:
        """Apply one move as far as possible; return the shortfalls for which nothing was posted.

        A shortfall on one side is posted against suspense, in a line of its own. A shortfall on
        both sides would make suspense owe itself, so it is only noted.
        """
        check_quantity(line.quantity)
        if line.source == line.destination:
            raise BadInput(field="destination", why="same_account")
        source, destination = self._pair(line.source, line.destination)
        given, room = _given(source, line.quantity), _room(destination, line.quantity)
        suspense = self.suspense[source.commodity_id]
        both = min(given, room)
        neither = line.quantity - max(given, room)
        self._add(entries, Move(line.source, line.destination, both))
        taking = Lack(len(entries), line.destination, TAKING, given - both)
        unmoved = self._stand_in(entries, taking, Move(line.source, suspense, given - both))
        giving = Lack(len(entries), line.source, GIVING, room - both)
        unmoved += self._stand_in(entries, giving, Move(suspense, line.destination, room - both))
        if neither:
            unmoved += [replace(giving, quantity=neither), replace(taking, quantity=neither)]
        return unmoved

    def _stand_in(self, entries: list[DecidedPosting], lack: Lack, move: Move) -> list[Lack]:
        """Post the shortfall against suspense; return it if suspense is on both sides."""
        if lack.quantity and move.source == move.destination:
            return [lack]
        if lack.quantity:
            self.lacks.append(lack)
            self._add(entries, move)
        return []

    def _add(self, entries: list[DecidedPosting], move: Move) -> None:
        if move.quantity:
            commodity_id = self.counters[move.source].commodity_id
            entry = DecidedPosting(
                line=len(entries), phase=POST, commodity_id=commodity_id,
                source=move.source, destination=move.destination, quantity=move.quantity,
            )  # fmt: skip
            entries.append(self._book(entry))


def _given(source: Counters, asked: int) -> int:
    """How much of an amount an account can give; a closed account gives nothing."""
    if source.closed:
        return 0
    return asked if source.floor is None else min(asked, source.available - source.floor)


def _room(destination: Counters, asked: int) -> int:
    """How much of an amount an account can take; a closed account takes nothing."""
    if destination.closed:
        return 0
    if destination.ceiling is None:
        return asked
    return min(asked, destination.ceiling - destination.posted - destination.pending_in)
