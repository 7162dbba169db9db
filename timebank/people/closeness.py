"""Two people for one thing: whether a second person is somebody else than the first.

Everything is decided on the person behind a sign-in. One person with two sign-ins, or with a
sign-in of staff and a card, is one person; people of one household count as one, and a recorded
relative of one of them is close to all (``queries/kin.py``).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, String, cast, literal, or_, select, union_all
from sqlalchemy.orm import Session

from timebank.deeds.deed import Deed
from timebank.deeds.refusals import SamePerson
from timebank.errors import NotAllowed
from timebank.people.queries import PersonBrief, briefs, kin_now, kin_of, require_no_part_today
from timebank.people.rules.relations import HOUSEHOLD, RELATIVE, SELF, Kin
from timebank.people.sight import people_reached
from timebank.people.tables import app_user, card
from timebank.rights import Right
from timebank.values import By

# Why staff do not act in a case, by how close it is to them.
_OWN = {SELF: "own_household", HOUSEHOLD: "own_household", RELATIVE: "own_relative"}

# The tables whose rows are sign-ins, by the first part of a client.
_SIGN_INS = {"user": app_user, "card": card}


@dataclass(frozen=True, slots=True)
class Involved:
    """Who took part in something: by sign-in (``user:12``), as a person, or as a household."""

    clients: tuple[str, ...] = ()
    person_ids: tuple[int | None, ...] = ()
    household_ids: tuple[int | None, ...] = ()


def people_of_clients(
    session: Session, community_id: int, clients: Iterable[str]
) -> dict[str, int]:
    """The people behind sign-ins, also behind a closed user or a card that was stopped."""
    ids: dict[str, set[int]] = {"person": set(), **{kind: set() for kind in _SIGN_INS}}
    for client in clients:
        kind, _, number = client.partition(":")
        if kind in ids and number.isascii() and number.isdigit():
            ids[kind].add(int(number))
    people = {f"person:{person_id}": person_id for person_id in ids["person"]}
    for kind, table in _SIGN_INS.items():
        if ids[kind]:
            rows = session.execute(
                select(table.c.id, table.c.person_id).where(
                    table.c.community_id == community_id, table.c.id.in_(sorted(ids[kind]))
                )
            )
            people |= {f"{kind}:{row.id}": row.person_id for row in rows}
    return people


def why_close(
    by: By, person_id: int | None, people: Mapping[int, PersonBrief], *, kin: Kin, client: str = ""
) -> str | None:
    """Why somebody is not a second person beside another one; ``people`` has the brief of that one.

    Without a person the sign-ins are compared: a shared machine is not a person.
    """
    if by.person_id is None or person_id is None:
        return SELF if client and by.client == client else None
    return kin.why_person(person_id, people)


def closeness(
    session: Session, by: By, involved: Involved, *, now: datetime | None = None
) -> str | None:
    """Why somebody is not a second person: ``self``, ``household`` or ``relative``."""
    if {by.client, f"user:{by.user_id}"} & set(involved.clients):
        return SELF
    known = people_of_clients(session, by.community_id, involved.clients)
    person_ids = {
        person_id for person_id in (*involved.person_ids, *known.values()) if person_id is not None
    }
    people = briefs(session, by.community_id, person_ids) if person_ids else {}
    homes = {brief.household_id for brief in people.values()} | set(involved.household_ids)
    return kin_now(session, by, now=now).why(person_ids, homes)


def require_other(deed: Deed, involved: Involved) -> None:
    """Check that the actor is a second person, also on the day on which they let one in.

    Two who reset a colleague's password could use it for the first step, and take the second one.

    **Refuses**: ``SamePerson``, with the reason; ``PasswordResetToday``, ``PinResetToday`` or
    ``CardIssuedToday`` to whoever had a part today in the sign-in of one of them.
    """
    why = closeness(deed.session, deed.by, involved, now=deed.now)
    if why is not None:
        raise SamePerson(why=why)
    known = people_of_clients(deed.session, deed.community_id, involved.clients)
    let_in = {*involved.person_ids, *known.values()} - {None}
    if let_in:
        require_no_part_today(deed.session, deed.by, (), deed.now, person_ids=let_in)


def require_not_close(session: Session, by: By, involved: Involved, *, deed: str) -> None:
    """**Refuses**: ``NotAllowed`` in a case of oneself, of one's household or of a relative."""
    why = closeness(session, by, involved)
    if why is not None:
        raise NotAllowed(deed=deed, why=_OWN[why])


def require_unrelated(session: Session, by: By, person_id: int, right: Right) -> None:
    """Check that somebody serves a person whom they reach, and to whom they are not close.

    **Refuses**: ``NotFound`` out of reach; ``NotAllowed`` for oneself and for those who are close,
    and to a machine.
    """
    people_reached(session, by, [person_id], right)
    if by.person_id is None:
        raise NotAllowed(deed=right.name)
    require_not_close(session, by, Involved(person_ids=(person_id,)), deed=right.name)


def is_sign_in_of_kin(by: By, client: ColumnElement[str]) -> ColumnElement[bool]:
    """Match the sign-ins of a person and of their household: the same as ``closeness``, in SQL."""
    parts = [
        select(literal(f"{kind}:") + cast(table.c.id, String)).where(
            table.c.community_id == by.community_id, table.c.person_id.in_(kin_of(by))
        )
        for kind, table in _SIGN_INS.items()
    ]
    return or_(client == by.client, client.in_(union_all(*parts)))
