"""One's own messages, whom to call, and what nobody knows, as files."""

from collections.abc import Iterator
from functools import partial

from sqlalchemy.orm import Session

from timebank.messages import may
from timebank.messages.queries import calls_due, inbox, unclear_sendings
from timebank.values import By, to_us
from web import units
from web.messages.saying import said
from web.messages.words import WAYS
from web.reader import gettext as _
from web.reader import lazy_gettext as _l
from web.sheets import AT_ONCE, Asked, ListSheet, Row, in_parts


def _mine(session: Session, by: By, asked: Asked) -> Iterator[Row]:
    """The whole inbox; a file marks nothing as read."""
    read = partial(inbox, session, by.community_id, by.person_id or 0, limit=AT_ONCE)
    for one in in_parts(
        lambda before: read(before=before), lambda it: (to_us(it.written_at), it.id)
    ):
        words = said(one)
        yield one.written_at, words.heading, words.text, one.read_at


def _calls(session: Session, by: By, asked: Asked) -> Iterator[Row]:
    for one in calls_due(session, by, units.now()):
        wrong = _("号码不对") if one.is_wrong_number else ""
        who = one.person.name, one.person.building_no
        yield *who, len(one.messages), one.since, one.tries, one.last_at, wrong


def _unclear(session: Session, by: By, asked: Asked) -> Iterator[Row]:
    for one in unclear_sendings(session, by):
        yield one.person.name, str(WAYS[one.channel]), one.begun_at


MY_MESSAGES = ListSheet(
    name="my-messages", title=_l("我的消息"), page="me.messages", rows=_mine,
    headings=(_l("时间"), _l("标题"), _l("正文"), _l("什么时候看过")),
)  # fmt: skip
CALLS = ListSheet(
    name="calls", title=_l("要打电话的人"), page="work.messages", right=may.CALL_PEOPLE,
    headings=(
        _l("姓名"), _l("楼栋"), _l("消息条数"), _l("从什么时候起"), _l("打过几次"),
        _l("上次打的时间"), _l("号码"),
    ),
    rows=_calls,
)  # fmt: skip
UNCLEAR = ListSheet(
    name="unclear-messages", title=_l("不清楚有没有送到的消息"), page="work.messages",
    right=may.CALL_PEOPLE, headings=(_l("姓名"), _l("方式"), _l("发出时间")), rows=_unclear,
)  # fmt: skip
