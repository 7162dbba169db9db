"""Texts of forms: what nobody can see is refused, in every form, in the reader's language."""

from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import BadRequest
from wtforms import (
    FieldList,
    FormField,
    HiddenField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.i18n import messages_path
from wtforms.validators import NumberRange

from web.forms import WholeNumberField
from web.reader import FORM_WORDS
from web.reading import is_legible
from web.units import PartForm, SpokenForm

UNSEEN = (
    "a\0", "a\x1b[31m", "\x7f", "a\u202eb", "\u2066", "\u200e", "\u061c", "\ud800", "\ufffe",
    "\ufdd0", "a\nb",
)  # fmt: skip
SEEN = (
    "您好　世界", "👩\u200d👧", "👨\u200d👩\u200d👧", "é", "\ue000", "第1栋 2单元", "a\xa0b",
    "\U00031350\U0002ebf0\U000323b0",
)  # fmt: skip


class LineForm(PartForm):
    pieces = WholeNumberField(validators=[NumberRange(1, 9)])
    note = StringField()


class LettersForm(SpokenForm):
    class Meta(SpokenForm.Meta):
        csrf = False

    title = StringField()
    story = TextAreaField()
    secret = HiddenField()
    kinds = SelectMultipleField(choices=["a"])
    lines = FieldList(FormField(LineForm))


def form_of(app, **told):
    """The form as it was sent, with its answers of a Chinese page."""
    with app.test_request_context("/", method="POST"):
        form = LettersForm(
            MultiDict({name.replace("__", "-"): text for name, text in told.items()})
        )
        form.validate()
        return form.errors


@pytest.mark.parametrize("text", UNSEEN)
def test_a_text_with_what_nobody_sees_is_refused_beside_its_field(app, text):
    assert not is_legible(text)
    told = "里面有无法显示的字符，请重新输入。"
    assert form_of(app, title=text)["title"] == [told]
    assert form_of(app, lines__0__note=text)["lines"][0]["note"] == [told]


@pytest.mark.parametrize("text", SEEN)
def test_what_a_person_types_is_taken(app, text):
    assert "title" not in form_of(app, title=text, story=f"{text}\r\n\t{text}")


def test_a_hidden_field_is_typed_by_nobody(app):
    with pytest.raises(BadRequest):
        form_of(app, secret="a\u202eb")


def test_a_line_speaks_the_language_of_its_form(app):
    (told,) = form_of(app, lines__0__pieces="x")["lines"]
    assert all(not one.isascii() for one in told["pieces"])
    assert form_of(app, kinds="x")["kinds"] == ["“x”不在可选的里面，请重新选。"]


def test_every_message_of_the_forms_library_is_there_in_chinese():
    with (Path(messages_path()) / "zh/LC_MESSAGES/wtforms.po").open("rb") as source:
        lacking = [one for one in read_po(source) if one.id and (one.fuzzy or not one.string)]
    ids = {one.id if isinstance(one.id, str) else one.id[0] for one in lacking}
    assert ids == FORM_WORDS.keys()
