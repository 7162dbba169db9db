"""The rights of ``oversight``, in words for the table of who may do what."""

from web.reader import lazy_gettext as _l
from web.wording import Names

RIGHTS: Names = {
    "oversight": _l("监督"),  # The heading of the group.
    "oversight.read_audit": _l("看办事记录"),
    "oversight.read_health": _l("看系统状况"),
    "oversight.make_backup": _l("做备份，下载备份"),
    "oversight.ask_restore": _l("提出恢复备份"),
    "oversight.confirm_restore": _l("同意恢复备份（不能是提出的人）"),
}
