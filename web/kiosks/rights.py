"""The rights of ``kiosks``, in words for the table of who may do what."""

from web.reader import lazy_gettext as _l
from web.wording import Names

RIGHTS: Names = {
    "kiosks": _l("自助终端"),  # The heading of the group.
    "kiosks.manage_devices": _l("配对和停用终端"),
    "kiosks.settle_review": _l("处理终端送来的疑问"),
    "kiosks.answer_call": _l("答应终端上的求助"),
    "kiosks.read_devices": _l("看终端的情况"),
    "kiosks.confirm_pairing": _l("同意连一台自助终端（不能是提出的人）"),
}
