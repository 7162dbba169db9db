"""The call list: whom no message reached, and which texts they have not read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, select
from sqlalchemy.orm import Session

from timebank.db import Instant, state_is, up_to
from timebank.errors import NotFound
from timebank.messages import may
from timebank.messages.queries.inbox import COLUMNS, InboxMessage, message_of
from timebank.messages.rules import CALL, DUE, SENDING, UNCLEAR, WRONG_NUMBER
from timebank.messages.tables import message, message_attempt, message_sending
from timebank.people.queries import PersonBrief, briefs
from timebank.people.sight import reaches
from timebank.values import By

PEOPLE_MAX = 500
OPEN = (DUE, SENDING, UNCLEAR)
MESSAGE = and_(
    message.c.community_id == message_sending.c.community_id,
    message.c.id == message_sending.c.message_id,
)


@dataclass(frozen=True, slots=True)
class CallDue:
    """A person to call: who, since when, how often in vain, and what to say."""

    person: PersonBrief
    since: datetime
    tries: int
    last_at: datetime | None
    is_wrong_number: bool
    messages: tuple[InboxMessage, ...]


_DUE = (
    select(*COLUMNS, message_sending.c.tries, message_sending.c.changed_at.label("changed_at"))
    .join(message, MESSAGE)
    .where(
        message_sending.c.community_id == bindparam("of_community"),
        message_sending.c.channel == CALL,
        state_is(message_sending.c.state, DUE, of=OPEN),
        message.c.read_at.is_(None),
        message.c.emptied_at.is_(None),
        message.c.until_at > bindparam("now", type_=Instant),
    )
    .order_by(message.c.written_at, message.c.id)
    .limit(up_to())
)
_WRONG = (
    select(message.c.person_id)
    .distinct()
    .join(message_sending, MESSAGE)
    .join(
        message_attempt,
        and_(
            message_attempt.c.community_id == message_sending.c.community_id,
            message_attempt.c.message_id == message_sending.c.message_id,
            message_attempt.c.channel == message_sending.c.channel,
        ),
    )
    .where(
        message_sending.c.community_id == bindparam("of_community"),
        message_sending.c.channel == CALL,
        state_is(message_sending.c.state, DUE, of=OPEN),
        message_attempt.c.outcome == WRONG_NUMBER,
    )
)


def calls_due(session: Session, by: By, now: datetime) -> list[CallDue]:
    """The people whom this member of staff may call, the longest waiting first.

    Whoever has read their message since is not on it, nor whom it cannot help any more.
    """
    asked = {"of_community": by.community_id, "now": now, "most": 10 * PEOPLE_MAX}
    rows: dict[int, list[Any]] = {}
    for row in session.execute(_DUE, asked):
        rows.setdefault(row.person_id, []).append(row)
    known = briefs(session, by.community_id, rows)
    wrong = set(session.scalars(_WRONG, {"of_community": by.community_id}))
    return [
        _call(session, known[person_id], of_person, is_wrong_number=person_id in wrong)
        for person_id, of_person in rows.items()
        if person_id in known and reaches(by, may.CALL_PEOPLE, known[person_id].grid_id)
    ][:PEOPLE_MAX]


def call_due(session: Session, by: By, now: datetime, person_id: int) -> CallDue:
    """One person to call. **Refuses**: ``NotFound``, also if nothing waits for them any more."""
    found = [one for one in calls_due(session, by, now) if one.person.id == person_id]
    if not found:
        raise NotFound(kind="message_call")
    return found[0]


def _call(
    session: Session, person: PersonBrief, rows: Sequence[Any], *, is_wrong_number: bool
) -> CallDue:
    tries = max(row.tries for row in rows)
    return CallDue(
        person=person,
        since=rows[0].written_at,
        tries=tries,
        last_at=max(row.changed_at for row in rows) if tries else None,
        is_wrong_number=is_wrong_number,
        messages=tuple(message_of(session, row) for row in rows),
    )
