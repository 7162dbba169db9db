"""Hours for staff: confirm several sessions at once, and enter a session afterwards."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from flask import flash, redirect, request, url_for
from sqlalchemy.orm import Session

from timebank.hours import may
from timebank.hours.actions import NewRecord, RecordsEntered, confirm_records, enter_records
from timebank.hours.queries import RecordToConfirm, all_services, records_to_confirm
from timebank.hours.rules import ORGANISER
from timebank.values import By, to_us
from web import units
from web.auth import current_by, needs
from web.formats import own_name
from web.forms import named
from web.hours.forms import RecordForm, RecordsForm
from web.listing import Listed, listed, read_cursor
from web.pages import BOTH, SHORTCUTS, WORK, MenuPlace, page
from web.people.picking import Picked, PickForm, pick
from web.reader import gettext as _
from web.reader import language
from web.reader import lazy_gettext as _l
from web.reading import read_id

RECORDS_A_PAGE = 200
STILL_ENTERED = timedelta(days=30)  # After a service has ended.
ENTER = MenuPlace(
    bar=SHORTCUTS, word=_l("登记一次服务"), icon="plus", order=10, right=may.ENTER_FOR_OTHERS
)


@page(WORK, "/records", "records", methods=BOTH, under="work.worklist")
@needs(may.ORGANISE)
def to_confirm() -> Any:
    """Show the sessions that wait for me as the organiser; confirm the ticked ones at once."""
    form = RecordsForm()
    if form.validate_on_submit():
        record_ids = form.ids()
        if not record_ids:
            form.record_id.errors = [_("请至少勾选一条。")]
            form.renew()
        elif units.tried(confirm_records, form, record_ids=record_ids, as_=ORGANISER) is not None:
            flash(_("已确认 %(count)s 条，谢谢。", count=len(record_ids)))
            return redirect(url_for("work.worklist", kind="record"), 303)
    chosen = read_id(request.args.get("service"))
    page_of, kinds = _page_to_confirm(chosen)
    rows = page_of.rows
    ticked = form.ids() if request.method == "POST" else tuple(row.record.id for row in rows)
    return units.draw(
        "hours/work_records.html", form=form, rows=rows, kinds=kinds, chosen=chosen, ticked=ticked,
        minutes=_minutes_of(rows), listed=page_of,
    )  # fmt: skip


def _page_to_confirm(chosen: int | None) -> tuple[Listed[RecordToConfirm], dict[int, str]]:
    """The records of a page, of one service if it was chosen; and the services to choose from."""
    after = read_cursor(request.args.get("after"), 2)
    with units.reading() as session:
        waiting = records_to_confirm(
            session, current_by(), ORGANISER, limit=RECORDS_A_PAGE + 1, after=after,
            service_id=chosen,
        )  # fmt: skip
        known = all_services(session, units.community_id())
    shown = {row.record.service_id for row in waiting}
    is_long = chosen or len(waiting) > RECORDS_A_PAGE
    kinds = {
        service.id: own_name(service, language())
        for service in known
        if is_long or service.id in shown
    }
    page_of = listed(
        waiting, RECORDS_A_PAGE, lambda row: (to_us(row.record.started_at), row.record.id), at=after
    )
    return page_of, kinds


def _minutes_of(rows: Sequence[RecordToConfirm]) -> int:
    return sum(row.record.real_minutes or 0 for row in rows)


@page(WORK, "/records/new", "records_new", methods=BOTH, places=(ENTER,), under="work.worklist")
@needs(may.ENTER_FOR_OTHERS)
def enter() -> Any:
    """Enter a session without a check-in, for a volunteer."""
    by, form = current_by(), RecordForm()
    helper_form, recipient_form = _picks()
    with units.reading() as session:
        # A service that ended lately may still be entered for the days before.
        since_on = units.today() - STILL_ENTERED
        known = [
            service
            for service in all_services(session, by.community_id)
            if service.retired_on is None or service.retired_on > since_on
        ]
        helper, recipient = _people(session, by, helper_form, recipient_form)
    form.service_id.choices = named(
        *((str(service.id), own_name(service, language())) for service in known)
    )
    asked = [(helper_form, helper)]
    if form.for_whom.data == "person":
        asked.append((recipient_form, recipient))
    is_sent = "save" in request.form and form.validate_on_submit()
    if is_sent and _is_whole(form, asked):
        new = _new_record(form, helper, recipient)
        if (entered := units.tried(enter_records, form, records=(new,))) is not None:
            flash(_entered(entered))
            return redirect(url_for("work.records_new"), 303)
    return units.draw(
        "hours/work_record_new.html", form=form, helper_form=helper_form, helper=helper,
        recipient_form=recipient_form, recipient=recipient,
    )  # fmt: skip


def _entered(entered: RecordsEntered) -> str:
    if entered.asked_record_ids:
        return _("已登记。同一段时间里有人既在帮别人又在接受帮助，协调员问清楚以后才能确认。")
    return _("已登记，等对方和组织者确认后记入存折。")


def _picks() -> tuple[PickForm, PickForm]:
    sent = request.form if request.method == "POST" else None
    helper = PickForm(sent, prefix="helper", person_id=request.args.get("person", ""))
    return helper, PickForm(sent, prefix="recipient")


def _people(
    session: Session, by: By, helper: PickForm, recipient: PickForm
) -> tuple[Picked, Picked]:
    changed = request.form.get("change", "")
    return (
        pick(session, by, helper, cleared=changed == "helper"),
        pick(session, by, recipient, cleared=changed == "recipient"),
    )


def _is_whole(form: RecordForm, asked: list[tuple[PickForm, Picked]]) -> bool:
    """Check that everybody is named; show a message at the missing field."""
    missing = [label for label, picked in asked if picked.person_id is None]
    for one in missing:
        one.text.errors = one.text.errors or [_("请先找到是哪一位。")]
    if missing:
        form.form_errors.append(_("请先找到是哪一位。"))
        form.renew()
    return not missing


def _new_record(form: RecordForm, helper: Picked, recipient: Picked) -> NewRecord:
    assert helper.person_id is not None
    started_at, ended_at = form.span()
    return NewRecord(
        person_id=helper.person_id,
        service_id=read_id(form.service_id.data) or 0,
        started_at=started_at,
        ended_at=ended_at,
        recipient_person_id=recipient.person_id if form.for_whom.data == "person" else None,
        place=form.place.data or "",
        late_reason=form.late_reason.data or "",
    )
