"""The rights of ``joining``, in words for the table of who may do what."""

from web.reader import lazy_gettext as _l
from web.wording import Names

RIGHTS: Names = {
    "joining": _l("报名参加"),  # The heading of the group.
    "joining.complete": _l("对着证件办好别人自己报的名"),
    "joining.forget": _l("删掉过期的报名（自动）"),
    "joining.read_offers": _l("看志愿者会做什么、什么时候有空"),
}
