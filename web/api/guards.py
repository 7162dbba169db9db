"""Authentication: a token from the sign-in, or for reading also the session of the same browser.

A browser sends a cookie with any request that a page makes, but a token only if a program adds it.
So deeds accept only a token, and need no CSRF protection.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import g, request

from timebank.errors import NotFound
from timebank.people.queries import visit_of_token
from timebank.people.refusals import SignInNeeded
from timebank.values import By
from web import units
from web.auth import by_or_none

View = Callable[..., Any]


def by_of_token(token: str) -> By:
    """The owner of the token with their current roles. **Refuses**: SignInNeeded."""
    with units.reading() as session:
        visit = visit_of_token(session, units.community_id(), token, now=units.now(), kind="api")
    if visit is None or visit.ended_why or visit.lacks:
        raise SignInNeeded()
    return visit.by


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
    header = request.headers.get("Authorization")
    if header is not None:
        kind, _, token = header.partition(" ")
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
