"""Checking the totals of each tile: added up again from the postings, leaf by leaf."""

from collections import Counter
from collections.abc import Iterator
from itertools import groupby
from typing import Any

from timebank.checking import log
from timebank.checking.accounts import Chart
from timebank.checking.columns import select_all
from timebank.checking.faults import Findings
from timebank.checking.histories import COUNTERS, count
from timebank.checking.reading import Books, Grouped

_TOTALS = select_all("tile_total", "WHERE community_id = :c", "idx, commodity_id, kind")
_STEPS = """
SELECT l.idx, p.phase, p.quantity, p.released, p.source_account_id, p.source_seq,
    p.destination_account_id, p.destination_seq
FROM log_leaf l JOIN posting p ON p.community_id = l.community_id AND p.txn_id = l.entry_id
WHERE l.community_id = :c AND l.entry = 1 AND l.idx < :end ORDER BY l.idx, p.line
"""
_SIZE = "SELECT COUNT(*) AS size FROM log_leaf WHERE community_id = :c"
_ADDED = ("accounts", *COUNTERS)
Pair = tuple[int, str]


def check_totals(books: Books, community_id: int, chart: Chart, *, findings: Findings) -> None:
    """Check that the totals of each tile equal the sums of all leaves up to its end."""

    def fault(of: Pair, idx: int, what: str) -> None:
        findings.fault("tile_total", f"{of[0]}/{of[1]}/{idx}", what)

    def stray(row: Any) -> None:
        fault((row.commodity_id, row.kind), row.idx, "there is no such tile, or it moved nothing")

    totals = Grouped(books.rows(_TOTALS, c=community_id), lambda row: row.idx, stray)
    end = next(books.rows(_SIZE, c=community_id)).size // log.TILE * log.TILE
    steps = books.rows(_STEPS, c=community_id, end=end)
    standing: dict[Pair, Counter[str]] = {}
    for idx, moved in groupby(steps, key=lambda step: step.idx // log.TILE):
        known = set(standing)
        touched = set(_add(standing, moved, chart))
        rows = {(row.commodity_id, row.kind): row for row in totals.of(idx)}
        for of in sorted(touched - rows.keys()):
            fault(of, idx, "the row is missing: the tile moved it")
        for of, row in rows.items():
            findings.counts["totals of tiles"] += 1
            if of not in touched:
                fault(of, idx, "the tile did not move it")
                continue
            for name in _ADDED:
                if getattr(row, name) != standing[of][name]:
                    fault(of, idx, f"{name} is not what the leaves come to")
            if row.is_first != (of not in known):
                fault(of, idx, "is_first is true for the first tile that moved it, only")
    totals.end()


def _add(standing: dict[Pair, Counter[str]], moved: Iterator[Any], chart: Chart) -> Iterator[Pair]:
    """Add up the effect of postings, and yield the pairs that they touched."""
    for step in moved:
        for side, end in (("source", "out"), ("destination", "in")):
            known = chart.accounts.get(getattr(step, f"{side}_account_id"))
            if known is None:
                continue  # Already reported, with the posting that refers to it.
            of = known.row.commodity_id, known.row.kind
            own = standing.setdefault(of, Counter())
            own["accounts"] += getattr(step, f"{side}_seq") == 1
            count(own, step, end)
            yield of
