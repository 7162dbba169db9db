"""A person's card at the counter: ask for a new one or for a PIN to be set, and stop it.

Its code is not shown here: whoever prints it holds the card (``work_card_issues.py``).
"""

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, request, url_for

from timebank.people import may
from timebank.people.actions import ask_card, ask_pin_reset, revoke_card
from timebank.people.queries import (
    Card,
    PersonBrief,
    card_of_person,
    person_brief,
    waiting_card_issue_of,
    waiting_pin_reset_of,
)
from timebank.people.rules import print_card_no
from web import units
from web.auth import current_by, needs, proven
from web.forms import PlainForm, WorkForm
from web.pages import BOTH, WORK, page
from web.people.sight import require_sight, shown_name
from web.people.work_forms import NewCardForm, StopCardForm
from web.reader import gettext as _

_FORMS: dict[str, type[WorkForm]] = {
    "issue": NewCardForm,
    "stop": StopCardForm,
    "pin": PlainForm,
}


@page(WORK, "/people/<int:person_id>/card", "people_card", methods=BOTH)
@needs(may.SERVE_CARDS)
@proven
def card(person_id: int) -> Any:
    """Show a person's card; stop it, or ask for a new one or for its PIN to be set."""
    by = current_by()
    with units.reading() as session:
        brief = person_brief(session, by.community_id, person_id)
        require_sight(by, may.SERVE_CARDS, kind="person", grid_id=brief.grid_id)
        known = card_of_person(session, by.community_id, person_id)
        reset = known and waiting_pin_reset_of(session, by.community_id, known.id, now=units.now())
        issue = waiting_card_issue_of(session, by.community_id, person_id, now=units.now())
    do = request.form.get("do", "")
    forms = {name: kind() if name == do else kind(formdata=None) for name, kind in _FORMS.items()}
    sent = forms.get(do)
    if sent is not None and sent.validate_on_submit() and _done(do, sent, brief, known):
        return redirect(url_for("work.people_card", person_id=person_id), 303)
    return units.draw(
        "people/work_card.html", form=sent or forms["issue"], forms=forms, person=brief, card=known,
        reset=reset, issue=issue, shown=shown_name(by, brief),
        number=print_card_no(known.card_no) if known else None,
    )  # fmt: skip


def _done(do: str, form: Any, brief: PersonBrief, known: Card | None) -> bool:
    if do == "issue":
        content = {
            "person_id": brief.id,
            "language": form.language.data,
            "large_text": bool(form.large_text.data),
        }
        return _say(ask_card, form, content, _("已经提出。请另一位同事在待办里接着办。"))
    card_id = known.id if known else 0
    if do == "stop":
        content = {"card_id": card_id, "why": form.why.data}
        return _say(revoke_card, form, content, _("这张卡已经停用，账户里的一切都还在。"))
    content = {"card_id": card_id}
    return _say(ask_pin_reset, form, content, _("已经提出。请另一位同事在待办里接着办。"))


def _say(action: Callable[..., Any], form: WorkForm, content: dict[str, Any], said: str) -> bool:
    if units.tried(action, form, **content) is None:
        return False
    flash(said)
    return True
