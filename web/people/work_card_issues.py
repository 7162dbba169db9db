"""The making of one card: the second person gives it, the holder types their PIN, it is printed."""

from typing import Any

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from timebank.errors import TimebankError
from timebank.people import may
from timebank.people.actions import give_card, prove_holder, show_code
from timebank.people.queries import CardIssueTold, PersonBrief, card_issue_named, person_brief
from timebank.people.queries import card as card_of
from timebank.people.queries import knows_pin as knows_pin_of
from timebank.people.rules import print_card_no
from web import units
from web.auth import current_by, needs, origin, proven
from web.forms import PlainForm
from web.pages import BOTH, WORK, page
from web.people.forms import HolderPinForm
from web.people.sight import require_sight, shown_name
from web.reader import gettext as _

_PATH = "/card-issues/<int:issue_id>"


def _issue(issue_id: int) -> tuple[CardIssueTold, PersonBrief]:
    by = current_by()
    with units.reading() as session:
        issue = card_issue_named(session, by.community_id, issue_id)
        brief = person_brief(session, by.community_id, issue.person_id)
    require_sight(by, may.SERVE_CARDS, kind="card_issue", grid_id=brief.grid_id)
    return issue, brief


@page(WORK, _PATH, "card_issue", methods=BOTH, under="work.worklist")
@needs(may.SERVE_CARDS)
@proven
def card_issue(issue_id: int) -> Any:
    """Give the card as the second person; afterwards show its code once more, to print it."""
    issue, brief = _issue(issue_id)
    by, form, token, is_shown = current_by(), PlainForm(), None, False
    do = request.form.get("do", "")
    if form.validate_on_submit() and do == "give":
        if units.tried(give_card, form, card_issue_id=issue.id) is not None:
            return _given(issue.id)
    elif do == "show" and form.validate_on_submit():
        try:
            token, is_shown = show_code(units.database(), by=by, card_issue_id=issue.id), True
        except TimebankError as refusal:
            form.refuse(refusal)
    is_asker = by.person_id == issue.asked_by_person_id
    with units.reading() as session:
        made = card_of(session, by.community_id, issue.card_id) if issue.card_id else None
        may_turn = made is None and is_asker and knows_pin_of(session, by.community_id, brief.id)
    return units.draw(
        "people/work_card_issue.html", form=form, issue=issue, person=brief, is_asker=is_asker,
        shown=shown_name(by, brief), may_turn=may_turn, token=token, is_shown=is_shown,
        is_of_two=by.person_id in (issue.asked_by_person_id, issue.done_by_person_id),
        is_over=made is None and issue.until_at <= units.now(),
        number=print_card_no(made.card_no) if made else None,
    )  # fmt: skip


@page(WORK, f"{_PATH}/turned", "card_turned", methods=BOTH, under="work.worklist")
@needs(may.SERVE_CARDS)
@proven
def turned(issue_id: int) -> Any:
    """Let the holder type the PIN of their last card; nothing else is on the screen."""
    issue, _brief = _issue(issue_id)
    by, form = current_by(), HolderPinForm()
    if form.validate_on_submit():
        values = {"card_issue_id": issue.id, "pin": form.pin.data or "", "origin": origin()}
        try:
            prove_holder(units.database(), by=by, now=units.now(), **values)
            units.deed(give_card, form, card_issue_id=issue.id)
        except TimebankError as refusal:
            form.refuse(refusal)
        else:
            return _given(issue.id)
    back = url_for("work.card_issue", issue_id=issue.id)
    return units.draw("people/work_card_turned.html", form=form, back=back)


def _given(issue_id: int) -> Response:
    flash(_("新卡已经办好，旧卡（如果有）马上停用。"))
    return redirect(url_for("work.card_issue", issue_id=issue_id), 303)
