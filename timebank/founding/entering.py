"""The first people of staff: each gets a slip with a code, and chooses name and password with it.

The code follows from the key and the person, and is stored nowhere: so a second press of the last
button prints the same slips.
"""

import hmac
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from timebank.db import Database
from timebank.deeds.deed import Deed
from timebank.deeds.founded import Founded
from timebank.errors import TimebankError
from timebank.founding.actions import found, founder_of
from timebank.founding.codes import LETTERS, tidy_code, written_code
from timebank.founding.plan import CommunityPlan
from timebank.founding.queries import SLIP_LASTS
from timebank.founding.refusals import SetUpCodeWrong
from timebank.founding.tables import first_slip
from timebank.founding.tries import clear_tries, count_try
from timebank.people.actions import add_user
from timebank.values import Role
from timebank.vault.cipher import vault_of

_BETWEEN_ROLES = ","


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstSlip:
    """The slip of one of the first people."""

    person_id: int
    name: str
    code: str = field(repr=False)


def found_with_slips(
    session: Session, now: datetime, plan: CommunityPlan
) -> tuple[Founded, tuple[FirstSlip, ...]]:
    """Found a community, and make a slip for each of its first people.

    **Refuses**: as ``found``.
    """
    founded = found(session, now, plan)
    pairs = list(zip(plan.staff, founded.person_ids, strict=True))
    rows = [
        {
            "community_id": founded.community_id, "person_id": person_id,
            "roles": _BETWEEN_ROLES.join(member.roles), "made_at": now, "ended_at": None,
        }
        for member, person_id in pairs
    ]  # fmt: skip
    if rows:
        session.execute(insert(first_slip), rows)
    return founded, tuple(
        FirstSlip(person_id=person_id, name=member.name, code=slip_code(session, person_id))
        for member, person_id in pairs
    )


def slip_code(session: Session, person_id: int) -> str:
    """The code on somebody's slip, as it is printed."""
    drawn = vault_of(session).digest("first_slip.code", str(person_id))
    return written_code("".join(LETTERS[byte % len(LETTERS)] for byte in drawn))


def enter_first(
    database: Database,
    *,
    community_id: int,
    typed: str,
    login_name: str,
    password: str,
    source: str,
) -> str:
    """Let one of the first people choose name and password; return the name. A slip is used once.

    **Refuses**: ``TooManyTries``; ``SetUpCodeWrong``; ``BadInput`` for name or password.
    """
    database.write(lambda session, now: count_try(session, now, source))

    def work(session: Session, now: datetime) -> str | None:
        row = _slip(session, now, community_id, typed)
        if row is None:
            return None
        clear_tries(session, now, source)
        deed = Deed(session, founder_of(community_id), now, f"first-{row.person_id}")
        roles = tuple(Role(name) for name in row.roles.split(_BETWEEN_ROLES))
        session.execute(
            update(first_slip)
            .where(
                first_slip.c.community_id == community_id,
                first_slip.c.person_id == row.person_id,
            )
            .values(ended_at=now)
        )
        parameters = {"login_name": login_name, "password": password}
        return add_user(deed, person_id=row.person_id, roles=roles, **parameters).login_name

    try:
        entered = database.write(work)
    except TimebankError:  # The code was right: what was refused is no guess at it.
        database.write(lambda session, now: clear_tries(session, now, source))
        raise
    if entered is None:
        raise SetUpCodeWrong()
    return entered


def _slip(session: Session, now: datetime, community_id: int, typed: str) -> Any:
    """The open slip with this code, locked; there are at most twenty."""
    rows = session.execute(
        select(first_slip)
        .where(
            first_slip.c.community_id == community_id,
            first_slip.c.ended_at.is_(None),
            first_slip.c.made_at > now - SLIP_LASTS,
        )
        .order_by(first_slip.c.person_id)
        .with_for_update()
    ).all()
    wanted = tidy_code(typed).encode()
    for row in rows:
        if hmac.compare_digest(tidy_code(slip_code(session, row.person_id)).encode(), wanted):
            return row
    return None
