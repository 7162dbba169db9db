"""Texts of the settings: refusals, states, and for whom a change changes something."""

from timebank.policy.rules.effects import Affected, Effect
from web import formats
from web.reader import gettext as _
from web.reader import language
from web.reader import lazy_gettext as _l
from web.wording import Names, States, Table, entry

REFUSALS: Table = {
    "CHANGE_TOO_LATE": entry(
        _l("这一天已经开始，来不及同意了"),
        _l("说好从%(valid_from_on)s起，可是这一天已经开始。过去的日子不改规则，所以什么都没有变。"),
        _l("说好的那一天已经开始。过去的日子不改规则，所以什么都没有变。"),
        advice=_l("还要改的话，请重新提出，选一个以后的日子，再请另一位同意。"),
    ),
}
KINDS: Names = {"parameter_change": _l("项规则的修改")}
STATES: States = {
    ("parameter_change", "waiting"): _l("等另一位同意"),
    ("parameter_change", "confirmed"): _l("已经有人同意"),
    ("parameter_change", "withdrawn"): _l("已经收回"),
    ("parameter_change", "over"): _l("没有赶在那一天以前同意"),
}
FIELDS: Names = {
    "value": _l("改成"),
    "reason": _l("为什么改"),
    "source": _l("依据"),
    "days": _l("哪些天"),
}
WHYS: Names = {
    "gap": _l("少了一行：表要从 0 天起，每一种新旧都要有数"),
    "not_future": _l("要选明天或以后的日子：今天和过去的日子不改规则"),
    "too_far": _l("离得太远了，最多提前两年"),
    "same": _l("和那一天本来就用的一样，不用改"),
    "empty": _l("请写一句"),
    "by_two": _l("规则要两个人改：一位提出，另一位同意"),
    "unknown_parameter": _l("没有这一条规则"),
}
# What somebody did, for the audit page: follows their name.
AUDITED: Names = {
    "propose_setting": _l("提出修改一条规则"),
    "confirm_setting": _l("同意了修改一条规则"),
    "withdraw_setting": _l("收回了修改一条规则"),
}
# What a change does not touch, or for whom it changes something.
EFFECTS: Names = {
    "over_cap": _l("%(count)s 人的存折到了新的上限。存着的一分不少，再服务的时间进公益时间池。"),
    "room_again": _l("%(count)s 人的存折原来满了，又可以往里存。"),
    "credited_less": _l("按新规则算最近 30 天，%(count)s 人会少记。已经记下的不会变。"),
    "credited_more": _l("按新规则算最近 30 天，%(count)s 人会多记。已经记下的不会变。"),
    "records_keep": _l("%(count)s 条服务在等确认，登记的时候没有晚，不受影响。"),
    "none_left": _l("%(count)s 户本来还能领，到那天就领满了。"),
    "some_again": _l("%(count)s 户本来领满了，到那天又可以领。"),
    "share_changes": _l("%(count)s 户领过东西，还能领的件数会变。"),
    "holds_keep": _l("%(count)s 份预约现在给人留着，说好留到几时就留到几时，不会变。"),
    "closures_keep": _l("%(count)s 户现在暂停网上预约，说好哪天恢复就哪天恢复，不会变。"),
    "lots_near": _l("%(count)s 批货架上的东西会变成临期。"),
    "lots_not_near": _l("%(count)s 批货架上的东西不再算临期。"),
    "gifts_judged": _l("%(count)s 份东西已经预先登记、还没有送来，送来那天按那天的规则看。"),
    "gifts_keep": _l("%(count)s 份东西已经预先登记，说好的最后一天不会变。"),
    "second_step": _l("%(count)s 位工作人员下次登录要先设好第二步。"),
    "no_second_step": _l("%(count)s 位工作人员登录不再要第二步。"),
    "opens_less": _l("%(count)s 位工作人员一天里能打开的次数变少。"),
    "opens_more": _l("%(count)s 位工作人员一天里能打开的次数变多。"),
    "papers_keep": _l("%(count)s 份证明已经登记，写着到哪天就到哪天，不会变。"),
    "messages_go": _l("%(count)s 条消息的内容会在那天早一些删掉，删掉就找不回来。"),
    "messages_stay": _l("%(count)s 条消息的内容会多留一些日子。"),
    "pictures_go": _l("%(count)s 张证明的照片会在那天早一些删掉，删掉就找不回来。"),
    "pictures_stay": _l("%(count)s 张证明的照片会多留一些日子。"),
    "registrations_keep": _l("%(count)s 人已经报名，单子上写着到哪天就到哪天，不会变。"),
    "kiosks": _l("%(count)s 台自助终端从那天起按新的办。"),
}
_UNITS = {
    "minutes": ("over_cap", "room_again", "credited_less", "credited_more"),
    "pieces": ("none_left", "some_again", "share_changes"),
    "times": ("opens_less", "opens_more"),
}  # fmt: skip


def effect_words(effect: Effect) -> str:
    """The sentence of one way of being affected."""
    return str(EFFECTS[effect.kind]) % {"count": formats.number(effect.count, language())}


def moved_words(kind: str, one: Affected) -> str:
    """What changes for one of them: the number now, and then."""
    unit = next((unit for unit, kinds in _UNITS.items() if kind in kinds), "")
    numbers = [_number(number, unit) for number in (one.before, one.after) if number is not None]
    return " → ".join(numbers)


def _number(number: int, unit: str) -> str:
    if unit == "minutes":
        return formats.minutes(number, language())
    if unit == "pieces":
        return formats.pieces(number, language())
    return _("%(count)s 次", count=number)
