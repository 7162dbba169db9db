"""Texts of refusals when somebody writes or approves rules."""

from web.reader import lazy_gettext as _l
from web.wording import AGAIN, ASK, Names, Table, entry

REFUSALS: Table = {
    "SAME_PERSON": entry(_l("需要另一位同事"), _l("同一件事不能由同一个人既写又批。"), advice=ASK),
    "RULE_OVERLAP": entry(
        _l("日期和另一版规则重叠"), _l("另一版规则在这些日子里已经生效。"), advice=AGAIN
    ),
    "REHEARSAL_FAILED": entry(
        _l("试算没有通过"), _l("有一个例子算出来的结果和确认过的不一样。"), advice=AGAIN
    ),
}
KINDS: Names = {
    "decision": _l("个决定"),
}
