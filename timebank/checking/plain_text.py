"""Writing the books in beancount's plain text, for its checker and its viewers.

A commodity becomes a currency. An account is named by kind, owner and currency. A hold moves its
quantity into ``…:Held`` below the source: the account alone shows the available balance, and
together with ``…:Held`` the posted balance. The destination of a hold shows nothing until it is
captured. **Source**: beancount's language syntax.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any

from timebank.checking.reading import Books, NotReadable

_HOURS_OF_CHINA = timedelta(hours=8)
_CURRENCIES = {"minutes": "MIN", "fen": "FEN"}
_LONGEST_CURRENCY = 24
_CALENDAR = range(253_370_764_800_000_000)  # From 1970 to the year 9999.
_ADVICE = ": run `timebank check-books`, which names the row"

_ACCOUNTS = """
SELECT a.id, a.kind, a.owner_id, a.commodity_id, c.code, b.floor,
    b.posted_in - b.posted_out AS posted, b.pending_out, b.closed
FROM account a
JOIN commodity c ON c.community_id = a.community_id AND c.id = a.commodity_id
JOIN balance b ON b.community_id = a.community_id AND b.account_id = a.id
WHERE a.community_id = :c ORDER BY a.id
"""
_LINES = """
SELECT t.id, t.kind, t.status, t.mode, t.reason, t.client, t.request_key, t.effective_us,
    t.posted_us, t.reverses_id, t.relates_id, t.closes_id,
    p.line, p.phase, p.source_account_id, p.destination_account_id, p.quantity, p.released
FROM txn t LEFT JOIN posting p ON p.community_id = t.community_id AND p.txn_id = t.id
WHERE t.community_id = :c ORDER BY t.posted_us, t.id, p.line
"""
_SPAN = "SELECT MIN(posted_us) AS first, MAX(posted_us) AS last FROM txn WHERE community_id = :c"


@dataclass(slots=True)
class _Account:
    name: str
    currency: str
    row: Any
    has_held: bool = False

    @property
    def held(self) -> str:
        return f"{self.name}:Held"


@dataclass
class _Ledger:
    """The names in one community's books. ``first`` and ``after``: the first day, the day after."""

    accounts: dict[int, _Account]
    codes: dict[str, str]
    first: str
    after: str
    closed_on: dict[int, tuple[str, int]] = field(default_factory=dict)

    def account(self, id_: int) -> _Account:
        if id_ not in self.accounts:
            raise NotReadable(f"account {id_}, its balance or its commodity is missing{_ADVICE}")
        return self.accounts[id_]


def beancount(books: Books, community_code: str = "") -> Iterator[str]:
    """Write the books of a community. Its code may be omitted if there is only one.

    Raises ``NotReadable`` if the community is ambiguous, a row is missing or a time is invalid.
    """
    community_id, code = _community(books, community_code)
    span = next(books.rows(_SPAN, c=community_id))
    first, last = span.first or 0, span.last or 0
    accounts, codes = _accounts(books, community_id)
    ledger = _Ledger(
        accounts=accounts, codes=codes, first=_day(first), after=_day(last + 86_400_000_000)
    )
    yield f'option "title" {_quoted(f"Books of {code}")}'
    for currency in sorted({"MIN", "FEN"} & set(codes)):
        yield f'option "operating_currency" "{currency}"'
    yield from _openings(ledger)
    for _, rows in groupby(books.rows(_LINES, c=community_id), key=lambda row: row.id):
        yield from _transaction(ledger, list(rows))
    yield from _endings(ledger)


def _community(books: Books, code: str) -> tuple[int, str]:
    known = [(row.id, row.code) for row in books.rows("SELECT id, code FROM community ORDER BY id")]
    meant = [(id_, name) for id_, name in known if code in ("", name)]
    if len(meant) == 1:
        return meant[0]
    if not known:
        raise NotReadable("there is no community in these books")
    names = ", ".join(name for _, name in known)
    if code:
        raise NotReadable(f"there is no community {code}; choose one of these: {names}")
    raise NotReadable(f"there are several communities; choose one with --community: {names}")


def _accounts(books: Books, community_id: int) -> tuple[dict[int, _Account], dict[str, str]]:
    accounts: dict[int, _Account] = {}
    codes: dict[str, str] = {}
    for row in books.rows(_ACCOUNTS, c=community_id):
        currency = _currency(row)
        codes[currency] = row.code
        accounts[row.id] = _Account(_account_name(row, currency), currency, row)
    return accounts, codes


