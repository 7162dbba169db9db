"""The rights of ``oversight``, in words for the table of who may do what."""

from web.reader import lazy_gettext as _l
from web.wording import Names

RIGHTS: Names = {
    "oversight": _l("监督"),  # The heading of the group.
    "oversight.read_audit": _l("看办事记录"),
}
