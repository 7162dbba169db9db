"""Texts of aid: its refusals, and the states of a claim."""

from web.reader import lazy_gettext as _l
from web.wording import Names, States, Table, entry

REFUSALS: Table = {
    "CLAIMS_OPEN": entry(
        _l("这一户还有东西没办完"),
        _l("申领 %(claim_no)s 还留着或者在复核，这时候分户、并户或全家搬走，数目会算错。"),
        _l("这一户还有留着或者在复核的申领。"),
        advice=_l("请先让住户取走，或者帮他取消；办完再来，填的都还在。"),
    ),
    "BOOKING_CLOSED": entry(
        _l("网上预约暂停一段时间"),
        _l("前几次预约的物品没有来取，%(until_on)s起又可以预约。"),
        _l("前几次预约的物品没有来取，所以预约暂停一段时间。"),
        advice=_l("这段时间请直接到公益店柜台领取，能领的数量不变。"),
    ),
    "ENTERED_PAPER_TODAY": entry(
        _l("今天请另一位同事来办"),
        _l(
            "%(entered_at)s 您为这一户登记了证明。同一个人当天不再为它办申领、复核和发放，"
            "%(free_on)s起又可以。"
        ),
        _l("您今天为这一户登记了证明，同一个人当天不再为它办申领、复核和发放。"),
        advice=_l("请另一位有这个岗位的工作人员接着办，填好的内容告诉他就行。"),
    ),
    "JUST_CLAIMED": entry(
        _l("刚才已经申领过同样的物品"),
        _l("%(asked_at)s 已经申领过同样的物品，单号 %(claim_no)s。"),
        _l("刚才已经申领过同样的物品。"),
        advice=_l("看一看那一份；还要再领一份，就再按一次。"),
    ),
    "NOT_CONFIRMED": entry(
        _l("请先看清楚，再确认"),
        _l("想要 %(asked)s 件，现在可以给 %(approved)s 件。"),
        _l("现在可以给的，和要的不一样。"),
        advice=_l("可以照这个数量确认，也可以改数量，或者先不领。什么都还没有扣。"),
    ),
    "WRONG_PICKUP_CODE": entry(
        _l("取物码不对"),
        _l("这个取物码和预约的物品没有对上。"),
        advice=_l("请核对六位数字，或者刷服务卡领取。"),
    ),
}
# Why a line is cut, as the page of a claim says it (``claim_words.html``).
CUTS: Names = {
    "HOUSEHOLD_CAP": _l("超出本户十二个月的件数"),
    "OUT_OF_STOCK": _l("货架上不够"),
    "NOT_DECIDED": _l("等工作人员决定"),
}
KINDS: Names = {
    "claim": _l("次申领"),
}
STATES: States = {
    ("claim", "review"): _l("等待复核"),
    ("claim", "refused"): _l("没有记入"),
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
# What somebody did, for the audit page: follows their name.
AUDITED: Names = {
    "ask_for_person": _l("请人再看一次"),
    "cancel_claim": _l("取消了申领"),
    "carry_over_withdrawals": _l("转入了以前的领取"),
    "claim_goods": _l("申领了物品"),
    "decide_review": _l("复核了申领"),
    "issue_at_counter": _l("在柜台发放了物品"),
    "issue_goods": _l("发放了预留的物品"),
    "lapse_claims": _l("让到期的预留失效"),
    "note_visit": _l("记下来过、没有领到"),
    "record_issue": _l("补记了发放"),
    "sweep_expired": _l("下架了过期的物品"),
}
