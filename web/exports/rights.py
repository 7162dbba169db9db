"""The rights of ``exports``, in words for the table of who may do what."""

from web.reader import lazy_gettext as _l
from web.wording import Names

RIGHTS: Names = {
    "exports": _l("表格"),  # The heading of the group.
    "exports.open": _l("存表格（只有自己看得到的），看数据字典"),
    "exports.take_everything": _l("把全部表格存成一个文件"),
}
