"""The fields of forms: a day and a whole number are read as everywhere else."""

from datetime import date

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict
from wtforms import Form
from wtforms.validators import Optional

from web.forms import DayField, WholeNumberField


class DayForm(Form):
    """A day and a number, both optional."""

    day = DayField(validators=[Optional()])
    pieces = WholeNumberField(validators=[Optional()])


@pytest.fixture(autouse=True)
def request_context(app: Flask):
    with app.test_request_context("/"):
        yield


def filled(**told: str) -> DayForm:
    form = DayForm(MultiDict(told))
    form.validate()
    return form


@pytest.mark.parametrize(
    ("told", "day"), [("2026-06-10", date(2026, 6, 10)), ("2026-6-1", date(2026, 6, 1)), ("", None)]
)
def test_a_day_is_read(told, day):
    form = filled(day=told)
    assert (form.day.data, form.errors) == (day, {})


@pytest.mark.parametrize("told", ["9999-12-31", "0001-01-01", "1989-12-31", "2026-02-30", "soon"])
def test_what_is_no_day_or_too_far_off_is_said_beside_the_field(told):
    form = filled(day=told)
    assert list(form.errors) == ["day"]
    wanted = "请写成年-月-日" if told in ("2026-02-30", "soon") else "请核对年份"
    assert wanted in str(form.day.errors[0]) and len(form.day.errors) == 1


@pytest.mark.parametrize(
    ("told", "number"),
    [("3", 3), (" 3 ", 3), ("３", 3), ("１　０", 10), ("1 000", 1000), ("", None)],  # ,
)
def test_a_number_is_read(told, number):
    form = filled(pieces=told)
    assert (form.pieces.data, form.errors) == (number, {})


@pytest.mark.parametrize(
    "told", ["-3", "+3", "1_000", "1e1", "１e１", "0x1", "٣", "²", "三", "3.5", "9" * 30]
)
def test_what_is_no_whole_number_is_said_beside_the_field(told):
    form = filled(pieces=told)
    assert list(form.errors) == ["pieces"] and form.pieces.data is None
    assert [str(error) for error in form.pieces.errors] == ["请只写数字，例如 12。"]
