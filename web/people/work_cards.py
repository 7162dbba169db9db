"""A person's card at the counter: issue, print, stop, set a new PIN."""

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, request, url_for

from timebank.people import may
from timebank.people.actions import issue_card, revoke_card, set_pin
from timebank.people.queries import Card, PersonBrief, card_of_person, person_brief
from timebank.people.rules import print_card_no
from web import units
from web.auth import current_by, needs
from web.forms import WorkForm
from web.pages import BOTH, WORK, page
from web.people.sight import require_sight, shown_name
from web.people.work_forms import NewCardForm, NewPinForm, StopCardForm
from web.reader import gettext as _

_FORMS: dict[str, type[WorkForm]] = {
    "issue": NewCardForm,
    "stop": StopCardForm,
    "pin": NewPinForm,
}


@page(WORK, "/people/<int:person_id>/card", "people_card", methods=BOTH)
@needs(may.SERVE_CARDS)
def card(person_id: int) -> Any:
    """Show a person's card, to print; issue, stop, or set its PIN."""
    by = current_by()
    with units.reading() as session:
        brief = person_brief(session, by.community_id, person_id)
        require_sight(by, may.SERVE_CARDS, kind="person", grid_id=brief.grid_id)
        known = card_of_person(session, by.community_id, person_id)
    do = request.form.get("do", "")
    forms = {name: kind() if name == do else kind(formdata=None) for name, kind in _FORMS.items()}
    sent = forms.get(do)
    if sent is not None and sent.validate_on_submit() and _done(do, sent, brief, known):
        return redirect(url_for("work.people_card", person_id=person_id), 303)
    return units.draw(
        "people/work_card.html", form=sent or forms["issue"], forms=forms, person=brief, card=known,
        shown=shown_name(by, brief), number=print_card_no(known.card_no) if known else None,
    )  # fmt: skip


def _done(do: str, form: Any, brief: PersonBrief, known: Card | None) -> bool:
    if do == "issue":
        content = {
            "person_id": brief.id,
            "pin": form.pin.data or None,
            "language": form.language.data,
            "large_text": bool(form.large_text.data),
        }
        return _say(issue_card, form, content, _("新卡已经办好，旧卡（如果有）马上停用。"))
    card_id = known.id if known else 0
    if do == "stop":
        content = {"card_id": card_id, "why": form.why.data}
        return _say(revoke_card, form, content, _("这张卡已经停用，账户里的一切都还在。"))
    content = {"card_id": card_id, "pin": form.pin.data}
    return _say(set_pin, form, content, _("数字密码已经设好，请本人记住。"))


def _say(action: Callable[..., Any], form: WorkForm, content: dict[str, Any], said: str) -> bool:
    if units.tried(action, form, **content) is None:
        return False
    flash(said)
    return True
