"""Texts of the catalogue: kinds, storage, and what a proposal says."""

from collections.abc import Mapping
from typing import Any

from timebank.goods.entries import ADD, CHANGE, RESUME, RETIRE, asks_of
from timebank.goods.queries import Item, ItemChange
from web import formats
from web.goods.asking import named
from web.goods.words import REQUIRED
from web.reader import gettext as _
from web.reader import language
from web.reader import lazy_gettext as _l
from web.wording import Names

ITEM_KINDS: Names = {
    "food": _l("食品"),
    "household": _l("日用品"),
    "clothes": _l("衣物"),
    "bedding": _l("被褥"),
    "toys": _l("玩具"),
    "books": _l("图书文具"),
    "electrical": _l("电器"),
    "mobility": _l("助行器具"),
    "other": _l("其他物品"),
}
STORAGE: Names = {
    "dry": _l("常温、干燥"),
    "cool": _l("阴凉处"),
    "fridge": _l("冷藏"),
    "freezer": _l("冷冻"),
}
CHANGES: Names = {
    ADD: _l("新物品"),
    CHANGE: _l("改物品"),
    RETIRE: _l("停收"),
    RESUME: _l("恢复收"),
}
LABELS: Names = {
    "name_zh": _l("中文名称"),
    "name_en": _l("英文名称"),
    "unit_zh": _l("量词"),
    "unit_en": _l("英文量词"),
    "item_kind": _l("种类"),
    "reference_fen": _l("参考价"),
    "shelf_life_days": _l("一般能放"),
    "needs_cleaning": _l("先清洗消毒"),
    "is_loan": _l("只借不送"),
    "storage": _l("存放"),
    "asks": _l("收的时候还要看"),
}


def shown(name: str, value: Any) -> str:
    """A value of the catalogue in the reader's words."""
    if name == "reference_fen":
        return formats.fen(value, language())
    if name == "shelf_life_days":
        return _("%(count)s 天", count=value)
    if name in ("needs_cleaning", "is_loan"):
        return _("是") if value else _("否")
    words = {"item_kind": ITEM_KINDS, "storage": STORAGE}.get(name)
    if words is not None:
        return str(words.get(value, value))
    if name == "asks":
        return _("、").join(named(REQUIRED, code) for code in asks_of(value)) or _("没有")
    return str(value)


def told_rows(change: ItemChange, item: Item | None) -> list[tuple[str, str]]:
    """What a proposal says, one row each: what stands there today, and what shall stand there."""
    before: Mapping[str, Any] = change.before
    rows = []
    for name, label in LABELS.items():
        value = getattr(change, name)
        if value is None:
            continue
        old = before.get(name, getattr(item, name, None))
        was = shown(name, old) if old is not None and change.kind != ADD else ""
        now = shown(name, value)
        rows.append((str(label), _("%(was)s → %(now)s", was=was, now=now) if was else now))
    return rows


def said(change: ItemChange, item: Item | None) -> str:
    """What a proposal says, in one line."""
    return _("；").join(f"{label} {value}" for label, value in told_rows(change, item))


def sentence_of(change: ItemChange, item: Item | None) -> str:
    """A proposal in one line, for the history of an item."""
    parts = (str(CHANGES[change.kind]), said(change, item), change.note)
    return _("：").join(part for part in parts if part)
