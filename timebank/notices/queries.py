"""The notices of a day, and those that staff look after."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Select, and_, bindparam, select
from sqlalchemy.orm import Session

from timebank.db import built, up_to
from timebank.notices.tables import notice, notice_end

SHOWN_MAX = 20


@dataclass(frozen=True, slots=True)
class PostedNotice:
    """A text for everybody, from one day to another, both included."""

    id: int
    title_zh: str
    text_zh: str
    title_en: str
    text_en: str
    from_on: date
    until_on: date


def _notices(*conditions: ColumnElement[bool]) -> Select[tuple[object, ...]]:
    ended = and_(
        notice_end.c.community_id == notice.c.community_id, notice_end.c.notice_id == notice.c.id
    )
    return (
        select(*(notice.c[name] for name in PostedNotice.__slots__))
        .outerjoin(notice_end, ended)
        .where(
            notice.c.community_id == bindparam("of_community"),
            notice.c.until_on >= bindparam("today"),
            notice_end.c.notice_id.is_(None),
            *conditions,
        )
        .order_by(notice.c.from_on.desc(), notice.c.id.desc())
        .limit(up_to())
    )


_SHOWN = _notices(notice.c.from_on <= bindparam("today"))
_KEPT = _notices()


def notices_on(
    session: Session, community_id: int, today: date, *, limit: int = SHOWN_MAX
) -> list[PostedNotice]:
    """What everybody reads today, the newest first."""
    asked = {"of_community": community_id, "today": today, "most": limit}
    return built(PostedNotice, session.execute(_SHOWN, asked))


def notices_kept(session: Session, community_id: int, today: date) -> list[PostedNotice]:
    """What is shown today or will be shown later, for staff."""
    asked = {"of_community": community_id, "today": today, "most": 200}
    return built(PostedNotice, session.execute(_KEPT, asked))
