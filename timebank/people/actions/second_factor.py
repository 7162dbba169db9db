"""A second factor for a user: a phone that shows codes, and recovery codes for a lost phone.

The secret is encrypted, recovery codes are kept as digests, and a code works once. Never run the
confirmation as a deed through ``perform``: the recovery codes would be stored in plain text.
"""

import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

import pyotp
from sqlalchemy import Update, delete, insert, select, update
from sqlalchemy.orm import Session

from timebank.db import Database
from timebank.deeds.action import action
from timebank.deeds.audit import audit
from timebank.deeds.deed import Deed
from timebank.errors import NotAllowed, WrongState
from timebank.people.actions.tries import (
    Account,
    TryKeys,
    clear_tries,
    count_try,
    try_keys,
    uncount_try,
)
from timebank.people.actions.visits import end_visits
from timebank.people.queries.factors import SECRET_COLUMN
from timebank.people.queries.users import by_of_user
from timebank.people.refusals import SignInFailed
from timebank.people.rules import TOKEN_NUMBERS, tidy_login_name
from timebank.people.rules.throttles import CODE, Origin
from timebank.people.rules.visits import FACTOR_STEP_SECONDS, RECOVERY_CODES, read_code
from timebank.people.rules.visits import recovery_code as code_of
from timebank.people.tables import app_user, recovery_code, second_factor
from timebank.values import By
from timebank.vault.cipher import vault_of, vault_to_seal

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class FactorDrawn:
    user_id: int


@dataclass(frozen=True, slots=True, repr=False)
class FactorConfirmed:
    """The recovery codes, to be shown once. The repr does not show them."""

    recovery_codes: tuple[str, ...]


@action("draw_second_factor")
def draw_second_factor(deed: Deed) -> FactorDrawn:
    """Draw a secret for one's own phone; one that was not confirmed is replaced.

    **Refuses**: ``NotAllowed`` for whoever signs in with a card only; ``WrongState`` if a second
    factor is set up already.
    """
    user_id = _user_id(deed.by)
    row = _locked(deed.session, deed.by)
    if row is not None and row.confirmed_at is not None:
        raise WrongState(kind="second_factor", state="set_up")
    of_user = {"community_id": deed.community_id, "user_id": user_id}
    deed.session.execute(delete(second_factor).filter_by(**of_user))
    sealed = vault_to_seal(deed.session).seal(pyotp.random_base32(), SECRET_COLUMN)
    values = {"secret_sealed": sealed, "drawn_at": deed.now, "last_step": 0}
    deed.session.execute(insert(second_factor).values(**of_user, **values))
    audit(deed, name="draw_second_factor", subject_kind="user", subject_id=user_id)
    return FactorDrawn(user_id)


def confirm_second_factor(
    database: Database, *, by: By, code: str, origin: Origin, now: datetime
) -> FactorConfirmed:
    """Put one's second factor in force, once the phone shows a right code; all visits end.

    **Refuses**: ``NotAllowed``; ``WrongState`` without a drawn secret; ``BadInput`` for what is no
    code, which counts as no attempt; ``SignInFailed``; ``TooManyTries``.
    """

    read_code(code)  # A typing error is no attempt.

    def work(deed: Deed) -> FactorConfirmed | None:
        row = _locked(deed.session, by)
        if row is None or row.confirmed_at is not None:
            raise WrongState(kind="second_factor", state="not_drawn")
        if not _use_phone_code(deed, code):
            return None
        deed.session.execute(_update(by).values(confirmed_at=deed.now))
        codes = _new_recovery_codes(deed)
        end_visits(deed, why="second_factor", person_id=by.person_id)
        audit(deed, name="confirm_second_factor", subject_kind="user", subject_id=by.user_id)
        return FactorConfirmed(codes)

    return _tried(database, by, work, origin=origin, now=now)


def end_second_factor(
    database: Database, *, by: By, code: str, origin: Origin, now: datetime
) -> None:
    """Take one's second factor off, against one of its codes; all visits end.

    **Refuses**: ``NotAllowed``; ``BadInput`` for what is no code, which counts as no attempt;
    ``SignInFailed``; ``TooManyTries``.
    """
    read_code(code)

    def work(deed: Deed) -> bool | None:
        if not use_code(deed, code):
            return None
        return _take_off(deed, by, name="end_second_factor")

    _tried(database, by, work, origin=origin, now=now)


