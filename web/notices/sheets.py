"""The notices that staff look after, as a file."""

from collections.abc import Iterator

from sqlalchemy.orm import Session

from timebank.notices import may
from timebank.notices.queries import notices_kept
from timebank.values import By
from web import units
from web.reader import lazy_gettext as _l
from web.sheets import Asked, ListSheet, Row


def _notices(session: Session, by: By, asked: Asked) -> Iterator[Row]:
    for one in notices_kept(session, by.community_id, units.today()):
        yield one.title_zh, one.text_zh, one.title_en, one.text_en, one.from_on, one.until_on


NOTICES = ListSheet(
    name="notices", title=_l("通知"), page="work.notices", right=may.WRITE_NOTICES, rows=_notices,
    headings=(
        _l("标题"), _l("正文"), _l("英文标题"), _l("英文正文"), _l("从哪天起"), _l("到哪天为止")
    ),
)  # fmt: skip
