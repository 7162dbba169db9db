"""The rights of ``imports``, in words for the table of who may do what."""

from web.reader import lazy_gettext as _l
from web.wording import Names

RIGHTS: Names = {
    "imports": _l("导入表格"),  # The heading of the group.
    "imports.read": _l("看导入的表和它带来了多少"),
    "imports.upload": _l("上传一张表，要求退回一批"),
    "imports.sign": _l("签字让一张表入账或退回（不能是上传或要求的人）"),
    "imports.forget": _l("删掉三天里没有人签的表（由定时任务做）"),
}
