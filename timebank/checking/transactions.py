"""Checks of each transaction with its postings, holds and shortfalls, and of its leaf hash."""

from collections.abc import Iterator
from typing import Any

from timebank.checking.accounts import Chart
from timebank.checking.columns import select_all
from timebank.checking.entries import Unwritable, leaf_of, note_name, txn_entry
from timebank.checking.faults import Findings
from timebank.checking.reading import Books

POSTED, REJECTED = 1, 2
RECORD = 2  # A fact may move nothing, if suspense would be on both sides.
MOVED, SET_ASIDE, ENDED = 0, 1, 2
_OF = "WHERE community_id = :c"


class _Followers:
    """Rows that belong to transactions, read along with them in id order."""

    def __init__(self, rows: Iterator[Any]) -> None:
        self._rows = rows
        self._next = next(rows, None)

    def of(self, txn_id: int) -> tuple[list[Any], list[Any]]:
        """Return the rows of this transaction, and the stray rows before it."""
        own: list[Any] = []
        strays: list[Any] = []
        while self._next is not None and self._next.txn_id <= txn_id:
            (own if self._next.txn_id == txn_id else strays).append(self._next)
            self._next = next(self._rows, None)
        return own, strays

    def rest(self) -> list[Any]:
        """Return the rows left after the last transaction."""
        own, strays = self.of(_LAST_ID)
        return own + strays


_LAST_ID = 2**63 - 1


def check_transactions(
    books: Books, community_id: int, chart: Chart, *, findings: Findings
) -> None:
    """Check all transactions once, in id order, with the rows that belong to them."""
    postings = _Followers(books.rows(select_all("posting", _OF), c=community_id))
    holds = _Followers(books.rows(select_all("hold", _OF), c=community_id))
    lacks = _Followers(books.rows(select_all("shortfall", _OF), c=community_id))
    for txn in books.rows(select_all("txn", _OF), c=community_id):
        lines, stray_lines = postings.of(txn.id)
        held, stray_holds = holds.of(txn.id)
        lacking, stray_lacks = lacks.of(txn.id)
        _report_strays(findings, posting=stray_lines, hold=stray_holds, shortfall=stray_lacks)
        findings.counts["transactions"] += 1
        findings.counts["postings"] += len(lines)
        findings.counts["holds"] += len(held)
        findings.counts["shortfalls"] += len(lacking)
        _check_shape(txn, lines, findings)
        _check_holds(txn.id, lines, held, findings)
        for line in lines:
            _check_line(line, chart, findings)
        _check_lacks(txn, lines, lacking, findings)
        _check_leaf(txn, lines, held, lacking=lacking, findings=findings)
    left = {"posting": postings, "hold": holds, "shortfall": lacks}
    _report_strays(findings, **{name: rows.rest() for name, rows in left.items()})


def _report_strays(findings: Findings, **strays: list[Any]) -> None:
    for table, rows in strays.items():
        for row in rows:
            findings.fault(table, f"{row.txn_id}/{row.line}", "txn_id names no transaction")


def _check_shape(txn: Any, lines: list[Any], findings: Findings) -> None:
    if txn.status not in (POSTED, REJECTED) or txn.mode not in (1, 2):
        findings.fault("txn", txn.id, "unknown status or mode")
    if (txn.status == REJECTED) != (txn.reason is not None):
        findings.fault("txn", txn.id, "status and reason do not fit: only what is rejected has one")
    if txn.status == REJECTED and (lines or txn.reverses_id or txn.closes_id):
        findings.fault(
            "txn", txn.id, "status is rejected, but it moves, reverses or closes something"
        )
    if txn.status == POSTED and lines and txn.closes_id is not None:
        findings.fault("txn", txn.id, "closes_id names an account, but it moves something too")
    moves_nothing = not lines and txn.closes_id is None and txn.mode != RECORD
    if txn.status == POSTED and moves_nothing:
        findings.fault(
            "posting", f"{txn.id}/0", "the row is missing: its transaction moves nothing"
        )
    if [line.line for line in lines] != list(range(len(lines))):
        postings = ", ".join(f"posting {txn.id}/{line.line}" for line in lines)
        findings.fault(
            "txn", txn.id, f"a posting is missing or too many among its lines: {postings}"
        )


