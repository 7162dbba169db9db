"""Sign in by name and password, or by card and PIN.

An attempt is counted before the secret is checked (``tries.py``). The slow hash is computed between
two units of work, so that it blocks no writer.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from timebank.db import Database
from timebank.deeds.audit import audit
from timebank.deeds.deed import Deed
from timebank.errors import BadInput
from timebank.people.actions.tries import (
    Account,
    TryKeys,
    count_try,
    is_known,
    scan_keys,
    try_keys,
    uncount_try,
)
from timebank.people.actions.visits import SignedIn, new_visit
from timebank.people.passwords import is_secret_of, nobody_hash, profile_of
from timebank.people.queries.cards import card_condition
from timebank.people.queries.factors import lacks_of
from timebank.people.queries.users import by_of_card, by_of_user
from timebank.people.refusals import CardRevoked, SignInFailed
from timebank.people.rules import (
    SECRET_LENGTH_MAX,
    read_card_no,
    read_card_token,
    read_pin,
    tidy_login_name,
)
from timebank.people.rules.throttles import CARD, NAME, Origin
from timebank.people.tables import app_user, card
from timebank.values import By


@dataclass(frozen=True, slots=True)
class _Try:
    """What an attempt is checked against; an unknown name gets a hash that matches nothing."""

    community_id: int
    keys: TryKeys
    secret_hash: str
    subject_kind: str
    subject_id: int | None = None
    is_revoked: bool = False


_Look = Callable[[Session], _Try]
Result = TypeVar("Result")


def sign_in(
    database: Database,
    *,
    community_id: int,
    login_name: str,
    password: str,
    origin: Origin,
    now: datetime,
    device: str = "",
    kind: str = "web",
) -> SignedIn:
    """Open a visit for a person by name and password.

    ``device`` is the words for the list of visits. An unknown name takes as long as a known one.

    **Refuses**: ``SignInFailed``, without saying which was wrong; ``TooManyTries`` until a time;
    ``SignInClosed``.
    """

    def look(session: Session) -> _Try:
        name = tidy_login_name(login_name)[:SECRET_LENGTH_MAX]
        row = session.execute(
            select(app_user.c.id, app_user.c.password_hash, app_user.c.person_id).where(
                app_user.c.community_id == community_id,
                app_user.c.login_name == name,
                app_user.c.closed_at.is_(None),
            )
        ).first()
        account = Account(NAME, name, None if row is None else row.person_id)
        keys = try_keys(session, community_id, account, origin, now=now)
        if row is None:
            return _nobody(session, community_id, keys, "user")
        return _Try(
            community_id=community_id,
            keys=keys,
            secret_hash=row.password_hash,
            subject_kind="user",
            subject_id=row.id,
        )

    return _tried(database, look, _visit(origin, device, kind), secret=password, now=now)


def sign_in_by_card(
    database: Database,
    *,
    community_id: int,
    card: str,
    pin: str,
    origin: Origin,
    now: datetime,
    device: str = "",
) -> SignedIn:
    """Open a visit for a person by card (scanned, or its number typed) and PIN.

    **Refuses**: ``BadInput`` for what is no card or no PIN, which counts as no attempt;
    ``SignInFailed``; ``TooManyTries``; ``SignInClosed``; ``CardRevoked`` if the PIN is right.
    """
    secret = _checked_shape(card, pin)
    look = _card_look(community_id, card, origin, now=now)
    return _tried(database, look, _visit(origin, device, "web"), secret=secret, now=now)


def check_card_pin(
    database: Database,
    *,
    community_id: int,
    card: str,
    pin: str,
    origin: Origin,
    now: datetime,
    is_scanned: bool = False,
) -> By:
    """Check a card and its PIN for a kiosk, which is the source. It opens no visit.

    ``is_scanned``: the kiosk sent what only the card's random code shows, not a typed number.

    **Refuses**: as ``sign_in_by_card``.
    """
    secret = _checked_shape(card, pin)
    look = _card_look(community_id, card, origin, now=now, is_scanned=is_scanned)
    return _tried(database, look, lambda deed: deed.by, secret=secret, now=now, channel="kiosk")


def _checked_shape(card: str, pin: str) -> str:
    """The normalised PIN. A typing error is found here, before an attempt is counted.

    **Refuses**: ``BadInput``.
    """
    if not (read_card_token(card) or read_card_no(card)):
        raise BadInput(field="card", why="shape")
    return read_pin(pin)


def _card_look(
    community_id: int, card: str, origin: Origin, *, now: datetime, is_scanned: bool = False
) -> _Look:
    def look(session: Session) -> _Try:
        row = _card_row(session, community_id, card)
        if row is None:
            account = Account(CARD, read_card_no(card) or read_card_token(card) or "", None)
        else:
            account = Account(CARD, row.card_no, row.person_id)
        keys = try_keys(session, community_id, account, origin, now=now)
        if row is None:
            return _nobody(session, community_id, keys, "card")
        if (is_scanned or read_card_token(card)) and not is_known(keys):
            keys = scan_keys(session, row.card_no, origin)
        secret_hash = row.pin_hash or nobody_hash(profile_of(session))
        return _Try(
            community_id=community_id,
            keys=keys,
            secret_hash=secret_hash,
            subject_kind="card",
            subject_id=row.id,
            is_revoked=row.revoked_at is not None,
        )

    return look


def _visit(origin: Origin, device: str, kind: str) -> Callable[[Deed], SignedIn]:
    """Open the visit of a successful sign-in."""

    def opened(deed: Deed) -> SignedIn:
        lacks = lacks_of(deed.session, deed.by, now=deed.now)
        return new_visit(deed, device=device, kind=kind, lacks=lacks, browser=origin.browser)

    return opened


def _nobody(session: Session, community_id: int, keys: TryKeys, kind: str) -> _Try:
    """An attempt that cannot succeed, and that costs one hash as every other."""
    return _Try(
        community_id=community_id,
        keys=keys,
        secret_hash=nobody_hash(profile_of(session)),
        subject_kind=kind,
    )


def _tried(
    database: Database,
    look: _Look,
    then: Callable[[Deed], Result],
    *,
    secret: str,
    now: datetime,
    channel: str = "web",
) -> Result:
    """Count the attempt, check the secret, and do ``then`` as the person if it was right."""

    def count(session: Session, _: datetime) -> _Try:
        attempt = look(session)
        count_try(session, attempt.community_id, attempt.keys, now=now)
        return attempt

    attempt = database.write(count)
    is_right = is_secret_of(attempt.secret_hash, secret[:SECRET_LENGTH_MAX])
    by_nobody = By(community_id=attempt.community_id, client="nobody", channel=channel)
    result = database.write(
        lambda session, _: _settle(Deed(session, by_nobody, now), attempt, then, is_right=is_right)
    )
    if result is not None:
        return result
    if is_right and attempt.is_revoked:
        raise CardRevoked()
    raise SignInFailed()


def _settle(
    deed: Deed, attempt: _Try, then: Callable[[Deed], Result], *, is_right: bool
) -> Result | None:
    """Record the result of an attempt; if it was right, take its count back and go on."""
    by = _by(deed, attempt) if is_right else None
    if is_right:
        uncount_try(deed.session, attempt.community_id, attempt.keys, now=deed.now)
    found = deed if by is None else Deed(deed.session, by, deed.now)
    audit(
        found,
        name="sign_in_refused" if by is None else "sign_in",
        subject_kind=attempt.subject_kind,
        subject_id=attempt.subject_id,
    )
    return None if by is None else then(found)


def _by(deed: Deed, attempt: _Try) -> By | None:
    """The person of an attempt with a right secret; None if the secret was changed meanwhile.

    A change ends all visits, so it must not miss one that is about to be opened.
    """
    if attempt.subject_id is None:
        return None
    is_user = attempt.subject_kind == "user"
    rows, secret_hash = (app_user, "password_hash") if is_user else (card, "pin_hash")
    living = deed.session.scalar(
        select(rows.c[secret_hash])
        .where(rows.c.community_id == attempt.community_id, rows.c.id == attempt.subject_id)
        .with_for_update()
    )
    if living != attempt.secret_hash:
        return None
    reader = by_of_user if is_user else by_of_card
    signed = (attempt.community_id, attempt.subject_id, deed.by.channel)
    return reader(deed.session, *signed, now=deed.now)


def _card_row(session: Session, community_id: int, text: str) -> Any:
    condition = card_condition(session, text)
    if condition is None:
        return None
    return session.execute(
        select(
            card.c.id, card.c.card_no, card.c.pin_hash, card.c.revoked_at, card.c.person_id
        ).where(card.c.community_id == community_id, condition)
    ).first()
