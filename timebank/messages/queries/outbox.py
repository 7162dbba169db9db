"""How the outbox stands: what waits, what failed, and what nobody knows."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from timebank.db import state_is, up_to
from timebank.messages import may
from timebank.messages.queries.calls import MESSAGE, OPEN
from timebank.messages.rules import CALL, DUE, UNCLEAR
from timebank.messages.tables import message, message_sending
from timebank.people.queries import PersonBrief, briefs
from timebank.people.sight import reaches
from timebank.values import By

UNCLEAR_MAX = 200


@dataclass(frozen=True, slots=True)
class UnclearSending:
    """A message of which nobody knows whether it arrived."""

    message_id: int
    channel: str
    person: PersonBrief
    begun_at: datetime


@dataclass(frozen=True, slots=True)
class OutboxStanding:
    """How many messages wait for a gateway, since when, and how many are unclear."""

    waiting: int
    oldest_at: datetime | None
    unclear: int


_UNCLEAR = (
    select(
        message_sending.c.message_id, message_sending.c.channel, message.c.person_id,
        message_sending.c.changed_at,
    )
    .join(message, MESSAGE)
    .where(
        message_sending.c.community_id == bindparam("of_community"),
        state_is(message_sending.c.state, UNCLEAR, of=OPEN),
        message.c.emptied_at.is_(None),
    )
    .order_by(message_sending.c.changed_at.desc(), message_sending.c.message_id)
    .limit(up_to())
)  # fmt: skip
_COUNTS = (
    select(message_sending.c.state, func.count(), func.min(message_sending.c.next_at))
    .where(
        message_sending.c.community_id == bindparam("of_community"),
        message_sending.c.state.in_([DUE, UNCLEAR]),
        message_sending.c.channel != CALL,
    )
    .group_by(message_sending.c.state)
)


def unclear_sendings(session: Session, by: By) -> list[UnclearSending]:
    """The unclear messages to people whom this member of staff reaches, newest first."""
    rows = session.execute(_UNCLEAR, {"of_community": by.community_id, "most": UNCLEAR_MAX}).all()
    known = briefs(session, by.community_id, {row.person_id for row in rows})
    return [
        UnclearSending(row.message_id, row.channel, known[row.person_id], row.changed_at)
        for row in rows
        if reaches(by, may.SEND_AGAIN, known[row.person_id].grid_id)
    ]


def outbox_standing(session: Session, community_id: int) -> OutboxStanding:
    """Count what waits for a gateway, and what is unclear."""
    counts = {
        row[0]: (row[1], row[2]) for row in session.execute(_COUNTS, {"of_community": community_id})
    }
    waiting, oldest_at = counts.get(DUE, (0, None))
    return OutboxStanding(waiting, oldest_at, counts.get(UNCLEAR, (0, None))[0])
