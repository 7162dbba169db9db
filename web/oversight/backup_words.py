"""The words of backups in refusals and in the audit trail."""

from web.reader import lazy_gettext as _l
from web.wording import Names

KINDS: Names = {"backup": _l("备份")}
AUDITED: Names = {
    "make_backup": _l("做了备份"),
    "fetch_backup": _l("下载了备份"),
    "ask_restore": _l("提出恢复备份"),
    "confirm_restore": _l("确认恢复备份"),
    "restore_backup": _l("恢复了备份"),
}