def forget_second_factor(database: Database, *, community_id: int, login_name: str) -> bool:
    """Take off the second factor of somebody who has neither phone nor recovery codes.

    The operator of the server has seen their identity card. False if they have no second factor.
    """

    def work(session: Session, now: datetime) -> bool:
        user_id = session.scalar(
            select(app_user.c.id).where(
                app_user.c.community_id == community_id,
                app_user.c.login_name == tidy_login_name(login_name),
            )
        )
        of_user = None if user_id is None else by_of_user(session, community_id, user_id)
        if of_user is None or _locked(session, of_user) is None:
            return False
        operator = By(community_id=community_id, client="job:operator", channel="job")
        return _take_off(Deed(session, operator, now), of_user, name="forget_second_factor")

    return database.write(work)


def _take_off(deed: Deed, whose: By, *, name: str) -> bool:
    of_user = {"community_id": whose.community_id, "user_id": whose.user_id}
    deed.session.execute(delete(recovery_code).filter_by(**of_user))
    deed.session.execute(delete(second_factor).filter_by(**of_user))
    clear_tries(deed.session, whose.community_id, (CODE, str(whose.user_id)))
    end_visits(deed, why="second_factor", person_id=whose.person_id)
    audit(deed, name=name, subject_kind="user", subject_id=whose.user_id)
    return True


def use_code(deed: Deed, typed: str) -> bool:
    """Tell whether a code of the phone or a recovery code is right, and use it up."""
    row = _locked(deed.session, deed.by)
    if row is None or row.confirmed_at is None:
        return False
    return _use_phone_code(deed, typed) or _use_recovery_code(deed, typed)


def _use_phone_code(deed: Deed, typed: str) -> bool:
    """Accept the code of now or of a neighbouring step, if no later step was used before."""
    row = _locked(deed.session, deed.by)
    code = read_code(typed)
    if row is None:
        return False
    phone = pyotp.TOTP(vault_of(deed.session).open(row.secret_sealed, SECRET_COLUMN))
    step = int(deed.now.timestamp()) // FACTOR_STEP_SECONDS
    for near_step in range(max(step - 1, row.last_step + 1), step + 2):
        if hmac.compare_digest(phone.generate_otp(near_step), code):
            deed.session.execute(_update(deed.by).values(last_step=near_step))
            return True
    return False


def _use_recovery_code(deed: Deed, typed: str) -> bool:
    used = deed.session.execute(
        update(recovery_code)
        .where(
            recovery_code.c.community_id == deed.community_id,
            recovery_code.c.user_id == deed.by.user_id,
            recovery_code.c.code_digest == _digest(deed, read_code(typed)),
            recovery_code.c.used_at.is_(None),
        )
        .values(used_at=deed.now)
    )
    return bool(used.rowcount == 1)  # type: ignore[attr-defined]


def _new_recovery_codes(deed: Deed) -> tuple[str, ...]:
    codes = tuple(code_of(secrets.randbelow(TOKEN_NUMBERS)) for _ in range(RECOVERY_CODES))
    of_user = {"community_id": deed.community_id, "user_id": deed.by.user_id}
    rows = [{**of_user, "code_digest": _digest(deed, code)} for code in codes]
    deed.session.execute(insert(recovery_code), rows)
    return codes


def _digest(deed: Deed, code: str) -> bytes:
    return vault_of(deed.session).digest("recovery_code", f"{deed.by.user_id}:{code}")


def _user_id(by: By) -> int:
    if by.user_id is None:
        raise NotAllowed(deed="second_factor")
    return by.user_id


def _locked(session: Session, by: By) -> Any:
    return session.execute(
        select(second_factor)
        .where(
            second_factor.c.community_id == by.community_id,
            second_factor.c.user_id == by.user_id,
        )
        .with_for_update()
    ).first()


def _update(by: By) -> Update:
    return update(second_factor).where(
        second_factor.c.community_id == by.community_id, second_factor.c.user_id == by.user_id
    )


def _tried(
    database: Database,
    by: By,
    work: Callable[[Deed], Result | None],
    *,
    origin: Origin,
    now: datetime,
) -> Result:
    """Count an attempt, then run the work; without a result the code was wrong."""
    account = Account(CODE, str(_user_id(by)), by.person_id)

    def count(session: Session, _: datetime) -> TryKeys:
        keys = try_keys(session, by.community_id, account, origin, now=now)
        count_try(session, by.community_id, keys, now=now)
        return keys

    def settle(session: Session, _: datetime) -> Result | None:
        result = work(Deed(session, by, now))
        if result is not None:
            uncount_try(session, by.community_id, keys, now=now)
        return result

    keys = database.write(count)
    result = database.write(settle)
    if result is None:
        raise SignInFailed(field="code")
    return result
