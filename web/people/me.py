"""One's own card: shown with its code and number, reported lost, PIN and preferences."""

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from timebank.people import actions
from timebank.people.queries import Card, card_of_person, pin_wish_of, unread_pin_reset
from timebank.people.rules import print_card_no
from web import auth, units
from web.auth import current_by, signed_in
from web.pages import ACCOUNT, BOTH, page
from web.people.forms import LostForm, OwnPinForm, WishesForm
from web.people.own_secrets import refused_old
from web.reader import gettext as _
from web.reader import remember, safe_path


def _card() -> Card | None:
    """The valid card of the signed-in person."""
    by = current_by()
    if by.person_id is None:
        return None
    with units.reading() as session:
        return card_of_person(session, by.community_id, by.person_id)


def _to_card() -> Response:
    return redirect(url_for("account.card"), 303)


@page(ACCOUNT, "/me/card", "card")
@signed_in
def card() -> str:
    """Show the card, to scan from the phone or to print; without one, say how to get it."""
    mine, by = _card(), current_by()
    number = None if mine is None else print_card_no(mine.card_no)
    with units.reading() as session:
        wish = pin_wish_of(session, by.community_id, by.household_id)
    return render_template(
        "people/me_card.html", card=mine, number=number, wish=wish,
        has_home=by.household_id is not None,
    )  # fmt: skip


@page(ACCOUNT, "/me/card/lost", "card_lost", methods=BOTH)
@signed_in
def card_lost() -> Response | tuple[str, int]:
    """Ask for confirmation, then stop the card at once."""
    form = LostForm()
    if form.validate_on_submit():
        receipt = units.tried(actions.revoke_card, form, card_id=form.number, why="lost")
        if receipt is not None:
            return after_loss()
    mine = _card()
    if mine is None:
        return _to_card()
    form.card_id.data = str(mine.id)
    return units.draw("people/me_card_lost.html", form=form, number=print_card_no(mine.card_no))


def after_loss() -> Response:
    """Say what happens next; the visits that the lost card opened have ended."""
    if current_by().client.startswith("card:"):
        auth.sign_out()
    flash(_("卡已经挂失，马上停用。账户里的一切都还在，带上身份证到社区柜台就能补办新卡。"))
    return _to_card()


@page(ACCOUNT, "/me/card/pin", "card_pin", methods=BOTH)
@signed_in
def card_pin() -> Response | tuple[str, int]:
    """Set the PIN of the card."""
    mine = _card()
    if mine is None:
        return _to_card()
    form = OwnPinForm()
    if not mine.has_pin:
        del form.old
    by, old = current_by(), form.old.data or "" if mine.has_pin else ""
    if form.validate_on_submit() and not (
        mine.has_pin and refused_old(by, form, way="pin", secret=old)
    ):
        values = {"card_id": mine.id, "pin": form.pin.data, "old_pin": old}
        if units.tried(actions.set_pin, form, **values) is not None:
            auth.renew(by)
            flash(_("数字密码已经设好，别处的登录都已结束。请记住它，不要告诉别人。"))
            return _to_card()
    return units.draw("people/me_card_pin.html", form=form)


@page(ACCOUNT, "/me/card/reset", "card_reset", methods=BOTH)
@signed_in
def card_reset() -> Response | tuple[str, int]:
    """Tell the holder who set their PIN; whoever did not ask for it stops the card here."""
    by, form = current_by(), LostForm()
    with units.reading() as session:
        reset = unread_pin_reset(session, by.community_id, by.person_id or 0)
    onward = safe_path(request.args.get("next"), url_for("me.passbook"))
    if reset is None:
        return redirect(onward, 303)
    if form.validate_on_submit():
        is_own = request.form.get("do") == "own"
        deed = actions.read_pin_reset if is_own else actions.revoke_card
        if units.tried(deed, form, card_id=form.number) is not None:
            return redirect(onward, 303) if is_own else after_loss()
    form.card_id.data = str(reset.card_id)
    return units.draw("people/me_card_reset.html", form=form, reset=reset)


@page(ACCOUNT, "/me/card/wishes", "card_wishes", methods=BOTH)
@signed_in
def card_wishes() -> Response | tuple[str, int]:
    """Set the display preferences of the card."""
    mine = _card()
    if mine is None:
        return _to_card()
    form = WishesForm(obj=mine)
    if form.validate_on_submit():
        values = {"language": form.language.data, "large_text": bool(form.large_text.data)}
        receipt = units.tried(actions.set_card_preferences, form, card_id=mine.id, **values)
        if receipt is not None:
            flash(_("已经记在卡上：以后刷卡，屏幕就照这样显示。"))
            response = remember(_to_card(), name="language", value=str(form.language.data))
            size = "large" if form.large_text.data else "normal"
            return remember(response, name="text", value=size)
    return units.draw("people/me_card_wishes.html", form=form)
