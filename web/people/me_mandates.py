"""Who may act for me, and for whom I may act: give, end, and begin to act."""

from typing import Any

from flask import flash, redirect, request, url_for

from timebank.people.actions import end_mandate, give_mandate
from timebank.people.queries import PersonBrief, mandates_held, mandates_of
from timebank.people.rules.mandates import CLAIM
from timebank.values import By
from web import units
from web.auth import current_by, signed_in
from web.forms import PlainForm
from web.pages import ACCOUNT, BOTH, page
from web.people.mandate_forms import GiveMandateForm
from web.people.mandates import mandates_shown
from web.reader import gettext as _
from web.reading import read_id


def _own_name(by: By, brief: PersonBrief) -> str:
    """Both sides know each other; everybody else is masked."""
    return brief.name


@page(ACCOUNT, "/me/mandates", "mandates", methods=BOTH)
@signed_in
def mandates() -> Any:
    """Who may act for me and for whom I may act; give a mandate, or end one at once."""
    by, form, plain = current_by(), GiveMandateForm(), PlainForm()
    own_id = by.person_id or 0
    ended = read_id(request.form.get("end", ""))
    if ended is not None and plain.validate_on_submit():
        if units.tried(end_mandate, plain, mandate_id=ended, reason="") is not None:
            flash(_("停掉了，从现在起不能再代办。"))
            return redirect(url_for("account.mandates"), 303)
    elif "save" in request.form and form.validate_on_submit():
        given = units.tried(
            give_mandate, form, agent_card_no=form.agent_card_no.data or "",
            deeds=tuple(form.deeds.data or ()), until_on=form.until_on.data,
        )  # fmt: skip
        if given is not None:
            flash(_("记下了，他可以替您办了。您随时可以停掉。"))
            return redirect(url_for("account.mandates"), 303)
    with units.reading() as session:
        given_by = mandates_of(session, by.community_id, own_id)
        held = mandates_held(session, by.community_id, own_id)
        shown = {
            "given": mandates_shown(session, by, given_by, names=_own_name),
            "held": mandates_shown(session, by, held, names=_own_name),
        }
    return units.draw("people/me_mandates.html", form=form, plain=plain, claim=CLAIM, **shown)
