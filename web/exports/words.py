"""Texts of exports: lines of the audit trail, and what stands for nothing in a list."""

from web.reader import lazy_gettext as _l
from web.wording import Names

KINDS: Names = {"sheet": _l("表格")}
AUDITED: Names = {
    "take_sheet": _l("把一张表存成了文件"),
    "take_everything": _l("把全部表格存成了一个文件"),
}
