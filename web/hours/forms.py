"""The forms of hours: check-in, records to enter and confirm, forgotten check-outs."""

from datetime import datetime, timedelta

from wtforms import (
    BooleanField,
    Field,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from timebank.hours.queries import Service
from timebank.values import local_instant
from web.formats import own_name
from web.forms import ClockField, DayField, NumberField, WorkForm, chosen_id, named
from web.reader import language
from web.reader import lazy_gettext as _l
from web.reading import DAY_MINUTES, read_id
from web.units import DeedForm


class CheckInForm(DeedForm):
    """The service that begins now, and the household it is for, or a group on purpose."""

    service_id = SelectField(_l("做什么"), coerce=chosen_id)
    household_no = NumberField(_l("在哪一户"), [Optional(), Length(max=24)])
    is_group = BooleanField(_l("是集体活动，没有特定的人"))

    def offer(self, services: list[Service]) -> None:
        self.service_id.choices = [
            SelectChoice(service.id, own_name(service, language())) for service in services
        ]


class ShiftForm(WorkForm):
    """The end of a shift without a check-out, and the evidence for it."""

    ended_on = DayField(_l("哪一天结束的"), [InputRequired(_l("请写上日期。"))])
    ends = ClockField(
        _l("几点结束的"), [InputRequired(_l("请写上结束的时间。"))], render_kw={"maxlength": 8}
    )
    note = TextAreaField(_l("怎么知道的"), [Length(max=400)])

    def ended_at(self) -> datetime:
        """The end; 24:00 is the midnight at the end of the day."""
        assert self.ended_on.data is not None and self.ends.minutes is not None
        return local_instant(self.ended_on.data) + timedelta(minutes=self.ends.minutes)

    def field_of(self, name: str) -> Field | None:
        return super().field_of("ends" if name in ("ended_at", "at") else name)


class RecordsForm(WorkForm):
    """The sessions to confirm together."""

    record_id = SelectMultipleField(_l("服务记录"), validate_choice=False)

    def ids(self) -> tuple[int, ...]:
        found = [read_id(text) for text in self.record_id.data or ()]
        return tuple(day for day in found if day is not None)


class OverlapForm(WorkForm):
    """What the people said about two records of one time."""

    note = TextAreaField(_l("问过谁，怎么说的"), [Length(max=400)])


class RecordForm(WorkForm):
    """A session to enter afterwards."""

    service_id = SelectField(_l("做了什么"))
    for_whom = RadioField(
        _l("帮了谁"),
        choices=named(("person", _l("一位邻居")), ("group", _l("集体活动，没有特定的人"))),
        default="person",
    )
    served_on = DayField(_l("哪一天"), [InputRequired(_l("请写上日期。"))])
    starts = ClockField(
        _l("从几点"), [InputRequired(_l("请写上开始的时间。"))], render_kw={"maxlength": 8}
    )
    ends = ClockField(
        _l("到几点"), [InputRequired(_l("请写上结束的时间。"))], render_kw={"maxlength": 8}
    )
    place = StringField(_l("地点"), [Length(max=80)])
    late_reason = TextAreaField(_l("为什么现在才登记"), [Length(max=400)])

    def span(self) -> tuple[datetime, datetime]:
        """The start and the end. An end before the start is on the next day."""
        day, starts, ends = self.served_on.data, self.starts.minutes, self.ends.minutes
        assert day is not None and starts is not None and ends is not None
        midnight = local_instant(day)
        ends += DAY_MINUTES if ends < starts else 0
        return midnight + timedelta(minutes=starts), midnight + timedelta(minutes=ends)

    def field_of(self, name: str) -> Field | None:
        values = {"ended_at": "ends", "started_at": "starts"}
        return super().field_of(values.get(name, name))
