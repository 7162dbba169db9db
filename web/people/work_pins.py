"""The screen that a second member of staff turns to a holder, who types their new PIN."""

from typing import Any

from flask import flash, redirect, url_for

from timebank.people import may
from timebank.people.actions import reset_pin
from timebank.people.queries import person_brief, pin_reset_named
from web import units
from web.auth import current_by, needs, proven
from web.pages import BOTH, WORK, page
from web.people.forms import OwnPinForm
from web.people.sight import require_sight
from web.reader import gettext as _


@page(WORK, "/pin-resets/<int:reset_id>", "pin_turned", methods=BOTH, under="work.worklist")
@needs(may.SERVE_CARDS)
@proven
def turned(reset_id: int) -> Any:
    """Let the holder type their PIN twice; nothing else is on the screen."""
    by, form = current_by(), OwnPinForm()
    with units.reading() as session:
        reset = pin_reset_named(session, by.community_id, reset_id)
        brief = person_brief(session, by.community_id, reset.person_id)
    require_sight(by, may.SERVE_CARDS, kind="pin_reset", grid_id=brief.grid_id)
    if form.validate_on_submit():
        values = {"pin_reset_id": reset.id, "pin": form.pin.data, "pin_again": form.again.data}
        if units.tried(reset_pin, form, **values) is not None:
            flash(_("数字密码已经设好。请把屏幕转回来。"))
            return redirect(url_for("work.worklist"), 303)
    return units.draw("people/work_pin_turned.html", form=form)
