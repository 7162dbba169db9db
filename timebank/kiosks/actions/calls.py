"""Somebody at a kiosk asks for a member of staff, and one of them answers."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, insert, select
from sqlalchemy.orm import Session

from timebank.db import insert_new
from timebank.deeds.action import action
from timebank.deeds.audit import audit
from timebank.deeds.deed import Deed
from timebank.errors import NotFound, WrongState
from timebank.goods import queries as goods
from timebank.kiosks import may, rules
from timebank.kiosks.messages import tell_staff
from timebank.kiosks.queries import Device
from timebank.kiosks.tables import call, call_answer
from timebank.values import new_id

PAGE_MAX = 20


@dataclass(frozen=True, slots=True)
class CallAnswered:
    """A member of staff goes to the kiosk."""

    call_id: int


def note_call(deed: Deed, device: Device, *, page: str, asked_at: datetime) -> None:
    """Let the shop's worklist ring, once for several taps, and write to its keepers.

    A call that arrives too late rings for nobody: the person has left, or was helped.
    """
    session, now = deed.session, deed.now
    if now - asked_at > rules.CALL_LASTS or _is_ringing(session, device, asked_at):
        return
    call_id, asked_at = new_id(), min(asked_at, now)
    page = page.strip("/").partition("/")[0]
    session.execute(
        insert(call).values(
            community_id=device.community_id,
            id=call_id,
            device_id=device.device_id,
            store_id=device.store_id,
            asked_at=asked_at,
            page=page[:PAGE_MAX] if page.isascii() and page.isalpha() else "",
        )
    )
    tell_staff(deed, store_id=device.store_id, call_id=call_id, asked_at=asked_at)


def _is_ringing(session: Session, device: Device, asked_at: datetime) -> bool:
    answered = exists().where(
        call_answer.c.community_id == call.c.community_id, call_answer.c.call_id == call.c.id
    )
    known = session.scalar(
        select(call.c.id)
        .where(
            call.c.community_id == device.community_id,
            call.c.device_id == device.device_id,
            call.c.asked_at > asked_at - rules.CALL_IS_ONE,
            ~answered,
        )
        .limit(1)
    )
    return known is not None


@action("answer_call")
def answer_call(deed: Deed, *, call_id: int) -> CallAnswered:
    """Say that one goes to the kiosk, so that nobody else has to.

    **Refuses**: ``NotAllowed`` to all but the shop's keeper and coordinators; ``NotFound``;
    ``WrongState`` if somebody went already.
    """
    may.ANSWER_CALL.require(deed.by)
    row = deed.session.execute(
        select(call.c.store_id).where(
            call.c.community_id == deed.community_id, call.c.id == call_id
        )
    ).first()
    if row is None:
        raise NotFound(kind="call")
    place_id = goods.store(deed.session, deed.community_id, row.store_id).place_id
    if not may.ANSWER_CALL.is_held_at(deed.by, place_id):
        raise NotFound(kind="call")
    answer = {
        "community_id": deed.community_id, "call_id": call_id,
        "answered_by": deed.by.user_id, "answered_at": deed.now,
    }  # fmt: skip
    if not insert_new(deed.session, call_answer, [answer]):
        raise WrongState(kind="call", state="answered")
    audit(deed, name="answer_call", subject_kind="kiosk_call", subject_id=call_id)
    return CallAnswered(call_id)
