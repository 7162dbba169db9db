"""Everybody registers here, gets a slip, and asks what became of it."""

import secrets
from datetime import date
from typing import Any

from flask import flash, redirect, render_template, request, session, url_for

from timebank.errors import TimebankError
from timebank.hours.queries import services
from timebank.joining.actions import (
    RegistrationFiled,
    ask_state,
    register,
    require_room,
    withdraw_registration,
)
from timebank.joining.actions.registering import DAYS_KEY
from timebank.joining.queries import RegistrationState
from timebank.joining.rules import NOTICE_VERSION, Sender, shown_no
from timebank.people.queries import places
from timebank.policy.queries import parameters_on
from timebank.values import By
from web import units
from web.auth import open_to_all, origin
from web.joining.forms import JoinForm, StateForm
from web.joining.words import NOTICES, STATES
from web.pages import BOTH, OPEN, PUBLIC, MenuPlace, page
from web.reader import gettext as _
from web.reader import lazy_gettext as _l

PLACE = MenuPlace(bar=PUBLIC, word=_l("报名参加"), icon="users", order=25, also=("open.join",))
_SLIP, _BROWSER = "joining_slip", "joining_browser"


def _nobody() -> By:
    return By(community_id=units.community_id(), client="nobody")


def _sender() -> Sender:
    """The address, and the browser as long as it keeps its cookie."""
    browser = session.setdefault(_BROWSER, secrets.token_urlsafe(12))
    return Sender(origin().source, browser)


@page(OPEN, "/join", "join", methods=BOTH, places=(PLACE,))
@open_to_all
def join() -> Any:
    """Register: say who you are; a volunteer also says what they can do and when."""
    form, community_id = JoinForm(), units.community_id()
    with units.reading() as reading:
        buildings = [one for one in places(reading, community_id, "building") if not one.ended_on]
        known = services(reading, community_id)
        days = parameters_on(reading, community_id, units.today()).whole(DAYS_KEY)
    form.offer(buildings, known)
    if form.validate_on_submit():
        filed = _filed(form)
        if filed is not None:
            session[_SLIP] = [filed.registration_no, filed.until_on.isoformat()]
            return redirect(url_for("open.join_slip"), 303)
    return units.draw(
        "joining/open_join.html", form=form, notice=NOTICES[NOTICE_VERSION], days=days
    )


def _filed(form: JoinForm) -> RegistrationFiled | None:
    """Register, unless this sender has done so too often: then nothing at all is written."""
    sender = _sender()
    try:
        with units.reading() as reading:
            require_room(reading, units.community_id(), sender, now=units.now())
    except TimebankError as refusal:
        form.refuse(refusal)
        return None
    content = {"new": form.registration(), "sender": sender}
    return units.tried(register, form, by=_nobody(), **content)


@page(OPEN, "/join/slip", "join_slip")
@open_to_all
def slip() -> Any:
    """The number to write down or to print; only the browser that registered knows it."""
    if _SLIP not in session:
        return redirect(url_for("open.join"), 303)
    number, until = session[_SLIP]
    return render_template(
        "joining/open_slip.html", number=number, shown=shown_no(number),
        until=date.fromisoformat(until),
    )  # fmt: skip


@page(OPEN, "/join/state", "join_state", methods=BOTH)
@open_to_all
def state() -> Any:
    """Say what became of a registration, or withdraw it: for whoever has number and birthday."""
    form, answer = StateForm(), None
    is_withdrawn = request.form.get("do") == "withdraw"
    if form.validate_on_submit():
        answer = _asked(form, is_withdrawn=is_withdrawn)
        if answer is not None and is_withdrawn:
            session.pop(_SLIP, None)
            flash(_("已经撤回，填的内容都删掉了。"))
            return redirect(url_for("open.join_state"), 303)
    word = STATES["registration", answer.state] if answer is not None else ""
    return units.draw("joining/open_state.html", form=form, found=answer, word=word)


def _asked(form: StateForm, *, is_withdrawn: bool) -> RegistrationState | None:
    deed = withdraw_registration if is_withdrawn else ask_state
    assert form.number and form.birth_on.data
    try:
        return deed(
            units.database(), by=_nobody(), registration_no=form.number,
            birth_on=form.birth_on.data, origin=origin(),
        )  # fmt: skip
    except TimebankError as refusal:
        form.refuse(refusal)
        return None
