"""The pages of signing in and out. ``timebank.people`` decides who may sign in."""

from collections.abc import Callable

from flask import (
    Response,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from werkzeug.wrappers import Response as AnyResponse
from wtforms import Field

from timebank.errors import BadInput
from timebank.people import actions, queries
from timebank.people.actions import SignedIn
from timebank.people.queries import SignedVisit
from timebank.people.refusals import CardRevoked, SignInFailed, TooManyTries
from timebank.values import By
from web import auth, units
from web.auth import by_or_none, open_to_all, signed_in, waiting_for
from web.pages import ACCOUNT, BOTH, POST, page
from web.people.forms import CardSignInForm, CodeForm, NameSignInForm, SecretForm, SignInForm
from web.reader import gettext as _
from web.reader import remember, safe_path


@page(ACCOUNT, "/sign-in", "sign_in")
@open_to_all
def sign_in() -> AnyResponse | str:
    """Offer two ways to sign in; signed-in visitors are redirected at once."""
    by = by_or_none()
    if by is not None:
        return redirect(_onward(by), 303)
    with units.reading() as session:
        is_off = not queries.factor_roles(session, units.community_id(), now=units.now())
    return render_template(
        "people/sign_in.html",
        asked=_asked(),
        ended=request.args.get("ended"),
        is_kept=request.args.get("kept") == "1",
        is_factor_off=is_off,
    )


@page(ACCOUNT, "/sign-in/name", "sign_in_by_name", methods=BOTH)
@open_to_all
def sign_in_by_name() -> AnyResponse | tuple[str, int]:
    """Sign in by name and password."""
    form = NameSignInForm()
    if form.validate_on_submit():
        values = {"login_name": form.login_name.data, "password": form.password.data}
        signed = _try(form, form.password, actions.sign_in, values)
        if signed is not None:
            return _enter(signed)
    return units.draw("people/sign_in_by_name.html", form=form, asked=_asked())


@page(ACCOUNT, "/sign-in/card", "sign_in_by_card", methods=BOTH)
@open_to_all
def sign_in_by_card() -> AnyResponse | tuple[str, int]:
    """Sign in by card and PIN; the page then uses the card's preferences."""
    form = CardSignInForm()
    if form.validate_on_submit():
        values = {"card": form.card.data, "pin": form.pin.data}
        signed = _try(form, form.pin, actions.sign_in_by_card, values)
        if signed is not None:
            return _as_the_card_asks(_enter(signed), signed.by)
    return units.draw("people/sign_in_by_card.html", form=form, asked=_asked())


@page(ACCOUNT, "/sign-in/code", "sign_in_code", methods=BOTH)
@waiting_for("code")
def sign_in_code() -> AnyResponse | tuple[str, int]:
    """Finish a sign-in with a code of the phone, or with a recovery code."""
    form, visit = CodeForm(), auth.waiting_visit()
    assert visit is not None
    if form.validate_on_submit() and _proves(form, form.code, visit):
        return redirect(_after_news(visit.by), 303)
    return units.draw("people/sign_in_code.html", form=form, asked=_asked())


@page(ACCOUNT, "/me/account/prove", "prove", methods=BOTH)
@signed_in
def prove() -> AnyResponse | tuple[str, int]:
    """Ask again who one is, before a page of weight."""
    visit = auth.current_visit()
    with units.reading() as session:
        way = actions.way_of(session, visit.by)
    form = CodeForm() if way == "code" else SecretForm()
    field = form.code if isinstance(form, CodeForm) else form.secret
    if form.validate_on_submit() and _proves(form, field, visit):
        return redirect(_onward(visit.by), 303)
    return units.draw("people/prove.html", form=form, asked=_asked(), way=way)


def _proves(form: SignInForm, field: Field, visit: SignedVisit) -> bool:
    """Check the secret, or show below it why not."""
    try:
        token = actions.prove(
            units.database(),
            by=visit.by,
            visit_id=visit.id,
            secret=field.data or "",
            origin=auth.origin(),
            now=units.now(),
        )
    except (BadInput, SignInFailed, TooManyTries) as refusal:
        form.refuse(refusal, field)
        return False
    auth.know_browser(token)
    return True


@page(ACCOUNT, "/sign-out", "sign_out", methods=POST)
@open_to_all
def sign_out() -> AnyResponse:
    """End the session, even if it has already expired."""
    auth.sign_out()
    flash(_("您已退出，别人看不到您的存折。"))
    return redirect(url_for("account.sign_in"), 303)


def _asked() -> dict[str, str]:
    """The page to open after the sign-in, passed along in addresses."""
    address = request.args.get("next")
    return {"next": address} if address else {}


def _onward(by: By) -> str:
    return safe_path(request.args.get("next"), url_for(_first_page(by)))


def _first_page(by: By) -> str:
    """Where somebody begins: a keeper in their shop, other staff at the worklist, a firm."""
    if not by.is_staff:
        return "me.firm" if _is_of_firm(by) else "me.passbook"
    return "store.desk" if {role.name for role in by.roles} == {"keeper"} else "work.worklist"


def _is_of_firm(by: By) -> bool:
    """Whether somebody who does not live here speaks for a firm."""
    if by.household_id is not None:
        return False
    with units.reading() as session:
        return bool(queries.firms_of(session, by))


def _try(
    form: SignInForm,
    secret: Field,
    check: Callable[..., SignedIn],
    credentials: dict[str, str | None],
) -> SignedIn | None:
    """Check a sign-in, or show below the secret why not."""
    try:
        return check(
            units.database(),
            community_id=units.community_id(),
            origin=auth.origin(),
            now=units.now(),
            device=auth.device(),
            **credentials,
        )
    except (BadInput, SignInFailed, TooManyTries, CardRevoked) as refusal:
        form.refuse(refusal, secret)
        return None


def _enter(signed: SignedIn) -> Response:
    auth.begin(signed)
    if signed.lacks:
        return make_response(redirect(url_for(auth.STEPS[signed.lacks], **_asked()), 303))
    return make_response(redirect(_after_news(signed.by), 303))


def _after_news(by: By) -> str:
    """Go on, after the holder has read that staff made their card, or let a secret be set."""
    with units.reading() as session:
        reset = queries.unread_pin_reset(session, by.community_id, by.person_id or 0)
        issue = queries.unread_card_issue(session, by.community_id, by.person_id or 0)
        password = queries.unread_password_reset(session, by.community_id, by.person_id or 0)
    news = (
        (password, "account.password_made"),
        (reset, "account.card_reset"),
        (issue, "account.card_made"),
    )
    onward = _onward(by)
    for what, endpoint in news:
        if what is not None:
            onward = url_for(endpoint, next=onward)
    return onward


def _as_the_card_asks(response: Response, by: By) -> Response:
    """Apply the card's language and text size to the page."""
    with units.reading() as session:
        assert by.person_id is not None
        card = queries.card_of_person(session, by.community_id, by.person_id)
    if card is not None:
        remember(response, name="language", value=card.language)
        if card.large_text:
            remember(response, name="text", value="large")
    return response
