"""Pick-up codes: sealed while somebody may use them, found by their digest.

Once a claim was handed over or has ended, only the digest stays: a kiosk may report a hand-over
days later, and its code must still be recognised.
"""

import hmac
from typing import Any

from sqlalchemy import ColumnElement, Row
from sqlalchemy.orm import Session

from timebank.aid.rules import READY
from timebank.aid.tables import claim
from timebank.typed import code_in
from timebank.vault.cipher import vault_of, vault_to_open

CODE_COLUMN = "claim.pickup_code"


def code_digests(session: Session, typed: str) -> tuple[bytes, ...]:
    """The digests of a typed code, by each key that may have stored it."""
    return vault_of(session).digests(CODE_COLUMN, code_in(typed))


def has_code(session: Session, typed: str) -> ColumnElement[bool]:
    """The condition for claims with a code."""
    return claim.c.pickup_digest.in_(code_digests(session, typed))


def is_code_of(session: Session, row: Row[Any], typed: str) -> bool:
    """Tell whether a code is that of a claim, also after the claim has ended."""
    if row.pickup_digest is None:
        return False
    kept = bytes(row.pickup_digest)
    return any(hmac.compare_digest(kept, digest) for digest in code_digests(session, typed))


def shown_code(session: Session, row: Row[Any]) -> str | None:
    """The code to show to the household; None once nobody can use it."""
    if row.state != READY:
        return None
    return vault_to_open(session).open_or_none(row.pickup_sealed, CODE_COLUMN)
