"""Texts of hours: its refusals, kinds and states."""

from web.reader import lazy_gettext as _l
from web.wording import ASK, Names, States, Table, entry

REFUSALS: Table = {
    "TIME_OVERLAP": entry(
        _l("时间有重叠"),
        _l("从 %(other_started_at)s 开始已经有一次服务记录，同一段时间只能记一次。"),
        _l("这段时间已经有另一次服务记录，同一段时间只能记一次。"),
        advice=_l("请核对开始和结束的时间。"),
    ),
    "SELF_CONFIRM": entry(
        _l("需要另一个人来确认"),
        _l("自己、家人和亲属的服务时间，不能由自己确认。"),
        advice=_l("请接受服务的邻居，或者活动的组织者来确认。"),
    ),
    "NOT_VOLUNTEER_SERVICE": entry(
        _l("这次不能记为志愿服务"),
        _l("照顾自己和自己的家人很珍贵，但不记入时间存折。"),
        advice=ASK,
    ),
    "BOTH_ROLES": entry(
        _l("这次服务还在核实"),
        _l(
            "同一段时间里，有一个人既在帮别人，又在接受别人的帮助。两条记录都先留着，问清楚了再确认。"
        ),
        advice=_l("社区协调员会问双方，请等一等；您知道情况的话，也可以告诉协调员。"),
    ),
    "LATE_RECORD": entry(
        _l("登记的日子已经过了"),
        _l(
            "这次服务最晚可以在%(provisional_on)s登记。这个日子是暂定的，那一年的放假安排还没有录入。"
        ),
        _l("这次服务最晚可以在%(last_on)s登记。"),
        _l("这次服务已经过了可以登记的日子。"),
        advice=_l("请告诉社区工作人员，负责人核实后可以补登。"),
    ),
    "ALREADY_CHECKED_IN": entry(
        _l("您已经签到了"),
        _l("从 %(since_at)s 起已经在计时，不用再签一次。"),
        _l("已经在计时，不用再签一次。"),
        advice=_l("服务结束时请签退。"),
    ),
    "NOT_CHECKED_IN": entry(
        _l("还没有签到"),
        _l("没有找到正在进行的服务，所以不能签退。"),
        advice=_l("如果忘了签到，请把起止时间告诉组织者，可以补登。"),
    ),
    "NOT_A_VOLUNTEER": entry(
        _l("还没有登记为志愿者"),
        _l("服务时间要记在志愿者名下。"),
        advice=_l("登记为志愿者以后才能记时间。网上还不能登记，请到社区柜台问一问。"),
    ),
}
KINDS: Names = {
    "service": _l("种服务"),
    "service_record": _l("条服务记录"),
    "service_overlap": _l("处时间重合"),
    "volunteer": _l("位志愿者"),
}
STATES: States = {
    ("service", "retired"): _l("已经停办"),
    ("service", "in_use"): _l("正在办"),
    ("service_record", "open"): _l("进行中"),
    ("service_record", "entered"): _l("等待确认"),
    ("service_record", "unended"): _l("忘记签退，等待处理"),
    ("service_record", "proposed"): _l("等待本人同意结束时间"),
    ("service_record", "confirmed"): _l("已确认"),
    ("service_record", "credited"): _l("已入账"),
    ("service_record", "refused"): _l("没有记入"),
    ("service_record", "reversed"): _l("已更正"),
    ("service_overlap", "settled"): _l("已经问清楚"),
    ("volunteer", "registered"): _l("已登记"),
    ("volunteer", "opened"): _l("旧时间已结转"),
}
FIELDS: Names = {
    "minutes": _l("时间"),
    "started_at": _l("开始时间"),
    "ended_at": _l("结束时间"),
    "records": _l("服务记录"),
    "record_ids": _l("服务记录"),
    "recipient": _l("接受服务的人"),
    "volunteers": _l("志愿者名单"),
    "do": _l("怎么办"),
}
# Kinds of accounts in the trial balance.
ACCOUNTS: Names = {
    "issue": _l("一共记入的服务时间"),
}
# What happened, by the name of the deed in the books.
DEEDS: Names = {
    "service_credit": _l("服务记入"),
}
# What somebody did, for the audit page: follows their name.
AUDITED: Names = {
    "accept_end": _l("同意了补记的签退"),
    "add_services": _l("加了服务种类"),
    "change_service": _l("改了一种服务的名称"),
    "end_service": _l("停办或恢复了一种服务"),
    "check_in": _l("签到"),
    "check_out": _l("签退"),
    "confirm_records": _l("确认了服务"),
    "enter_records": _l("登记了服务"),
    "open_balance": _l("转入了以前的时长"),
    "propose_end": _l("提出补记签退"),
    "refuse_record": _l("没有同意一次服务"),
    "register_volunteers": _l("登记了志愿者"),
    "reverse_credit": _l("冲回了时长"),
    "settle_overlap": _l("处理了重叠的服务"),
}
