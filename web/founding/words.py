"""The texts of the set-up: its refusals, and what was expected of each field."""

from collections.abc import Mapping

from timebank.founding.faults import PlanFault
from web.reader import lazy_gettext as _l
from web.wording import AGAIN, Table, Text, entry

REFUSALS: Table = {
    "SET_UP_CODE_WRONG": entry(
        _l("这个码不对"),
        _l("请照服务器启动时显示的那一行再输一次。码过了七天，或者社区已经建好，就不能再用。"),
        advice=_l("重新启动服务器，会显示一个新的码。"),
    ),
    "SET_UP_UNFINISHED": entry(
        _l("还有一步没有填好"),
        _l("这一步还缺内容，或者填的日子已经过了，所以什么都还没有建立。"),
        advice=AGAIN,
    ),
}
STEP_WORDS: Mapping[str, Text] = {
    "community": _l("社区"),
    "places": _l("楼栋和网格"),
    "rules": _l("规则"),
    "shop": _l("店铺和物品"),
    "people": _l("头两位同事"),
}
ROLE_WORDS: Mapping[str, Text] = {
    "coordinator": _l("社区负责人"),
    "approver": _l("审批"),
}
WEEKDAY_WORDS: Mapping[str, Text] = {
    "mon": _l("周一"), "tue": _l("周二"), "wed": _l("周三"), "thu": _l("周四"),
    "fri": _l("周五"), "sat": _l("周六"), "sun": _l("周日"),
}  # fmt: skip
EXPECTED_WORDS: Mapping[str, Text] = {
    "unknown": _l("这里没有这一项。"),
    "table": _l("这里应该有几项内容。"),
    "missing": _l("请填写。"),
    "text": _l("请填 1 到 %(most)s 个字。"),
    "signs": _l("里面有无法显示的字符，请重新输入。"),
    "name": _l("请填写姓名，用能显示的字。"),
    "code": _l("请用 2 到 40 个小写字母、数字和短横线，例如 liuyuan。"),
    "store_code": _l("请用 1 到 8 个字母和数字，例如 S1。"),
    "division": _l("请填区或县的六位区划代码，例如 440106；已经撤销的代码不能用。"),
    "phone": _l("请填电话号码，3 到 15 位数字。"),
    "whole": _l("请填 %(least)s 到 %(most)s 之间的整数。"),
    "yes": _l("请选是或不是。"),
    "list": _l("请至少写一样，不要太多。"),
    "choice": _l("请从列出的选项中选。"),
    "grids": _l("请填网格的数目，或者每个网格有几栋楼。"),
    "hours": _l("请写成 09:00-12:00 14:00-17:30 这样，先开门后关门。"),
    "opens": _l("每周至少要有一天，开门满两小时。"),
    "day": _l("请写成 2027-02-06 春节 这样，一行一天。"),
    "day_past": _l("这个日子已经过了，请填今天或以后的。"),
    "twice": _l("重复了：%(found)s。"),
    "fewer": _l("楼栋不能比网格还少。"),
    "shop": _l("至少要有一个店。"),
    "food_days": _l("食品要写保质期多少天，别的不写。"),
    "ean": _l("条码不对：店内用的条码以 2 开头，共 13 位。"),
    "price": _l("请填价格，例如 8.50。"),
    "coordinator": _l("至少要有一位社区负责人。"),
    "second": _l("第二位要是社区负责人或者审批。"),
    "preset_past": _l("规则最晚从今天起用。"),
}


def fault_word(fault: PlanFault) -> str:
    """What to do about a fault, for the reader of a page."""
    word = str(EXPECTED_WORDS[fault.expected])
    return word % {name: str(value).strip("'") for name, value in fault.facts.items()}
