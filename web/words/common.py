"""Texts that belong to no subject."""

from web.reader import lazy_gettext as _l
from web.wording import ASK, RELOAD, Names, Table, entry

REFUSALS: Table = {
    "REFUSED": entry(_l("这件事现在办不了"), _l("按现在的规则，这件事办不了。"), advice=ASK),
    "NOT_FOUND": entry(
        _l("没有找到"),
        _l("没有找到这%(kind)s。"),
        _l("您要找的内容不在这里，可能号码有误，或者已经移走。"),
        advice=_l("请核对号码，或者回到首页重新查找。"),
    ),
    "NOT_ALLOWED": entry(
        _l("这件事要由别的岗位来办"),
        _l("%(why)s，要由另一位同事来办。"),
        _l("这件事要由另一位工作人员或者本人来办，您的账号现在办不了。"),
        advice=_l("如果这是您的工作，请社区负责人为您开通；如果是您自己的事，请到柜台办理。"),
    ),
    "BAD_INPUT": entry(
        _l("有一处需要改一下"),
        _l("“%(field)s”：%(why)s。"),
        _l("有一处填写的内容不合适。"),
        advice=_l("其他内容都还在，改好后再按一次就好。"),
    ),
    "WRONG_STATE": entry(
        _l("这件事已经有了变化"),
        _l("它现在的状态是“%(state)s”，不能再这样办理。"),
        _l("您打开这一页以后，已经有人办过了。"),
        advice=RELOAD,
    ),
    "REQUEST_KEY_REUSED": entry(
        _l("请重新打开这一页"),
        _l("这一页已经用过一次，内容又改动了，所以没有再记账。"),
        advice=_l("先前办好的事不会丢。还要再办，请看一看填的内容，再按一次。"),
    ),
    "REQUEST_KEY_NEEDED": entry(
        _l("这次请求没有编号"),
        _l("请在请求头里给这次请求编一个号，%(least)s到%(most)s个字母、数字或符号。"),
        _l("每次办理都要带一个请求编号，重复发送才不会重复记账。"),
        advice=_l("补上编号后再发一次，什么都还没有办理。"),
    ),
    "SAME_PERSON": entry(
        _l("需要另一位同事"),
        _l("这件事要两个人经手：%(why)s，所以第二步不能由您来办。"),
        _l("同一件事不能由同一个人既写又批。"),
        advice=_l("请另一位有这个岗位、也不是当事人家里人或亲属的同事来办。"),
    ),
}
KINDS: Names = {
    "page": _l("一页"),
}
FIELDS: Names = {
    "reason": _l("原因"),
    "note": _l("说明"),
    "at": _l("时间"),
    "kind": _l("类别"),
    "number": _l("编号"),
    "code": _l("编号"),
    "request_id": _l("请求编号"),
    "why": _l("原因"),
    "lines": _l("物品清单"),
    "category": _l("类别"),
    "name_zh": _l("名称"),
}
WHYS: Names = {
    "needed": _l("请填写"),
    "missing": _l("请填写"),
    "choice": _l("请从列出的选项中选一个"),
    "unknown": _l("请从列出的选项中选一个"),
    "range": _l("超出了可以填写的范围"),
    "count": _l("数量太多或太少"),
    "shape": _l("格式不对"),
    "future": _l("还没有到这个时间"),
    "past": _l("这个日子已经过了"),
    "before_start": _l("结束要晚于开始"),
    "too_long": _l("太长了"),
    "taken": _l("已经有人使用"),
    "repeated": _l("重复了"),
    "two": _l("只能选一个"),
    "length": _l("太短或太长"),
    "digits": _l("只能用数字，位数也要对"),
    "easy": _l("太容易被猜到"),
    "no_household": _l("还没有登记在哪一户"),
    "held": _l("已经有这个岗位"),
    "characters": _l("有不能使用的字符"),
    # Why somebody is not the one who may do this.
    "self": _l("第一步是您办的"),
    "household": _l("第一步是您的家人办的"),
    "relative": _l("第一步是您的亲属办的"),
    "own": _l("这是您自己的事"),
    "own_case": _l("这是您自己、家人或亲属的事"),
    "own_household": _l("这是您家里的事"),
    "own_relative": _l("这是您亲属家的事"),
}
# The channel of a case or a record.
CHANNELS: Names = {
    "web": _l("网上"),
    "counter": _l("柜台"),
    "kiosk": _l("自助终端"),
    "phone": _l("电话"),
    "job": _l("系统"),
    "entered": _l("事后登记"),
}
