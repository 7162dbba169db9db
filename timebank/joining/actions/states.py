"""Whoever has the number and knows the birthday asks what became of it, or withdraws it.

Never run these as a deed through ``perform``: an attempt is counted although it is refused.
"""

from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from timebank.db import Database
from timebank.deeds.audit import audit
from timebank.deeds.deed import Deed
from timebank.errors import WrongState
from timebank.joining.actions.completing import EMPTIED
from timebank.joining.queries import RegistrationState, registration_state
from timebank.joining.rules import ENDED, WAITING, WITHDRAWN
from timebank.joining.tables import registration
from timebank.people.actions.tries import count_try, registration_keys, uncount_try
from timebank.people.rules.throttles import Origin
from timebank.values import By


def ask_state(
    database: Database, *, by: By, registration_no: str, birth_on: date, origin: Origin
) -> RegistrationState:
    """What became of a registration. The attempt is counted before the number is looked up.

    **Refuses**: ``RegistrationUnknown`` for a wrong number and a wrong birthday alike;
    ``TooManyTries``.
    """

    def count(session: Session, now: datetime) -> Any:
        keys = registration_keys(session, registration_no, origin)
        count_try(session, by.community_id, keys, now=now)
        return keys

    def look(session: Session, now: datetime) -> RegistrationState:
        found = registration_state(session, by.community_id, registration_no, birth_on, now=now)
        uncount_try(session, by.community_id, keys, now=now)
        return found

    keys = database.write(count)
    return database.write(look)


def withdraw_registration(
    database: Database, *, by: By, registration_no: str, birth_on: date, origin: Origin
) -> RegistrationState:
    """Empty what somebody typed, because they do not want to join any more.

    **Refuses**: as ``ask_state``; ``WrongState`` if the counter was faster.
    """
    found = ask_state(
        database, by=by, registration_no=registration_no, birth_on=birth_on, origin=origin
    )

    def work(session: Session, now: datetime) -> RegistrationState:
        values = {"state": ENDED, "end_why": WITHDRAWN, "settled_at": now, **EMPTIED}
        key = (registration.c.community_id == by.community_id, registration.c.id == found.id)
        changed = session.execute(
            update(registration)
            .where(*key, registration.c.state == WAITING)
            .values(**values)
            .returning(registration.c.id)
        ).first()
        if changed is None:
            raise WrongState(kind="registration", state=found.state)
        deed = Deed(session, by, now)
        audit(deed, name="withdraw_registration", subject_kind="registration", subject_id=found.id)
        return replace(found, state=ENDED)

    return database.write(work)