def _check_line(line: Any, chart: Chart, findings: Findings) -> None:
    key = f"{line.txn_id}/{line.line}"
    for side in ("source", "destination"):
        account = chart.accounts.get(getattr(line, f"{side}_account_id"))
        if account is None:
            findings.fault("posting", key, f"{side}_account_id names no account")
        elif account.row.commodity_id != line.commodity_id:
            findings.fault("posting", key, f"commodity_id is not that of its {side}")
    if line.source_account_id == line.destination_account_id:
        findings.fault("posting", key, "source and destination are one account")
    is_end = line.phase == ENDED
    fits = (
        line.phase in (MOVED, SET_ASIDE, ENDED)
        and (line.quantity >= 0 if is_end else line.quantity > 0)
        and (line.released >= max(line.quantity, 1) if is_end else line.released == 0)
        and (line.hold_txn_id is not None) == (line.hold_line is not None) == is_end
    )
    if not fits:
        findings.fault("posting", key, "phase, quantity, released and hold do not fit each other")


_SIDES = ("source_account_id", "destination_account_id", "commodity_id", "quantity")


def _check_holds(txn_id: int, lines: list[Any], held: list[Any], findings: Findings) -> None:
    """Check that each hold has its posting, and the other way round."""
    placing = {line.line: line for line in lines if line.phase == SET_ASIDE}
    for hold in held:
        line = placing.pop(hold.line, None)
        key = f"{txn_id}/{hold.line}"
        if line is None:
            findings.fault("hold", key, "no posting sets it aside")
            continue
        for column in _SIDES:
            if getattr(hold, column) != getattr(line, column):
                findings.fault("hold", key, f"{column} is not that of posting {key}")
    for number in placing:
        findings.fault("hold", f"{txn_id}/{number}", "the row is missing: a posting sets it aside")


def _check_lacks(txn: Any, lines: list[Any], lacking: list[Any], findings: Findings) -> None:
    """Check that each shortfall has the quantity and the time of its posting.

    If both accounts fell short, nothing moved: such shortfalls are numbered after the last line.
    """
    quantities = {line.line: line.quantity for line in lines}
    for lack in lacking:
        key = f"{lack.txn_id}/{lack.line}"
        if quantities.get(lack.line, lack.quantity) != lack.quantity:
            findings.fault("shortfall", key, f"quantity is not that of posting {key}")
        if lack.found_us != txn.posted_us:
            findings.fault("shortfall", key, "found_us is not when its transaction was posted")


def _check_leaf(
    txn: Any, lines: list[Any], held: list[Any], *, lacking: list[Any], findings: Findings
) -> None:
    rows = ["txn itself", *(f"posting {txn.id}/{line.line}" for line in lines)]
    rows += [f"hold {txn.id}/{hold.line} (expires_us)" for hold in held]
    if txn.mode == RECORD:
        rows += [f"shortfall {txn.id}/{number}" for number in range(len(lines) + 2)]
    deadlines = {hold.line: hold.expires_us for hold in held}
    try:
        entry = txn_entry(txn, lines, deadlines, lacks=lacking)
    except Unwritable as fault:
        findings.fault(
            "txn", txn.id, f"no entry can have these values ({fault}): {', '.join(rows)}"
        )
        return
    if leaf_of(entry) != bytes(txn.leaf_hash):
        what = "leaf_hash is not that of its rows; one of them was changed, or is missing: "
        rows.append(f"posting {txn.id}/{len(lines)}")
        findings.fault("txn", txn.id, what + ", ".join(rows))


_NOTES = """
SELECT n.txn_id, n.salt, n.body, t.id, t.note_hash FROM txn_note n
LEFT JOIN txn t ON t.community_id = n.community_id AND t.id = n.txn_id
WHERE n.community_id = :c ORDER BY n.txn_id
"""


def check_notes(books: Books, community_id: int, findings: Findings) -> None:
    """Check that every note that was not erased matches its sealed hash."""
    for row in books.rows(_NOTES, c=community_id):
        findings.counts["notes"] += 1
        if row.id is None:
            findings.fault("txn_note", row.txn_id, "txn_id names no transaction")
        elif row.note_hash is None:
            findings.fault("txn_note", row.txn_id, "the transaction was posted without a note")
        elif note_name(row.salt, row.body) != bytes(row.note_hash):
            findings.fault("txn_note", row.txn_id, "salt and body are not those of txn.note_hash")
