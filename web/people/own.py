"""My account: how I sign in, my open visits, and what was opened about me."""

from dataclasses import dataclass
from datetime import datetime

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from timebank.people import actions
from timebank.people.queries import (
    OpenVisit,
    card_of_person,
    known_devices,
    open_visits,
    openings_about,
    second_factor_of,
)
from web import auth, units
from web.auth import current_by, current_visit, signed_in
from web.pages import ACCOUNT, POST, page
from web.people.words import COLUMNS
from web.reader import gettext as _
from web.reading import read_id
from web.units import DeedForm

SHOWN_MAX = 5  # Of the openings; the page of all of them is ``/me/openings``.


@dataclass(frozen=True, slots=True)
class ShownVisit:
    """One line of the list of visits."""

    id: int
    device: str
    way: str
    opened_at: datetime
    last_seen_at: datetime
    is_here: bool


@page(ACCOUNT, "/me/account", "account")
@signed_in
def account() -> str:
    """Show how one signs in, the open visits, and who has opened one's sealed data."""
    here, by = current_visit(), current_by()
    with units.reading() as session:
        visits = open_visits(session, by, now=units.now())
        devices = known_devices(session, by, browser=auth.origin().browser)
        factor = second_factor_of(session, by)
        card, openings = None, []
        if by.person_id is not None:
            openings = openings_about(session, by.community_id, by.person_id, limit=SHOWN_MAX)
            card = card_of_person(session, by.community_id, by.person_id)
    return render_template(
        "people/me_account.html",
        form=DeedForm(),
        card=card,
        is_user=by.user_id is not None,
        factor=factor,
        devices=devices,
        visits=[_shown(visit, here_id=here.id) for visit in visits],
        openings=[(opening, _columns(opening.columns)) for opening in openings],
    )


def _shown(visit: OpenVisit, *, here_id: int) -> ShownVisit:
    if visit.kind == "api":
        way = _("一个程序，用名字和密码")
    else:
        way = _("用卡登录") if visit.card_id is not None else _("用名字和密码登录")
    return ShownVisit(
        id=visit.id,
        device="" if visit.kind == "api" else visit.device,
        way=way,
        opened_at=visit.opened_at,
        last_seen_at=visit.last_seen_at,
        is_here=visit.id == here_id,
    )


def _columns(names: tuple[str, ...]) -> str:
    return _("、").join(str(COLUMNS.get(name, name)) for name in names)


@page(ACCOUNT, "/me/account/visits", "account_visits", methods=POST)
@signed_in
def end_visits() -> Response:
    """End one of one's visits, or all but this one."""
    form, here = DeedForm(), current_visit()
    wanted = request.form.get("end", "")
    if form.validate_on_submit():
        if wanted == "others":
            ended = units.deed(actions.end_other_visits, form, keep_id=here.id)
        else:
            ended = units.deed(actions.end_visit, form, visit_id=read_id(wanted) or 0)
        if ended.visits:
            flash(_("已经结束：那里要重新登录才能再看。"))
        else:
            flash(_("没有要结束的登录。"))
    return redirect(url_for("account.account"), 303)


@page(ACCOUNT, "/me/account/devices", "account_devices", methods=POST)
@signed_in
def forget_device() -> Response:
    """Forget one of one's known devices."""
    form = DeedForm()
    if form.validate_on_submit():
        device_id = read_id(request.form.get("forget")) or 0
        units.deed(actions.forget_device, form, device_id=device_id)
        flash(_("已经忘掉这台设备。下次在那里登录，和第一次登录一样。"))
    return redirect(url_for("account.account"), 303)
