"""Checking all books: every community and table, in one pass with bounded memory."""

from collections.abc import Sequence

from timebank.checking.accounts import read_chart
from timebank.checking.columns import LEFT_OUT, SHAPES
from timebank.checking.faults import Findings
from timebank.checking.histories import check_histories
from timebank.checking.kept_checkpoints import KeptCheckpoint
from timebank.checking.log import NAMES as ENTRIES
from timebank.checking.log import check_complete, check_log, checkpoint_sizes
from timebank.checking.notes import Keys
from timebank.checking.reading import Books
from timebank.checking.references import check_pointers, check_settled
from timebank.checking.rows import check_keys, check_kinds
from timebank.checking.totals import check_totals
from timebank.checking.transactions import check_notes, check_transactions

_ORPHANS = """
SELECT {key} FROM {table} t
WHERE NOT EXISTS (SELECT 1 FROM community c WHERE c.id = t.community_id) ORDER BY {key}
"""
_NAMING = "SELECT COUNT(*) AS rows FROM {table} WHERE community_id = :c AND {column} IS NOT NULL"


def check_books(
    books: Books, keys: Keys, checkpoints: Sequence[KeptCheckpoint] = ()
) -> list[Findings]:
    """Check the books of every community; rows without a community come last.

    ``checkpoints`` are those stored elsewhere: each log must be an extension of its own.
    """
    rows, orphans = Findings("all rows"), _check_orphans(books)
    if not check_kinds(books, rows):
        return [rows, orphans]
    check_keys(books, rows)
    known = [(row.id, row.code) for row in books.rows("SELECT id, code FROM community ORDER BY id")]
    if not known:
        what = "there is no community: none was founded yet, or the books were emptied"
        orphans.fault("community", "", what)
    by_community = [
        _check_community(books, id_, code, keys=keys, checkpoints=checkpoints)
        for id_, code in known
    ]
    _check_named({f"timebank/{code}" for _, code in known}, keys, checkpoints, findings=orphans)
    return [*by_community, rows, orphans]


def _check_named(
    origins: set[str], keys: Keys, checkpoints: Sequence[KeptCheckpoint], *, findings: Findings
) -> None:
    """Check that there are books for each given key and checkpoint."""
    for origin in sorted(set(keys.by_origin) - origins):
        findings.fault("community", "", f"a key was given for {origin}, but it has no books here")
    for checkpoint in checkpoints:
        if checkpoint.told.origin not in origins:
            what = f"it was kept of {checkpoint.told.origin}, and there are no such books here"
            findings.fault("checkpoint", checkpoint.told.size, what)


def _check_community(
    books: Books, community_id: int, code: str, *, keys: Keys, checkpoints: Sequence[KeptCheckpoint]
) -> Findings:
    findings = Findings(code)
    own = [checkpoint for checkpoint in checkpoints if checkpoint.told.origin == f"timebank/{code}"]
    chart = read_chart(books, community_id, findings)
    check_transactions(books, community_id, chart, findings=findings)
    check_notes(books, community_id, findings)
    check_pointers(books, community_id, findings)
    check_settled(books, community_id, findings)
    sizes = checkpoint_sizes(books, community_id)
    check_histories(books, community_id, chart, sizes=sizes, findings=findings)
    check_complete(books, community_id, findings)
    check_log(books, community_id, chart, code=code, keys=keys, checkpoints=own, findings=findings)
    check_totals(books, community_id, chart, findings=findings)
    if not any(findings.counts[what] for what in ("leaves", "not yet sealed")):
        _check_empty(books, community_id, findings)
    return findings


def _check_empty(books: Books, community_id: int, findings: Findings) -> None:
    """Check that empty books are new: no other table refers to their rows."""
    findings.counts.clear()
    for table, column in books.naming(*ENTRIES.values()):
        asked = _NAMING.format(table=table, column=column)
        count = next(books.rows(asked, c=community_id)).rows
        if count:
            what = f"{count} rows refer to transactions, but the books are empty: they were cut"
            findings.fault(f"{table}.{column}", "", what)
    if not findings.faults:
        findings.limits.append("nothing was posted yet: there is nothing to check")


def _check_orphans(books: Books) -> Findings:
    """List rows that belong to no community: no other check reads them."""
    findings = Findings("no community")
    for table, shape in SHAPES.items():
        if "community_id" not in shape.columns:
            continue
        key = ", ".join(shape.keys)
        for row in books.rows(_ORPHANS.format(table=table, key=key)):
            row_key = "/".join(map(str, tuple(row)[1:]))
            findings.fault(table, row_key, f"there is no community {row[0]}")
    return findings


def report(findings: list[Findings], *, most: int = 200) -> tuple[list[str], bool]:
    """Write the findings, one line each, and whether there are no faults."""
    lines = []
    for part in findings:
        lines += [f"✗ {part.community}: {fault}" for fault in part.faults[:most]]
        if len(part.faults) > most:
            lines.append(f"✗ {part.community}: and {len(part.faults) - most} more")
        elif part.counts and not part.faults:
            counted = ", ".join(f"{what} {number}" for what, number in part.counts.items())
            lines.append(f"✓ {part.community}: {counted}")
        lines += [f"! {part.community}: {limit}" for limit in part.limits]
    lines += [f"! not proved: {name} ({why})" for name, why in LEFT_OUT.items()]
    return lines, not any(found.faults for found in findings)
