"""Checks of accounts and commodities, and the leaf hashes of account openings."""

from dataclasses import dataclass, field
from typing import Any

from timebank.checking.columns import select_all
from timebank.checking.entries import Unwritable, account_entry, leaf_of
from timebank.checking.faults import Findings
from timebank.checking.reading import Books

_OF = "WHERE community_id = :c"


@dataclass(slots=True)
class KnownAccount:
    """An account with its balance row, and its leaf hash unless its columns allow none."""

    row: Any
    leaf: bytes | None = None


@dataclass
class Chart:
    """All accounts and commodities of a community. Only these are kept in memory."""

    codes: dict[int, str] = field(default_factory=dict)
    accounts: dict[int, KnownAccount] = field(default_factory=dict)


_ACCOUNTS = """
SELECT a.community_id, a.id, a.commodity_id, a.kind, a.owner_id,
    b.account_id, b.commodity_id AS counted_id, b.posted_in, b.posted_out, b.pending_in,
    b.pending_out, b.seq, b.last_us, b.floor, b.ceiling, b.closed
FROM account a
LEFT JOIN balance b ON b.community_id = a.community_id AND b.account_id = a.id
WHERE a.community_id = :c ORDER BY a.id
"""
_STRAY_BALANCES = """
SELECT b.account_id FROM balance b
LEFT JOIN account a ON a.community_id = b.community_id AND a.id = b.account_id
WHERE b.community_id = :c AND a.id IS NULL ORDER BY b.account_id
"""


def read_chart(books: Books, community_id: int, findings: Findings) -> Chart:
    """Read commodities and accounts, and check each row by itself."""
    chart = Chart()
    seen: set[str] = set()
    for row in books.rows(select_all("commodity", _OF), c=community_id):
        if row.id in chart.codes or row.code in seen:
            findings.fault("commodity", row.id, "its id or its code exists twice")
        chart.codes[row.id] = row.code
        seen.add(row.code)
    for row in books.rows(_ACCOUNTS, c=community_id):
        if row.id in chart.accounts:
            findings.fault("account", row.id, "it exists twice, or its balance does")
        chart.accounts[row.id] = KnownAccount(row, _leaf(chart, row, findings))
    for row in books.rows(_STRAY_BALANCES, c=community_id):
        findings.fault("balance", row.account_id, "there is no such account")
    _check_names(chart, findings)
    findings.counts["commodities"], findings.counts["accounts"] = (
        len(chart.codes),
        len(chart.accounts),
    )
    return chart


def _leaf(chart: Chart, row: Any, findings: Findings) -> bytes | None:
    if row.account_id is None:
        findings.fault("balance", row.id, "the row is missing, but its account exists")
        return None
    if row.counted_id != row.commodity_id:
        findings.fault("balance", row.id, "commodity_id is not that of its account")
    code = chart.codes.get(row.commodity_id)
    if code is None:
        findings.fault(
            "commodity", row.commodity_id, f"the row is missing: account {row.id} counts it"
        )
        return None
    try:
        return leaf_of(account_entry(row, code))
    except Unwritable as fault:
        findings.fault("account", row.id, f"no opening can have these values: {fault}")
        return None


def _check_names(chart: Chart, findings: Findings) -> None:
    """See that no two accounts have the same name, and that each commodity has an account."""
    names: dict[tuple[Any, ...], int] = {}
    used = set()
    for id_, known in chart.accounts.items():
        row = known.row
        used.add(row.commodity_id)
        name = (row.kind, row.owner_id, row.commodity_id)
        if (first := names.setdefault(name, id_)) != id_:
            findings.fault("account", id_, f"it has the name of account {first}")
    for id_ in sorted(set(chart.codes) - used):
        findings.fault("commodity", id_, "no account counts it: nobody has opened the books for it")
