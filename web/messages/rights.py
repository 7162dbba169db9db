"""The rights of ``messages``, in words for the table of who may do what."""

from web.reader import lazy_gettext as _l
from web.wording import Names

RIGHTS: Names = {
    "messages": _l("消息"),  # The heading of the group.
    "messages.call": _l("给收不到消息的人打电话、打印纸条"),
    "messages.send_again": _l("让不清楚有没有送到的消息再发一次"),
    "messages.end_old": _l("删掉旧消息的内容（系统自己做）"),
}
