"""The rights of ``desk``, in words for the table of who may do what."""

from web.reader import lazy_gettext as _l
from web.wording import Names

RIGHTS: Names = {
    "desk": _l("待办和日历"),  # The heading of the group.
    "desk.open_worklist": _l("打开自己的待办"),
    "desk.read_shortfalls": _l("看待查的差额"),
    "desk.settle_shortfall": _l("处理差额"),
    "desk.keep_calendar": _l("登记放假和补班的日子"),
}
