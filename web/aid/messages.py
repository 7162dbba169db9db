"""The messages of aid, as their readers see them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from web.formats import moment, own_name
from web.reader import gettext as _
from web.reader import language
from web.reader import lazy_gettext as _l
from web.wording import MessageWords


def _named(facts: Mapping[str, Any]) -> dict[str, str]:
    until = facts["until"]
    return {
        "claim_no": facts["claim_no"],
        "shop": own_name(facts, language(), "shop"),
        "until": moment(datetime.fromisoformat(until), language()) if until else "",
    }


def _ready(facts: Mapping[str, Any]) -> str:
    return _(
        "单号 %(claim_no)s 的东西在%(shop)s留好了。请在 %(until)s 以前带上服务卡或取物码来取。",
        **_named(facts),
    )


def _approved(facts: Mapping[str, Any]) -> str:
    return _(
        "工作人员看过单号 %(claim_no)s，同意了，东西在%(shop)s留好。"
        "请在 %(until)s 以前带上服务卡或取物码来取。",
        **_named(facts),
    )


def _refused(facts: Mapping[str, Any]) -> str:
    return _(
        "单号 %(claim_no)s 这次没有记入。为什么、要带什么、什么时候可以再来，都写在这份申领里；"
        "也可以到柜台问。",
        **_named(facts),
    )


def _ends(facts: Mapping[str, Any]) -> str:
    return _(
        "单号 %(claim_no)s 的东西在%(shop)s留到 %(until)s。来不了，请提前取消，或者打电话说一声。",
        **_named(facts),
    )


_GO = {"go": "me.take_claim", "go_word": _l("看这份申领"), "ids": ("claim_id",)}
MESSAGES: Mapping[str, MessageWords] = {
    "claim_ready": MessageWords(heading=_l("东西留好了，请来取"), say=_ready, **_GO),
    "claim_approved": MessageWords(heading=_l("同意了，请来取"), say=_approved, **_GO),
    "claim_refused": MessageWords(heading=_l("这次没有记入"), say=_refused, **_GO),
    "hold_ends": MessageWords(heading=_l("留的东西明天到期"), say=_ends, **_GO),
}
