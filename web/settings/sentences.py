"""One sentence for each parameter: what it means for people, with its value in words."""

from typing import Any

from timebank.people.rules.visits import FACTOR_ROLES, FACTOR_ROLES_KEY
from timebank.policy.rules import PARAMETERS
from web.reader import language
from web.reader import lazy_gettext as _l
from web.settings.values import value_word
from web.wording import Names

SENTENCES: Names = {
    "people.second_factor_roles": _l("这些岗位登录，除了密码还要手机上的验证码：%(value)s。"),
    "hours.rounding_minutes": _l("每次服务按 %(value)s 一档往下算；实际用了多久，照样写在记录上。"),
    "hours.shortest_minutes": _l("一次服务不到 %(value)s，照样记下来，但不算进存折。"),
    "hours.daily_cap_minutes": _l("一个人一天最多记 %(value)s。"),
    "hours.balance_cap_minutes": _l("一本存折最多存 %(value)s；再多的进公益时间池，累计时长照算。"),
    "hours.recording_working_days": _l("服务做完以后，要在 %(value)s内登记；晚了要写明为什么。"),
    "goods.food_days_left_min": _l("收下食品时，离到期至少还要有这么久——%(value)s。"),
    "goods.pre_deposit_days": _l("预先登记要送来的东西，%(value)s内送到就行。"),
    "goods.near_expiry": _l("离到期还有这么久，就算临期，先发出去——%(value)s。"),
    "goods.refused_kinds": _l("这些东西一律不收：%(value)s。"),
    "goods.condition_percents": _l("东西按新旧估价，只用来统计和感谢——%(value)s。"),
    "goods.acceptance": _l("收东西时，每一类要看这些——%(value)s。"),
    "aid.household_pieces_max": _l("有证明的一家，在一段时间里最多领 %(value)s。"),
    "aid.window_months": _l("领过的东西，每一件满 %(value)s就不再算在里面。"),
    "aid.hold_hours": _l("预约的东西，给您留 %(value)s。"),
    "aid.no_show_max": _l("预约了没有来取，满 %(value)s就暂停网上预约；柜台照样可以领。"),
    "aid.no_show_months": _l("没有来取的次数，只算最近 %(value)s的。"),
    "aid.booking_closed_days": _l("网上预约暂停的话，过 %(value)s自动恢复。"),
    "kiosks.upload_days_max": _l("自助终端断网时办的事，过了 %(value)s才传上来，先请人看一看。"),
    "people.paper_months_max": _l("证明登记以后，最长有效这么久——%(value)s。"),
    "people.paper_ahead_days": _l("续期的证明，可以提前 %(value)s来登记。"),
    "people.openings_max": _l("一个工作人员一天里最多能打开几次锁着的资料——%(value)s。"),
    "messages.keep_days": _l("发给大家的消息，内容保存 %(value)s，然后删掉。"),
    "people.picture_days": _l("证明到期以后，照片再留 %(value)s，然后删掉。"),
    "joining.registration_days": _l("自己报名以后 %(value)s内没有来柜台，填的内容全部删掉。"),
}
# Only the staff read these: who signs in how helps nobody but a thief.
OF_STAFF = frozenset({FACTOR_ROLES_KEY})
GROUPS: Names = {
    "hours": _l("服务和时间"), "aid": _l("领取东西"), "goods": _l("送来东西"),
    "people": _l("证明和资料"), "kiosks": _l("自助终端"),
    "joining": _l("报名参加"), "messages": _l("消息"),
}  # fmt: skip


def default_of(key: str) -> Any:
    """What is in force where a community has set no value; None if nothing is."""
    return list(FACTOR_ROLES) if key == FACTOR_ROLES_KEY else PARAMETERS[key].unless_set


def sentence(key: str, value: Any) -> str:
    """The sentence of a parameter with a value, in the reader's language."""
    return str(SENTENCES[key]) % {"value": value_word(key, value)}


def label(key: str) -> str:
    """The name of a parameter."""
    kind = PARAMETERS[key]
    if language() == "zh":
        return kind.label_zh
    return f"{kind.label_en[0].upper()}{kind.label_en[1:]}"


def group_of(key: str) -> str:
    return key.partition(".")[0]
