"""Texts of joining: the notice, times, states, refusals, and lines of the audit trail."""

from timebank.joining.rules import END_WHYS, TIMES, WITHDRAWN
from web.reader import lazy_gettext as _l
from web.wording import Names, States, Text, Words, entry

# What is said before the first field. A released text never changes; a new one gets a new version.
# **Source**: domain.md C.5, after PIPL articles 17 and 28 to 31.
NOTICES: dict[int, tuple[Text, ...]] = {
    1: (
        _l(
            "谁在收：本社区的公益ATM · 社区互助。"
            "收来做什么：只为了等您来柜台的时候，不用再从头问一遍。"
        ),
        _l(
            "收哪几样：姓名、生日、楼栋、电话。证件号码、门牌、家里的难处这里都不问，"
            "到柜台再说，而且要您另外单独同意。"
        ),
        _l("怎样保管：加密保存，只有替您办登记的工作人员看得到，不作别的用处。"),
        _l("保管多久：您来办好了，或者过了下面写的日子没有来，这里填的内容就全部删掉。"),
        _l("您可以随时用报名号和生日来查、来撤回，也可以打电话请社区删掉。"),
    ),
}
TIME_WORDS: Names = {
    "weekday_morning": _l("平日上午"),
    "weekday_afternoon": _l("平日下午"),
    "weekday_evening": _l("平日晚上"),
    "weekend_morning": _l("周末上午"),
    "weekend_afternoon": _l("周末下午"),
    "weekend_evening": _l("周末晚上"),
}
assert tuple(TIME_WORDS) == TIMES
END_WORDS: Names = {
    "known": _l("以前登记过，不用再登记"),
    "elsewhere": _l("不住在这里，也不是来帮忙的"),
    "not_coming": _l("打过电话，不来办了"),
}
assert {*END_WORDS, WITHDRAWN} == set(END_WHYS)
# What a possible double means, for the counter only.
KNOWN_WORDS: Names = {
    "name_and_birth": _l("登记过一位同名同生日的人。请看证件核对，是同一个人就不再登记一次。"),
    "phone": _l("已经有人登记过这个电话。请当面问一问。"),
}
KINDS: Names = {"registration": _l("份报名")}
STATES: States = {
    ("registration", "waiting"): _l("收到了，等您带证件来柜台"),
    ("registration", "completed"): _l("已经办好了"),
    ("registration", "ended"): _l("已经结束，填的内容已经删掉"),
}
REFUSALS: dict[str, Words] = {
    "TOO_MANY_REGISTRATIONS": entry(
        _l("这里今天报名的人太多了"),
        _l("为了不让人乱填，一个地方 %(hours)s 小时里只收这么多份。您填的内容没有存下来。"),
        _l("为了不让人乱填，一个地方一天只收这么多份。您填的内容没有存下来。"),
        advice=_l("请过一天再来，或者直接带身份证到柜台，当面就能登记。"),
    ),
    "REGISTRATION_UNKNOWN": entry(
        _l("没有找到这份报名"),
        _l("可能是报名号或者生日输错了，也可能已经撤回、办完，或者过了日子已经删掉。"),
        advice=_l("请对着单子再输一次；还是找不到，重新报一次名，或者带身份证到柜台。"),
    ),
}
FIELDS: Names = {
    "agrees": _l("同意"),
    "guardian_name": _l("监护人姓名"),
    "guardian_phone": _l("监护人电话"),
    "guardian_agrees": _l("监护人同意"),
    "service_ids": _l("会做什么"),
    "times": _l("什么时候有空"),
    "end_why": _l("为什么不办了"),
    "registration_id": _l("报名"),
}
WHYS: Names = {
    "agree_first": _l("请先看一看上面写的，同意了再打勾"),
    "guardian_first": _l("未满 18 岁要监护人一起填，请监护人同意了再打勾"),
    "lives_where": _l("请选住在哪栋楼；不住在这个社区、只想帮忙的，请勾上“我想做志愿者”"),
    "lives_here": _l("住在这个社区的人，请登记到一户"),
}
AUDITED: Names = {
    "register": _l("有人自己报了名"),
    "complete_registration": _l("对着证件办好了一份报名"),
    "complete_helper": _l("对着证件登记了一位外面来的志愿者"),
    "end_registration": _l("结束了一份报名"),
    "withdraw_registration": _l("本人撤回了报名"),
    "forget_registrations": _l("删掉了过期的报名"),
}
