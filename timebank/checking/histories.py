"""Checking the history of each account: every running number is computed again."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from timebank.checking.accounts import Chart, KnownAccount
from timebank.checking.columns import select_all
from timebank.checking.faults import Findings
from timebank.checking.reading import Books, Grouped

COUNTERS = ("posted_in", "posted_out", "pending_in", "pending_out")
_SIDE = """
SELECT p.{side}_account_id AS account_id, p.{side}_seq AS seq, p.{side}_after AS after,
    '{side}' AS side, p.txn_id, p.line, p.phase, p.quantity, p.released,
    t.posted_us, l.idx
FROM posting p
LEFT JOIN txn t ON t.community_id = p.community_id AND t.id = p.txn_id
LEFT JOIN log_leaf l ON l.community_id = p.community_id AND l.entry = 1 AND l.entry_id = p.txn_id
WHERE p.community_id = :c
"""
_STEPS = f"""
SELECT * FROM ({_SIDE.format(side="source")} UNION ALL {_SIDE.format(side="destination")}) steps
ORDER BY account_id, seq, txn_id, line
"""
_SNAPSHOTS = select_all("balance_snapshot", "WHERE community_id = :c", "account_id, seq, log_size")
_CLOSINGS = "SELECT id, closes_id, posted_us FROM txn WHERE community_id = :c AND status = 1"
_CLOSINGS += " AND closes_id IS NOT NULL"


def count(counters: Counter[str], step: Any, end: str) -> None:
    """Add the effect of a posting on one of its accounts: ``out`` or ``in``."""
    if step.phase == 1:
        counters[f"pending_{end}"] += step.quantity
    else:
        counters[f"posted_{end}"] += step.quantity
        counters[f"pending_{end}"] -= step.released


@dataclass
class _Walk:
    """The state of one account so far; ``sealed_below``: the log size that contains all of it."""

    known: KnownAccount
    findings: Findings
    counters: Counter[str]
    seq: int = 0
    last_us: int = 0
    txn_id: int = 0
    sealed_below: int | None = 0

    def take(self, step: Any) -> None:
        if step.txn_id != self.txn_id:
            self.judge()
            self._check_time(step)
        self.txn_id = step.txn_id
        key = f"{step.txn_id}/{step.line}"
        if step.seq != self.seq + 1:
            what = f"{step.side}_seq is {step.seq} where {self.seq + 1} comes next"
            self.findings.fault("posting", key, f"{what} on account {step.account_id}")
        self.seq = step.seq
        count(self.counters, step, "out" if step.side == "source" else "in")
        if step.after != self.counters["posted_in"] - self.counters["posted_out"]:
            what = f"{step.side}_after is not what account {step.account_id} comes to"
            self.findings.fault("posting", key, what)
        if step.idx is None or self.sealed_below is None:
            self.sealed_below = None
        else:
            self.sealed_below = max(self.sealed_below, step.idx + 1)

    def _check_time(self, step: Any) -> None:
        posted_us = step.posted_us or 0
        if posted_us <= self.last_us:
            what = f"posted_us does not grow along account {step.account_id}"
            self.findings.fault("txn", step.txn_id, what)
        self.last_us = max(self.last_us, posted_us)

    def judge(self) -> None:
        """Check floor and ceiling after a whole transaction."""
        row, counters = self.known.row, self.counters
        posted = counters["posted_in"] - counters["posted_out"]
        where = f"after txn {self.txn_id}"
        if row.floor is not None and posted - counters["pending_out"] < row.floor:
            self.findings.fault("balance", row.id, f"below its floor {where}")
        if row.ceiling is not None and posted + counters["pending_in"] > row.ceiling:
            self.findings.fault("balance", row.id, f"above its ceiling {where}")
        if min(counters[name] for name in COUNTERS) < 0:
            self.findings.fault("balance", row.id, f"a counter is negative {where}")


class _Snapshots:
    """The snapshots of all accounts, read along with their histories."""

    def __init__(self, rows: Iterator[Any], sizes: set[int], findings: Findings) -> None:
        self.by_account = Grouped(
            rows,
            lambda row: row.account_id,
            lambda row: self.fault(row, "its account has no postings"),
        )
        self._sizes, self._found = sizes, findings

    def fault(self, row: Any, what: str) -> None:
        self._found.fault("balance_snapshot", f"{row.account_id}/{row.log_size}", what)

    def compare(self, row: Any, walk: _Walk, next_idx: int | None) -> None:
        """Compare a snapshot with the history at its step. ``next_idx``: the next log index."""
        self._found.counts["snapshots"] += 1
        for name in COUNTERS:
            if getattr(row, name) != walk.counters[name]:
                self.fault(row, f"{name} is not what the postings come to")
        if row.at_us != walk.last_us:
            self.fault(row, "at_us is not the time of the posting that it ends with")
        is_sealed = walk.sealed_below is not None and walk.sealed_below <= row.log_size
        if not is_sealed or row.log_size not in self._sizes:
            self.fault(row, "log_size is not that of a checkpoint with all that it counts")
        elif next_idx is not None and next_idx < row.log_size:
            self.fault(row, "log_size is that of a log which holds more than it counts")


def check_histories(
    books: Books, community_id: int, chart: Chart, *, sizes: set[int], findings: Findings
) -> None:
    """Compute every account's history, and compare it with its balance row and snapshots."""
    closings = {row.closes_id: row for row in books.rows(_CLOSINGS, c=community_id)}
    snapshots = _Snapshots(books.rows(_SNAPSHOTS, c=community_id), sizes, findings)
    sums: dict[int, Counter[str]] = {}
    steps = groupby(books.rows(_STEPS, c=community_id), key=lambda step: step.account_id)
    walked = set()
    for account_id, path in steps:
        known = chart.accounts.get(account_id)
        if known is None or known.row.account_id is None:
            continue  # Already reported, with the posting that refers to it.
        walked.add(account_id)
        walk = _Walk(known=known, findings=findings, counters=Counter())
        _go(walk, path, snapshots, snapshots.by_account.of(account_id))
        _arrive(walk, closings.get(account_id), sums)
    snapshots.by_account.end()
    for account_id, known in chart.accounts.items():
        if account_id not in walked and known.row.account_id is not None:
            _arrive(
                _Walk(known=known, findings=findings, counters=Counter()),
                closings.get(account_id),
                sums,
            )
    _check_sums(chart, sums, findings)


