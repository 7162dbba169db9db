"""Service given and received: confirm what neighbours did, check in and out by phone."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from timebank.errors import BadInput
from timebank.hours.actions import check_in, check_out, confirm_records
from timebank.hours.queries import (
    open_shift,
    records_of_person,
    records_to_confirm,
    volunteer_of,
)
from timebank.hours.queries import services as services_known
from web import units
from web.auth import current_by, signed_in
from web.me.forms import PlainDeedForm


@signed_in
def services() -> str:
    """Show what waits for my word, my running service, and what I gave."""
    by = current_by()
    with units.reading() as session:
        person_id = by.person_id or 0
        content = {
            "to_confirm": records_to_confirm(session, by),
            "shift": open_shift(session, by.community_id, person_id),
            "volunteer": volunteer_of(session, by.community_id, person_id),
            "records": records_of_person(session, by.community_id, person_id, limit=20),
            "known": services_known(session, by.community_id),
        }
    return render_template("me/services.html", form=PlainDeedForm(), now=units.now(), **content)


@signed_in
def confirm() -> Any:
    """Say that the help was received: the hours are then counted for the helper."""
    form = PlainDeedForm()
    if not form.validate_on_submit():
        return redirect(url_for("me.services"), 303)
    record_ids = tuple(request.form.getlist("record_id", type=int))
    if not record_ids:
        raise BadInput(field="record_id", why="missing")
    units.deed(confirm_records, form, record_ids=record_ids, as_="recipient")
    flash(_("谢谢您！已经确认。"))
    return redirect(url_for("me.services"), 303)


@signed_in
def begin() -> Any:
    """Check in to a service that begins now."""
    by, form = current_by(), PlainDeedForm()
    if form.validate_on_submit():
        service_id = request.form.get("service_id", type=int)
        if service_id is None:
            raise BadInput(field="service_id", why="missing")
        units.deed(check_in, form, person_id=by.person_id, service_id=service_id)
        flash(_("已签到。结束时请记得签退。"))
    return redirect(url_for("me.services"), 303)


@signed_in
def end() -> Any:
    """Check out; who was helped and the organiser confirm it afterwards."""
    by, form = current_by(), PlainDeedForm()
    if form.validate_on_submit():
        units.deed(check_out, form, person_id=by.person_id)
        flash(_("已签退，谢谢您的服务。"))
    return redirect(url_for("me.services"), 303)
