"""The wish of a household that a kiosk asks for the PIN: on one's own pages, and at the counter."""

from typing import Any

from flask import flash, redirect, url_for
from werkzeug.wrappers import Response

from timebank.people import actions, may
from timebank.people.queries import (
    Card,
    PinWish,
    card_of_person,
    person_brief,
    pin_wish_of,
)
from web import units
from web.auth import current_by, needs, signed_in
from web.forms import PlainForm
from web.pages import ACCOUNT, BOTH, WORK, page
from web.people.sight import require_sight, shown_name
from web.people.work_forms import PinWishForm
from web.reader import gettext as _


def _card_and_wish(person_id: int | None) -> tuple[Card | None, PinWish | None, bool]:
    """The card of a person, the wish of their household, and whether they have a household."""
    by = current_by()
    if person_id is None:
        return None, None, False
    with units.reading() as session:
        card = card_of_person(session, by.community_id, person_id)
        household_id = person_brief(session, by.community_id, person_id).household_id
        return card, pin_wish_of(session, by.community_id, household_id), household_id is not None


@page(ACCOUNT, "/me/card/ask-pin", "card_ask_pin", methods=BOTH)
@signed_in
def card_ask_pin() -> Response | tuple[str, int]:
    """Ask for the PIN from now on, or end the wish."""
    card, wish, has_home = _card_and_wish(current_by().person_id)
    if card is None or not has_home:
        return redirect(url_for("account.card"), 303)
    form = PinWishForm()
    if form.validate_on_submit():
        deed = actions.end_pin_wish if form.do.data == "end" else actions.ask_for_pin
        receipt = units.tried(deed, form, card_id=card.id)
        if receipt is not None:
            flash(_said(is_asked=receipt.is_asked))
            return redirect(url_for("account.card"), 303)
    form.do.data = "end" if wish else "ask"
    return units.draw("people/me_card_ask_pin.html", form=form, card=card, wish=wish)


@page(WORK, "/people/<int:person_id>/card/ask-pin", "people_card_ask_pin", methods=BOTH)
@needs(may.SERVE_CARDS)
def people_card_ask_pin(person_id: int) -> Any:
    """Enter the wish for a household at the counter. Only the household itself ends it."""
    by = current_by()
    with units.reading() as session:
        brief = person_brief(session, by.community_id, person_id)
    require_sight(by, may.SERVE_CARDS, kind="person", grid_id=brief.grid_id)
    card, wish, has_home = _card_and_wish(person_id)
    back = url_for("work.people_card", person_id=person_id)
    if card is None or not has_home:
        return redirect(back, 303)
    form = PlainForm()
    if form.validate_on_submit():
        receipt = units.tried(actions.ask_for_pin, form, card_id=card.id)
        if receipt is not None:
            flash(_said(is_asked=True))
            return redirect(back, 303)
    return units.draw(
        "people/work_card_ask_pin.html", form=form, card=card, wish=wish, back=back,
        shown=shown_name(by, brief),
    )  # fmt: skip


def _said(*, is_asked: bool) -> str:
    if is_asked:
        return _("记下了：这一户的卡在自助终端上，输对密码才能看存折、取物品。")
    return _("记下了：这一户的卡在自助终端上，刷卡就能用。")
