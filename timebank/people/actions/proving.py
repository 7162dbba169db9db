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
from timebank.people.actions.devices import remember_device
from timebank.people.actions.second_factor import use_code
from timebank.people.actions.tries import (
    Account,
    TryKeys,
    count_try,
    try_keys,
    uncount_try,
)
from timebank.people.passwords import is_secret_of, nobody_hash, profile_of
from timebank.people.queries.factors import second_factor_of
from timebank.people.queries.merged import records_of
from timebank.people.refusals import SignInFailed
from timebank.people.rules import SECRET_LENGTH_MAX, read_pin
from timebank.people.rules.throttles import CARD, CODE, NAME, Origin
from timebank.people.rules.visits import read_code
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


def prove(
    database: Database, *, by: By, visit_id: int, secret: str, origin: Origin, now: datetime
) -> str:
    """Note in a visit that its owner has just proven who they are.

    It also ends the waiting of a visit that lacked the code of a second factor. Only then is the
    browser known; return the token that it keeps, or an empty text for a program.

    **Refuses**: ``BadInput`` for what is no code or PIN, which counts as no attempt;
    ``SignInFailed``; ``TooManyTries``; ``SignInClosed``; ``NotAllowed`` without user and card.
    """
    with database.reading() as session:
        way = way_of(session, by)

    def note(deed: Deed) -> str:
        cells: dict[str, object] = {"proven_at": now}
        if way == "code":
            cells["lacks"] = None
        row = deed.session.execute(
            update(visit)
            .where(
                visit.c.community_id == by.community_id,
                visit.c.id == visit_id,
                visit.c.person_id == by.person_id,
                visit.c.ended_at.is_(None),
            )
            .values(**cells)
            .returning(visit.c.kind, visit.c.device, visit.c.lacks)
        ).first()
        if row is None or row.kind != "web" or row.lacks:
            return ""
        return remember_device(deed, token=origin.browser, words=row.device)

    return _check(database, by, way, note, secret=secret, origin=origin, now=now)


def check_own(
    database: Database, *, by: By, way: Way, secret: str, origin: Origin, now: datetime
) -> None:
    """Check one's own password or PIN before it is changed; each attempt counts as at the sign-in.

    **Refuses**: as ``prove``.
    """
    _check(database, by, way, lambda deed: "", secret=secret, origin=origin, now=now)


def _check(
    database: Database,
    by: By,
    way: Way,
    note: Callable[[Deed], str],
    *,
    secret: str,
    origin: Origin,
    now: datetime,
) -> str:
    if way == "code":
        read_code(secret)  # A typing error is no attempt.
    secret = read_pin(secret) if way == "pin" else secret

    def count(session: Session, _: datetime) -> _Proof:
        proof = _proof(session, by, way, origin=origin, now=now)
        count_try(session, by.community_id, proof.keys, now=now)
        return proof

    proof = database.write(count)
    is_right = way != "code" and is_secret_of(proof.secret_hash, secret[:SECRET_LENGTH_MAX])

    def settle(session: Session, _: datetime) -> str | None:
        deed = Deed(session, by, now)
        if not (use_code(deed, secret) if way == "code" else is_right):
            audit(deed, name="prove_refused", subject_kind=way, facts={})
            return None
        uncount_try(session, by.community_id, proof.keys, now=now)
        audit(deed, name="prove", subject_kind=way, facts={})
        return note(deed)

    noted = database.write(settle)
    if noted is None:
        raise SignInFailed(field=way)
    return noted


def _proof(session: Session, by: By, way: Way, *, origin: Origin, now: datetime) -> _Proof:
    def keys(kind: str, subject: str) -> TryKeys:
        account = Account(kind, subject, by.person_id)
        return try_keys(session, by.community_id, account, origin, now=now)

    if way == "code":
        if by.user_id is None:
            raise NotAllowed(deed="prove")
        return _Proof(keys(CODE, str(by.user_id)))
    if way == "password":
        row = session.execute(
            select(app_user.c.login_name, app_user.c.password_hash).where(
                app_user.c.community_id == by.community_id, app_user.c.id == by.user_id
            )
        ).first()
    else:
        row = session.execute(
            select(card.c.card_no, card.c.pin_hash)
            .where(
                card.c.community_id == by.community_id,
                card.c.person_id.in_(records_of(by.community_id, [by.person_id or 0])),
                card.c.revoked_at.is_(None),
            )
            # Somebody with two records may have two cards: the one they signed in with.
            .order_by(card.c.id != _card_id(by), card.c.issued_at.desc())
            .limit(1)
        ).first()
    if row is None:
        raise NotAllowed(deed="prove")
    kind = NAME if way == "password" else CARD
    return _Proof(keys(kind, row[0]), row[1] or nobody_hash(profile_of(session)))


def _card_id(by: By) -> int:
    kind, _, number = by.client.partition(":")
    return int(number) if kind == "card" else 0
