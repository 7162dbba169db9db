"""The rights of ``households``, in words for the table of who may do what."""

from web.reader import lazy_gettext as _l
from web.wording import Names

RIGHTS: Names = {
    "households": _l("家庭的变动"),  # The heading of the group.
    "households.move_members": _l("登记搬家、分户、离开"),
}
