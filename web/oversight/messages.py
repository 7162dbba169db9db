"""The messages of the looking after to staff."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from web.formats import full_moment
from web.reader import gettext as _
from web.reader import language
from web.reader import lazy_gettext as _l
from web.wording import MessageWords


def _missed(facts: Mapping[str, Any]) -> str:
    if facts["at"] is None:
        return _("这里还没有做过备份。机器坏了，账就找不回来。请今天做一份，带到别处放好。")
    return _(
        "上一份备份是 %(at)s 做的，已经旧了。请今天做一份，带到别处放好。",
        at=full_moment(datetime.fromisoformat(facts["at"]), language()),
    )


MESSAGES: Mapping[str, MessageWords] = {
    "backup_missed": MessageWords(
        heading=_l("该做备份了"), say=_missed, go="work.backups", go_word=_l("去备份")
    ),
}
