"""What a kiosk may tell the person before it, in the words of the web and in both languages."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from timebank.aid.queries import Claim, MayTake, booking_closed_until, claim, offer, shelf_now
from timebank.aid.refusals import BookingClosed
from timebank.aid.rules import READY, ClaimLine
from timebank.errors import TimebankError
from timebank.goods.queries import store_brief
from timebank.kiosks import actions, queries, wire
from timebank.messages.queries import InboxMessage
from timebank.values import local_day, to_us
from web.aid.offered import Why, offered, why_of
from web.aid.words import CUTS
from web.kiosks.words import INTAKE_ONLY, NO_HOUSEHOLD
from web.messages.saying import said
from web.reader import in_language

Said = TypeVar("Said")


def _both(say: Callable[[], Said]) -> tuple[Said, Said]:
    """Say one thing in Chinese and in English."""
    with in_language("zh"):
        chinese = say()
    with in_language("en"):
        return chinese, say()


def _why(say: Callable[[], Why]) -> wire.TakeWhy:
    chinese, english = _both(say)
    return wire.TakeWhy(
        heading_zh=chinese.heading, heading_en=english.heading,
        text_zh=chinese.sentence, text_en=english.sentence,
        papers_zh=chinese.papers, papers_en=english.papers,
    )  # fmt: skip


def take_today(
    session: Session,
    device: queries.Device,
    owner: queries.CardOwner,
    *,
    lines: tuple[wire.TakeWanted, ...],
    now: datetime,
) -> wire.TakeToday:
    """What the household of a card may take at this shop, and what would be given of ``lines``."""
    home_id = owner.household_id
    if home_id is None:
        return wire.TakeToday(True, why=_why(lambda: Why(*map(str, NO_HOUSEHOLD))))
    shut = _shut(session, device, home_id, now)
    if shut is not None:
        return wire.TakeToday(True, why=_why(shut))

    def read() -> tuple[list[MayTake], Why | None]:
        return offered(session, device.community_id, home_id, now, store_id=device.store_id)

    rows, why = read()
    # Whoever was refused may ask a person for anything that is there, as on the web.
    may_ask = why is not None and why.may_ask
    most = {row.item_id: row.available if may_ask else row.most for row in rows}
    return wire.TakeToday(
        True,
        rows=tuple(_row(row, most[row.item_id]) for row in rows if most[row.item_id]),
        remaining=rows[0].remaining if rows else None,
        why=_why(lambda: read()[1] or Why("", "")) if why else None,
        may_ask=may_ask,
        offered=_offered(session, device, home_id, rows=rows, lines=lines, now=now),
    )


def inbox_today(messages: list[InboxMessage]) -> wire.InboxToday:
    """Messages in the words of the web."""
    return wire.InboxToday(True, tuple(map(_inbox_line, messages)))


def _inbox_line(message: InboxMessage) -> wire.InboxLine:
    chinese, english = _both(lambda: said(message))
    return wire.InboxLine(
        heading_zh=chinese.heading, heading_en=english.heading, text_zh=chinese.text,
        text_en=english.text, written_at=to_us(message.written_at),
        is_new=message.read_at is None,
    )  # fmt: skip


def _shut(
    session: Session, device: queries.Device, household_id: int, now: datetime
) -> Callable[[], Why] | None:
    """Why nobody can claim here, or this household nowhere but at the counter, if so."""
    community_id = device.community_id
    if store_brief(session, community_id, device.store_id).kind != "store":
        return lambda: Why(*map(str, INTAKE_ONLY))
    until = booking_closed_until(session, community_id, household_id, local_day(now))
    if until is None:
        return None
    return lambda: why_of(BookingClosed(until_on=until.isoformat()))


def _row(row: MayTake, most: int) -> wire.TakeRow:
    return wire.TakeRow(
        item_id=row.item_id, name_zh=row.name_zh, name_en=row.name_en, unit_zh=row.unit_zh,
        unit_en=row.unit_en, available=row.available, most=most,
    )  # fmt: skip


def _offered(
    session: Session,
    device: queries.Device,
    household_id: int,
    *,
    rows: list[MayTake],
    lines: tuple[wire.TakeWanted, ...],
    now: datetime,
) -> tuple[wire.TakeOffered, ...]:
    """What would be given of these lines now. An item that this shop does not have is left out."""
    names = {row.item_id: row for row in rows if not row.is_loan}
    asked = tuple(ClaimLine(line.item_id, line.pieces) for line in lines if line.item_id in names)
    if not asked:
        return ()
    found = offer(
        session, device.community_id, household_id, store_id=device.store_id, lines=asked, now=now
    )
    return _lines(found.lines, names)


def _lines(lines: Iterable[Any], names: Mapping[int, Any]) -> tuple[wire.TakeOffered, ...]:
    return tuple(
        wire.TakeOffered(
            item_id=line.item_id, asked=line.asked, approved=line.approved,
            name_zh=names[line.item_id].name_zh, name_en=names[line.item_id].name_en,
            unit_zh=names[line.item_id].unit_zh, unit_en=names[line.item_id].unit_en,
            **_cut_words(line.cut_code),
        )
        for line in lines
    )  # fmt: skip


def _cut_words(code: str | None) -> dict[str, str]:
    """Why a line is cut, in the words of the page of a claim."""
    if code is None:
        return {}
    chinese, english = _both(lambda: str(CUTS.get(code, "")))
    return {"why_zh": chinese, "why_en": english}


def event_result(
    session: Session, device: queries.Device, seq: int, now: datetime
) -> wire.EventResult:
    """What became of an event of this kiosk."""
    answer = queries.answer_of(session, device, seq, now)
    if answer.get("state") == actions.CHANGED:
        return wire.EventResult(claim=wire.ClaimFiled(actions.CHANGED))
    if "claim_id" in answer and "claim_no" not in answer:
        return wire.EventResult(_filed(claim(session, device.community_id, answer["claim_id"])))
    if answer.get("valid_until_on"):
        return wire.EventResult(
            announcement=wire.AnnouncementFiled(answer["code"], answer["valid_until_on"])
        )
    return wire.EventResult()


def _filed(own: Claim) -> wire.ClaimFiled:
    refusal: TimebankError | None = own.refusal.error() if own.refusal else None
    return wire.ClaimFiled(
        state=own.state,
        claim_no=own.claim_no,
        lines=_lines(own.lines, {line.item_id: line for line in own.lines}),
        pickup_code=own.pickup_code if own.state == READY else None,
        hold_until_at=to_us(own.hold_until_at) if own.hold_until_at else 0,
        is_provisional=own.hold_is_provisional,
        why=_why(lambda: why_of(refusal)) if refusal else None,
    )


def shelf_today(session: Session, device: queries.Device, now: datetime) -> wire.ShelfToday:
    """The open shelf of the kiosk's shop, as everybody may see it."""
    rows = shelf_now(session, device.community_id, now, device.store_id)
    lines = tuple(
        wire.ShelfLine(
            name_zh=row.name_zh,
            name_en=row.name_en,
            unit_zh=row.unit_zh,
            unit_en=row.unit_en,
            available=row.available,
        )
        for row in sorted(rows, key=lambda row: -row.available)
        if row.available
    )
    return wire.ShelfToday(to_us(now), lines)
