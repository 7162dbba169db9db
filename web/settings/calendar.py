"""The working days of a year: which are known, and the days of the next one as published."""

from datetime import date, timedelta
from itertools import groupby
from typing import Any

from flask import flash, redirect, url_for
from wtforms import StringField, TextAreaField
from wtforms.validators import InputRequired, Length, ValidationError

from timebank.deeds.day_lines import read_days
from timebank.deeds.queries import working_days
from timebank.deeds.working_days import CalendarYear, WorkingDays
from timebank.desk import may
from timebank.desk.calendar import keep_calendar
from timebank.errors import BadInput, TimebankError
from timebank.subjects import work_kinds
from web import formats, units
from web.auth import current_by, needs, proven
from web.forms import WholeNumberField, WorkForm
from web.pages import BOTH, WORK, page
from web.reader import gettext as _
from web.reader import language
from web.reader import lazy_gettext as _l


class DaysField(TextAreaField):
    """Days of a year, one or a span a line."""

    days: tuple[date, ...] = ()

    def read(self, year: int) -> None:
        """Read the days. Raises ``ValidationError`` with the malformed line."""
        try:
            self.days = read_days(self.data or "", year)
        except BadInput as fault:
            said = _l("“%(line)s”看不懂。请写成 2月5日，或者 2月5日至2月11日。")
            raise ValidationError(str(said) % {"line": fault.facts["line"]}) from fault


class YearForm(WorkForm):
    """The published days of one year."""

    year = WholeNumberField(_l("哪一年"), [InputRequired(_l("请填写。"))])
    source = StringField(
        _l("依据"), [InputRequired(_l("请写上依据。")), Length(max=200)],
        render_kw={"autocomplete": "off"},
    )  # fmt: skip
    rests = DaysField(_l("放假的日子"), [InputRequired(_l("请填写。")), Length(max=2000)])
    works = DaysField(_l("调休上班的周末"), [Length(max=2000)])

    def validate_rests(self, field: DaysField) -> None:
        field.read(self.year.data or 0)

    def validate_works(self, field: DaysField) -> None:
        field.read(self.year.data or 0)

    def calendar_year(self) -> CalendarYear:
        """The edition that was typed."""
        return CalendarYear(
            self.year.data or 0, self.source.data or "", self.rests.days, self.works.days
        )


@page(WORK, "/settings/calendar", "settings_calendar", methods=BOTH, under="work.settings")
@needs(may.KEEP_CALENDAR)
@proven
def calendar() -> Any:
    """Show how far the working days are known, and take the days of a year as published."""
    by, form = current_by(), YearForm()
    if form.validate_on_submit():
        try:
            taken = keep_calendar(
                units.database(), by=by, new=form.calendar_year(), kinds=work_kinds()
            )
        except TimebankError as refusal:
            form.refuse(refusal)
        else:
            flash(_("%(year)s 年的放假安排已经记下，%(count)s 个还没办完的期限跟着变了。",
                    year=taken.year, count=taken.changed))  # fmt: skip
            return redirect(url_for("work.settings_calendar"), 303)
    with units.reading() as session:
        known = working_days(session, by.community_id)
    return units.draw(
        "settings/work_calendar.html", form=form, known=known, years=_years(known),
        next_year=known.known_until_on.year + 1,
    )  # fmt: skip


def _years(known: WorkingDays) -> list[tuple[int, str, str]]:
    """The years that the community took itself, the newest first: days off, weekends worked."""
    days = sorted(known.days.items())
    return [
        (year, _spans([day for day, worked in days if day.year == year and not worked]),
         _spans([day for day, worked in days if day.year == year and worked]))
        for year in sorted(known.years, reverse=True)
    ]  # fmt: skip


def _spans(days: list[date]) -> str:
    """Days in words, those that follow each other as a span."""
    runs = groupby(enumerate(days), key=lambda pair: pair[1] - timedelta(days=pair[0]))
    words = []
    for _start, run in runs:
        found = [formats.short_day(day, language()) for _place, day in run]
        words.append(found[0] if len(found) == 1 else f"{found[0]}–{found[-1]}")
    return _("、").join(words)
