"""Second factors: who needs one, who has one, and a drawn secret that is not confirmed yet."""

from dataclasses import dataclass
from datetime import datetime

import pyotp
from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from timebank.people.rules.visits import FACTOR_ROLES, FACTOR_ROLES_KEY
from timebank.people.tables import app_user, recovery_code, second_factor
from timebank.policy.queries import parameters_on
from timebank.values import By, local_day
from timebank.vault.cipher import vault_to_open

SECRET_COLUMN = "second_factor.secret"


@dataclass(frozen=True, slots=True)
class SecondFactor:
    """The confirmed second factor of a user, with the recovery codes that are left."""

    confirmed_at: datetime
    codes_left: int


@dataclass(frozen=True, slots=True, repr=False)
class DrawnFactor:
    """A secret for the phone, until it is confirmed. Its repr does not show it."""

    login_name: str
    secret: str

    @property
    def spelled(self) -> str:
        """The secret in groups of four, to be typed into the phone."""
        return " ".join(self.secret[at : at + 4] for at in range(0, len(self.secret), 4))

    def address(self, issuer: str) -> str:
        """What a QR code tells the phone."""
        return str(
            pyotp.TOTP(self.secret).provisioning_uri(name=self.login_name, issuer_name=issuer)
        )


def factor_roles(session: Session, community_id: int, *, now: datetime) -> tuple[str, ...]:
    """The roles that sign in with a second factor; a community may set other roles, or none."""
    parameters = parameters_on(session, community_id, local_day(now))
    if FACTOR_ROLES_KEY not in parameters.rows:
        return FACTOR_ROLES
    return parameters.codes(FACTOR_ROLES_KEY)


def lacks_of(session: Session, by: By, *, now: datetime) -> str:
    """What a right password leaves open: a code, setting up a second factor, or nothing."""
    if by.user_id is None:
        return ""
    if second_factor_of(session, by) is not None:
        return "code"
    is_needed = by.holds(*factor_roles(session, by.community_id, now=now))
    return "set_up" if is_needed else ""


def second_factor_of(session: Session, by: By) -> SecondFactor | None:
    """The second factor of a user; None without one, and while it is not confirmed."""
    left = (
        select(func.count())
        .select_from(recovery_code)
        .where(
            recovery_code.c.community_id == second_factor.c.community_id,
            recovery_code.c.user_id == second_factor.c.user_id,
            recovery_code.c.used_at.is_(None),
        )
        .scalar_subquery()
    )
    row = session.execute(
        select(second_factor.c.confirmed_at, left.label("codes_left")).where(
            second_factor.c.community_id == by.community_id,
            second_factor.c.user_id == by.user_id,
            second_factor.c.confirmed_at.is_not(None),
        )
    ).first()
    return None if row is None else SecondFactor(row.confirmed_at, row.codes_left)


def drawn_factor(session: Session, by: By) -> DrawnFactor | None:
    """The secret that a user is about to put on their phone; None without one or once confirmed."""
    row = session.execute(
        select(app_user.c.login_name, second_factor.c.secret_sealed)
        .join(
            second_factor,
            and_(
                second_factor.c.community_id == app_user.c.community_id,
                second_factor.c.user_id == app_user.c.id,
            ),
        )
        .where(
            app_user.c.community_id == by.community_id,
            app_user.c.id == by.user_id,
            second_factor.c.confirmed_at.is_(None),
        )
    ).first()
    if row is None:
        return None
    secret = vault_to_open(session).open(row.secret_sealed, SECRET_COLUMN)
    return DrawnFactor(row.login_name, secret)
