"""The rights of ``hours``, in words for the table of who may do what."""

from web.reader import lazy_gettext as _l
from web.wording import Names

RIGHTS: Names = {
    "hours": _l("服务时间"),  # The heading of the group.
    "hours.organise": _l("登记和确认服务"),
    "hours.enter_for_others": _l("替本人签到、签退、确认"),
    "hours.take_calls": _l("接热线电话"),
    "hours.supervise": _l("给自己组织的活动另派确认人"),
    "hours.register_volunteers": _l("登记志愿者"),
}
