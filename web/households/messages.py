"""The messages about papers, as their readers see them."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from web.formats import plain_day
from web.people.words import PAPERS
from web.reader import gettext as _
from web.reader import language
from web.reader import lazy_gettext as _l
from web.wording import MessageWords


def _ends(facts: Mapping[str, Any]) -> str:
    paper = PAPERS.get(facts["paper"] or "", PAPERS["other"])
    return _(
        "%(paper)s到 %(day)s 为止。请在这以前带上新的证明和身份证到社区柜台续上，"
        "中间就不会断；来不了可以请家里人带来。",
        paper=paper,
        day=plain_day(date.fromisoformat(facts["on"]), language()),
    )


MESSAGES: Mapping[str, MessageWords] = {
    "paper_ends": MessageWords(heading=_l("有一份证明快到期了"), say=_ends),
}
