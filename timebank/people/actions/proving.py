"""Prove again who one is: before sealed data, cards and PINs, and before one's secrets change.

Whoever has a second factor gives a code, whoever has none the password, and whoever signed in with
a card its PIN.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from timebank.db import Database
from timebank.deeds.audit import audit
from timebank.deeds.deed import Deed
from timebank.errors import NotAllowed
from timebank.people.actions.second_factor import use_code
from timebank.people.actions.tries import (
    TryKeys,
    code_keys,
    count_try,
    try_keys,
    uncount_try,
)
from timebank.people.passwords import is_secret_of, nobody_hash, profile_of
from timebank.people.queries.factors import second_factor_of
from timebank.people.refusals import SignInFailed
from timebank.people.rules import SECRET_LENGTH_MAX
from timebank.people.tables import app_user, card, visit
from timebank.values import By

Way = Literal["code", "password", "pin"]


@dataclass(frozen=True, slots=True, repr=False)
class _Proof:
    """What a secret is checked against; a code is checked by ``use_code``."""

    keys: TryKeys
    secret_hash: str = ""


def way_of(session: Session, by: By) -> Way:
    """Which secret somebody is asked for."""
    if by.user_id is None:
        return "pin"
    return "code" if second_factor_of(session, by) is not None else "password"


def prove(database: Database, *, by: By, visit_id: int, secret: str, now: datetime) -> None:
    """Note in a visit that its owner has just proven who they are.

    It also ends the waiting of a visit that lacked the code of a second factor.

    **Refuses**: ``SignInFailed``; ``TooManyTries``; ``NotAllowed`` without user and card.
    """
    with database.reading() as session:
        way = way_of(session, by)

    def note(deed: Deed) -> None:
        cells: dict[str, object] = {"proven_at": now}
        if way == "code":
            cells["lacks"] = None
        deed.session.execute(
            update(visit)
            .where(
                visit.c.community_id == by.community_id,
                visit.c.id == visit_id,
                visit.c.person_id == by.person_id,
                visit.c.ended_at.is_(None),
            )
            .values(**cells)
        )

    _check(database, by, way, note, secret=secret, now=now)


def check_own(database: Database, *, by: By, way: Way, secret: str, now: datetime) -> None:
    """Check one's own password or PIN before it is changed; each attempt counts as at the sign-in.

    **Refuses**: ``SignInFailed``; ``TooManyTries``; ``NotAllowed`` without user or card.
    """
    _check(database, by, way, lambda deed: None, secret=secret, now=now)


def _check(
    database: Database,
    by: By,
    way: Way,
    note: Callable[[Deed], None],
    *,
    secret: str,
    now: datetime,
) -> None:
    def count(session: Session, _: datetime) -> _Proof:
        proof = _proof(session, by, way)
        count_try(session, by.community_id, proof.keys, now=now)
        return proof

    proof = database.write(count)
    is_right = way != "code" and is_secret_of(proof.secret_hash, secret[:SECRET_LENGTH_MAX])

    def settle(session: Session, _: datetime) -> bool:
        deed = Deed(session, by, now)
        if not (use_code(deed, secret) if way == "code" else is_right):
            audit(deed, name="prove_refused", subject_kind=way, facts={})
            return False
        uncount_try(session, by.community_id, proof.keys, now=now)
        audit(deed, name="prove", subject_kind=way, facts={})
        note(deed)
        return True

    if not database.write(settle):
        raise SignInFailed(field=way)


def _proof(session: Session, by: By, way: Way) -> _Proof:
    if way == "code":
        if by.user_id is None:
            raise NotAllowed(deed="prove")
        return _Proof(code_keys(session, by.user_id))
    if way == "password":
        row = session.execute(
            select(app_user.c.login_name, app_user.c.password_hash).where(
                app_user.c.community_id == by.community_id, app_user.c.id == by.user_id
            )
        ).first()
    else:
        row = session.execute(
            select(card.c.card_no, card.c.pin_hash).where(
                card.c.community_id == by.community_id,
                card.c.person_id == by.person_id,
                card.c.revoked_at.is_(None),
            )
        ).first()
    if row is None:
        raise NotAllowed(deed="prove")
    kind = "name" if way == "password" else "card"
    return _Proof(try_keys(session, (kind, row[0])), row[1] or nobody_hash(profile_of(session)))
