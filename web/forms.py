"""Forms and fields that several subjects use. A form checks shape, never rules."""

from typing import Any

from wtforms import (
    DateField,
    Field,
    FieldList,
    Form,
    HiddenField,
    IntegerField,
    PasswordField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length, ValidationError

from timebank.errors import BadInput, TimebankError
from timebank.typed import plain
from web.reader import lazy_gettext as _l
from web.reading import is_plausible, parse_day, read_clock, read_id, read_number
from web.units import DeedForm
from web.words import why_word

SCAN: dict[str, Any] = {
    "autocomplete": "off", "spellcheck": "false", "maxlength": 60, "data-scan": True,
}  # fmt: skip


class WorkForm(DeedForm):
    """A form of a deed. A refusal of one of its fields is shown beside that field."""

    def refuse(self, refusal: TimebankError) -> None:
        """Show the refusal, and keep everything that was typed."""
        super().refuse(refusal)
        if not isinstance(refusal, BadInput):
            return
        field = self.field_of(str(refusal.facts.get("field", "")))
        why = why_word(refusal.facts.get("why"))
        if field is None or why is None:
            return
        field.errors = [*field.errors, why]
        said = self.form_errors.pop()
        # A field within a list has no line in the summary at the top of the page.
        if field.name not in self._fields and said not in self.form_errors:
            self.form_errors.append(said)

    def field_of(self, name: str) -> Field | None:
        """The field of a refusal, or None."""
        found: Field | None = self._fields.get(name)
        return None if isinstance(found, HiddenField) else found


class DayField(DateField):
    """A day, parsed like every other day from a form or an address."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Accept what parses as a day. Raises ``ValueError``, as WTForms expects."""
        typed = " ".join(valuelist)
        day = parse_day(typed)
        if day is None and plain(typed):
            self.data = None
            raise ValueError(_l("请写成年-月-日，例如 2026-06-10。"))
        super().process_formdata([day.isoformat() if day else ""] if valuelist else [])

    def pre_validate(self, form: Form) -> None:
        """Refuse an implausible day, which is a typing error."""
        Plausible()(form, self)


class WholeNumberField(IntegerField):
    """An integer without a sign, parsed like every other number from a form."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Accept what parses as a number. Raises ``ValueError``, as WTForms expects."""
        number = read_number(valuelist[0]) if valuelist else None
        if number is None and valuelist and plain(valuelist[0]):
            self.data = None
            raise ValueError(_l("请只写数字，例如 12。"))
        super().process_formdata(["" if number is None else str(number)] if valuelist else [])


class ClockField(StringField):
    """A time of day in minutes since midnight; 24:00 is the midnight at the end of the day."""

    minutes: int | None = None

    def pre_validate(self, form: Form) -> None:
        """Refuse what is no time of day."""
        self.minutes = read_clock(self.data)
        if self.data and self.minutes is None:
            raise ValidationError(_l("请写成钟点，例如 9:30 或 22:00。"))


class CodeField(StringField):
    """A code, a number, or somebody to look up: marks that nobody sees are dropped.

    It may open something, so it is never kept in a draft.
    """

    is_kept = False

    def process_formdata(self, valuelist: list[str]) -> None:
        super().process_formdata([plain(text) for text in valuelist])


class NumberField(CodeField):
    """A number that opens nothing, such as that of a household or of a paper."""

    is_kept = True


class PinField(PasswordField):
    """A PIN, read like a code."""

    def process_formdata(self, valuelist: list[str]) -> None:
        super().process_formdata([plain(text) for text in valuelist])


class LineList(FieldList):
    """The lines of a form. Lines beyond ``max_entries`` refuse the whole form, none is dropped."""

    _is_too_long = False

    def process(self, formdata: Any, *rest: Any, **more: Any) -> None:
        """Note whether more lines were sent than the form has."""
        sent = set(self._extract_indices(self.name, formdata)) if formdata else set()
        self._is_too_long = len(sent) > (self.max_entries or len(sent))
        super().process(formdata, *rest, **more)

    def validate(self, form: Any, extra_validators: Any = ()) -> bool:
        is_whole = bool(super().validate(form, extra_validators))
        if self._is_too_long:
            most = self.max_entries or 0
            self.errors = [*self.errors, _l("一次最多 %(most)s 行，请分几次来。", most=most)]
        return is_whole and not self._is_too_long


class RowList(LineList):
    """Lines that are rows of people or papers: a fault counts them as rows, not as goods."""


class Plausible:
    """Refuse an implausible day, which is a typing error and could overflow the calendar."""

    def __call__(self, form: Any, field: Field) -> None:
        day = field.data
        if day is not None and not is_plausible(day):
            raise ValidationError(_l("请核对年份。"))


def chosen_id(typed: object) -> int:
    """Read the id that somebody chose from a list. Raises ``ValueError``, as WTForms expects."""
    number = read_id(typed)
    if number is None:
        raise ValueError
    return number


def named(*pairs: tuple[str, Any]) -> list[SelectChoice]:
    """Build the choices of a list or of radio buttons."""
    return [SelectChoice(value, word) for value, word in pairs]


class PlainForm(WorkForm):
    """A form of buttons only."""

    @classmethod
    def fresh(cls) -> "PlainForm":
        """Create a form with its own request id, for a page with several buttons."""
        return cls(formdata=None)


class ReasonForm(WorkForm):
    """Buttons with a reason; the action decides whether one is needed."""

    reason = TextAreaField(_l("原因"), [Length(max=400)])
