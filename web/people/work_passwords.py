"""A forgotten password at the counter: one of staff asks, the second turns the screen."""

from typing import Any

from flask import flash, redirect, url_for

from timebank.people import may
from timebank.people.actions import ask_password_reset, reset_password
from timebank.people.queries import (
    password_reset_named,
    person_brief,
    user_of_person,
    waiting_password_reset_of,
)
from web import units
from web.auth import current_by, needs, proven
from web.forms import PlainForm
from web.pages import BOTH, WORK, page
from web.people.sight import require_sight, shown_name
from web.people.staff_forms import ResetPasswordForm
from web.reader import gettext as _


@page(WORK, "/people/<int:person_id>/password", "people_password", methods=BOTH)
@needs(may.RESET_PASSWORD)
@proven
def ask(person_id: int) -> Any:
    """Ask for a new password for somebody whose document was seen."""
    by, form = current_by(), PlainForm()
    with units.reading() as session:
        brief = person_brief(session, by.community_id, person_id)
        require_sight(by, may.RESET_PASSWORD, kind="person", grid_id=brief.grid_id)
        user = user_of_person(session, by.community_id, person_id)
        waiting = user and waiting_password_reset_of(
            session, by.community_id, user.id, now=units.now()
        )
    user_id = 0 if user is None else user.id
    if form.validate_on_submit() and units.tried(ask_password_reset, form, user_id=user_id):
        flash(_("已经提出。请另一位同事在待办里接着办。"))
        return redirect(url_for("work.people_password", person_id=person_id), 303)
    return units.draw(
        "people/work_password.html", form=form, person=brief, user=user, waiting=waiting,
        shown=shown_name(by, brief),
    )  # fmt: skip


@page(WORK, "/password-resets/<int:reset_id>", "password_turned", methods=BOTH,
      under="work.worklist")  # fmt: skip
@needs(may.RESET_PASSWORD)
@proven
def turned(reset_id: int) -> Any:
    """Let the holder type their password twice; nothing else is on the screen."""
    by, form = current_by(), ResetPasswordForm()
    with units.reading() as session:
        reset = password_reset_named(session, by.community_id, reset_id)
        brief = person_brief(session, by.community_id, reset.person_id)
    require_sight(by, may.RESET_PASSWORD, kind="password_reset", grid_id=brief.grid_id)
    if form.validate_on_submit():
        typed = {"password": form.password.data, "password_again": form.again.data}
        if units.tried(reset_password, form, password_reset_id=reset.id, **typed) is not None:
            flash(_("密码已经设好。请把屏幕转回来。"))
            return redirect(url_for("work.worklist"), 303)
    return units.draw("people/work_password_turned.html", form=form)
