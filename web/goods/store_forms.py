"""The forms of the keeper's pages: they check shape; ``goods.rules`` judges."""

from typing import Any

from wtforms import (
    BooleanField,
    FormField,
    HiddenField,
    RadioField,
    SelectField,
    StringField,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from timebank.goods.barcodes import LOT_MAX, Scanned
from timebank.goods.queries import Item, ToldLine
from timebank.goods.rules import LINES_MAX, PIECES_MAX, JudgedLine
from timebank.policy.rules import Parameters
from web.forms import SCAN, CodeField, DayField, LineList, WholeNumberField, WorkForm, named
from web.goods.asking import AskedForm
from web.goods.groups import item_choices
from web.reader import gettext as _
from web.reader import lazy_gettext as _l
from web.reading import read_id, read_number
from web.units import today

CONDITIONS = (
    ("new", _l("全新")),
    ("nine_tenths", _l("九成新")),
    ("eight_tenths", _l("八成新")),
    ("worse", _l("低于八成新")),
)
REFUSE_CODES = (
    ("", _l("请选择")),
    ("TOO_CLOSE_TO_EXPIRY", _l("离到期太近")),
    ("OPENED_FOOD", _l("包装已打开")),
    ("NOT_ACCEPTED", _l("这类物品不能收")),
    ("OTHER", _l("其他原因")),
)


NOTHING_MORE = Scanned("")  # A code of ours says which item it is, and nothing else.


class IntakeLineForm(AskedForm):
    """One line on the counter. An empty *accepted* means all pieces."""

    item_id = SelectField(_l("算作哪种物品"), validate_choice=False)
    described = HiddenField(_l("送来的人这样写"), [Length(max=80)])
    announced_line = HiddenField(_l("登记的第几样"))
    maker_lot = HiddenField(_l("批号"), [Length(max=LOT_MAX)])
    brought = WholeNumberField(
        _l("带来"), [InputRequired(_l("请写上数量。")), NumberRange(1, PIECES_MAX)]
    )
    condition = SelectField(_l("新旧"), choices=named(*CONDITIONS), default="new")
    best_before_on = DayField(_l("保质期至"), [Optional()])
    opened = BooleanField(_l("包装已打开"))
    accepted = WholeNumberField(_l("收下几件"), [Optional(), NumberRange(0, PIECES_MAX)])
    refuse_code = SelectField(_l("其余为什么不收"), choices=named(*REFUSE_CODES), default="")
    refuse_note = StringField(_l("说明"), [Length(max=200)], render_kw={"autocomplete": "off"})

    @property
    def chosen(self) -> int | None:
        return read_id(self.item_id.data)

    @property
    def is_partly_refused(self) -> bool:
        marks = (
            self.opened.data,
            self.refuse_code.data,
            self.refuse_note.data,
            self.refused_kind.data,
        )
        return any(marks) or self.accepted.data is not None or bool(self.accepted.errors)

    def is_more_of(self, item_id: int, scanned: Scanned) -> bool:
        """Tell whether what was scanned is one more piece of this line."""
        day = scanned.best_before_on
        is_same_lot = (self.maker_lot.data or "") == scanned.maker_lot
        is_same_day = day is None or day == self.best_before_on.data
        is_same = self.chosen == item_id and not self.is_partly_refused
        return is_same and is_same_lot and is_same_day

    def judged(self) -> JudgedLine:
        """The line in the form that the rules judge."""
        brought = self.brought.data or 0
        return JudgedLine(
            item_id=self.chosen,
            brought=brought,
            accepted=brought if self.accepted.data is None else self.accepted.data,
            condition=self.condition.data,
            best_before_on=self.best_before_on.data,
            described=self.described.data or "",
            opened=bool(self.opened.data),
            refuse_code=self.refuse_code.data or None,
            refuse_note=self.refuse_note.data or "",
            announced_line=read_number(self.announced_line.data),
            lacking=self.told_lacking,
            refused_kind=self.told_kind,
            maker_lot=self.maker_lot.data or "",
        )

    @property
    def is_looked_at(self) -> bool:
        """Tell whether all is answered; nothing is asked of what goes back anyway."""
        marks = (self.accepted.data == 0, self.opened.data, self.told_kind)
        return any(marks) or self.answered()


class IntakeForm(WorkForm):
    """A whole deposit: the list is part of the form, so that no fault loses it."""

    scan = CodeField(_l("扫一下，或者输入号码"), render_kw=SCAN)
    add_item = SelectField(_l("或者从名单里选"), validate_choice=False)
    unlisted = StringField(
        _l("名单里没有？写上是什么"), [Length(max=80)], render_kw={"autocomplete": "off"}
    )
    deposit_id = HiddenField()
    unknown = HiddenField()  # The barcode that was scanned and that nobody has taught yet.
    donor_organisation_id = SelectField(_l("单位捐赠"), validate_choice=False)
    thanks = RadioField(
        _l("怎样感谢"),
        choices=named(("receipt", _l("开收据，记荣誉值")), ("points", _l("记积分，不开收据"))),
        default="receipt",
    )
    lines = LineList(FormField(IntakeLineForm), _l("这次送来的"), max_entries=LINES_MAX)

    def offer(self, items: list[Item], firms: list[Any], parameters: Parameters) -> None:
        """Fill the lists in the reader's language, and ask what each kind requires."""
        listed = item_choices(item for item in items if not item.is_retired(today()))
        known = {item.id: item for item in items}
        self.add_item.choices = listed
        for line in self.lines:
            line.form.item_id.choices = listed
            line.form.ask(known.get(line.form.chosen), parameters)
        organisations = [(str(firm.id), firm.name) for firm in firms]
        self.donor_organisation_id.choices = named(("", _l("不是单位")), *organisations)

    def add(self, item_id: int, scanned: Scanned = NOTHING_MORE) -> bool:
        """Add one piece to the list; a second scan of the same item increases its number.

        What the maker's code says of the lot and the last day is filled in.
        """
        last = self.lines[-1].form if len(self.lines) else None
        if last is not None and last.is_more_of(item_id, scanned):
            last.brought.data = min((last.brought.data or 0) + 1, PIECES_MAX)
            last.brought.raw_data = [str(last.brought.data)]  # What the page shows.
            return True
        if len(self.lines) >= LINES_MAX:
            return False
        self.lines.append_entry(
            {
                "item_id": str(item_id), "brought": 1, "condition": "new",
                "best_before_on": scanned.best_before_on, "maker_lot": scanned.maker_lot,
            }
        )  # fmt: skip
        return True

    def add_unlisted(self, described: str) -> bool:
        """Add something that the catalogue does not know, as it was described."""
        if len(self.lines) >= LINES_MAX:
            return False
        self.lines.append_entry({"described": described, "brought": 1, "condition": "new"})
        return True

    def take_over(self, lines: tuple[ToldLine, ...]) -> None:
        """Begin with the announced lines."""
        for line in lines[:LINES_MAX]:
            self.lines.append_entry(
                {
                    "item_id": str(line.item_id or ""),
                    "described": line.described,
                    "announced_line": str(line.line),
                    "brought": line.pieces,
                    "condition": line.condition,
                    "best_before_on": line.best_before_on,
                }
            )

    def drop(self, name: str) -> None:
        """Remove a line from the list, by the name of its part of the form."""
        self.lines.entries = [entry for entry in self.lines.entries if entry.name != name]

    def is_looked_at(self) -> bool:
        """Tell whether every line answers what its kind requires; mark those that do not."""
        answers = [line.form.is_looked_at for line in self.lines]
        for number, is_whole in enumerate(answers, start=1):
            if not is_whole:
                self.form_errors.append(
                    _("第 %(number)s 样：请先看一看，再选一个。", number=number)
                )
        return all(answers)

    def has_unlisted(self) -> bool:
        """Tell, beside the field, whether a code or an item was not put on the list yet."""
        for button in (self.scan, self.add_item, self.unlisted):
            if (button.data or "").strip():
                button.errors = [_l("这一样还没有加进清单。请先按“加上”，或者清空。")]
        return bool(self.scan.errors or self.add_item.errors or self.unlisted.errors)

    def field_of(self, name: str) -> Any:
        """Find the field of a refusal: ``lines.2.best_before_on`` belongs to the third line."""
        parts = name.split(".")
        number = read_number(parts[1], len(self.lines) - 1) if len(parts) == 3 else None
        if number is None:
            return super().field_of(name)
        line = self.lines[number].form
        unseen = ("pieces", "described", "announced_line")
        asked = "brought" if parts[2] in unseen else parts[2]
        return line._fields.get(asked)
