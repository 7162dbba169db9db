"""A person reads their messages, and chooses on which other ways they come."""

from dataclasses import dataclass

from sqlalchemy import Select, select, update

from timebank.db import insert_new
from timebank.deeds.action import action
from timebank.deeds.audit import audit
from timebank.deeds.deed import Deed
from timebank.errors import BadInput, NotAllowed
from timebank.messages.rules import DROPPED, DUE, check_email
from timebank.messages.tables import EMAIL_COLUMN, message, message_sending, message_wish
from timebank.vault.cipher import vault_to_seal

AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class MessagesRead:
    count: int


@dataclass(frozen=True, slots=True)
class WishesKept:
    """How a person wishes to be reached; the address itself is stored sealed only."""

    by_email: bool
    by_sms: bool
    by_call: bool


@action("read_messages")
def read_messages(deed: Deed, *, message_ids: tuple[int, ...]) -> MessagesRead:
    """Note which of one's own messages one has read; others' messages are left alone.

    **Refuses**: ``NotAllowed`` to a program without a person; ``BadInput`` for too many at once.
    """
    if deed.by.person_id is None:
        raise NotAllowed(deed="read_messages")
    if len(message_ids) > AT_ONCE:
        raise BadInput(field="message_ids", why="count")
    return MessagesRead(mark_read(deed, deed.by.person_id, message_ids))


def mark_read(deed: Deed, person_id: int, message_ids: tuple[int, ...]) -> int:
    """Mark messages of a person as read, on the web or at a kiosk; return how many were new.

    Nobody is called about them any more, and nothing that waits is sent.
    """
    marked = deed.session.execute(
        update(message)
        .where(
            message.c.community_id == deed.community_id,
            message.c.person_id == person_id,
            message.c.id.in_(message_ids),
            message.c.read_at.is_(None),
        )
        .values(read_at=deed.now)
    )
    deed.session.execute(
        update(message_sending)
        .where(
            message_sending.c.community_id == deed.community_id,
            message_sending.c.message_id.in_(_own(deed, person_id, message_ids)),
            message_sending.c.state == DUE,
        )
        .values(state=DROPPED, next_at=None, changed_at=deed.now)
    )
    return int(marked.rowcount)  # type: ignore[attr-defined]


def _own(deed: Deed, person_id: int, message_ids: tuple[int, ...]) -> Select[tuple[int]]:
    return select(message.c.id).where(
        message.c.community_id == deed.community_id,
        message.c.person_id == person_id,
        message.c.id.in_(message_ids),
    )


@action("choose_messages", is_private=True)
def choose_messages(
    deed: Deed, *, email: str, by_email: bool, by_sms: bool, by_call: bool
) -> WishesKept:
    """Choose how one is reached besides the inbox, which is always there.

    **Refuses**: ``NotAllowed`` to a program without a person; ``BadInput`` for an invalid address,
    or for e-mail without one.
    """
    person_id, address = deed.by.person_id, check_email(email)
    if person_id is None:
        raise NotAllowed(deed="choose_messages")
    if by_email and not address:
        raise BadInput(field="email", why="needed")
    sealed = vault_to_seal(deed.session).seal(address, EMAIL_COLUMN) if address else None
    key = {"community_id": deed.community_id, "person_id": person_id}
    row = {
        "email_sealed": sealed, "by_email": by_email, "by_sms": by_sms, "by_call": by_call,
        "changed_at": deed.now,
    }  # fmt: skip
    insert_new(deed.session, message_wish, [key | row])
    deed.session.execute(
        update(message_wish)
        .where(*(message_wish.c[name] == value for name, value in key.items()))
        .values(row)
    )
    facts = {"by_email": by_email, "by_sms": by_sms, "by_call": by_call}
    audit(deed, name="choose_messages", subject_kind="person", subject_id=person_id, facts=facts)
    return WishesKept(**facts)
