"""A model of the books, as simple as possible: dicts and sums, no shared code.

The expected result of a request is the set of allowed refusals; an empty set means that it must be
posted. If several limits are exceeded at once, any of their refusals is allowed.
"""

from copy import deepcopy
from dataclasses import dataclass, field

from timebank.ledger.rules import (
    GIVING,
    RECORD,
    TAKING,
    Move,
    PlaceHold,
    PostingLine,
    Request,
    ResolveHold,
)

NEVER_OF_FACTS = {
    "INSUFFICIENT_BALANCE", "ABOVE_CEILING", "ACCOUNT_CLOSED", "HOLD_ALREADY_RESOLVED",
    "CAPTURE_ABOVE_HOLD",
}  # fmt: skip


@dataclass
class Account:
    commodity: str
    floor: int | None = None
    ceiling: int | None = None
    closed: bool = False
    posted: int = 0
    coming: int = 0
    going: int = 0


@dataclass
class Hold:
    source: int
    destination: int
    quantity: int
    is_open: bool = True


@dataclass
class Model:
    """The balances, the holds, and the result of every request."""

    accounts: dict[int, Account]
    holds: dict[tuple[int, int], Hold] = field(default_factory=dict)
    moved: dict[int, list[tuple[int, int, int]]] = field(default_factory=dict)
    held_in: set[int] = field(default_factory=set)
    reversals: dict[int, int] = field(default_factory=dict)  # What undid each.
    aside: dict[str, int] = field(default_factory=dict)  # Suspense, by commodity.
    # What each fact lacked: an account that lacked one, and on which side.
    lacked: dict[int, list[tuple[int, int]]] = field(default_factory=dict)
    settled: set[int] = field(default_factory=set)
    # What the last request came to, where it was a fact that lacked: what moved and what not.
    facts: list[tuple[int, int, int]] | None = None
    lacks: list[tuple[int, int]] = field(default_factory=list)

    @property
    def lacking(self) -> dict[int, list[tuple[int, int]]]:
        """The shortfalls that nobody has settled."""
        open_ = {txn_id for txn_id in self.lacked if self._stands(txn_id)} - self.settled
        return {txn_id: self.lacked[txn_id] for txn_id in open_}

    def _stands(self, txn_id: int) -> bool:
        return txn_id not in self.reversals or not self._stands(self.reversals[txn_id])

    def _would_fall(self, txn_id: int) -> set[int]:
        """What is undone with a transaction, if it is the reversal of a reversal."""
        below = {undoing: undone for undone, undoing in self.reversals.items()}
        middle = below.get(txn_id)
        return {txn_id} | (self._would_fall(below[middle]) if middle in below else set())

    def expect(self, request: Request) -> tuple[set[str], "Model"]:
        """The allowed refusals, and the state if it is posted."""
        trial = deepcopy(self)
        trial.facts, trial.lacks = None, []
        if request.closes_id:
            return trial._close(request.closes_id), trial
        wrong = trial._reverse(request) if request.reverses_id else trial._follow(request.lines)
        wrong = wrong or trial._broken_limits()
        if request.mode == RECORD:
            if any(isinstance(line, PlaceHold) for line in request.lines):
                return wrong | {"BAD_INPUT"}, trial
            if wrong & NEVER_OF_FACTS:
                return self._expect_fact(request)
        return wrong, trial

    def expect_settling(
        self, txn_id: int, bearing: dict[str, int] | None
    ) -> tuple[set[str], "Model"]:
        """The same for settling a shortfall: from its accounts, or at the community's cost."""
        lines = []
        for account_id, side in self.lacking[txn_id]:
            commodity = self.accounts[account_id].commodity
            payer = bearing[commodity] if bearing else account_id
            sides = (payer, self.aside[commodity])
            lines.append(Move(*(sides if side == GIVING else sides[::-1]), 1))
        wrong, trial = self.expect(Request("model", "", "settle", tuple(lines)))
        trial.settled.add(txn_id)
        return wrong, trial

    def _close(self, account_id: int) -> set[str]:
        account = self.accounts[account_id]
        if account.closed:
            return {"ACCOUNT_CLOSED"}
        if account.posted or account.coming or account.going:
            return {"WRONG_STATE"}
        account.closed = True
        return set()

    def _expect_fact(self, request: Request) -> tuple[set[str], "Model"]:
        """Apply a fact minute by minute, each as far as possible."""
        trial = deepcopy(self)
        trial.facts, trial.lacks = [], []
        if request.reverses_id:
            told = [(d, s, q) for s, d, q in trial.moved[request.reverses_id] if q]
            for line in told:
                trial._take_down(*line)
            return set(), trial
        wrong = next(filter(None, map(trial._unfit_fact, request.lines)), None)
        if wrong:
            return {wrong}, trial
        for one in request.lines:
            trial._take_down(*trial._told(one))
        return set(), trial

    def _unfit_fact(self, line: PostingLine) -> str | None:
        if isinstance(line, ResolveHold):
            return None if (line.hold_txn_id, line.hold_line) in self.holds else "NOT_FOUND"
        return self._unfit(line)

    def _told(self, line: PostingLine) -> tuple[int, int, int]:
        if not isinstance(line, ResolveHold):
            return line.source, line.destination, line.quantity
        hold = self.holds[line.hold_txn_id, line.hold_line]
        if hold.is_open:  # It is free again first, and the taking then finds it there.
            hold.is_open = False
            self.accounts[hold.source].going -= hold.quantity
            self.accounts[hold.destination].coming -= hold.quantity
        return hold.source, hold.destination, line.capture

    def _take_down(self, source: int, destination: int, quantity: int) -> None:
        commodity = self.accounts[source].commodity
        aside = self.aside[commodity]
        for _ in range(quantity):
            giver, taker = source, destination
            if not self._can_give(source):
                giver = aside
                self.lacks.append((source, GIVING))
            if not self._can_take(destination):
                taker = aside
                self.lacks.append((destination, TAKING))
            if giver != taker:
                self._move(giver, taker, 1)
                self.facts.append((giver, taker, 1))

    def _can_give(self, account_id: int) -> bool:
        account = self.accounts[account_id]
        free = account.posted - account.going
        return not account.closed and (account.floor is None or free > account.floor)

    def _can_take(self, account_id: int) -> bool:
        account = self.accounts[account_id]
        full = account.posted + account.coming
        return not account.closed and (account.ceiling is None or full < account.ceiling)

    def _follow(self, lines: tuple[PostingLine, ...]) -> set[str]:
        wrong = next(filter(None, map(self._unfit, lines)), None)
        if wrong:
            return {wrong}
        if any(self._is_shut(line) for line in lines):
            return {"ACCOUNT_CLOSED"}
        for line in lines:
            if isinstance(line, ResolveHold):
                self._end(line)
            elif isinstance(line, PlaceHold):
                self.accounts[line.source].going += line.quantity
                self.accounts[line.destination].coming += line.quantity
            else:
                self._move(line.source, line.destination, line.quantity)
        return set()

    def _unfit(self, line: PostingLine) -> str | None:
        if isinstance(line, ResolveHold):
            return self._unfit_end(line)
        if line.source == line.destination:
            return "BAD_INPUT"
        sides = self.accounts[line.source], self.accounts[line.destination]
        return None if sides[0].commodity == sides[1].commodity else "COMMODITY_MISMATCH"

    def _unfit_end(self, line: ResolveHold) -> str | None:
        hold = self.holds.get((line.hold_txn_id, line.hold_line))
        if hold is None:
            return "NOT_FOUND"
        if not hold.is_open:
            return "HOLD_ALREADY_RESOLVED"
        if line.capture > hold.quantity:
            return "CAPTURE_ABOVE_HOLD"
        hold.is_open = False
        return None

    def _is_shut(self, line: PostingLine) -> bool:
        if isinstance(line, ResolveHold):
            return False
        return self.accounts[line.source].closed or self.accounts[line.destination].closed

    def _end(self, line: ResolveHold) -> None:
        hold = self.holds[line.hold_txn_id, line.hold_line]
        self.accounts[hold.source].going -= hold.quantity
        self.accounts[hold.destination].coming -= hold.quantity
        self._move(hold.source, hold.destination, line.capture)

    def _move(self, source: int, destination: int, quantity: int) -> None:
        self.accounts[source].posted -= quantity
        self.accounts[destination].posted += quantity

    def _reverse(self, request: Request) -> set[str]:
        txn_id = request.reverses_id
        if txn_id not in self.moved:
            return {"NOT_FOUND"}
        if txn_id in self.reversals:
            return {"ALREADY_REVERSED"}
        if self._would_fall(txn_id) & self.settled:
            return {"FACT_SETTLED"}
        if txn_id in self.held_in:
            return {"WRONG_STATE"}
        lines = [(d, s, q) for s, d, q in self.moved[txn_id] if q]
        if not lines:
            return {"BAD_INPUT"}
        if any(
            self.accounts[a].closed
            for source, destination, _ in lines
            for a in (source, destination)
        ):
            return {"ACCOUNT_CLOSED"}
        for line in lines:
            self._move(*line)
        return set()

    def _broken_limits(self) -> set[str]:
        wrong = set()
        for account in self.accounts.values():
            if account.floor is not None and account.posted - account.going < account.floor:
                wrong.add("INSUFFICIENT_BALANCE")
            if account.ceiling is not None and account.posted + account.coming > account.ceiling:
                wrong.add("ABOVE_CEILING")
        return wrong

    def note(self, txn_id: int, request: Request) -> None:
        """Remember a posted transaction by its id, for later reversals and ends of holds."""
        if request.closes_id:
            return
        if request.reverses_id:
            self.reversals[request.reverses_id] = txn_id
        if self.lacks:
            self.lacked[txn_id] = self.lacks
        if self.facts is not None:
            self.moved[txn_id] = self.facts
            return
        if request.reverses_id:
            self.moved[txn_id] = [(d, s, q) for s, d, q in self.moved[request.reverses_id] if q]
            return
        self.moved[txn_id] = []
        for number, line in enumerate(request.lines):
            if isinstance(line, PlaceHold):
                hold = Hold(line.source, line.destination, line.quantity)
                self.holds[txn_id, number] = hold
                self.held_in.add(txn_id)
            elif isinstance(line, ResolveHold):
                ended = self.holds[line.hold_txn_id, line.hold_line]
                self.moved[txn_id].append((ended.source, ended.destination, line.capture))
            elif isinstance(line, Move):
                self.moved[txn_id].append((line.source, line.destination, line.quantity))
