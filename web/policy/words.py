"""Texts of policy: refusals of writing rules, and of what the rules decide."""

from web.reader import lazy_gettext as _l
from web.wording import AGAIN, Names, Table, entry

REFUSALS: Table = {
    "RULE_OVERLAP": entry(
        _l("日期和另一版规则重叠"), _l("另一版规则在这些日子里已经生效。"), advice=AGAIN
    ),
    "REHEARSAL_FAILED": entry(
        _l("试算没有通过"), _l("有一个例子算出来的结果和确认过的不一样。"), advice=AGAIN
    ),
    "NOT_ELIGIBLE": entry(
        _l("这次不能领取"),
        _l("按现在的规则和登记的情况，这些物品暂时不能领。"),
        advice=_l(
            "如果家里的情况有变化，请带上有关证明到柜台；也可以在“我的申领”里请工作人员再看一遍。"
        ),
    ),
    "PROOF_EXPIRED": entry(
        _l("证明已经到期"),
        _l("登记的证明有效期到%(ended_on)s。"),
        _l("登记的证明已经过了有效期。"),
        advice=_l("请带上新的证明原件到社区柜台，核对后当天就可以领。"),
    ),
    "HOUSEHOLD_CAP": entry(
        _l("这段时间能领的都领完了"),
        _l("每户在一段时间里能领的数量是一样的，%(next_on)s起又可以领。"),
        _l("每户在一段时间里能领的数量是一样的，现在已经领完。"),
        advice=_l("家里有特殊情况，请告诉社区工作人员。"),
    ),
    "NEEDS_INFORMATION": entry(
        _l("还差一些材料"),
        _l("请带上：%(missing)s。"),
        _l("还有一些情况没有登记，暂时不能决定。"),
        advice=_l("带原件到社区柜台，核对后马上可以继续，不用重新申请。"),
    ),
    "NEEDS_REVIEW": entry(
        _l("已经转给工作人员"),
        _l("这件事需要人来看一看，申请已经收到，不会丢。"),
        advice=_l("看过以后，答复写在“我的申领”里，也可以到柜台询问。"),
    ),
}
KINDS: Names = {
    "decision": _l("个决定"),
}
# What somebody did, for the audit page: follows their name.
AUDITED: Names = {
    "approve_rule": _l("批准了规则"),
    "draft_rule": _l("起草了规则"),
    "load_preset": _l("载入了一套规则"),
    "redraft_rule": _l("改了规则草稿"),
    "rehearse_rule": _l("试算了规则"),
    "retire_rule": _l("停用了规则"),
    "schedule_rule": _l("定了规则的生效日"),
    "set_parameter": _l("改了规则的数值"),
}
