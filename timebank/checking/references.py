"""Checks of references between rows: ends of holds, reversals, relations, closings."""

from collections import Counter
from typing import Any

from timebank.checking.faults import Findings
from timebank.checking.reading import Books

_ENDS = """
SELECT p.txn_id, p.line, p.hold_txn_id, p.hold_line, h.txn_id AS held_id,
    h.source_account_id = p.source_account_id
        AND h.destination_account_id = p.destination_account_id
        AND h.commodity_id = p.commodity_id AS same_sides,
    h.quantity = p.released AS is_whole
FROM posting p
LEFT JOIN hold h ON h.community_id = p.community_id AND h.txn_id = p.hold_txn_id
    AND h.line = p.hold_line
WHERE p.community_id = :c AND p.hold_txn_id IS NOT NULL ORDER BY p.txn_id, p.line
"""
_ENDED_TWICE = """
SELECT hold_txn_id, hold_line FROM posting
WHERE community_id = :c AND hold_txn_id IS NOT NULL
GROUP BY hold_txn_id, hold_line HAVING COUNT(*) > 1
"""
_POINTERS = """
SELECT t.id, t.mode, t.posted_us, t.reverses_id, t.relates_id, t.closes_id,
    r.id AS reversed_id, r.status AS reversed_status, r.posted_us AS reversed_us,
    o.id AS related_id, a.id AS closed_id
FROM txn t
LEFT JOIN txn r ON r.community_id = t.community_id AND r.id = t.reverses_id
LEFT JOIN txn o ON o.community_id = t.community_id AND o.id = t.relates_id
LEFT JOIN account a ON a.community_id = t.community_id AND a.id = t.closes_id
WHERE t.community_id = :c
    AND (t.reverses_id IS NOT NULL OR t.relates_id IS NOT NULL OR t.closes_id IS NOT NULL)
ORDER BY t.id
"""
_TWICE = """
SELECT {column} AS target FROM txn WHERE community_id = :c AND status = 1
    AND {column} IS NOT NULL GROUP BY {column} HAVING COUNT(*) > 1
"""
_KEYS_TWICE = """
SELECT client, request_key, MIN(id) AS first_id, MAX(id) AS last_id FROM txn
WHERE community_id = :c GROUP BY client, request_key HAVING COUNT(*) > 1
"""
_SETTLING_KINDS = "'settle_shortfall', 'write_off_shortfall'"
_SETTLED = f"""
SELECT s.txn_id, s.line, s.settling_txn_id, s.settled_us, f.txn_id AS lacking_id,
    t.relates_id, t.posted_us, t.status = 1 AND t.kind IN ({_SETTLING_KINDS}) AS is_settling
FROM shortfall_settled s
LEFT JOIN shortfall f ON f.community_id = s.community_id AND f.txn_id = s.txn_id
    AND f.line = s.line
LEFT JOIN txn t ON t.community_id = s.community_id AND t.id = s.settling_txn_id
WHERE s.community_id = :c ORDER BY s.txn_id, s.line
"""
# A settlement settles each line of a case, with one posting per line.
_SETTLING = f"""
SELECT t.relates_id, f.line FROM txn t
JOIN shortfall f ON f.community_id = t.community_id AND f.txn_id = t.relates_id
LEFT JOIN shortfall_settled s ON s.community_id = f.community_id AND s.txn_id = f.txn_id
    AND s.line = f.line
WHERE t.community_id = :c AND t.status = 1 AND s.txn_id IS NULL
    AND t.kind IN ({_SETTLING_KINDS}) ORDER BY t.id, f.line
"""
# What a recorded reversal did not restore, by account, without its own shortfalls.
_LEFT = """
SELECT e.account_id FROM (
    SELECT source_account_id AS account_id, -quantity AS change FROM posting
    WHERE community_id = :c AND txn_id IN (:id, :reverses_id)
    UNION ALL SELECT destination_account_id, quantity FROM posting
    WHERE community_id = :c AND txn_id IN (:id, :reverses_id)
    UNION ALL SELECT account_id, CASE side WHEN 1 THEN -quantity ELSE quantity END FROM shortfall
    WHERE community_id = :c AND txn_id = :id
) e JOIN account a ON a.community_id = :c AND a.id = e.account_id AND a.kind <> 'suspense'
GROUP BY e.account_id HAVING SUM(e.change) <> 0
"""
_LINES = """
SELECT commodity_id, source_account_id, destination_account_id, quantity, phase FROM posting
WHERE community_id = :c AND txn_id = :id AND quantity > 0
"""
RECORD = 2


