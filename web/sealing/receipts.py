"""A receipt on the public page: what the books prove, and what is only shown.

Only the whole code of a paper proves anything. Receipt numbers can be guessed by counting, so a
number shows today's data of a receipt, but neither its code nor its entry.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from urllib.parse import unquote

from sqlalchemy.orm import Session

from timebank.checking.notes import Keys, Unfit, read_keys
from timebank.checking.reading import Books
from timebank.checking.receipts import (
    MISSING,
    SEALED,
    WAITING,
    ReceiptStanding,
    count_into,
    find_receipt,
    read_receipt,
)
from timebank.errors import NotFound
from timebank.goods.queries import Deposit, code_of_receipt, receipt_by_no, receipt_by_token
from timebank.ledger.corrections import corrections_of
from timebank.sealing.queries import verifier_of
from timebank.typed import joined
from timebank.values import from_us, local_day
from web import units

_CODE = re.compile(r"GZR[12]:[0-9A-Z-]+")
_SHELF = ("lot",)
_DONORS = ("person", "organisation")


@dataclass(frozen=True, slots=True)
class Posted:
    """The content of a deposit's entry.

    **Units**: pieces; whole yuan, 0 if nobody was credited.
    """

    at: datetime
    pieces: int
    value_yuan: int

    @property
    def day(self) -> date:
        return local_day(self.at)


@dataclass(frozen=True, slots=True)
class Checked:
    """A receipt from today's tables, and its state in the books.

    ``standing`` is None for a number, or for a code without a transaction.
    """

    deposit: Deposit
    code: str
    standing: ReceiptStanding | None = None
    posted: Posted | None = None
    reversed_at: datetime | None = None

    @property
    def signed_at(self) -> datetime | None:
        checkpoint = self.standing and self.standing.checkpoint
        return from_us(checkpoint.signed_us) if checkpoint else None

    @property
    def has_drifted(self) -> bool:
        """Tell whether today's tables differ from what was posted."""
        posted, now = self.posted, self.deposit
        if posted is None or now.received_at is None:
            return False
        return (
            posted.pieces != now.accepted
            or posted.day != local_day(now.received_at)
            or posted.value_yuan not in (0, now.value_yuan)
        )


def check(session: Session, text: str) -> Checked:
    """Find a receipt by its number or its code, and what the books prove of it.

    **Refuses**: ``NotFound``.
    """
    code, community_id = _code_in(text), units.community_id()
    if not code:
        return Checked(deposit=receipt_by_no(session, community_id, text), code=code)
    found = receipt_by_token(session, community_id, code)
    if not code.startswith("GZR2:"):
        return Checked(deposit=found, code=code)
    if code != code_of_receipt(session, community_id, found):
        return Checked(deposit=found, code=code, standing=ReceiptStanding(MISSING))
    return _proved(session, found, code)


def _code_in(typed: str) -> str:
    """Extract the code from the text of a QR code, which may be an address."""
    found = _CODE.search(joined(unquote(typed)).upper())
    return found[0] if found else ""


def _proved(session: Session, deposit: Deposit, code: str) -> Checked:
    books, community_id = Books(session.connection()), units.community_id()
    try:
        receipt = read_receipt(code)
    except Unfit:
        return Checked(deposit=deposit, code=code, standing=ReceiptStanding(MISSING))
    standing = find_receipt(books, receipt, _keys(session), community_id=community_id)
    if standing.state not in (SEALED, WAITING):
        return Checked(deposit=deposit, code=code, standing=standing)
    is_deposit = standing.kind == "receive_deposit"
    pieces, value_yuan = (
        count_into(books, standing, kinds, community_id=community_id) if is_deposit else 0
        for kinds in (_SHELF, _DONORS)
    )
    posted = Posted(from_us(standing.posted_us), pieces, value_yuan)
    corrections = corrections_of(session, community_id, receipt.txn_id)
    reversed_at = next(
        (correction.posted_at for correction in corrections if correction.is_reversal), None
    )
    return Checked(
        deposit=deposit, code=code, standing=standing, posted=posted, reversed_at=reversed_at
    )


def _keys(session: Session) -> Keys:
    """The public part of the server's own key, never a key from beside the signatures."""
    verifier = verifier_of(session, units.community_id())
    return read_keys([verifier], {}, Path()) if verifier else Keys({})


def proof_of(session: Session, typed: str) -> str:
    """Build the proof of a receipt for somebody with its whole code. **Refuses**: ``NotFound``."""
    standing = check(session, typed).standing
    if standing is None or standing.bundle is None:
        raise NotFound(kind="receipt")
    return standing.bundle.dumped()
