"""The messages of kiosks to staff."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from web.formats import moment, own_name
from web.reader import gettext as _
from web.reader import language
from web.reader import lazy_gettext as _l
from web.wording import MessageWords


def _help(facts: Mapping[str, Any]) -> str:
    return _(
        "%(at)s，%(shop)s的终端前有人请工作人员过去。",
        at=moment(datetime.fromisoformat(facts["at"]), language()),
        shop=own_name(facts, language(), "shop"),
    )


MESSAGES: Mapping[str, MessageWords] = {
    "kiosk_help": MessageWords(
        heading=_l("终端前有人请您过去"), say=_help, go="work.worklist", go_word=_l("看待办")
    ),
}
