"""What the holder of a card reads at the next sign-in: who made their card."""

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from timebank.people import actions
from timebank.people.queries import card_of_person, unread_card_issue
from web import units
from web.auth import current_by, signed_in
from web.pages import ACCOUNT, BOTH, page
from web.people.forms import LostForm
from web.people.me import after_loss
from web.reader import safe_path


@page(ACCOUNT, "/me/card/made", "card_made", methods=BOTH)
@signed_in
def card_made() -> Response | tuple[str, int]:
    """Tell the holder who made their card; whoever did not ask for it stops it here."""
    by, form = current_by(), LostForm()
    with units.reading() as session:
        issue = unread_card_issue(session, by.community_id, by.person_id or 0)
        mine = card_of_person(session, by.community_id, by.person_id or 0)
    onward = safe_path(request.args.get("next"), url_for("me.passbook"))
    if issue is None:
        return redirect(onward, 303)
    if form.validate_on_submit():
        if request.form.get("do") == "own" or mine is None:
            values = {"card_issue_id": issue.id}
            if units.tried(actions.read_card_issue, form, **values) is not None:
                return redirect(onward, 303)
        elif units.tried(actions.revoke_card, form, card_id=form.number) is not None:
            return after_loss()
    form.card_id.data = str(mine.id) if mine else ""
    return units.draw("people/me_card_made.html", form=form, issue=issue)
