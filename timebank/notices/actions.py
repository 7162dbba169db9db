"""Put up a notice, and take it down."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import insert, select

from timebank.db import insert_new
from timebank.deeds.action import action
from timebank.deeds.audit import audit
from timebank.deeds.deed import Deed
from timebank.errors import NotFound, WrongState
from timebank.notices import may
from timebank.notices.rules import check_notice
from timebank.notices.tables import notice, notice_end
from timebank.values import local_day, new_id


@dataclass(frozen=True, slots=True)
class NoticeWritten:
    notice_id: int


@dataclass(frozen=True, slots=True)
class NoticeEnded:
    notice_id: int


@action("write_notice")
def write_notice(
    deed: Deed,
    *,
    title_zh: str,
    text_zh: str,
    title_en: str = "",
    text_en: str = "",
    from_on: date,
    until_on: date,
) -> NoticeWritten:
    """Show a text to everybody, from one day to another, both included.

    A notice is never changed: take it down and write another.

    **Refuses**: ``NotAllowed``; ``BadInput``.
    """
    may.WRITE_NOTICES.require(deed.by)
    given = {"title_zh": title_zh, "text_zh": text_zh, "title_en": title_en, "text_en": text_en}
    texts = {name: text.strip() for name, text in given.items()}
    check_notice(texts, from_on=from_on, until_on=until_on, today=local_day(deed.now))
    notice_id = new_id()
    deed.session.execute(
        insert(notice).values(
            community_id=deed.community_id, id=notice_id, from_on=from_on, until_on=until_on,
            written_at=deed.now, written_by=deed.by.client, **texts,
        )
    )  # fmt: skip
    facts = {"from_on": str(from_on), "until_on": str(until_on)}
    audit(deed, name="write_notice", subject_kind="notice", subject_id=notice_id, facts=facts)
    return NoticeWritten(notice_id)


@action("end_notice")
def end_notice(deed: Deed, *, notice_id: int) -> NoticeEnded:
    """Take a notice down before its last day.

    **Refuses**: ``NotAllowed``; ``NotFound``; ``WrongState`` if it is down already.
    """
    may.WRITE_NOTICES.require(deed.by)
    key = {"community_id": deed.community_id, "notice_id": notice_id}
    until_on = deed.session.scalar(
        select(notice.c.until_on).where(
            notice.c.community_id == deed.community_id, notice.c.id == notice_id
        )
    )
    if until_on is None:
        raise NotFound(kind="notice")
    row = {**key, "ended_at": deed.now, "ended_by": deed.by.client}
    is_over = until_on < local_day(deed.now)
    if is_over or not insert_new(deed.session, notice_end, [row]):
        raise WrongState(kind="notice", state="ended")
    audit(deed, name="end_notice", subject_kind="notice", subject_id=notice_id)
    return NoticeEnded(notice_id)