def _go(walk: _Walk, path: Iterator[Any], snapshots: _Snapshots, waiting: list[Any]) -> None:
    for step in path:
        while waiting and waiting[0].seq < step.seq:
            _meet(walk, snapshots, waiting.pop(0), next_idx=step.idx)
        walk.take(step)
    walk.judge()
    while waiting:
        _meet(walk, snapshots, waiting.pop(0), next_idx=None)


def _meet(walk: _Walk, snapshots: _Snapshots, row: Any, *, next_idx: int | None) -> None:
    if row.seq == walk.seq:
        snapshots.compare(row, walk, next_idx)
    else:
        snapshots.fault(row, "seq names no step of its account")


def _arrive(walk: _Walk, closing: Any | None, sums: dict[int, Counter[str]]) -> None:
    """Compare the end of the history with the balance row."""
    row, findings = walk.known.row, walk.findings
    if closing is not None:
        if closing.posted_us <= walk.last_us:
            findings.fault("txn", closing.id, f"account {row.id} goes on after it closed")
        walk.last_us = max(walk.last_us, closing.posted_us)
        if any(walk.counters[f"pending_{end}"] for end in ("in", "out")) or (
            walk.counters["posted_in"] != walk.counters["posted_out"]
        ):
            findings.fault(
                "txn", closing.id, f"account {row.id} was closed although it was not empty"
            )
    for name in COUNTERS:
        if getattr(row, name) != walk.counters[name]:
            findings.fault("balance", row.id, f"{name} is not what the postings come to")
    for name, value in (("seq", walk.seq), ("last_us", walk.last_us)):
        if getattr(row, name) != value:
            findings.fault("balance", row.id, f"{name} is not that of the last posting")
    if row.closed != (closing is not None):
        findings.fault("balance", row.id, "closed is not what the transactions say")
    total = sums.setdefault(row.commodity_id, Counter())
    for name in COUNTERS:
        total[name] += getattr(row, name)


def _check_sums(chart: Chart, sums: dict[int, Counter[str]], findings: Findings) -> None:
    for commodity_id, total in sums.items():
        findings.counts["sums of zero"] += 1
        if total["posted_in"] != total["posted_out"] or total["pending_in"] != total["pending_out"]:
            code = chart.codes.get(commodity_id, "?")
            findings.fault("commodity", commodity_id, f"the balances of {code} do not sum to zero")
