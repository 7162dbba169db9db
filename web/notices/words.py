"""Texts of notices: their states, fields, and lines of the audit trail."""

from web.reader import lazy_gettext as _l
from web.wording import Names, States

KINDS: Names = {
    "notice": _l("通知"),
}
STATES: States = {
    ("notice", "ended"): _l("已经取下"),
}
FIELDS: Names = {
    "title_zh": _l("标题"),
    "text_zh": _l("正文"),
    "title_en": _l("英文标题"),
    "text_en": _l("英文正文"),
    "from_on": _l("从哪天起"),
    "until_on": _l("到哪天为止"),
}
AUDITED: Names = {
    "end_notice": _l("取下了一条通知"),
    "write_notice": _l("贴出了一条通知"),
}
