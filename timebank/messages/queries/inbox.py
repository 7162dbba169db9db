"""The inbox of a person: their messages with the facts, and how many are unread."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from timebank.db import Cursor, Keyset, among, up_to
from timebank.messages.tables import FACTS_COLUMN, message
from timebank.vault.cipher import vault_to_open


@dataclass(frozen=True, slots=True)
class InboxMessage:
    """A message in the inbox; ``facts`` is empty if it cannot be decrypted."""

    id: int
    person_id: int
    kind: str
    written_at: datetime
    read_at: datetime | None
    facts: dict[str, Any] = field(repr=False)


COLUMNS = (
    message.c.id, message.c.person_id, message.c.kind, message.c.written_at, message.c.read_at,
    message.c.facts_sealed,
)  # fmt: skip
_KEY = Keyset((message.c.written_at, message.c.id))
_INBOX = (
    select(*COLUMNS)
    .where(
        message.c.community_id == bindparam("of_community"),
        message.c.person_id == bindparam("of_person"),
        message.c.emptied_at.is_(None),
        _KEY.beyond,
    )
    .order_by(*_KEY.order)
    .limit(up_to())
)
_UNREAD = select(func.count()).where(
    message.c.community_id == bindparam("of_community"),
    message.c.person_id == bindparam("of_person"),
    message.c.read_at.is_(None),
    message.c.emptied_at.is_(None),
)


def message_of(session: Session, row: Any) -> InboxMessage:
    """Build a message from a row with ``COLUMNS``."""
    opened = vault_to_open(session).open_or_none(row.facts_sealed, FACTS_COLUMN)
    return InboxMessage(
        id=row.id, person_id=row.person_id, kind=row.kind, written_at=row.written_at,
        read_at=row.read_at, facts=msgspec.json.decode(opened) if opened else {},
    )  # fmt: skip


def inbox(
    session: Session,
    community_id: int,
    person_id: int,
    *,
    limit: int = 20,
    before: Cursor | None = None,
) -> list[InboxMessage]:
    """A page of the messages of a person, newest first."""
    asked = {"of_community": community_id, "of_person": person_id, "most": limit}
    return [message_of(session, row) for row in session.execute(_INBOX, asked | _KEY.asked(before))]


def unread_count(session: Session, community_id: int, person_id: int) -> int:
    """How many messages a person has not read."""
    asked = {"of_community": community_id, "of_person": person_id}
    return session.scalar(_UNREAD, asked) or 0


_SAID = select(message.c.person_id, message.c.about).where(
    message.c.community_id == bindparam("of_community"),
    among(message.c.person_id, "person_ids"),
    message.c.kind == bindparam("of_kind"),
)


def said_before(
    session: Session, community_id: int, kind: str, person_ids: Collection[int]
) -> set[tuple[int, str]]:
    """What these people have of a kind: person and thing. For jobs, which find it again."""
    asked = {"of_community": community_id, "of_kind": kind, "person_ids": sorted(set(person_ids))}
    return {(row.person_id, row.about) for row in session.execute(_SAID, asked)}
