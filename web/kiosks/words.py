"""Texts of kiosks: their refusals, events, and reasons of a review."""

from timebank.kiosks import rules
from web.reader import lazy_gettext as _l
from web.wording import COUNTER, Names, States, Table, entry

REFUSALS: Table = {
    "PAIRING_REFUSED": entry(
        _l("配对没有成功"),
        _l("配对码已经用过、过期、被收回，或者输入有误。"),
        advice=_l("请在“自助终端”一页重新生成配对码。"),
    ),
    "PAIRING_NOT_AGREED": entry(
        _l("还没有第二个人同意"),
        _l("终端会替居民办事，所以要两个人定：这个店还没有已经同意、没用过的一台。"),
        advice=_l("请先提出，再请另一位负责人或审批员在待办里同意，然后做配对码。"),
    ),
    "BAD_SIGNATURE": entry(
        _l("没有认出这台终端"),
        _l("传来的内容和终端的签名不符，已经原样保存，没有记账。"),
        advice=_l("请通知社区负责人检查这台终端。"),
    ),
    "DEVICE_UNREADABLE": entry(
        _l("这台终端要重新配对"),
        _l("服务器上这台终端的密钥读不出来了。终端上已经办的事照样会传上来，一笔也不会丢。"),
        advice=_l("请社区负责人从“自助终端”一页重新连一次，到终端上输入新的配对码。"),
    ),
    "TIME_UNKNOWN": entry(
        _l("不知道是什么时候做的"),
        _l("终端的时钟不对，推算不出这次签到或签退的时间，所以不能照它记时长。"),
        advice=_l("请问清楚，把时间写在“问到的时间”一栏再入账；问不到就选“只留记录”。"),
    ),
    "WRONG_DEPOSIT_CODE": entry(
        _l("没有找到这个存入号码"),
        _l("这个店里没有等着送来的物品用这个存入号码；也可能已经收下，或者过了期限。"),
        advice=_l("请看着存入号码再输一次，或者直接存物品。"),
    ),
    "DEVICE_REVOKED": entry(
        _l("这台终端已经停用"),
        _l("停用的终端传来的内容会保存下来，由工作人员逐条处理。"),
        advice=COUNTER,
    ),
}
KINDS: Names = {
    "device": _l("台终端"),
    "pairing": _l("台要连的终端"),
    "review": _l("件复核"),
    "call": _l("次求助"),
}
FIELDS: Names = {
    "happened_at": _l("问到的时间"),
    "how": _l("怎样处理"),
}
STATES: States = {
    ("device", "revoked"): _l("已停用"),
    ("pairing", "asked"): _l("等另一位同意"),
    ("pairing", "agreed"): _l("已经同意"),
    ("pairing", "used"): _l("终端已经连上"),
    ("pairing", "withdrawn"): _l("已经收回"),
    ("pairing", "over"): _l("过了期限"),
    ("call", "answered"): _l("已经有人过去了"),
}
# What somebody was doing at a kiosk when they asked for staff.
PAGES_OF_KIOSK: Names = {
    "deposit": _l("存物品"),
    "pickup": _l("取物品"),
    "shift": _l("志愿服务签到、签退"),
    "passbook": _l("看存折"),
    "take": _l("看能领什么"),
    "shelf": _l("看货架"),
    "announce": _l("登记要捐的物品"),
    "pin": _l("输密码"),
    "card": _l("输卡号"),
}
# Why nothing can be claimed at a kiosk: a heading and a sentence.
NO_HOUSEHOLD = (
    _l("您还没有登记在哪一户"),
    _l("物品按户发放，登记到户以后才能领。这里还不能登记，请到社区柜台问一问。"),
)
INTAKE_ONLY = (
    _l("这里只收不发，领取请选公益店"),
    _l("这里收捐赠的物品。要领取，请到公益店，或在手机上预约。"),
)
# Why a kiosk's event waits, besides the codes of refusals.
REASONS: Names = {
    "CHAIN_BROKEN": _l("和前一笔接不上"),
    "CLAIM_LATE": _l("断网时申请的，隔了很久才传到"),
    "CODE_MISSING": _l("没有核对存入号码"),
    "CLOCK_WRONG": _l("终端的时钟不准"),
    "DEVICE_FROZEN": _l("这台终端已被冻结"),
    "FAULT": _l("系统没能处理"),
    "FORKED": _l("同一个编号传来了两份内容"),
    "MISPLACED": _l("编号不在它该在的位置"),
    "PIN_MISSING": _l("没有核对数字密码"),
    "TIME_IMPLAUSIBLE": _l("终端写的时间不可信"),
}
# Why a time is implausible.
TIME_DOUBTS: Names = {
    rules.BEFORE_PAIRING: _l("那时这台终端还没有配对。"),
    rules.BEFORE_PREVIOUS: _l("比这台终端前一笔还早。"),
    rules.AFTER_ARRIVAL: _l("比传到这里的时间还晚。"),
    rules.LATE: _l("离传到这里的时间太久。"),
    rules.BEFORE_START: _l("比这次服务开始的时间还早。"),
}
EVENTS: Names = {
    "deposit.recorded": _l("存入物品"),
    "deposit.brought": _l("送来预先登记的物品"),
    "pickup.completed": _l("领取物品"),
    "goods.announced": _l("登记要捐的物品"),
    "goods.claimed": _l("申领物品"),
    "pickup.refused": _l("来取物品，终端没有联网"),
    "staff.asked": _l("请工作人员帮忙"),
    "shift.started": _l("签到"),
    "shift.ended": _l("签退"),
    "balance.viewed": _l("看存折"),
    "card.unknown": _l("刷了不认识的卡"),
    "device.started": _l("终端启动"),
}
# What somebody did, for the audit page: follows their name.
AUDITED: Names = {
    "answer_call": _l("回应了终端的求助"),
    "ask_pairing": _l("提出连一台终端"),
    "confirm_pairing": _l("同意连一台终端"),
    "withdraw_pairing": _l("收回了要连的终端"),
    "make_pairing_code": _l("做了终端配对码"),
    "pair_device": _l("连上了终端"),
    "set_device_state": _l("改了终端的状态"),
    "settle_review": _l("处理了终端待核的事"),
    "view_passbook": _l("在终端看了存折"),
}
