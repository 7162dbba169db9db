"""Free somebody whose attempts are refused: for the operator of the server.

The secret stays as it is, and known devices stay known. Only counts of failures go.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from timebank.db import Database
from timebank.deeds.audit import audit
from timebank.deeds.deed import Deed
from timebank.people.actions.devices import device_ids
from timebank.people.actions.tries import clear_tries
from timebank.people.queries.cards import card_holder
from timebank.people.queries.merged import kept_of, records_of
from timebank.people.rules import tidy_login_name
from timebank.people.rules.throttles import CARD, CODE, DEVICE, NAME, SCAN, SOURCE
from timebank.people.tables import app_user, card, person
from timebank.values import By


@dataclass(frozen=True, slots=True)
class Unlocked:
    """Whose attempts are free again, and how many counts of failures are gone, by kind."""

    person_id: int
    login_name: str
    freed: dict[str, int]


def unlock(
    database: Database,
    *,
    community_id: int,
    login_name: str = "",
    card_no: str = "",
    person_id: int | None = None,
) -> Unlocked | None:
    """Forget the failures at a person's name, cards, codes and devices; None for nobody."""

    def work(session: Session, now: datetime) -> Unlocked | None:
        whom = person_id
        if login_name:
            whom = _person_of_name(session, community_id, login_name)
        elif card_no:
            holder = card_holder(session, community_id, card_no)
            whom = None if holder is None else holder.person_id
        if whom is None or not _is_person(session, community_id, whom):
            return None
        return _free(_deed(session, community_id, now), whom)

    return database.write(work)


def unlock_address(database: Database, *, community_id: int, source: str) -> int:
    """Forget the failures of strangers at one address, also with scanned cards."""

    def work(session: Session, now: datetime) -> int:
        keys = (SOURCE, source), (SOURCE, f"scan@{source}")
        freed = clear_tries(session, community_id, *keys)
        audit(
            _deed(session, community_id, now), name="unlock", subject_kind="address",
            facts={"freed": {SOURCE: freed}},
        )  # fmt: skip
        return freed

    return database.write(work)


def _deed(session: Session, community_id: int, now: datetime) -> Deed:
    by = By(community_id=community_id, client="job:operator", channel="job")
    return Deed(session, by, now)


def _free(deed: Deed, person_id: int) -> Unlocked:
    session, community_id = deed.session, deed.community_id
    user = session.execute(
        select(app_user.c.id, app_user.c.login_name).where(
            app_user.c.community_id == community_id,
            app_user.c.person_id.in_(records_of(community_id, [person_id])),
        )
    ).first()
    numbers = session.scalars(
        select(card.c.card_no).where(
            card.c.community_id == community_id,
            card.c.person_id.in_(records_of(community_id, [person_id])),
        )
    ).all()
    of_kind: dict[str, Sequence[str]] = {
        NAME: [user.login_name] if user else [],
        CODE: [str(user.id)] if user else [],
        CARD: numbers,
        SCAN: numbers,
        DEVICE: [str(device_id_) for device_id_ in device_ids(session, community_id, person_id)],
    }
    freed = {
        kind: clear_tries(session, community_id, *((kind, subject) for subject in subjects))
        for kind, subjects in of_kind.items()
        if subjects
    }
    audit(deed, name="unlock", subject_kind="person", subject_id=person_id, facts={"freed": freed})
    return Unlocked(person_id, user.login_name if user else "", freed)


def _person_of_name(session: Session, community_id: int, login_name: str) -> int | None:
    return session.scalar(
        select(kept_of(app_user)).where(
            app_user.c.community_id == community_id,
            app_user.c.login_name == tidy_login_name(login_name),
        )
    )


def _is_person(session: Session, community_id: int, person_id: int) -> bool:
    found = session.scalar(
        select(person.c.id).where(person.c.community_id == community_id, person.c.id == person_id)
    )
    return found is not None
