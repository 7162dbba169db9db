"""Texts of the books: their refusals, and the states of accounts."""

from web.reader import lazy_gettext as _l
from web.wording import ASK, RELOAD, Names, States, Table, entry

REFUSALS: Table = {
    "INSUFFICIENT_BALANCE": entry(
        _l("可用的余额不够"),
        _l("还差 %(short_by)s，预留的部分已经算在内。"),
        _l("扣除预留的部分以后，余额不够办这件事。"),
        advice=_l("可以减少一些，或者等预留结束后再办。"),
    ),
    "ABOVE_CEILING": entry(
        _l("超过了账户上限"),
        _l("这样会超过账户上限 %(over_by)s。"),
        _l("这样会超过账户可以存放的上限。"),
        advice=ASK,
    ),
    "ACCOUNT_CLOSED": entry(_l("这个账户已经停用"), _l("停用的账户不再记账。"), advice=ASK),
    "COMMODITY_MISMATCH": entry(
        _l("两边记的不是同一种东西"),
        _l("时间、物品和资金分开记账，不能互相转换。"),
        advice=ASK,
    ),
    "HOLD_ALREADY_RESOLVED": entry(
        _l("这笔预留已经结束"),
        _l("它已经领走、取消或过期，不能再办第二次。"),
        advice=RELOAD,
    ),
    "CAPTURE_ABOVE_HOLD": entry(
        _l("超过了预留的数量"),
        _l("最多只能办理预留的 %(held)s。"),
        _l("发出的数量不能多于预留的数量。"),
        advice=_l("请按预留数量办理，多出的部分请另外申领。"),
    ),
    "ALREADY_REVERSED": entry(_l("这笔账已经更正过"), _l("一笔账只能更正一次。"), advice=RELOAD),
    "FACT_SETTLED": entry(
        _l("这笔账缺的部分已经处理过"),
        _l("现在更正它，处理过的那一部分就会没有着落。"),
        advice=_l("请先更正处理它的那笔账，再更正这一笔。"),
    ),
}
STATES: States = {
    ("account", "not_empty"): _l("账上还有余额"),
    ("shortfall", "settled"): _l("已处理"),
    ("shortfall", "settling_reversed"): _l("处理已被更正，请把原来那笔账也更正后重新登记"),
}
# Kinds of accounts in the trial balance.
ACCOUNTS: Names = {
    "opening": _l("旧账转入"),
    "organisation": _l("爱心单位"),
    "person": _l("个人"),
    "pool": _l("公共池"),
    "suspense": _l("待查"),
}
