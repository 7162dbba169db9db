"""Old messages are ended: what they were about goes, that there was one stays."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select, update

from timebank.deeds.action import action
from timebank.deeds.audit import audit
from timebank.deeds.deed import Deed
from timebank.messages import may
from timebank.messages.rules import DROPPED, DUE, UNCLEAR
from timebank.messages.tables import message, message_sending
from timebank.policy.queries import parameters_on
from timebank.values import local_day, local_instant

AT_ONCE = 500
KEEP_DAYS = "messages.keep_days"


@dataclass(frozen=True, slots=True)
class MessagesEnded:
    count: int

    @property
    def is_more(self) -> bool:
        return self.count == AT_ONCE


@action("end_old_messages")
def end_old_messages(deed: Deed) -> MessagesEnded:
    """Delete the content of messages that are older than the rules of today keep them.

    **Refuses**: ``NotAllowed`` to all but the job and coordinators.
    """
    may.END_OLD.require(deed.by)
    today = local_day(deed.now)
    days = parameters_on(deed.session, deed.community_id, today).whole(KEEP_DAYS)
    before = local_instant(today - timedelta(days=days))
    due = (
        select(message.c.id)
        .where(
            message.c.community_id == deed.community_id,
            message.c.emptied_at.is_(None),
            message.c.written_at < before,
        )
        .limit(AT_ONCE)
    )
    ids = list(deed.session.scalars(due))
    if ids:
        deed.session.execute(
            update(message)
            .where(message.c.community_id == deed.community_id, message.c.id.in_(ids))
            .values(facts_sealed=None, emptied_at=deed.now)
        )
        deed.session.execute(
            update(message_sending)
            .where(
                message_sending.c.community_id == deed.community_id,
                message_sending.c.message_id.in_(ids),
                message_sending.c.state.in_([DUE, UNCLEAR]),
            )
            .values(state=DROPPED, next_at=None, changed_at=deed.now)
        )
        audit(deed, name="end_old_messages", subject_kind="message", facts={"count": len(ids)})
    return MessagesEnded(len(ids))
