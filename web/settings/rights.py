"""The rights of ``settings``, in words for the table of who may do what."""

from web.reader import lazy_gettext as _l
from web.wording import Names

RIGHTS: Names = {
    "settings": _l("改规则"),  # The heading of the group.
    "settings.read": _l("看每一条规则和它的依据"),
    "settings.propose": _l("提出改一条规则"),
    "settings.confirm": _l("同意改规则（不能是提出的人）"),
}
