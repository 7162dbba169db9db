"""Staff call somebody whom no message reached, or bring a slip; and send an unclear one again."""

from dataclasses import dataclass

from sqlalchemy import insert, select, update

from timebank.deeds.action import action
from timebank.deeds.audit import audit
from timebank.deeds.deed import Deed
from timebank.errors import BadInput, NotFound, WrongState
from timebank.messages import may
from timebank.messages.rules import (
    CALL,
    CALL_OUTCOMES,
    CALLS_THAT_END,
    DONE,
    DUE,
    OUTSIDE,
    UNCLEAR,
)
from timebank.messages.tables import message, message_attempt, message_sending
from timebank.people.sight import person_reached

AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class CallRecorded:
    """A call that was made, or a slip that was brought, for so many messages."""

    person_id: int
    messages: int


@dataclass(frozen=True, slots=True)
class SendingAgain:
    message_id: int


@action("record_message_call")
def record_message_call(
    deed: Deed, *, person_id: int, message_ids: tuple[int, ...], outcome: str
) -> CallRecorded:
    """Record how a call ended, for all the messages that were to be said.

    Who was reached, or has the slip, is off the list; the others stay on it.

    **Refuses**: ``NotAllowed``; ``NotFound``, also out of reach; ``BadInput`` for an unknown
    outcome; ``WrongState`` if somebody else has reached them meanwhile.
    """
    may.CALL_PEOPLE.require(deed.by)
    if outcome not in CALL_OUTCOMES or not 0 < len(message_ids) <= AT_ONCE:
        raise BadInput(field="outcome", why="unknown")
    person_reached(deed.session, deed.by, person_id, may.CALL_PEOPLE)
    of_person = select(message.c.id).where(
        message.c.community_id == deed.community_id,
        message.c.person_id == person_id,
        message.c.id.in_(message_ids),
    )
    ways = deed.session.execute(
        select(message_sending.c.message_id, message_sending.c.tries)
        .where(
            message_sending.c.community_id == deed.community_id,
            message_sending.c.message_id.in_(of_person),
            message_sending.c.channel == CALL,
            message_sending.c.state == DUE,
        )
        .order_by(message_sending.c.message_id)
        .with_for_update()
    ).all()
    if not ways:
        raise WrongState(kind="message_call", state="ended")
    for way in ways:
        _record(deed, way.message_id, way.tries + 1, outcome)
    audit(
        deed, name="record_message_call", subject_kind="person", subject_id=person_id,
        facts={"outcome": outcome, "count": len(ways)},
    )  # fmt: skip
    return CallRecorded(person_id, len(ways))


def _record(deed: Deed, message_id: int, number: int, outcome: str) -> None:
    is_over = outcome in CALLS_THAT_END
    _set(
        deed, message_id, CALL, state=DONE if is_over else DUE, tries=number,
        next_at=None if is_over else deed.now,
    )  # fmt: skip
    deed.session.execute(
        insert(message_attempt).values(
            community_id=deed.community_id, message_id=message_id, channel=CALL, number=number,
            begun_at=deed.now, begun_by=deed.by.client, ended_at=deed.now, outcome=outcome,
        )
    )  # fmt: skip


@action("send_message_again")
def send_message_again(deed: Deed, *, message_id: int, channel: str) -> SendingAgain:
    """Send a message again of which nobody knows whether it arrived: on purpose, with a line.

    **Refuses**: ``NotAllowed``; ``NotFound``, also out of reach; ``WrongState`` unless it is
    unclear.
    """
    may.SEND_AGAIN.require(deed.by)
    if channel not in OUTSIDE:
        raise BadInput(field="channel", why="unknown")
    person_id = deed.session.scalar(
        select(message.c.person_id).where(
            message.c.community_id == deed.community_id, message.c.id == message_id
        )
    )
    if person_id is None:
        raise NotFound(kind="message")
    person_reached(deed.session, deed.by, person_id, may.SEND_AGAIN)
    state = deed.session.scalar(
        select(message_sending.c.state)
        .where(
            message_sending.c.community_id == deed.community_id,
            message_sending.c.message_id == message_id,
            message_sending.c.channel == channel,
        )
        .with_for_update()
    )
    if state != UNCLEAR:
        raise WrongState(kind="message", state=state or "none")
    _set(deed, message_id, channel, state=DUE, next_at=deed.now)
    facts = {"channel": channel}
    audit(deed, name="send_message_again", subject_kind="person", subject_id=person_id, facts=facts)
    return SendingAgain(message_id)


def _set(deed: Deed, message_id: int, channel: str, **values: object) -> None:
    deed.session.execute(
        update(message_sending)
        .where(
            message_sending.c.community_id == deed.community_id,
            message_sending.c.message_id == message_id,
            message_sending.c.channel == channel,
        )
        .values(changed_at=deed.now, **values)
    )
