"""One's own inbox, and how else one wishes to be reached."""

import secrets
from typing import Any

from flask import Flask, flash, g, redirect, render_template, request, url_for
from wtforms import BooleanField, StringField
from wtforms.validators import Length

from timebank.messages.actions import choose_messages, read_messages
from timebank.messages.gateways import ready_channels
from timebank.messages.queries import MessageWish, inbox, unread_count, wishes_of
from timebank.messages.rules import EMAIL, EMAIL_MAX, SMS
from timebank.people.queries import reachable
from timebank.values import to_us
from web import units
from web.auth import by_or_none, current_by, signed_in
from web.forms import WorkForm
from web.listing import listed, read_cursor
from web.messages.saying import said
from web.pages import BOTH, ME, page
from web.reader import gettext as _
from web.reader import lazy_gettext as _l

MESSAGES_A_PAGE = 20


class MessageWishForm(WorkForm):
    """On which ways messages come, besides the inbox."""

    by_sms = BooleanField(_l("发短信到登记的手机"))
    by_email = BooleanField(_l("发邮件到这个邮箱"))
    email = StringField(
        _l("邮箱"), [Length(max=EMAIL_MAX)],
        render_kw={"autocomplete": "email", "inputmode": "email", "spellcheck": "false"},
    )  # fmt: skip
    by_call = BooleanField(_l("短信和邮件都不行时，打电话或送纸条"))


@page(ME, "/messages", "messages")
@signed_in
def messages() -> str:
    """Show the inbox, newest first; what is shown has been read."""
    by, before = current_by(), read_cursor(request.args.get("before"), 2)
    found = []
    if by.person_id is not None:
        with units.reading() as session:
            found = inbox(
                session, by.community_id, by.person_id, limit=MESSAGES_A_PAGE + 1, before=before
            )
    page_of = listed(found, MESSAGES_A_PAGE, lambda one: (to_us(one.written_at), one.id), at=before)
    new = tuple(one.id for one in page_of.rows if one.read_at is None)
    if new:
        units.deed(read_messages, secrets.token_urlsafe(16), message_ids=new)
    return render_template(
        "messages/me_messages.html", listed=page_of, messages=[said(one) for one in page_of.rows]
    )


@page(ME, "/messages/wishes", "message_wishes", methods=BOTH)
@signed_in
def wishes() -> Any:
    """Choose how else one is reached."""
    by = current_by()
    person_id = by.person_id or 0
    with units.reading() as session:
        ready = ready_channels(session)
        wish: MessageWish = wishes_of(session, by.community_id, [person_id])[person_id]
        who = reachable(session, by.community_id, [person_id]).get(person_id)
    form = MessageWishForm(obj=wish)
    if form.validate_on_submit() and _chosen(form):
        flash(_("记下了，从下一条消息起就照这样。"))
        return redirect(url_for("me.messages"), 303)
    return units.draw(
        "messages/me_wishes.html", form=form, is_email=EMAIL in ready, is_sms=SMS in ready,
        has_phone=who is not None and who.phone_sealed is not None,
    )  # fmt: skip


def _chosen(form: MessageWishForm) -> bool:
    return bool(
        units.tried(
            choose_messages, form, email=form.email.data or "", by_email=form.by_email.data,
            by_sms=form.by_sms.data, by_call=form.by_call.data,
        )
    )  # fmt: skip


def unread() -> int:
    """How many messages the visitor has not read; asked once a page."""
    by = by_or_none()
    if by is None or by.person_id is None:
        return 0
    if "unread_messages" not in g:
        with units.reading() as session:
            g.unread_messages = unread_count(session, by.community_id, by.person_id)
    return int(g.unread_messages)


def install(app: Flask) -> None:
    app.jinja_env.globals.update(unread_messages=unread)
