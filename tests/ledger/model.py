"""The books once more, as simply as they can be thought: dicts and sums, nothing shared.

What a request should come to is told as the set of refusals that would be right; an empty
set means that it must be posted. Where several limits break at once any of them will do.
"""

from copy import deepcopy
from dataclasses import dataclass, field

from timebank.ledger.rules import Line, Move, Place, Request, Resolve


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
    """What everybody has, what is held, and what every request came to."""

    accounts: dict[int, Account]
    holds: dict[tuple[int, int], Hold] = field(default_factory=dict)
    moved: dict[int, list[tuple[int, int, int]]] = field(default_factory=dict)
    held_in: set[int] = field(default_factory=set)
    reversed_ids: set[int] = field(default_factory=set)

    def expect(self, request: Request) -> tuple[set[str], "Model"]:
        """Tell the refusals that would be right, and how things stand if it is posted."""
        trial = deepcopy(self)
        wrong = trial._reverse(request) if request.reverses_id else trial._follow(request.lines)
        return wrong or trial._broken_limits(), trial

    def _follow(self, lines: tuple[Line, ...]) -> set[str]:
        wrong = next(filter(None, map(self._unfit, lines)), None)
        if wrong:
            return {wrong}
        if any(self._is_shut(line) for line in lines):
            return {"ACCOUNT_CLOSED"}
        for line in lines:
            if isinstance(line, Resolve):
                self._end(line)
            elif isinstance(line, Place):
                self.accounts[line.source].going += line.quantity
                self.accounts[line.destination].coming += line.quantity
            else:
                self._move(line.source, line.destination, line.quantity)
        return set()

    def _unfit(self, line: Line) -> str | None:
        if isinstance(line, Resolve):
            return self._unfit_end(line)
        if line.source == line.destination:
            return "BAD_INPUT"
        sides = self.accounts[line.source], self.accounts[line.destination]
        return None if sides[0].commodity == sides[1].commodity else "COMMODITY_MISMATCH"

    def _unfit_end(self, line: Resolve) -> str | None:
        hold = self.holds.get((line.hold_txn_id, line.hold_line))
        if hold is None:
            return "NOT_FOUND"
        if not hold.is_open:
            return "HOLD_ALREADY_RESOLVED"
        if line.capture > hold.quantity:
            return "CAPTURE_ABOVE_HOLD"
        hold.is_open = False
        return None

    def _is_shut(self, line: Line) -> bool:
        if isinstance(line, Resolve):
            return False
        return self.accounts[line.source].closed or self.accounts[line.destination].closed

    def _end(self, line: Resolve) -> None:
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
        if txn_id in self.reversed_ids:
            return {"ALREADY_REVERSED"}
        if txn_id in self.held_in:
            return {"WRONG_STATE"}
        lines = [(d, s, q) for s, d, q in self.moved[txn_id] if q]
        if not lines:
            return {"BAD_INPUT"}
        for line in lines:
            self._move(*line)
        self.reversed_ids.add(txn_id)
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
        """Remember under its id what was posted, for the reversals and ends to come."""
        lines = request.lines
        if request.reverses_id:
            self.moved[txn_id] = [(d, s, q) for s, d, q in self.moved[request.reverses_id] if q]
            return
        self.moved[txn_id] = []
        for number, line in enumerate(lines):
            if isinstance(line, Place):
                hold = Hold(line.source, line.destination, line.quantity)
                self.holds[txn_id, number] = hold
                self.held_in.add(txn_id)
            elif isinstance(line, Resolve):
                ended = self.holds[line.hold_txn_id, line.hold_line]
                self.moved[txn_id].append((ended.source, ended.destination, line.capture))
            elif isinstance(line, Move):
                self.moved[txn_id].append((line.source, line.destination, line.quantity))
