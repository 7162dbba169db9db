"""The rights of ``closing``, in words for the table of who may do what."""

from web.reader import lazy_gettext as _l
from web.wording import Names

RIGHTS: Names = {
    "closing": _l("日结"),  # The heading of the group.
    "closing.open_day": _l("开始一天的日结"),
    "closing.count_day": _l("清点一天"),
    "closing.sign_day": _l("给清点签字（不能是清点的人）"),
    "closing.read_day": _l("看日结"),
}