def check_pointers(books: Books, community_id: int, findings: Findings) -> None:
    """Check that each reference points to an existing and permitted row."""
    for row in books.rows(_ENDS, c=community_id):
        findings.counts["ends of holds"] += 1
        key = f"{row.txn_id}/{row.line}"
        if row.held_id is None:
            findings.fault("posting", key, "hold_txn_id and hold_line name no hold")
        elif not row.same_sides or not row.is_whole:
            what = f"its accounts or released are not those of hold {row.hold_txn_id}/"
            findings.fault("posting", key, f"{what}{row.hold_line}")
    for row in books.rows(_ENDED_TWICE, c=community_id):
        findings.fault("hold", f"{row.hold_txn_id}/{row.hold_line}", "it ends twice")
    for row in books.rows(_POINTERS, c=community_id):
        _check_txn(books, community_id, row, findings)
    for column, what in (("reverses_id", "reversed"), ("closes_id", "closed")):
        for row in books.rows(_TWICE.format(column=column), c=community_id):
            table = "txn" if column == "reverses_id" else "account"
            findings.fault(table, row.target, f"it was {what} twice")
    for row in books.rows(_KEYS_TWICE, c=community_id):
        findings.fault("txn", row.last_id, f"its request was posted before: txn {row.first_id}")


def check_settled(books: Books, community_id: int, findings: Findings) -> None:
    """Check that each settled shortfall was settled by the transaction it refers to."""
    for row in books.rows(_SETTLED, c=community_id):
        findings.counts["settled"] += 1
        key = f"{row.txn_id}/{row.line}"
        if row.lacking_id is None:
            findings.fault("shortfall_settled", key, "nothing was lacking there")
        if row.relates_id != row.txn_id or not row.is_settling:
            findings.fault("shortfall_settled", key, "settling_txn_id names no settlement of it")
        elif row.settled_us != row.posted_us:
            findings.fault("shortfall_settled", key, "settled_us is not when that was posted")
    for row in books.rows(_SETTLING, c=community_id):
        what = "the row is missing: a transaction settles it"
        findings.fault("shortfall_settled", f"{row.relates_id}/{row.line}", what)


def _check_txn(books: Books, community_id: int, row: Any, findings: Findings) -> None:
    if row.relates_id is not None and row.related_id is None:
        findings.fault("txn", row.id, "relates_id names no transaction")
    if row.closes_id is not None and row.closed_id is None:
        findings.fault("txn", row.id, "closes_id names no account")
    if row.reverses_id is None:
        return
    findings.counts["reversals"] += 1
    if row.reversed_id is None:
        findings.fault("txn", row.id, "reverses_id names no transaction")
    elif row.reversed_status != 1 or row.reversed_us >= row.posted_us:
        findings.fault("txn", row.id, "reverses_id names one that was rejected, or came later")
    elif not _is_opposite(books, community_id, row):
        findings.fault("txn", row.id, f"its postings are not the opposite of txn {row.reverses_id}")


def _is_opposite(books: Books, community_id: int, row: Any) -> bool:
    """Compare line by line; a recorded reversal may take the missing part from suspense."""
    if row.mode == RECORD:
        return not list(books.rows(_LEFT, c=community_id, id=row.id, reverses_id=row.reverses_id))
    back: Counter[tuple[int, ...]] = Counter()
    for txn_id, swap in ((row.id, False), (row.reverses_id, True)):
        for line in books.rows(_LINES, c=community_id, id=txn_id):
            sides = [line.source_account_id, line.destination_account_id]
            key = (line.commodity_id, *(reversed(sides) if swap else sides))
            back[key] += -line.quantity if swap else line.quantity
    return not any(back.values())
