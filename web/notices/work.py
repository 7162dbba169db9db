"""Staff put up a notice, see what is up, and take it down."""

from typing import Any

from flask import flash, redirect, request, url_for
from wtforms import StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from timebank.notices import may
from timebank.notices.actions import end_notice, write_notice
from timebank.notices.queries import notices_kept
from timebank.notices.rules import TEXT_MAX, TITLE_MAX
from web import units
from web.auth import current_by, needs
from web.forms import DayField, PlainForm, WorkForm
from web.pages import BOTH, DESK, WORK, MenuPlace, page
from web.reader import gettext as _
from web.reader import lazy_gettext as _l
from web.reading import read_id

PLACE = MenuPlace(bar=DESK, word=_l("通知"), icon="megaphone", order=45, right=may.WRITE_NOTICES)
_SEEN = _l("请写上这一项。")


class NoticeForm(WorkForm):
    """A text in Chinese, in English if there is time, and its first and last day."""

    title_zh = StringField(_l("标题"), [InputRequired(_SEEN), Length(max=TITLE_MAX)])
    text_zh = TextAreaField(_l("正文"), [InputRequired(_SEEN), Length(max=TEXT_MAX)])
    from_on = DayField(_l("从哪天起"), [InputRequired(_l("请写上日期。"))])
    until_on = DayField(_l("到哪天为止"), [InputRequired(_l("请写上日期。"))])
    title_en = StringField(_l("英文标题"), [Length(max=2 * TITLE_MAX)])
    text_en = TextAreaField(_l("英文正文"), [Length(max=2 * TEXT_MAX)])


@page(WORK, "/notices", "notices", methods=BOTH, places=(PLACE,))
@needs(may.WRITE_NOTICES)
def notices() -> Any:
    """List what is up or will be, and put up another; a button takes one down."""
    ended = read_id(request.form.get("end"))
    ending = PlainForm() if ended is not None else PlainForm.fresh()
    form = NoticeForm(formdata=None if ended is not None else request.form or None)
    if ended is not None and ending.validate_on_submit():
        if units.tried(end_notice, ending, notice_id=ended) is not None:
            flash(_("取下了，现在谁也看不到。"))
            return redirect(url_for("work.notices"), 303)
    elif ended is None and form.validate_on_submit() and _written(form):
        flash(_("贴好了，到最后一天自己会取下。"))
        return redirect(url_for("work.notices"), 303)
    if not form.is_submitted() or ended is not None:
        form.from_on.data = units.today()
    with units.reading() as session:
        kept = notices_kept(session, current_by().community_id, units.today())
    return units.draw(
        "notices/work_notices.html", form=form, ending=ending, kept=kept, today=units.today(),
    )  # fmt: skip


def _written(form: NoticeForm) -> bool:
    return bool(
        units.tried(
            write_notice, form, title_zh=form.title_zh.data or "", text_zh=form.text_zh.data or "",
            title_en=form.title_en.data or "", text_en=form.text_en.data or "",
            from_on=form.from_on.data, until_on=form.until_on.data,
        )
    )  # fmt: skip
