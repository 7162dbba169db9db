"""One table from refusal to sentence: why, what to bring, when to come, whom to ask.

The source sentences are Chinese, English is in the catalogue. A refusal may know more or
fewer facts: of its sentences the first whose facts are all there is the one that is said.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from flask_babel import LazyString, gettext
from flask_babel import lazy_gettext as _l

from timebank.errors import TimebankError
from timebank.policy.rules import papers_to_bring
from web import formats
from web.reader import language
from web.words_for_facts import FIELDS, KINDS, PAPERS, STATES, WHY

Text = str | LazyString
_FACT = re.compile(r"%\((\w+)\)s")


@dataclass(frozen=True, slots=True)
class Told:
    """What a person reads: a heading, why, and what to do now."""

    heading: str
    why: str
    advice: str

    @property
    def sentence(self) -> str:
        """All of it but the heading, for a place that has one line."""
        gap = "" if language() == "zh" else " "
        return gap.join(part for part in (self.why, self.advice) if part)


class Words(NamedTuple):
    """A heading, what to do now, and ways to say why, the one with the most facts first."""

    heading: Text
    advice: Text
    why: tuple[Text, ...]


def _w(heading: Text, *why: Text, advice: Text) -> Words:
    return Words(heading, advice, why)


_ASK = _l("有疑问请到社区柜台，工作人员会和您一起看。")
_AGAIN = _l("请核对后再试一次。")
_RELOAD = _l("请回到上一页，刷新后再看。")
_COUNTER = _l("请到公益店柜台，店管员可以帮您办理。")

WORDS: Mapping[str, Words] = {
    "REFUSED": _w(_l("这件事现在办不了"), _l("按现在的规则，这件事办不了。"), advice=_ASK),
    # Anybody may meet these.
    "NOT_FOUND": _w(
        _l("没有找到"),
        _l("没有找到这%(kind)s。"),
        _l("您要找的内容不在这里，可能号码有误，或者已经移走。"),
        advice=_l("请核对号码，或者回到首页重新查找。"),
    ),
    "NOT_ALLOWED": _w(
        _l("这里需要相应的岗位"),
        _l("办这件事需要另一位工作人员或本人来做，您的账号现在没有这项权限。"),
        advice=_l("如果这是您的工作，请社区负责人为您开通；如果是您自己的事，请到柜台办理。"),
    ),
    "BAD_INPUT": _w(
        _l("有一处需要改一下"),
        _l("“%(field)s”：%(why)s。"),
        _l("有一处填写的内容不合适。"),
        advice=_l("其他内容都还在，改好后再按一次即可。"),
    ),
    "WRONG_STATE": _w(
        _l("这件事已经有了变化"),
        _l("它现在的状态是“%(state)s”，不能再这样办理。"),
        _l("您打开页面以后，它已经被办理过了。"),
        advice=_RELOAD,
    ),
    # The books.
    "REQUEST_KEY_REUSED": _w(
        _l("请重新打开这一页"),
        _l("这一页已经用过一次，内容又改动了，所以没有再记账。"),
        advice=_l("请重新打开页面再填一次，先前办好的事不会丢。"),
    ),
    "REQUEST_KEY_NEEDED": _w(
        _l("这次请求没有编号"),
        _l("请在请求头里给这次请求编一个号，%(least)s到%(most)s个字母、数字或符号。"),
        _l("每次办理都要带一个请求编号，重复发送才不会重复记账。"),
        advice=_l("补上编号后再发一次，什么都还没有办理。"),
    ),
    "INSUFFICIENT_BALANCE": _w(
        _l("可用的余额不够"),
        _l("还差 %(short_by)s，预留的部分已经算在内。"),
        _l("扣除预留的部分以后，余额不够办这件事。"),
        advice=_l("可以减少一些，或者等预留结束后再办。"),
    ),
    "ABOVE_CEILING": _w(
        _l("超过了账户上限"),
        _l("这样会超过账户上限 %(over_by)s。"),
        _l("这样会超过账户可以存放的上限。"),
        advice=_l("可以先使用或转赠一部分，再来存入。"),
    ),
    "ACCOUNT_CLOSED": _w(_l("这个账户已经停用"), _l("停用的账户不再记账。"), advice=_ASK),
    "COMMODITY_MISMATCH": _w(
        _l("两边记的不是同一种东西"),
        _l("时间、物品和资金分开记账，不能互相转换。"),
        advice=_ASK,
    ),
    "HOLD_ALREADY_RESOLVED": _w(
        _l("这笔预留已经结束"),
        _l("它已经领走、取消或过期，不能再办第二次。"),
        advice=_RELOAD,
    ),
    "CAPTURE_ABOVE_HOLD": _w(
        _l("超过了预留的数量"),
        _l("最多只能办理预留的 %(held)s。"),
        _l("发出的数量不能多于预留的数量。"),
        advice=_l("请按预留数量办理，多出的部分请另外申领。"),
    ),
    "ALREADY_REVERSED": _w(_l("这笔账已经冲正过"), _l("一笔账只能冲正一次。"), advice=_RELOAD),
    # People.
    "DUPLICATE_IDENTITY": _w(
        _l("这个证件号码已经登记"),
        _l("为了保护隐私，这里不显示登记在谁的名下。"),
        advice=_l("请带上身份证原件到社区柜台核对。"),
    ),
    "BAD_ID_NUMBER": _w(
        _l("证件号码不对"),
        _l("这个号码的位数或最后一位校验码不符。"),
        advice=_l("请照身份证原件再输入一次，末位可能是字母 X。"),
    ),
    "SIGN_IN_NEEDED": _w(
        _l("请先登录"),
        _l("还没有登录，或者登录已经到期。"),
        advice=_l("登录以后再试一次，什么都没有改动。"),
    ),
    "SIGN_IN_FAILED": _w(
        _l("没有登录成功"),
        _l("用户名与密码，或者卡号与数字密码，没有对上。"),
        advice=_l("请再试一次。忘记了也不要紧，带上身份证到社区柜台可以重设。"),
    ),
    "TOO_MANY_TRIES": _w(
        _l("请稍等再试"),
        _l("试的次数有点多，为了保护账户，%(until_at)s 以后可以再试。"),
        _l("试的次数有点多，为了保护账户，要等一会儿才能再试。"),
        advice=_l("急用的话，请带身份证到社区柜台，工作人员当面为您办理。"),
    ),
    "CARD_UNKNOWN": _w(
        _l("没有认出这张卡"),
        _l("这不是本社区的服务卡，或者方码没有扫清楚。"),
        advice=_l("请再扫一次，或者输入卡面上的号码；仍然不行，请到柜台补办。"),
    ),
    "CARD_REVOKED": _w(
        _l("这张卡已经停用"),
        _l("可能已经挂失，或者换了新卡。账户里的一切都还在。"),
        advice=_l("请使用新卡，或者带上身份证到社区柜台补办。"),
    ),
    # Goods.
    "TOO_CLOSE_TO_EXPIRY": _w(
        _l("离到期太近，这次收不了"),
        _l("食品离到期至少还要有 %(days_min)s 天，这样领的人才来得及用。"),
        _l("离到期的天数不够，领的人会来不及用。"),
        advice=_l("谢谢您的心意！日期更新的食品随时欢迎送来。"),
    ),
    "OPENED_FOOD": _w(
        _l("开封的食品收不了"),
        _l("开封以后不能保证安全，所以不能转给别人。"),
        advice=_l("没有开封的食品随时欢迎送来，谢谢您的心意！"),
    ),
    "NOT_ACCEPTED": _w(
        _l("这类东西公益店不收"),
        _l("为了安全和卫生，药品、证件、贴身旧衣和危险品等不能在这里转交。"),
        advice=_l("公益店门口和“规则”一页写着可以收的东西；拿不准时请问店管员。"),
    ),
    "PRE_DEPOSIT_LAPSED": _w(
        _l("这次预存已经过期"),
        _l("约定的送达日期是%(last_on)s，现在已经过了。"),
        _l("约定的送达日期已经过了。"),
        advice=_l("东西还在的话，请重新登记一次，或者直接送到公益店柜台。"),
    ),
    "OUT_OF_STOCK": _w(
        _l("货架上不够了"),
        _l("现在还能领 %(available)s 件。"),
        _l("刚刚被领完了。"),
        advice=_l("可以少领一些，或者登记心愿，到货时我们会告诉您。"),
    ),
    # Hours.
    "TIME_OVERLAP": _w(
        _l("时间有重叠"),
        _l("从 %(other_started_at)s 开始已经有一次服务记录，同一段时间只能记一次。"),
        _l("这段时间已经有另一次服务记录，同一段时间只能记一次。"),
        advice=_l("请核对开始和结束的时间。"),
    ),
    "SELF_CONFIRM": _w(
        _l("需要另一个人来确认"),
        _l("自己和自己家人的服务时间，不能由自己确认。"),
        advice=_l("请接受服务的邻居，或者活动的组织者来确认。"),
    ),
    "NOT_VOLUNTEER_SERVICE": _w(
        _l("这次不能记为志愿服务"),
        _l("照顾自己和自己的家人很珍贵，但不记入时间存折。"),
        advice=_ASK,
    ),
    "LATE_RECORD": _w(
        _l("登记的日子已经过了"),
        _l("这次服务最晚可以在%(last_on)s登记。"),
        _l("这次服务已经过了可以登记的日子。"),
        advice=_l("请告诉社区工作人员，负责人核实后可以补登。"),
    ),
    "ALREADY_CHECKED_IN": _w(
        _l("您已经签到了"),
        _l("从 %(since_at)s 起已经在计时，不用再签一次。"),
        _l("已经在计时，不用再签一次。"),
        advice=_l("服务结束时请签退。"),
    ),
    "NOT_CHECKED_IN": _w(
        _l("还没有签到"),
        _l("没有找到正在进行的服务，所以不能签退。"),
        advice=_l("如果忘了签到，请把起止时间告诉组织者，可以补登。"),
    ),
    "NOT_A_VOLUNTEER": _w(
        _l("还没有登记为志愿者"),
        _l("服务时间要记在志愿者名下。"),
        advice=_l("带上身份证到社区柜台登记，几分钟就好，欢迎加入。"),
    ),
    # Policy.
    "SAME_PERSON": _w(_l("需要另一位同事"), _l("同一件事不能由同一个人既写又批。"), advice=_ASK),
    "RULE_OVERLAP": _w(
        _l("日期和另一版规则重叠"), _l("另一版规则在这些日子里已经生效。"), advice=_AGAIN
    ),
    "REHEARSAL_FAILED": _w(
        _l("试算没有通过"), _l("有一个例子算出来的结果和确认过的不一样。"), advice=_AGAIN
    ),
    # Aid.
    "NOT_ELIGIBLE": _w(
        _l("这次不能领取"),
        _l("按现在的规则和登记的情况，这些物品暂时不能领。"),
        advice=_l("如果家里的情况有变化，请带上有关证明到柜台；也可以请人再看一次。"),
    ),
    "PROOF_EXPIRED": _w(
        _l("证明已经到期"),
        _l("登记的证明有效期到%(ended_on)s。"),
        _l("登记的证明已经过了有效期。"),
        advice=_l("请带上新的证明原件到社区柜台，核对后当天就可以领。"),
    ),
    "HOUSEHOLD_CAP": _w(
        _l("这段时间的份额已经领完"),
        _l("每户在一段时间里有一定的份额，%(next_on)s起又可以领。"),
        _l("每户在一段时间里有一定的份额，现在已经领完。"),
        advice=_l("家里有特殊情况，可以请人再看一次。"),
    ),
    "NEEDS_INFORMATION": _w(
        _l("还差一些材料"),
        _l("请带上：%(missing)s。"),
        _l("还有一些情况没有登记，暂时不能决定。"),
        advice=_l("带原件到社区柜台，核对后马上可以继续，不用重新申请。"),
    ),
    "NEEDS_REVIEW": _w(
        _l("已经转给工作人员"),
        _l("这件事需要人来看一看，申请已经收到，不会丢。"),
        advice=_l("看过以后会通知您，也可以到柜台询问。"),
    ),
    "BOOKING_CLOSED": _w(
        _l("网上预约暂停一段时间"),
        _l("前几次预约的物品没有来取，%(until_on)s起又可以预约。"),
        _l("前几次预约的物品没有来取，所以预约暂停一段时间。"),
        advice=_l("这段时间请直接到公益店柜台领取，份额不受影响。"),
    ),
    "WRONG_PICKUP_CODE": _w(
        _l("取物码不对"),
        _l("这个取物码和预约的物品没有对上。"),
        advice=_l("请核对四位数字，或者刷服务卡领取。"),
    ),
    # Kiosks.
    "PAIRING_REFUSED": _w(
        _l("配对没有成功"),
        _l("配对码已经用过、过期，或者输入有误。"),
        advice=_l("请在“自助终端”一页重新生成配对码。"),
    ),
    "BAD_SIGNATURE": _w(
        _l("没有认出这台终端"),
        _l("传来的内容和终端的签名不符，已经原样保存，没有记账。"),
        advice=_l("请通知社区负责人检查这台终端。"),
    ),
    "DEVICE_REVOKED": _w(
        _l("这台终端已经停用"),
        _l("停用的终端传来的内容会保存下来，由工作人员逐条处理。"),
        advice=_COUNTER,
    ),
}

STATUSES: Mapping[int, Words] = {
    400: _w(_l("这次没有收到完整的内容"), _l("网页传来的内容不完整。"), advice=_AGAIN),
    403: WORDS["NOT_ALLOWED"],
    404: _w(
        _l("没有这一页"),
        _l("地址可能输错了一点，或者这一页已经搬走。"),
        advice=_l("请从首页重新开始。"),
    ),
    405: _w(_l("这一页不能这样打开"), _l("请从原来的页面按按钮进入。"), advice=_AGAIN),
    409: WORDS["WRONG_STATE"],
    413: _w(_l("内容太大了"), _l("一次传来的内容超过了上限。"), advice=_l("请分几次来。")),
    422: WORDS["BAD_INPUT"],
    429: WORDS["TOO_MANY_TRIES"],
    500: _w(
        _l("我们这边出了点问题"),
        _l("刚才这一步没有办成，账上没有任何变动，先前办好的事都还在。"),
        advice=_l("请稍后再试一次；如果急用，请到社区柜台，工作人员可以当面办理。"),
    ),
    503: _w(
        _l("现在有点忙"),
        _l("同时办理的人比较多，刚才这一步还没有开始。"),
        advice=_l("请等几秒钟，再按一次就好，不会重复记账。"),
    ),
}
_STALE_FORM = _w(
    _l("这一页放得有点久了"),
    _l("为了保护您的账户，放久的页面不能直接提交，所以什么也没有改动。"),
    advice=_l("请回到上一页，刷新后再填一次。"),
)


def told(refusal: TimebankError) -> Told:
    """Say a refusal to the reader, in his language."""
    return _say(WORDS.get(refusal.code, WORDS["REFUSED"]), dict(spoken_facts(refusal.facts)))


def sentence(refusal: TimebankError) -> str:
    """The same in one line: beside a field, in a list, in an answer of the API."""
    return told(refusal).sentence


def of_status(status: int) -> Told:
    """Say a failure that is no refusal of the rules."""
    usual = STATUSES[400] if status < 500 else STATUSES[500]
    return _say(STATUSES.get(status, usual), {})


def stale_form() -> Told:
    return _say(_STALE_FORM, {})


def _say(words: Words, facts: dict[str, str]) -> Told:
    for why in words.why:
        text = str(why)
        if set(_FACT.findall(text)) <= facts.keys():
            return Told(str(words.heading), text % facts if facts else text, str(words.advice))
    raise AssertionError(f"the last sentence under {words.heading} must need no fact")


def spoken_facts(facts: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """Put each fact as a person says it; a fact that is for machines only is left out."""
    for name, value in facts.items():
        spoken = _spoken(name, value)
        if spoken:
            yield name, spoken


_TABLES = {"kind": KINDS, "state": STATES, "why": WHY, "field": FIELDS}


def _spoken(name: str, value: object) -> str | None:
    if name in _TABLES:
        word = _TABLES[name].get(_plain(str(value)))
        return None if word is None else str(word)
    if name == "missing":
        return _papers(value)
    if name.endswith("_on") and value:
        return formats.plain_day(_day(value), language())
    if (name.endswith("_at") or name == "until") and value:
        return formats.moment(_instant(value), language())
    if isinstance(value, int) and not isinstance(value, bool):
        return _counted(name, value)
    return str(value) if isinstance(value, str) else None


def _counted(name: str, value: int) -> str:
    for ending in ("minutes", "pieces", "fen"):
        if name.endswith(f"_{ending}"):
            return formats.FILTERS[ending](value, language())
    return formats.number(value, language())


def _plain(field: str) -> str:
    """``lines.2.best_before`` is the field ``best_before`` of a line."""
    return field.rsplit(".", 1)[-1]


def _papers(value: object) -> str:
    names = [value] if isinstance(value, str) else list(value)  # type: ignore[call-overload]
    if all(isinstance(name, dict) for name in names):  # What a rule found missing.
        return papers_to_bring(names, language())
    known = list(dict.fromkeys(str(PAPERS.get(name, PAPERS["other"])) for name in names))
    return gettext("、").join(known)


def _day(value: object) -> date:
    return value if isinstance(value, date) else date.fromisoformat(str(value))


def _instant(value: object) -> datetime:
    return value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
