"""The text of a statement line, in the reader's language."""

from datetime import date
from typing import Any, NamedTuple

from flask import url_for

from timebank.aid.queries import TakenLine
from timebank.goods.queries import Gift
from timebank.goods.rules import AS_POINTS, POINTS_PER_YUAN
from timebank.hours.queries import PassbookLine
from web import formats
from web.hours.statement import Month
from web.reader import gettext as _
from web.reader import language


class RenderedLine(NamedTuple):
    """A line as the component ``ledger`` renders it."""

    on: date
    title: str
    detail: str
    amount: str
    balance: str
    ink: str
    href: str = ""
    word: str = ""


def lines_of(month: Month) -> list[RenderedLine]:
    """Convert the entries of a month, of any kind."""
    return [_LINES[entry.kind](entry.on, entry.told) for entry in month.entries]


def _hours(on: date, line: PassbookLine) -> RenderedLine:
    lang = language()
    return RenderedLine(
        on=on,
        title=_hours_title(line, lang),
        detail=_hours_detail(line, lang),
        amount=formats.signed_minutes(line.change, lang),
        balance=formats.clock_minutes(line.after, lang),
        ink="hours" if line.change > 0 else "plain",
    )


def _hours_title(line: PassbookLine, lang: str) -> str:
    if line.record is not None:
        name = formats.own_name(line.record, lang, "service")
        return f"{name} · {line.record.place}" if line.record.place else name
    if line.kind == "open_balance":
        return _("从旧账转来")
    return _("时间往来")


def _hours_detail(line: PassbookLine, lang: str) -> str:
    if line.record is None:
        return ""
    day = formats.short_day(line.record.started_on, lang)
    if line.change < 0:
        return _("更正 %(day)s 的记录", day=day)
    real = formats.minutes(line.record.real_minutes or 0, lang)
    credited = formats.minutes(line.change, lang)
    return _("%(day)s · 实际 %(real)s，记入 %(credited)s", day=day, real=real, credited=credited)


def _goods_name(line: Any, lang: str) -> str:
    name = formats.own_name(line, lang)
    if line.kinds == 1:
        return name
    return _("%(name)s等 %(kinds)s 种", name=name, kinds=line.kinds)


def _gift(on: date, gift: Gift) -> RenderedLine:
    lang = language()
    return RenderedLine(
        on=on,
        title=_("捐赠 %(goods)s", goods=_goods_name(gift, lang)),
        detail=_thanked(gift),
        amount=formats.pieces(gift.accepted, lang, gift),
        balance="",
        ink="goods",
        href=url_for("me.deposit_one", deposit_id=gift.deposit_id),
        word=_("查看去向"),
    )


def _thanked(gift: Gift) -> str:
    """The receipt of a donation, or its points with the rate by which they were counted."""
    if gift.thanks != AS_POINTS:
        return _("收据 %(no)s", no=gift.receipt_no)
    return _(
        "记 %(points)s 积分（参考价值每 1 元记 %(rate)s 分）",
        points=gift.points, rate=POINTS_PER_YUAN,
    )  # fmt: skip


def _taken(on: date, taken: TakenLine) -> RenderedLine:
    lang = language()
    return RenderedLine(
        on=on,
        title=_("领取 %(goods)s", goods=_goods_name(taken, lang)),
        detail=_("单号 %(no)s", no=taken.claim_no),
        amount=formats.pieces(taken.pieces, lang, taken),
        balance="",
        ink="goods",
        href=url_for("me.take_claim", claim_id=taken.claim_id),
        word=_("看清单"),
    )


_LINES = {"hours": _hours, "gift": _gift, "taken": _taken}
