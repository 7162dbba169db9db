"""The forms of a donor."""

from typing import Any

from wtforms import FieldList, FormField, RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional, ValidationError

from timebank.errors import TimebankError
from timebank.goods.queries import Item, Store
from timebank.goods.refusals import ItemRetired
from timebank.goods.rules import PIECES_MAX, REFUSE_CODES
from timebank.policy.rules import Parameters
from web.formats import own_name
from web.forms import DayField, LineList, WholeNumberField, chosen_id
from web.goods.asking import AskedForm, why_refused
from web.goods.groups import item_choices
from web.reader import gettext as _
from web.reader import language
from web.reader import lazy_gettext as _l
from web.units import DeedForm, today

LINES_SHOWN = 1
LINES_MOST = 10

CONDITIONS = (
    SelectChoice("new", _l("全新")),
    SelectChoice("nine_tenths", _l("九成新")),
    SelectChoice("eight_tenths", _l("八成新")),
)
THANKS = (
    SelectChoice("receipt", _l("开收据，记荣誉值")),
    SelectChoice("points", _l("记积分，不开收据")),
)


class AnnouncedLineForm(AskedForm):
    """One line of an announcement; a line that has nothing in it is ignored."""

    item_id = SelectField(_l("物品"), validators=[Optional()])
    described = StringField(_l("不在名单上的物品"), [Optional(), Length(max=80)])
    pieces = WholeNumberField(
        _l("数量"),
        [Optional(), NumberRange(1, PIECES_MAX, _l("请填写 1 到 %(max)s 之间的数量。"))],
        default=1,
    )
    condition = SelectField(_l("新旧"), choices=CONDITIONS, default="new")
    best_before_on = DayField(_l("保质期到"), validators=[Optional()])

    @property
    def is_told(self) -> bool:
        """Tell whether anything at all was written or chosen in this line.

        The number that an untouched line begins with says nothing.
        """
        written = (
            self.item_id, self.described, self.pieces, self.best_before_on, self.refused_kind,
        )  # fmt: skip
        untouched = {self.pieces: ["1"]}
        is_written = any(
            text.strip()
            for field in written
            if field.raw_data != untouched.get(field)
            for text in field.raw_data or ()
        )
        return is_written or self.condition.data != self.condition.default

    def validate(self, extra_validators: Any = None) -> bool:
        """Also check that a line with anything in it says what it is, and how many."""
        is_whole = bool(super().validate(extra_validators))
        if not self.is_told:
            return is_whole
        what = (self.item_id.data, (self.described.data or "").strip())
        if not any(what) and not self.item_id.errors and not self.described.errors:
            self.item_id.errors = [_l("请选一样物品，或在下面写上是什么。")]
            is_whole = False
        if all(what):
            self.described.errors = [_l("上面已经选了一样，请只留一个。")]
            is_whole = False
        is_said = bool(self.pieces.raw_data and self.pieces.data)
        if not is_said and not self.pieces.errors:
            self.pieces.errors = [_l("请写上数量。")]
            is_whole = False
        return (bool(self.told_kind) or self.answered()) and is_whole


class AnnounceForm(DeedForm):
    """What a donor will bring, when, and which thanks they want."""

    lines = LineList(
        FormField(AnnouncedLineForm), _l("物品"), min_entries=LINES_SHOWN, max_entries=LINES_MOST
    )
    store_id = SelectField(_l("送到哪里"), coerce=chosen_id)
    bring_on = DayField(_l("打算哪天送来"), validators=[Optional()])
    thanks = RadioField(
        _l("怎样感谢您"),
        choices=THANKS,
        default="receipt",
        validators=[InputRequired()],
    )

    def offer(self, items: list[Item], stores: list[Store], parameters: Parameters) -> None:
        """Fill the lists of items and stores in the reader's language, and ask about each line."""
        self.store_id.choices = [
            SelectChoice(store.id, own_name(store, language())) for store in stores
        ]
        if self.store_id.data is None and stores:
            shops = [store for store in stores if store.kind == "store"]
            self.store_id.data = (shops or stores)[0].id
        choices = item_choices(item for item in items if not item.is_retired(today()))
        known = {str(item.id): item for item in items}
        for line in self.lines:
            line.form.item_id.choices = choices
            line.form.ask(known.get(line.form.item_id.data or ""), parameters)

    def validate_lines(self, field: FieldList) -> None:
        """Check that there is at least one line; show the message at the first line."""
        if not self.told_lines() and not field.errors:
            missing = str(_l("请至少选一样物品，或写上是什么。"))
            self.lines[0].form.item_id.errors = [missing]
            raise ValidationError(missing)

    def refuse(self, refusal: TimebankError) -> None:
        """Show the refusal of a line beside that line, with what to do instead."""
        super().refuse(refusal)
        number, lines = refusal.facts.get("line"), self.told_lines()
        if refusal.code == ItemRetired.code and number in range(len(lines)):
            lines[number].item_id.errors = [_("已经停收了，请改选一样。")]
        if refusal.code not in REFUSE_CODES or number not in range(len(lines)):
            return
        line, whys = lines[number], refusal.facts.get("why", ())
        field = line.best_before_on
        if whys:
            field = line.refused_kind if line.told_kind else line.lacking
        field.errors = [why_refused(whys) or _("到了那天已经过期，请改送日期新一些的。")]

    def told_lines(self) -> list[AnnouncedLineForm]:
        return [line.form for line in self.lines if line.form.is_told]
