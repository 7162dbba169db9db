"""The outbox: send what is due, each attempt written before it begins.

A crash between the attempt and its outcome leaves an attempt without one. Nobody knows whether that
message arrived, so it becomes *unclear* and is never sent again by itself.
"""

from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import and_, bindparam, insert, select, update
from sqlalchemy.orm import Session

from timebank.db import Database, among, insert_new, state_is, up_to
from timebank.deeds.queries import community
from timebank.messages.gateways import GatewayAnswer, Gateways, gateways_of, send
from timebank.messages.queries.wishes import MessageWish, wishes_of
from timebank.messages.rules import (
    CALL,
    DONE,
    DROPPED,
    DUE,
    EMAIL,
    FAILED,
    LOST_AFTER,
    REFUSED,
    SENDING,
    SENT,
    SMS,
    UNCLEAR,
    is_quiet,
    next_try,
)
from timebank.messages.tables import message, message_attempt, message_sending
from timebank.messages.texts import Notification, notification
from timebank.people.queries import phone_for, reachable
from timebank.values import By

AT_ONCE = 500  # A run ends after so many, so that the other jobs get their turn.
_OPEN = (DUE, SENDING, UNCLEAR)


@dataclass(frozen=True, slots=True)
class Letter:
    """One attempt that is written and has to begin; ``url`` names gateway and recipient."""

    message_id: int
    channel: str
    number: int
    url: str = field(repr=False)
    text: Notification


_MESSAGE = and_(
    message.c.community_id == message_sending.c.community_id,
    message.c.id == message_sending.c.message_id,
)
_NEXT = (
    select(
        message_sending.c.message_id, message_sending.c.channel, message_sending.c.tries,
        message.c.person_id, message.c.until_at,
    )
    .join(message, _MESSAGE)
    .where(
        message_sending.c.community_id == bindparam("of_community"),
        state_is(message_sending.c.state, DUE, of=_OPEN),
        message_sending.c.next_at <= bindparam("now"),
        among(message_sending.c.channel, "channels"),
    )
    .order_by(message_sending.c.next_at, message_sending.c.message_id)
    .limit(up_to())
    .with_for_update(of=message_sending, skip_locked=True)
)  # fmt: skip


def send_due(database: Database, by: By) -> int:
    """Send what is due; return how many attempts were made. At night nothing leaves."""
    gateways = gateways_of(database.info)
    database.write(partial(_settle_lost, community_id=by.community_id))
    if not gateways.ready or is_quiet(database.clock()):
        return 0
    for count in range(AT_ONCE):
        letter = database.write(partial(_take, by=by, gateways=gateways))
        if letter is None:
            return count
        outcome = send(letter.url, title=letter.text.title, body=letter.text.body)
        database.write(partial(note_outcome, by=by, letter=letter, outcome=outcome))
    return AT_ONCE


def _take(session: Session, now: datetime, *, by: By, gateways: Gateways) -> Letter | None:
    """Write the next attempt. What is of no use any more is dropped on the way."""
    asked = {"of_community": by.community_id, "now": now, "channels": gateways.ready, "most": 1}
    while row := session.execute(_NEXT, asked).first():
        is_over = row.until_at <= now
        to = None if is_over else _address(session, by.community_id, row)
        if to is None:
            _set(session, by.community_id, row, state=DROPPED, next_at=None, changed_at=now)
            continue
        number = row.tries + 1
        _set(session, by.community_id, row, state=SENDING, tries=number, next_at=None,
             changed_at=now)  # fmt: skip
        session.execute(
            insert(message_attempt).values(
                community_id=by.community_id, message_id=row.message_id, channel=row.channel,
                number=number, begun_at=now, begun_by=by.client,
            )
        )  # fmt: skip
        language = reachable(session, by.community_id, [row.person_id])[row.person_id].language
        text = notification(community(session, by.community_id), language)
        if row.channel == SMS:
            text = Notification("", text.body)
        return Letter(
            message_id=row.message_id, channel=row.channel, number=number,
            url=gateways.url_for(row.channel, to), text=text,
        )  # fmt: skip
    return None


def _address(session: Session, community_id: int, row: Any) -> str | None:
    """Where it goes; None if the person has switched this way off, or has no address any more."""
    wish: MessageWish = wishes_of(session, community_id, [row.person_id])[row.person_id]
    if row.channel == EMAIL:
        return wish.email if wish.by_email else None
    who = reachable(session, community_id, [row.person_id]).get(row.person_id)
    return phone_for(session, who) if who is not None and wish.by_sms else None


def note_outcome(
    session: Session, now: datetime, *, by: By, letter: Letter, outcome: GatewayAnswer
) -> None:
    """Write what became of an attempt, unless it was given up as unclear meanwhile."""
    attempt = update(message_attempt).where(
        message_attempt.c.community_id == by.community_id,
        message_attempt.c.message_id == letter.message_id,
        message_attempt.c.channel == letter.channel,
        message_attempt.c.number == letter.number,
        message_attempt.c.outcome.is_(None),
    )
    ended: Any = session.execute(
        attempt.values(outcome=outcome.name, ended_at=now, why=outcome.why or None)
    )
    if not ended.rowcount:
        return
    again_at = next_try(letter.number, now) if outcome.name == REFUSED else None
    state = {SENT: DONE, UNCLEAR: UNCLEAR}.get(outcome.name, DUE if again_at else FAILED)
    _set(session, by.community_id, letter, state=state, next_at=again_at, changed_at=now)
    if state == FAILED:
        _let_call(session, by.community_id, letter.message_id, now)


def _let_call(session: Session, community_id: int, message_id: int, now: datetime) -> None:
    """The gateway refused for good: staff call."""
    row = {
        "community_id": community_id, "message_id": message_id, "channel": CALL,
        "state": DUE, "tries": 0, "next_at": now, "changed_at": now,
    }  # fmt: skip
    insert_new(session, message_sending, [row])


def _settle_lost(session: Session, now: datetime, *, community_id: int) -> None:
    """An attempt that began long ago and has no outcome: nobody knows. It is not repeated."""
    rows = session.execute(
        select(message_sending.c.message_id, message_sending.c.channel)
        .where(
            message_sending.c.community_id == community_id,
            state_is(message_sending.c.state, SENDING, of=_OPEN),
            message_sending.c.changed_at < now - LOST_AFTER,
        )
        .with_for_update(skip_locked=True)
    ).all()
    for row in rows:
        session.execute(
            update(message_attempt)
            .where(
                message_attempt.c.community_id == community_id,
                message_attempt.c.message_id == row.message_id,
                message_attempt.c.channel == row.channel,
                message_attempt.c.outcome.is_(None),
            )
            .values(outcome=UNCLEAR, ended_at=now, why="lost")
        )
        _set(session, community_id, row, state=UNCLEAR, changed_at=now)


def _set(session: Session, community_id: int, way: Any, **values: Any) -> None:
    session.execute(
        update(message_sending)
        .where(
            message_sending.c.community_id == community_id,
            message_sending.c.message_id == way.message_id,
            message_sending.c.channel == way.channel,
        )
        .values(**values)
    )
