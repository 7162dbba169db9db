"""The rights of ``sealing``, in words for the table of who may do what."""

from web.reader import lazy_gettext as _l
from web.wording import Names

RIGHTS: Names = {
    "sealing": _l("账本"),  # The heading of the group.
    "sealing.read_books": _l("看账本和封存记录"),
}
