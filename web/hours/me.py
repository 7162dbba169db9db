"""Service given and received: confirm what neighbours did, check in and out by phone."""

from typing import Any

from flask import flash, redirect, request, url_for
from sqlalchemy.orm import Session

from timebank.errors import BadInput, NotFound, TimebankError
from timebank.hours.actions import (
    accept_end,
    check_in,
    check_out,
    confirm_records,
    refuse_record,
)
from timebank.hours.queries import (
    ServiceRecord,
    WordAsked,
    open_shift,
    records_of_person,
    volunteer_of,
    words_asked,
)
from timebank.hours.queries import services as services_known
from timebank.people.queries import household_by_no
from timebank.values import By, to_us
from web import units
from web.auth import current_by, signed_in
from web.forms import PlainForm
from web.hours.forms import CheckInForm
from web.listing import Listed, listed, read_cursor
from web.pages import BOTH, ME, PERSON, MenuPlace, page
from web.reader import gettext as _
from web.reader import lazy_gettext as _l
from web.reading import read_household_no, read_id
from web.redrawing import is_redrawn
from web.units import DeedForm

RECORDS_A_PAGE, WORDS_A_PAGE = 20, 50
PLACE = MenuPlace(bar=PERSON, word=_l("服务"), icon="heart-handshake", order=40)


@page(ME, "/services", "services", methods=BOTH, places=(PLACE,))
@signed_in
def services() -> Any:
    """Show the sessions to confirm, my running service and my records; do what was pressed."""
    by, form = current_by(), CheckInForm()
    with units.reading() as session:
        form.offer(services_known(session, by.community_id))
    if request.method == "POST" and not is_redrawn():
        said = _done(form, request.form.get("do", ""))
        if said is not None:
            flash(said)
            return redirect(url_for("me.services"), 303)
    person_id = by.person_id or 0
    with units.reading() as session:
        content = {
            "asked": _asked(session, by),
            "shift": open_shift(session, by.community_id, person_id),
            "volunteer": volunteer_of(session, by.community_id, person_id),
            "given": _given(session, by),
        }
    return units.draw("hours/me_services.html", form=form, fresh=PlainForm.fresh, **content)


def _asked(session: Session, by: By) -> Listed[WordAsked]:
    after = read_cursor(request.args.get("after"), 2)
    found = words_asked(session, by, limit=WORDS_A_PAGE + 1, after=after)
    return listed(found, WORDS_A_PAGE, lambda one: (to_us(one.started_at), one.record_id), at=after)


def _given(session: Session, by: By) -> Listed[ServiceRecord]:
    before, person_id = read_cursor(request.args.get("before"), 2), by.person_id or 0
    found = records_of_person(
        session, by.community_id, person_id, limit=RECORDS_A_PAGE + 1, before=before
    )
    return listed(found, RECORDS_A_PAGE, lambda one: (to_us(one.started_at), one.id), at=before)


def _done(form: CheckInForm, do: str) -> str | None:
    """Do what the pressed button says and return a message; None if the form shows a refusal."""
    if do == "begin":
        return _begin(form)
    if do == "end":
        return _end(form)
    record_id = read_id(request.form.get("record_id"))
    if record_id is None or do not in ("confirm", "agree", "drop"):
        form.refuse(BadInput(field="record_id", why="unknown"))
        return None
    if do == "confirm":
        receipt: Any = units.tried(confirm_records, form, record_ids=(record_id,), as_="recipient")
        return None if receipt is None else _("谢谢您！已经确认。")
    if do == "drop":
        receipt = units.tried(refuse_record, form, record_id=record_id, reason=_("本人取消了"))
        return None if receipt is None else _("这一次取消了，什么也没有记。")
    receipt = units.tried(accept_end, form, record_id=record_id)
    return None if receipt is None else _("好的，结束时间已经记下。")


def _begin(form: CheckInForm) -> str | None:
    """Check in to a service that begins now, for a household or on purpose for a group."""
    if not form.validate():
        return None
    if form.is_group.data == bool(form.household_no.data):
        form.household_no.errors = [_("请写上户号；是集体活动的，只勾选下面那一项。")]
        return None
    try:
        home_id = _home(form.household_no.data or "")
    except TimebankError:
        form.household_no.errors = [_("没有找到这个户号，请再看一下门牌或服务卡。")]
        return None
    started = units.tried(
        check_in, form, person_id=current_by().person_id, service_id=form.service_id.data,
        recipient_household_id=home_id,
    )  # fmt: skip
    return None if started is None else _("已签到。结束时请记得签退。")


def _home(typed: str) -> int | None:
    """Find the typed household, if there is one. **Refuses**: ``NotFound``."""
    if not typed.strip():
        return None
    household_no = read_household_no(typed)
    if household_no is None:
        raise NotFound(kind="household")
    with units.reading() as session:
        return household_by_no(session, units.community_id(), household_no).id


def _end(form: DeedForm) -> str | None:
    """Check out; the recipient and the organiser confirm it afterwards."""
    ended = units.tried(check_out, form, person_id=current_by().person_id)
    if ended is None:
        return None
    if ended.state == "unended":
        return _("这次服务忘了签退。工作人员会和您核对结束时间。")
    if not ended.real_minutes:
        return _("已签退。这次不到一分钟，没有时间可记；签错了的，可以在下面取消这一次。")
    if ended.is_asked:
        return _("已签退。这段时间里有人既在帮别人又在接受帮助，社区协调员会先来问一问，再确认。")
    return _("已签退，谢谢您的服务。")
