"""What staff read at the desk: kinds, titles, by when, since when, and a decision's tree."""

from collections.abc import Mapping
from datetime import date, datetime
from types import SimpleNamespace
from typing import Any

from timebank.desk.queries import Waiting
from timebank.policy.rules import Trace, node_words
from timebank.values import local_day
from web import formats, words
from web.reader import LazyString, gettext, language
from web.reader import gettext as _
from web.reader import lazy_gettext as _l

KINDS: Mapping[str, LazyString] = {
    "record": _l("服务时长"),
    "shift": _l("忘了签退"),
    "review": _l("申领复核"),
    "pickup": _l("等人来取"),
    "intake": _l("终端送来"),
    "clearing": _l("终端久未验收"),
    "cleaning": _l("消毒签字"),
    "kiosk": _l("终端复核"),
    "shortfall": _l("差额"),
}
# Why a kiosk's deed waits, beside the codes of refusals that ``words.py`` knows.
KIOSK_REASONS: Mapping[str, LazyString] = {
    "CHAIN_BROKEN": _l("和前一笔接不上"),
    "CLOCK_WRONG": _l("终端的时钟不准"),
    "DEVICE_FROZEN": _l("这台终端已被冻结"),
    "FAULT": _l("系统没能处理"),
    "FORKED": _l("同一个编号传来了两份内容"),
    "MISPLACED": _l("编号不在它该在的位置"),
}
KIOSK_DEEDS: Mapping[str, LazyString] = {
    "deposit.recorded": _l("存入物品"),
    "pickup.completed": _l("领取物品"),
    "shift.started": _l("签到"),
    "shift.ended": _l("签退"),
    "balance.viewed": _l("看存折"),
    "card.unknown": _l("刷了不认识的卡"),
    "device.started": _l("终端启动"),
}
# Whose account fell short, by its kind; others are the community's own.
ACCOUNTS: Mapping[str, LazyString] = {
    "person": _l("时间存折"),
    "household": _l("家庭的额度"),
    "lot": _l("货架上的一批"),
    "pool": _l("社区公共池"),
}
CHANNELS: Mapping[str, LazyString] = {
    "web": _l("网上"),
    "counter": _l("柜台"),
    "kiosk": _l("自助终端"),
    "phone": _l("电话"),
    "job": _l("系统"),
    "entered": _l("事后登记"),
}


def title(one: Waiting) -> str:
    """What the row is about, and how much of it."""
    lang = language()
    if one.kind == "record":
        return _("确认 %(minutes)s", minutes=formats.minutes(one.count, lang))
    if one.kind == "review":
        return _("申领 %(pieces)s", pieces=formats.pieces(one.count, lang))
    if one.kind == "pickup":
        return _("取 %(pieces)s", pieces=formats.pieces(one.count, lang))
    if one.kind in ("intake", "clearing"):
        return _("验收 %(pieces)s", pieces=formats.pieces(one.count, lang))
    if one.kind == "cleaning":
        return _("消毒签字 %(what)s", what=what(one))
    return str(KINDS[one.kind])


def detail(one: Waiting) -> str:
    """The second line of a row: the service, the number, or why."""
    if one.kind == "kiosk":
        return kiosk_reason(one.number or "")
    if one.kind == "cleaning":
        return formats.pieces(one.count, language())
    if one.kind == "shortfall":
        return _("已经办了，账还没平")
    return what(one) or one.number or ""


def who(one: Waiting) -> str:
    """Whose case it is, masked; nobody where a gift came without a name."""
    if one.masked_name is not None:
        return one.masked_name
    return _("没有留名") if one.kind in ("intake", "clearing") else ""


def what(one: Waiting) -> str:
    """The service or item, in the reader's language."""
    return (one.what_zh if language() == "zh" else one.what_en) or ""


def row(one: Waiting, *, href: str, is_here: bool, now: datetime) -> SimpleNamespace:
    """One line of the queue, ready to be drawn."""
    due, is_late = due_word(one.until_on, local_day(now))
    return SimpleNamespace(
        href=href, is_here=is_here, is_late=is_late, due=due,
        title=" · ".join(part for part in (title(one), who(one)) if part),
        detail=detail(one), since=since_word(one.since_at, now),
    )  # fmt: skip


def due_word(until_on: date, today: date) -> tuple[str, bool]:
    """Say by when, and whether that is over."""
    left = (until_on - today).days
    if left < 0:
        return (_("已超 1 天") if left == -1 else _("已超 %(count)s 天", count=-left)), True
    if left < 2:
        return (_("明天") if left else _("今天")), False
    return formats.short_day(until_on, language()), False


def since_word(at: datetime, now: datetime) -> str:
    """Say how long ago, as people do."""
    minutes = max(int((now - at).total_seconds()) // 60, 0)
    days = (local_day(now) - local_day(at)).days
    if minutes < 60:
        return _("%(count)s 分钟前", count=minutes) if minutes else _("刚才")
    if days == 0:
        return _("%(count)s 小时前", count=minutes // 60)
    return _("昨天") if days == 1 else formats.short_day(local_day(at), language())


def kiosk_reason(code: str) -> str:
    """Why a kiosk's deed was not posted, in a few words."""
    known = KIOSK_REASONS.get(code)
    if known is not None:
        return str(known)
    return str(words.WORDS.get(code, words.WORDS["REFUSED"]).heading)


def tree_of(trace: Trace) -> SimpleNamespace:
    """A decision's trace as the tree that staff read, in green, red and grey."""
    text, told = node_words(trace, language())
    told = {name: _spoken(name, value) for name, value in told.items()}
    return SimpleNamespace(
        state=trace.outcome,
        text=gettext(text, **told) if told else gettext(text),
        note=_note(trace, told),
        children=[tree_of(part) for part in trace.of],
    )


def _spoken(name: str, value: Any) -> Any:
    is_day = name.endswith("_on") and isinstance(value, str) and value
    return formats.plain_day(date.fromisoformat(value), language()) if is_day else value


def _note(trace: Trace, told: Mapping[str, Any]) -> str:
    if trace.op == "has_document" and trace.outcome == "yes":
        until = told.get("until_on")
        return (
            _("%(kind)s · 至 %(until)s", kind=told["kind"], until=until) if until else told["kind"]
        )
    if trace.op == "fewer_than" and trace.remaining is not None:
        return _("还可领 %(count)s 件", count=trace.remaining)
    return ""
