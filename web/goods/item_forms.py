"""The forms of the catalogue: a new item, a change from a day on, an end."""

from datetime import date
from typing import Any

from wtforms import (
    BooleanField,
    Form,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional, ValidationError
from wtforms.widgets import CheckboxInput

from timebank.goods.entries import NOTE_MAX, REFERENCE_FEN_MAX, SHELF_LIFE_DAYS_MAX, ItemFields
from timebank.goods.queries import Item
from timebank.goods.rules import needs_cleaning
from web.forms import DayField, WholeNumberField, WorkForm, named
from web.goods.item_words import ITEM_KINDS, STORAGE
from web.goods.words import REQUIRED
from web.reader import lazy_gettext as _l
from web.reading import read_fen

OFF: dict[str, Any] = {"autocomplete": "off"}
_NEEDED = _l("请填写。")


class YuanField(StringField):
    """An amount in yuan with at most two decimals. **Units**: ``fen`` is what was read."""

    fen: int | None = None

    def pre_validate(self, form: Form) -> None:
        """Refuse what is no amount."""
        self.fen = read_fen(self.data)
        if self.data and (self.fen is None or self.fen > REFERENCE_FEN_MAX):
            raise ValidationError(_l("请写成 8 或 8.50 这样，最多 10000 元。"))


class ItemChangeForm(WorkForm):
    """What may change about an item, and from which day on."""

    name_zh = StringField(_l("中文名称"), [InputRequired(_NEEDED), Length(max=60)], render_kw=OFF)
    name_en = StringField(_l("英文名称"), [Length(max=80)], render_kw=OFF)
    price = YuanField(
        _l("参考价（元）"), [InputRequired(_NEEDED)], render_kw={**OFF, "inputmode": "decimal"}
    )
    shelf_life_days = WholeNumberField(
        _l("一般能放多少天"), [Optional(), NumberRange(1, SHELF_LIFE_DAYS_MAX)]
    )
    storage = SelectField(_l("怎样存放"), choices=named(*STORAGE.items()))
    needs_cleaning = BooleanField(_l("上架以前要清洗消毒"))
    asks = SelectMultipleField(
        _l("收的时候还要看"), choices=named(*REQUIRED.items()), option_widget=CheckboxInput()
    )
    since_on = DayField(_l("从哪天起"), [InputRequired(_l("请写上日期。"))])
    note = StringField(_l("说明"), [Length(max=NOTE_MAX)], render_kw=OFF)

    def fill(self, item: Item, today: date) -> None:
        """Begin with what the catalogue says today."""
        self.name_zh.data, self.name_en.data = item.name_zh, item.name_en
        self.price.data = f"{item.reference_fen // 100}.{item.reference_fen % 100:02d}"
        self.shelf_life_days.data, self.storage.data = item.shelf_life_days, item.storage
        self.needs_cleaning.data, self.asks.data = item.needs_cleaning, list(item.asked)
        self.since_on.data = today

    def fields(self, *, is_food: bool) -> ItemFields:
        """What was typed; food alone has a shelf life."""
        return ItemFields(**self._fields_typed(is_food=is_food))

    def _fields_typed(self, *, is_food: bool) -> dict[str, Any]:
        return {
            "name_zh": self.name_zh.data,
            "name_en": self.name_en.data or self.name_zh.data,
            "reference_fen": self.price.fen,
            "shelf_life_days": self.shelf_life_days.data if is_food else None,
            "needs_cleaning": self.needs_cleaning.data,
            "storage": self.storage.data,
            "asks": tuple(self.asks.data or ()),
        }

    def field_of(self, name: str) -> Any:
        """The price is typed in yuan, and a kind under its own name."""
        return super().field_of({"reference_fen": "price"}.get(name, name))


class ItemForm(ItemChangeForm):
    """A new item: also what a piece of it is."""

    since_on = None
    unit_zh = StringField(_l("量词"), [InputRequired(_NEEDED), Length(max=10)], render_kw=OFF)
    unit_en = StringField(_l("英文量词"), [Length(max=20)], render_kw=OFF)
    item_kind = SelectField(_l("种类"), choices=named(*ITEM_KINDS.items()))
    is_loan = BooleanField(_l("只借不送，大家轮流用"))

    @property
    def is_food(self) -> bool:
        return bool(self.item_kind.data == "food")

    def proposed(self) -> ItemFields:
        """The whole entry; what is not written in English is written as in Chinese."""
        typed = self._fields_typed(is_food=self.is_food)
        cleaned = self.needs_cleaning.data or needs_cleaning(self.item_kind.data)
        return ItemFields(
            **typed | {"needs_cleaning": cleaned},
            unit_zh=self.unit_zh.data,
            unit_en=self.unit_en.data or self.unit_zh.data,
            item_kind=self.item_kind.data,
            is_loan=self.is_loan.data,
        )


class ItemEndForm(WorkForm):
    """From which day on an item is no longer taken in, or again, and why."""

    since_on = DayField(_l("从哪天起"), [InputRequired(_l("请写上日期。"))])
    note = TextAreaField(_l("原因"), [InputRequired(_l("请写上原因。")), Length(max=NOTE_MAX)])
