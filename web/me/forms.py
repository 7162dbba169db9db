"""The forms of a person's own pages: they check shape, never rules."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import (
    DateField,
    FieldList,
    Form,
    FormField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from timebank.goods.queries import Item
from web.formats import own_name
from web.reader import language
from web.units import DeedForm

LINES_SHOWN = 3
LINES_MOST = 10

CONDITIONS = (
    ("new", _l("全新")),
    ("nine_tenths", _l("九成新")),
    ("eight_tenths", _l("八成新")),
)


class LineForm(Form):
    """One kind of thing somebody brings; a line left empty is left out."""

    item_id = SelectField(_l("物品"), validators=[Optional()])
    described = StringField(_l("不在名单上的物品"), validators=[Optional(), Length(max=80)])
    pieces = IntegerField(_l("数量"), validators=[Optional(), NumberRange(1, 999)])
    condition = SelectField(_l("新旧"), choices=CONDITIONS, default="new")
    best_before_on = DateField(_l("保质期到"), validators=[Optional()])

    @property
    def is_told(self) -> bool:
        return bool(self.item_id.data or self.described.data)


class AnnounceForm(DeedForm):
    """What a donor will bring, when, and how he wants to be thanked."""

    missing_pieces = _l("请写上数量。")
    missing_item = _l("请至少选一样物品，或写上是什么。")

    lines = FieldList(FormField(LineForm), min_entries=LINES_SHOWN, max_entries=LINES_MOST)
    bring_on = DateField(_l("打算哪天送来"), validators=[Optional()])
    thanks = RadioField(
        _l("怎样感谢您"),
        choices=(
            ("receipt", _l("开收据，记荣誉值")),
            ("points", _l("记积分，不开收据")),
        ),
        default="receipt",
        validators=[InputRequired()],
    )

    def offer(self, items: list[Item]) -> None:
        """Fill the lists of items in the reader's language."""
        choices: list[tuple[Any, str]] = [("", str(_l("请选择")))]
        choices += [(str(item.id), own_name(item, language())) for item in items]
        for line in self.lines:
            line.form.item_id.choices = choices

    def told_lines(self) -> list[LineForm]:
        return [line.form for line in self.lines if line.form.is_told]


class PlainDeedForm(DeedForm):
    """A form of one button."""
