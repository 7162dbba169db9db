"""The public shelf, and signing in: these need no token."""

from typing import Any

from timebank.goods.queries import shelf as shelf_of
from timebank.goods.queries import store, stores
from timebank.people import actions
from timebank.people.actions import SignedIn
from timebank.people.refusals import SecondFactorNeeded
from timebank.people.rules.visits import VISIT_LIFE
from web import units
from web.api.blueprint import OPEN, blueprint
from web.api.schemas.common import OfStore, SignIn, Token
from web.api.schemas.goods import Shelf
from web.auth import open_to_all, origin


@blueprint.route("/shelf")
@open_to_all
@blueprint.doc(**OPEN, operationId="readShelf")
@blueprint.arguments(OfStore, location="query")
@blueprint.response(200, Shelf)
def shelf(content: dict[str, Any]) -> dict[str, Any]:
    """What is on the shelf now

    Every item of the catalogue, of all stores or of one, without donors and recipients.
    """
    community_id, now = units.community_id(), units.now()
    with units.reading() as session:
        found = stores(session, community_id)
        if content["store_id"] is not None:
            found = [store(session, community_id, content["store_id"])]
        rows = shelf_of(session, community_id, now, content["store_id"])
    return {"as_of_at": now, "stores": found, "items": rows}


@blueprint.route("/sign-in", methods=["POST"])
@open_to_all
@blueprint.doc(**OPEN, operationId="signIn")
@blueprint.arguments(SignIn)
@blueprint.response(200, Token)
def sign_in(content: dict[str, Any]) -> dict[str, Any]:
    """Sign in by name and password

    The token is valid for one hour, until the password or a role changes. Roles are read again with
    each request. Too many failed attempts block the sign-in for a while (429).
    """
    code = content.pop("code")
    signed = actions.sign_in(
        units.database(),
        community_id=units.community_id(),
        origin=origin(),
        now=units.now(),
        kind="api",
        device="API",
        **content,
    )
    if signed.lacks:
        _finish(signed, code)
    return {
        "token": signed.token,
        "token_type": "Bearer",
        "expires_at": units.now() + VISIT_LIFE["api"],
        "person_id": signed.by.person_id,
        "household_id": signed.by.household_id,
    }


def _finish(signed: SignedIn, code: str) -> None:
    """Use up the code of the second factor. **Refuses**: ``SecondFactorNeeded``."""
    if signed.lacks != "code" or not code:
        raise SecondFactorNeeded(why=signed.lacks)
    values = {"visit_id": signed.visit_id, "secret": code, "origin": origin()}
    actions.prove(units.database(), by=signed.by, now=units.now(), **values)
