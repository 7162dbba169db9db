"""One's own card: shown with its code and number, reported lost, its PIN and its wishes."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from timebank.people import actions
from timebank.people.queries import Card, card_of_person
from timebank.people.rules import print_card_no
from web import auth, units
from web.account.forms import LostForm, PinForm, WishesForm
from web.auth import current_by, signed_in
from web.reader import remember

blueprint = Blueprint("own_card", __name__, url_prefix="/me/card")


def _card() -> Card | None:
    """The living card of whoever is here."""
    by = current_by()
    if by.person_id is None:
        return None
    with units.reading() as session:
        return card_of_person(session, by.community_id, by.person_id)


def _to_card() -> Response:
    return redirect(url_for("own_card.show"), 303)


@blueprint.get("")
@signed_in
def show() -> str:
    """Show the card, to be scanned from the phone or printed; or say how to get one."""
    card = _card()
    number = None if card is None else print_card_no(card.card_no)
    return render_template("account/card.html", card=card, number=number)


@blueprint.route("/lost", methods=["GET", "POST"])
@signed_in
def lost() -> Response | tuple[str, int]:
    """Ask once more, then stop the card at once."""
    form = LostForm()
    if form.validate_on_submit():
        receipt = units.tried(actions.revoke_card, form, card_id=form.number, why="lost")
        if receipt is not None:
            return _after_loss()
    card = _card()
    if card is None:
        return _to_card()
    form.card_id.data = str(card.id)
    return units.draw("account/lost.html", form=form, number=print_card_no(card.card_no))


def _after_loss() -> Response:
    """Who came in by the lost card is signed out: his key has just been taken away."""
    if current_by().client.startswith("card:"):
        auth.sign_out()
    flash(_("卡已经挂失，马上停用。账户里的一切都还在，带上身份证到社区柜台就能补办新卡。"))
    return _to_card()


@blueprint.route("/pin", methods=["GET", "POST"])
@signed_in
def pin() -> Response | tuple[str, int]:
    """Set the digits that go with the card."""
    card = _card()
    if card is None:
        return _to_card()
    form = PinForm()
    if form.validate_on_submit():
        told = {"card_id": card.id, "pin": form.pin.data}
        if units.tried(actions.set_pin, form, **told) is not None:
            flash(_("数字密码已经设好，请记住它，不要告诉别人。"))
            return _to_card()
    return units.draw("account/pin.html", form=form)


@blueprint.route("/wishes", methods=["GET", "POST"])
@signed_in
def wishes() -> Response | tuple[str, int]:
    """Say how screens shall speak when this card is shown."""
    card = _card()
    if card is None:
        return _to_card()
    form = WishesForm(obj=card)
    if form.validate_on_submit():
        told = {"language": form.language.data, "large_text": bool(form.large_text.data)}
        receipt = units.tried(actions.set_card_preferences, form, card_id=card.id, **told)
        if receipt is not None:
            flash(_("已经记在卡上：以后刷卡，屏幕就照这样显示。"))
            response = remember(_to_card(), name="language", value=str(form.language.data))
            size = "large" if form.large_text.data else "normal"
            return remember(response, name="text", value=size)
    return units.draw("account/wishes.html", form=form)
