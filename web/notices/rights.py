"""The rights of ``notices``, in words for the table of who may do what."""

from web.reader import lazy_gettext as _l
from web.wording import Names

RIGHTS: Names = {
    "notices": _l("通知"),  # The heading of the group.
    "notices.write": _l("贴通知，取下通知"),
}