def _currency(row: Any) -> str:
    """Write a commodity with the characters that a currency may have."""
    if row.code in _CURRENCIES:
        return _CURRENCIES[row.code]
    kind, _, id_ = row.code.partition(":")
    if kind == "pieces" and id_.isdigit():
        return f"P-{id_}"
    plain = re.sub(r"[^A-Z0-9]+", "-", row.code.upper()).strip("-")
    fits = plain[:1].isalpha() and 1 < len(plain) <= _LONGEST_CURRENCY
    return plain if fits else f"C-{row.commodity_id}"


def _account_name(row: Any, currency: str) -> str:
    """An account with a floor is an asset; one without a floor is equity, a source."""
    root = "Equity" if row.floor is None else "Assets"
    kind = "".join(part.capitalize() for part in re.split(r"[^a-z0-9]+", row.kind.lower()))
    return f"{root}:{kind}:{row.owner_id or 'Community'}:{currency}"


def _openings(ledger: _Ledger) -> Iterator[str]:
    for currency, code in sorted(ledger.codes.items()):
        yield f"{ledger.first} commodity {currency}"
        yield f"  code: {_quoted(code)}"
    for account in ledger.accounts.values():
        yield f"{ledger.first} open {account.name} {account.currency}"
        yield f'  id: "{account.row.id}"'


def _transaction(ledger: _Ledger, rows: list[Any]) -> Iterator[str]:
    head, day = rows[0], _day(rows[0].posted_us)
    if head.closes_id is not None and head.status == 1:
        ledger.closed_on[head.closes_id] = (day, head.id)
        return
    if head.status != 1:
        fields = (head.id, head.kind, head.request_key, head.reason or "")
        yield f'{day} custom "rejected" {" ".join(_quoted(str(part)) for part in fields)}'
        return
    yield ""
    yield f"{day} * {_quoted(head.kind)}"
    for name, value in _facts(head):
        yield f"  {name}: {_quoted(str(value))}"
    for row in rows:
        yield from _posting(ledger, row)


def _facts(head: Any) -> Iterator[tuple[str, Any]]:
    yield from (("id", head.id), ("kind", head.kind), ("key", head.request_key))
    yield from (("client", head.client), ("mode", "record" if head.mode == 2 else "authorise"))
    yield from (("posted", _instant(head.posted_us)), ("effective", _instant(head.effective_us)))
    for name in ("reverses", "relates"):
        value = getattr(head, f"{name}_id")
        if value is not None:
            yield name, value


def _posting(ledger: _Ledger, row: Any) -> Iterator[str]:
    if row.line is None:
        return  # The transaction has no posting.
    source = ledger.account(row.source_account_id)
    destination = ledger.account(row.destination_account_id)
    if row.phase == 0:
        moved = [(source.name, -row.quantity), (destination.name, row.quantity)]
    elif row.phase == 1:
        source.has_held = True
        moved = [(source.name, -row.quantity), (source.held, row.quantity)]
    else:
        back = row.released - row.quantity
        moved = [(source.held, -row.released), (source.name, back)]
        moved.append((destination.name, row.quantity))
    for name, quantity in moved:
        if quantity:
            yield f"  {name}  {quantity} {source.currency}"


def _endings(ledger: _Ledger) -> Iterator[str]:
    """Assert every balance on the day after the last posting, and close the closed accounts."""
    yield ""
    for id_, account in ledger.accounts.items():
        if account.has_held:
            yield f"{ledger.first} open {account.held} {account.currency}"
            pending = f"{account.row.pending_out} {account.currency}"
            yield f"{ledger.after} balance {account.held}  {pending}"
        # Beancount includes the accounts below it, so this is the posted balance.
        yield f"{ledger.after} balance {account.name}  {account.row.posted} {account.currency}"
        if id_ in ledger.closed_on:
            _, txn_id = ledger.closed_on[id_]
            yield f"{ledger.after} close {account.name}"
            yield f'  txn: "{txn_id}"'


def _day(us: int) -> str:
    return (_second(us) + _HOURS_OF_CHINA).date().isoformat()


def _instant(us: int) -> str:
    return _second(us).isoformat()[:-6] + f".{us % 1_000_000:06d}Z"


def _second(us: int) -> datetime:
    if us not in _CALENDAR:
        raise NotReadable(f"{us} microseconds since 1970 is not a valid time{_ADVICE}")
    return datetime.fromtimestamp(us // 1_000_000, UTC)


def _quoted(words: str) -> str:
    return json.dumps(words, ensure_ascii=False)
