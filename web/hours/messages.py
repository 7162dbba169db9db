"""The messages of hours, as their readers see them."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from web.formats import minutes, plain_day
from web.reader import gettext as _
from web.reader import language
from web.reader import lazy_gettext as _l
from web.wording import MessageWords


def _named(facts: Mapping[str, Any]) -> dict[str, str]:
    return {
        "hours": minutes(facts["minutes"], language()),
        "day": plain_day(date.fromisoformat(facts["on"]), language()),
    }


def _confirm(facts: Mapping[str, Any]) -> str:
    return _(
        "%(day)s有人帮了您 %(hours)s。对的话，请点一下确认，时间才会记给帮忙的人；"
        "不对就写明哪里不对。",
        **_named(facts),
    )


def _credited(facts: Mapping[str, Any]) -> str:
    said = _("%(day)s的服务已经确认，%(hours)s存进了您的时间账户。", **_named(facts))
    over = facts["pool_minutes"]
    if not over:
        return said
    return said + _("超出上限的 %(hours)s进了社区公共时间池。", hours=minutes(over, language()))


MESSAGES: Mapping[str, MessageWords] = {
    "hours_to_confirm": MessageWords(
        heading=_l("有时间请您确认"), say=_confirm, go="me.services", go_word=_l("去确认")
    ),
    "hours_credited": MessageWords(
        heading=_l("时间存好了"), say=_credited, go="me.passbook", go_word=_l("看我的存折")
    ),
}
