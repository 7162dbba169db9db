"""When a shop is open: the hours of the week, and the days that differ."""

from typing import Any

from flask import flash, redirect, request, url_for
from wtforms import Form, StringField
from wtforms.validators import InputRequired, Length, ValidationError

from timebank.aid.actions import set_store_day, set_store_week
from timebank.goods import may
from timebank.goods.opening import Hours, OpenSpan, is_possible, written_hours
from timebank.goods.queries import Store, opening_of, special_days
from timebank.goods.rules import WEEKDAYS
from web import units
from web.auth import current_by, needs
from web.forms import DayField, WorkForm
from web.goods.opening_words import DAYS, shown_hours
from web.goods.shop import shop_of
from web.pages import BOTH, STORE, page
from web.reader import gettext as _
from web.reader import lazy_gettext as _l
from web.reading import read_spans


class HoursField(StringField):
    """The open hours of a day, such as ``9:00-12:00 14:00-17:30``; empty is closed."""

    hours: Hours = ()

    def pre_validate(self, form: Form) -> None:
        """Refuse what cannot be the hours of one day."""
        spans = read_spans(self.data)
        self.hours = tuple(OpenSpan(*span) for span in spans or ())
        if spans is None or not is_possible(self.hours):
            raise ValidationError(_l("请写成 9:00-12:00 14:00-17:30 这样；不开门就空着。"))


class WeekForm(WorkForm):
    """The hours of Monday to Sunday."""

    since_on = DayField(_l("从哪天起"), [InputRequired(_l("请写上日期。"))])
    mon = HoursField(DAYS["mon"], [Length(max=60)])
    tue = HoursField(DAYS["tue"], [Length(max=60)])
    wed = HoursField(DAYS["wed"], [Length(max=60)])
    thu = HoursField(DAYS["thu"], [Length(max=60)])
    fri = HoursField(DAYS["fri"], [Length(max=60)])
    sat = HoursField(DAYS["sat"], [Length(max=60)])
    sun = HoursField(DAYS["sun"], [Length(max=60)])

    def fields_of_days(self) -> list[HoursField]:
        return [self._fields[name] for name in WEEKDAYS]


class DayForm(WorkForm):
    """The hours of one day that differ from the week."""

    day_on = DayField(_l("哪一天"), [InputRequired(_l("请写上日期。"))])
    hours = HoursField(_l("开门时间"), [Length(max=60)])
    note = StringField(_l("为什么"), [InputRequired(_l("请写一句，邻居会看到。")), Length(max=80)])


@page(STORE, "/opening", "opening", methods=BOTH)
@needs(may.SET_OPENING)
def opening() -> Any:
    """Show the hours of a shop, and set those of the week or of a single day."""
    by, do = current_by(), request.form.get("do", "")
    with units.reading() as session:
        shop = shop_of(session, by, may.SET_OPENING)
        hours = opening_of(session, by.community_id, shop.id)
        days = special_days(session, by.community_id, shop.id, since=units.today())
    now_open = dict(zip(WEEKDAYS, hours.week_on(units.today()), strict=True))
    week_form = WeekForm(formdata=request.form if do == "week" else None)
    day_form = DayForm(formdata=request.form if do == "day" else None)
    if do == "week" and week_form.validate_on_submit() and _week_set(week_form, shop):
        return redirect(url_for("store.opening", store=shop.id), 303)
    if do == "day" and day_form.validate_on_submit() and _day_set(day_form, shop):
        return redirect(url_for("store.opening", store=shop.id), 303)
    if do != "week":
        _fill(week_form, now_open)
    return units.draw(
        "aid/store_opening.html", form=day_form if do == "day" else week_form,
        week_form=week_form, day_form=day_form, shop=shop, days=days,
        is_kept=hours.is_kept, shown=shown_hours,
        week=[(DAYS[name], shown_hours(spans)) for name, spans in now_open.items()],
    )  # fmt: skip


def _fill(form: WeekForm, now_open: dict[str, Hours]) -> None:
    for name, spans in now_open.items():
        form[name].data = written_hours(spans)


def _week_set(form: WeekForm, shop: Store) -> bool:
    hours = tuple(field.hours for field in form.fields_of_days())
    if units.tried(
        set_store_week, form, store_id=shop.id, since_on=form.since_on.data, hours=hours
    ):
        flash(_("已记下。预约的最晚取物时间也跟着改好了。"))
        return True
    return False


def _day_set(form: DayForm, shop: Store) -> bool:
    if units.tried(
        set_store_day, form, store_id=shop.id, day_on=form.day_on.data, hours=form.hours.hours,
        note=form.note.data or "",
    ):  # fmt: skip
        flash(_("已记下。预约的最晚取物时间也跟着改好了。"))
        return True
    return False
