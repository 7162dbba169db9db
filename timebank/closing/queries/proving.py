"""Prove that the signed sheets are those in the books.

The transaction that closes a day has the digest of its sheet as request key, and the key is part
of its leaf. To rewrite a sheet, one would have to rewrite the log. Not here: whether the books
themselves are correct.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Row, Select, and_, func, select
from sqlalchemy.orm import Session

from timebank.closing.rules import CLOSE_DAY, SIGNED, SIGNING, digest_of, is_same
from timebank.closing.tables import day_closing, day_opening
from timebank.ledger.accounts import accounts_of_kind
from timebank.ledger.queries import find_account
from timebank.ledger.rows import RecordedOutcome, known_requests
from timebank.ledger.rules import Move, Request
from timebank.values import SHEETS, to_us

_AT_ONCE = 100
_KEPT = (
    "community_id", "store_id", "no", "counted_by", "closed_by", "closed_person_id",
    "variance_txn_id",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class SheetFault:
    """What is wrong with the sheet of a day; without a day, sheets are missing."""

    store_id: int
    no: int | None
    what: str


def sheet_faults(session: Session, community_id: int) -> Iterator[SheetFault]:
    """Compare every sheet with its rows and with the books, and count them in both."""
    yield from _faults(session, community_id, _sheets(community_id))
    here = sheets_signed(session, community_id)
    for signed in accounts_of_kind(session, community_id, SIGNED):
        if signed.posted != here[signed.owner_id]:
            what = (
                f"the books count {signed.posted} signed sheets,"
                f" but there are {here[signed.owner_id]}"
            )
            yield SheetFault(signed.owner_id, None, what)


def sheets_signed(session: Session, community_id: int) -> Counter[int]:
    """Count the sheets of each store."""
    query = (
        select(day_closing.c.store_id, func.count())
        .where(day_closing.c.community_id == community_id)
        .group_by(day_closing.c.store_id)
    )
    return Counter({row[0]: row[1] for row in session.execute(query)})


def sheet_is_proved(session: Session, community_id: int, store_id: int, no: int) -> bool:
    """Tell whether one sheet is the signed one, as far as the books can prove it."""
    this = (day_closing.c.store_id == store_id) & (day_closing.c.no == no)
    return not any(_faults(session, community_id, _sheets(community_id).where(this)))


def _sheets(community_id: int) -> Select[Any]:
    opening = and_(
        day_opening.c.community_id == day_closing.c.community_id,
        day_opening.c.store_id == day_closing.c.store_id,
        day_opening.c.no == day_closing.c.no,
    )
    return (
        select(day_closing, day_opening.c.day)
        .outerjoin(day_opening, opening)
        .where(day_closing.c.community_id == community_id)
        .order_by(day_closing.c.store_id, day_closing.c.no)
    )


def _faults(session: Session, community_id: int, query: Select[Any]) -> Iterator[SheetFault]:
    source = find_account(session, community_id, SIGNING, SHEETS) or 0
    ours = {
        signed.owner_id: signed.account_id
        for signed in accounts_of_kind(session, community_id, SIGNED)
    }
    found = session.execute(query, execution_options={"yield_per": _AT_ONCE})
    for rows in found.partitions():
        asked = [_request(row, source, ours.get(row.store_id, 0)) for row in rows]
        known = known_requests(session.connection(), community_id, asked)
        for row, request in zip(rows, asked, strict=True):
            answer = known.get(request.name)
            if what := _fault(row, is_held=answer is not None and _answers(answer, request)):
                yield SheetFault(row.store_id, row.no, what)


def _answers(answer: RecordedOutcome, request: Request) -> bool:
    return answer.refusal is None and answer.fingerprint == request.fingerprint


def _request(row: Row[Any], source: int, destination: int) -> Request:
    """Rebuild the request that the signer posted; the books must recognise it."""
    return Request(
        client=row.closed_by, key=row.digest, kind=CLOSE_DAY, lines=(Move(source, destination, 1),)
    )


def _fault(row: Row[Any], *, is_held: bool) -> str:
    if digest_of(row.sheet) != row.digest:
        return "its digest is not that of what it says"
    if not is_held:
        return "the books hold no sheet with this digest from who closed the day"
    sheet = msgspec.json.decode(row.sheet)
    kept = {name: getattr(row, name) for name in _KEPT}
    kept |= {"day": str(row.day), "closed_at_us": to_us(row.closed_at)}
    if wrong := [name for name, value in kept.items() if sheet.get(name) != value]:
        return f"{', '.join(wrong)} beside it is not what it says"
    names = [(sheet[f"{did}_by"], sheet[f"{did}_person_id"]) for did in ("counted", "closed")]
    return "who counted has signed" if is_same(*names) else ""
