"""The drafts of a person: what was typed into a page, and which pages have one."""

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from timebank.people.rules.visits import DRAFT_LIFE
from timebank.people.tables import form_draft
from timebank.values import By
from timebank.vault.cipher import vault_of

DRAFT_COLUMN = "form_draft.typed"
Typed = tuple[tuple[str, str], ...]


def address_digest(address: str) -> bytes:
    """The digest by which a page is found; it needs no key, and survives a change of keys."""
    return hashlib.sha256(address.encode()).digest()


def draft_of(session: Session, by: By, address: str, *, now: datetime) -> Typed | None:
    """What the person had typed into a page; None without a draft, or if it cannot be read."""
    sealed = session.scalar(
        select(form_draft.c.typed_sealed).where(
            form_draft.c.community_id == by.community_id,
            form_draft.c.person_id == by.person_id,
            form_draft.c.address_digest == address_digest(address),
            form_draft.c.kept_at > now - DRAFT_LIFE,
        )
    )
    text = None if sealed is None else vault_of(session).open_or_none(sealed, DRAFT_COLUMN)
    return None if text is None else tuple((name, value) for name, value in json.loads(text))


def drafted_pages(session: Session, by: By, *, now: datetime) -> Sequence[bytes]:
    """The digests of the pages that have a draft, the newest first."""
    return session.scalars(
        select(form_draft.c.address_digest)
        .where(
            form_draft.c.community_id == by.community_id,
            form_draft.c.person_id == by.person_id,
            form_draft.c.kept_at > now - DRAFT_LIFE,
        )
        .order_by(form_draft.c.kept_at.desc())
    ).all()
