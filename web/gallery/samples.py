"""Invented values for the gallery: no real people, nothing from the books."""

from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any

from wtforms import (
    BooleanField,
    DateField,
    IntegerField,
    RadioField,
    SelectChoice,
    SelectField,
    StringField,
    TextAreaField,
)

from web.formats import FILTERS, in_readers_language
from web.reader import lazy_gettext as _l
from web.tables import Column, Table, table_of
from web.units import DeedForm

BAG = SimpleNamespace(unit_zh="袋", unit_en="bag")
BOTTLE = SimpleNamespace(unit_zh="桶", unit_en="bottle")
PIECE = SimpleNamespace(unit_zh="件", unit_en="piece")
PACK = SimpleNamespace(unit_zh="包", unit_en="pack")


def _options(**words: Any) -> list[SelectChoice]:
    return [SelectChoice(value, word) for value, word in words.items()]


class SampleForm(DeedForm):
    """One field of each kind."""

    name = StringField(_l("东西叫什么"))
    best_before_on = DateField(_l("保质期至"))
    pieces = IntegerField(_l("有几件"), default=3)
    condition = RadioField(
        _l("新旧程度"), choices=_options(new=_l("全新"), good=_l("九成新"), used=_l("用过"))
    )
    store = SelectField(
        _l("送到哪里"), choices=_options(shop=_l("示范社区公益店"), point=_l("南门捐赠点"))
    )
    note = TextAreaField(_l("想说的话"))
    thanks = BooleanField(_l("请给我一张收据"))


def sample_form(*, wrong: bool = False) -> SampleForm:
    """A form as first rendered, or as it comes back."""
    form = SampleForm(formdata=None, meta={"csrf": True})
    if wrong:
        form.name.errors = (_l("请写上东西的名字，例如“儿童自行车”"),)
        form.best_before_on.errors = (_l("请写日期，例如 2026-11-22"),)
    return form


def thing(**parts: Any) -> SimpleNamespace:
    return SimpleNamespace(**parts)


def ledger() -> list[SimpleNamespace]:
    """A statement in two colours."""
    usual = {"href": "", "word": "", "balance": ""}
    return [
        thing(**usual | {
            "on": date(2025, 6, 10), "title": _l("陪伴 · 3 栋"), "detail": _l("已由对方确认"),
            "amount": "+2:30", "balance": "14:30", "ink": "hours"}),
        thing(**usual | {
            "on": date(2025, 6, 8), "title": _l("预约陪同就医"),
            "detail": _l("实际 1 小时 30 分"), "amount": "\N{MINUS SIGN}1:30",
            "balance": "12:00", "ink": "plain"}),
        thing(**usual | {
            "on": date(2025, 6, 5), "title": _l("捐赠 儿童自行车"),
            "detail": _l("收据 S1-2025-000412"), "amount": _l("1 辆"), "ink": "goods",
            "href": "#", "word": _l("查看去向")}),
    ]  # fmt: skip


def months(scale: int = 1) -> list[tuple[date, int]]:
    """Twelve months of an invented year."""
    heights = [20, 26, 24, 34, 30, 38, 32, 42, 36, 44, 40, 50]
    return [
        (date(2024 + (m + 6) // 12, (m + 6) % 12 + 1, 1), h * scale) for m, h in enumerate(heights)
    ]


def told_months(scale: int, form: str) -> list[tuple[date, int, str]]:
    """The same with each number formatted."""
    say = in_readers_language(FILTERS[form])
    return [(on, count, say(count)) for on, count in months(scale)]


def shelf() -> Table:
    """A shelf in a table that sorts."""
    full = {"held": 0, "resting": 0, "near": 0, "until": None}
    rows = [
        thing(**full | {"name": _l("大米 5kg"), "unit": BAG, "free": 12, "held": 3, "near": 1,
                        "until": date(2025, 7, 15)}),
        thing(**full | {"name": _l("食用油 1.8L"), "unit": BOTTLE, "free": 6, "held": 2,
                        "until": date(2026, 5, 2)}),
        thing(**full | {"name": _l("冬衣"), "unit": PIECE, "free": 5, "resting": 1}),
        thing(**full | {"name": _l("成人纸尿裤"), "unit": PACK, "free": 0}),
    ]  # fmt: skip
    columns = (
        Column(key="name", label=_l("物品"), kind="title", sort=lambda row: str(row.name)),
        Column(key="meter", label=_l("可领 · 已预约 · 整理中"), kind="meter"),
        Column(key="free", label=_l("可领"), kind="number", sort=lambda row: row.free, ink="goods"),
        Column(
            key="until", label=_l("最早到期"), kind="text", sort=lambda row: row.until or date.max
        ),
        Column(key="act", label=_l("接下来"), kind="action"),
    )
    return table_of(rows, columns)


def running() -> list[SimpleNamespace]:
    return [
        thing(title=_l("大米 5kg"), detail=_l("保质期至 2026年2月28日"), figure=_l("3 袋"),
              state="ok", note=_l("可以收下"), remove="1"),
        thing(title=_l("牛奶 250ml×12"), detail=_l("保质期至 2025年6月14日"), figure=_l("1 箱"),
              state="problem", note=_l("离到期不到 10 天，这次收不了"), remove="2"),
    ]  # fmt: skip


def decision() -> SimpleNamespace:
    """A decision as in the sketch of the staff's desk."""

    def leaf(state: str, text: Any, note: Any) -> SimpleNamespace:
        return thing(state=state, text=text, note=note, children=[])

    return thing(
        state="no", text=_l("以下全部满足"), note=_l("demo 2025-01 版"),
        children=[
            leaf("yes", _l("持有效证件之一：低保证"), _l("至 2025年12月31日 · 原件已核")),
            leaf("yes", _l("居住在本社区"), _l("11 栋 · 网格 2")),
            leaf("no", _l("12 个月内不超过 20 件（本次 3 件）"), "18 + 3 = 21"),
            leaf("unknown", _l("其他社区已领件数"), _l("未查询 · 不影响本次")),
        ],
    )  # fmt: skip


def timeline() -> list[SimpleNamespace]:
    at = datetime(2025, 6, 12, 1, 41, tzinfo=UTC)
    return [
        thing(at=at, text=_l("柜台登记，核对卡片"), who=_l("店管员 赵**")),
        thing(at=at, text=_l("规则计算，预留 2 袋至 6月15日 09:41"), who=""),
    ]


def queue() -> list[SimpleNamespace]:
    """A worklist, oldest deadline first."""
    lines = [
        (_l("异议 · 公示 2025-017"), _l("重新调查后再公示"), _l("已超 1 天"), _l("网格 4")),
        (
            _l("申领 大米 3 袋 · 陈**"),
            _l("低保 · 家庭 3 人 · 柜台代办"),
            _l("今天"),
            _l("10 分钟前"),
        ),
        (_l("确认时长 2 小时 30 分 · 林**"), _l("陪伴 · 自助终端签到签退"), _l("今天"), _l("昨天")),
        (_l("终端复核 · 领取 1 件"), _l("断网期间已交付，超出额度 1 件"), _l("明天"), "K-02"),
    ]
    return [
        thing(title=title, detail=detail, due=due, since=since, href="#",
              is_late=number == 0, is_here=number == 1)
        for number, (title, detail, due, since) in enumerate(lines)
    ]  # fmt: skip
