"""Staff see whom no message reached, call them, print a slip, and send an unclear one again."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from wtforms import HiddenField

from timebank.errors import TimebankError
from timebank.messages import may
from timebank.messages.actions import record_message_call, send_message_again
from timebank.messages.gateways import ready_channels
from timebank.messages.queries import (
    CallDue,
    call_due,
    calls_due,
    outbox_standing,
    unclear_sendings,
)
from timebank.messages.rules import AWAY, CALL_OUTCOMES, REACHED, SLIP, WRONG_NUMBER
from timebank.people.actions import reveal
from timebank.people.queries import reachable
from web import units
from web.auth import current_by, needs
from web.forms import PlainForm
from web.messages.saying import said
from web.messages.words import OUTCOMES, WAYS
from web.pages import BOTH, DESK, WORK, MenuPlace, page
from web.reader import gettext as _
from web.reader import in_language
from web.reader import lazy_gettext as _l
from web.reading import read_id

PLACE = MenuPlace(
    bar=DESK, word=_l("电话通知"), icon="message-circle", order=46, right=may.CALL_PEOPLE
)
SLIPS_MAX = 60


class CallForm(PlainForm):
    """How a call ended; ``message_ids`` are the messages that were on the screen."""

    message_ids = HiddenField()

    @property
    def ids(self) -> tuple[int, ...]:
        typed = (self.message_ids.data or "").split(".")[:100]
        return tuple(number for text in typed if (number := read_id(text)) is not None)


@page(WORK, "/messages", "messages", methods=BOTH, places=(PLACE,))
@needs(may.CALL_PEOPLE)
def messages() -> Any:
    """List whom to call, and what nobody knows; a button sends one of those again."""
    by, form = current_by(), PlainForm()
    if form.validate_on_submit():
        again, _dot, channel = request.form.get("again", "").partition(".")
        values = {"message_id": read_id(again) or 0, "channel": channel}
        if units.tried(send_message_again, form, **values) is not None:
            flash(_("几分钟以内会再发一次。"))
            return redirect(url_for("work.messages"), 303)
    with units.reading() as session:
        content = {
            "calls": calls_due(session, by, units.now()),
            "unclear": unclear_sendings(session, by),
            "standing": outbox_standing(session, by.community_id),
            "ready": ready_channels(session),
            "may_send": may.SEND_AGAIN.is_held(by),
        }
    return units.draw("messages/work_messages.html", form=form, ways=WAYS, **content)


@page(WORK, "/messages/<int:person_id>", "messages_call", methods=BOTH)
@needs(may.CALL_PEOPLE)
def call(person_id: int) -> Any:
    """Show what to say to one person; one button opens the number, four say how it ended."""
    by, form, phone = current_by(), CallForm(), None
    if form.validate_on_submit():
        if request.form.get("do") == "phone":
            phone = _phone(form, person_id)
        elif _recorded(form, person_id):
            flash(_("记下了。"))
            return redirect(url_for("work.messages"), 303)
    with units.reading() as session:
        due = call_due(session, by, units.now(), person_id)
        who = reachable(session, by.community_id, [person_id])[person_id]
    form.message_ids.data = ".".join(str(message.id) for message in due.messages)
    return units.draw(
        "messages/work_call.html", form=form, due=due, phone=phone,
        has_phone=who.phone_sealed is not None, speaks=who.language,
        messages=[said(message) for message in due.messages], outcomes=OUTCOMES,
        order=((REACHED, "first"), (AWAY, "second"), (WRONG_NUMBER, "second"), (SLIP, "second")),
    )  # fmt: skip


def _phone(form: CallForm, person_id: int) -> str | None:
    """Open the number with a line that the person sees; a refusal is shown on the form."""
    try:
        opened = reveal(
            units.database(), by=current_by(), person_id=person_id, columns=("phone",),
            reason=_("打电话告诉本人有消息"),
        )  # fmt: skip
    except TimebankError as refusal:
        form.refuse(refusal)
        return None
    return _("读不出来") if opened.unreadable else opened.phone


def _recorded(form: CallForm, person_id: int) -> bool:
    outcome = request.form.get("do", "")
    if outcome not in CALL_OUTCOMES:
        return False
    values = {"person_id": person_id, "message_ids": form.ids, "outcome": outcome}
    return units.tried(record_message_call, form, **values) is not None


@page(WORK, "/messages/slips", "messages_slips")
@needs(may.CALL_PEOPLE)
def slips() -> str:
    """Print a slip for everybody on the list."""
    with units.reading() as session:
        due = calls_due(session, current_by(), units.now())[:SLIPS_MAX]
    return _slips(due)


@page(WORK, "/messages/<int:person_id>/slip", "messages_slip")
@needs(may.CALL_PEOPLE)
def slip(person_id: int) -> str:
    """Print the slip of one person."""
    with units.reading() as session:
        due = call_due(session, current_by(), units.now(), person_id)
    return _slips([due])


def _slips(due: list[CallDue]) -> str:
    """Each in the language of its reader; outside it says only for whom it is."""
    with units.reading() as session:
        ids = [one.person.id for one in due]
        people = reachable(session, current_by().community_id, ids)
    made = []
    for one in due:
        with in_language(people[one.person.id].language):
            made.append((one.person, [said(message) for message in one.messages]))
    return render_template("messages/work_slips.html", slips=made)
