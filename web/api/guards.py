"""Authentication: a token from the sign-in, or for reading also the session of the same browser.

A browser sends a cookie with any request that a page makes, but a token only if a program adds it.
So deeds accept only a token, and need no CSRF protection.
"""

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any

from flask import g, request
from itsdangerous import BadSignature, URLSafeSerializer

from timebank.errors import NotFound
from timebank.people.queries import by_of_client
from timebank.people.refusals import SignInNeeded
from timebank.values import By, from_us, to_us
from web import units
from web.auth import by_or_none

View = Callable[..., Any]

TOKEN_LIFE = timedelta(hours=1)
TOKEN_LENGTH_MAX = 400


def new_token(by: By) -> str:
    """Create a token for somebody who has just signed in. It contains their identity and no
    rights.
    """
    until = units.now() + TOKEN_LIFE
    told = {"community": by.community_id, "client": by.client, "until_us": to_us(until)}
    return str(_signer().dumps(told))


def by_of_token(token: str) -> By:
    """The owner of the token with their current roles. **Refuses**: SignInNeeded."""
    if len(token) > TOKEN_LENGTH_MAX:
        raise SignInNeeded()
    try:
        content = _signer().loads(token)
    except BadSignature:
        raise SignInNeeded() from None
    is_ours = content["community"] == units.community_id()
    if not is_ours or from_us(content["until_us"]) <= units.now():
        raise SignInNeeded()
    with units.reading() as session:
        by = by_of_client(session, units.community_id(), content["client"])
    if by is None:
        raise SignInNeeded()
    return by


def _signer() -> URLSafeSerializer:
    key = units.database().info["vault"].digest("web.api-token", "1")
    return URLSafeSerializer(key, salt="api-token", signer_kwargs={"key_derivation": "hmac"})


def by_token(view: View) -> View:
    """Only callers with a token may do this."""
    return _guarded(view, "token", visits_count=False)


def by_token_or_visit(view: View) -> View:
    """Only callers with a token, or reading in a signed-in browser, may see this."""
    return _guarded(view, "token or visit", visits_count=True)


def _guarded(view: View, how: str, *, visits_count: bool) -> View:
    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        g.api_by = _asking(visits_count=visits_count)
        return view(*args, **kwargs)

    guarded._guard = how  # type: ignore[attr-defined]
    return guarded


def _asking(*, visits_count: bool) -> By:
    told = request.headers.get("Authorization")
    if told is not None:
        kind, _, token = told.partition(" ")
        if kind.lower() != "bearer":
            raise SignInNeeded()
        return by_of_token(token.strip())
    by = by_or_none() if visits_count else None
    if by is None:
        raise SignInNeeded()
    return by


def asking() -> By:
    """The caller; the guard has checked them."""
    by: By = g.api_by
    return by


def own_person_id() -> int:
    """**Refuses**: ``NotFound`` for a sign-in that belongs to no person."""
    person_id = asking().person_id
    if person_id is None:
        raise NotFound(kind="person")
    return person_id


def own_household_id() -> int:
    """**Refuses**: ``NotFound`` for people who live elsewhere: the shelf is for households here."""
    household_id = asking().household_id
    if household_id is None:
        raise NotFound(kind="household")
    return household_id
