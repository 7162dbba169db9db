"""Texts of aid: its refusals, and the states of a claim."""

from web.reader import lazy_gettext as _l
from web.wording import Names, States, Table, entry

REFUSALS: Table = {
    "NOT_ELIGIBLE": entry(
        _l("这次不能领取"),
        _l("按现在的规则和登记的情况，这些物品暂时不能领。"),
        advice=_l("如果家里的情况有变化，请带上有关证明到柜台；也可以请人再看一次。"),
    ),
    "PROOF_EXPIRED": entry(
        _l("证明已经到期"),
        _l("登记的证明有效期到%(ended_on)s。"),
        _l("登记的证明已经过了有效期。"),
        advice=_l("请带上新的证明原件到社区柜台，核对后当天就可以领。"),
    ),
    "HOUSEHOLD_CAP": entry(
        _l("这段时间的份额已经领完"),
        _l("每户在一段时间里有一定的份额，%(next_on)s起又可以领。"),
        _l("每户在一段时间里有一定的份额，现在已经领完。"),
        advice=_l("家里有特殊情况，可以请人再看一次。"),
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
        advice=_l("看过以后会通知您，也可以到柜台询问。"),
    ),
    "BOOKING_CLOSED": entry(
        _l("网上预约暂停一段时间"),
        _l("前几次预约的物品没有来取，%(until_on)s起又可以预约。"),
        _l("前几次预约的物品没有来取，所以预约暂停一段时间。"),
        advice=_l("这段时间请直接到公益店柜台领取，份额不受影响。"),
    ),
    "WRONG_PICKUP_CODE": entry(
        _l("取物码不对"),
        _l("这个取物码和预约的物品没有对上。"),
        advice=_l("请核对六位数字，或者刷服务卡领取。"),
    ),
}
KINDS: Names = {
    "claim": _l("次申领"),
}
STATES: States = {
    ("claim", "review"): _l("等待复核"),
    ("claim", "refused"): _l("未通过"),
    ("claim", "approved"): _l("已同意"),
    ("claim", "held"): _l("已预留"),
    ("claim", "issued"): _l("已领走"),
    ("claim", "lapsed"): _l("已过期"),
    ("claim", "expired"): _l("已到期"),
    ("claim", "cancelled"): _l("已取消"),
}
# What happened, by the name of the deed in the books.
DEEDS: Names = {
    "claim_goods": _l("申领物品"),
    "issue_at_counter": _l("柜台发放"),
    "issue_goods": _l("发放物品"),
    "record_issue": _l("照实补记的发放"),
}
