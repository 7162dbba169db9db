"""Two people for one thing: whether a second person is somebody else than the first.

Everything is decided on the person behind a sign-in. One person with two sign-ins, or with a
sign-in of staff and a card, is one person; people of one household count as one. A recorded
relation between households would be asked here, and nowhere else.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, String, cast, literal, or_, select, union_all
from sqlalchemy.orm import Session

from timebank.deeds.deed import Deed
from timebank.deeds.refusals import SamePerson
from timebank.errors import NotAllowed
from timebank.people.queries import PersonBrief, briefs, kin_of, require_no_part_today
from timebank.people.sight import people_reached
from timebank.people.tables import app_user, card
from timebank.rights import Right
from timebank.values import By

SELF, HOUSEHOLD = "self", "household"

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


def is_close(
    by: By, person_id: int | None, people: Mapping[int, PersonBrief], *, client: str = ""
) -> bool:
    """Tell whether somebody is a person or lives with them; ``people`` has the briefs of both.

    Without a person the sign-ins are compared: a shared machine is not a person.
    """
    if by.person_id is None or person_id is None:
        return bool(client) and by.client == client
    return _why(by, {person_id}, (), people=people) is not None


def closeness(session: Session, by: By, involved: Involved) -> str | None:
    """Why somebody is not a second person: ``self`` or ``household``; None if they are."""
    if {by.client, f"user:{by.user_id}"} & set(involved.clients):
        return SELF
    known = people_of_clients(session, by.community_id, involved.clients)
    person_ids = {
        person_id for person_id in (*involved.person_ids, *known.values()) if person_id is not None
    }
    me = [by.person_id] if by.person_id is not None else []
    people = briefs(session, by.community_id, [*person_ids, *me])
    return _why(by, person_ids, involved.household_ids, people=people)


def require_other(deed: Deed, involved: Involved) -> None:
    """Check that the actor is a second person, also on the day on which they let one in.

    Two who reset a colleague's password could use it for the first step, and take the second one.

    **Refuses**: ``SamePerson``, with the reason; ``PasswordResetToday``, ``PinResetToday`` or
    ``CardIssuedToday`` to whoever had a part today in the sign-in of one of them.
    """
    why = closeness(deed.session, deed.by, involved)
    if why is not None:
        raise SamePerson(why=why)
    known = people_of_clients(deed.session, deed.community_id, involved.clients)
    let_in = {*involved.person_ids, *known.values()} - {None}
    if let_in:
        require_no_part_today(deed.session, deed.by, (), deed.now, person_ids=let_in)


def require_unrelated(session: Session, by: By, person_id: int, right: Right) -> None:
    """Check that somebody serves a person whom they reach, and to whom they are not close.

    **Refuses**: ``NotFound`` out of reach; ``NotAllowed`` for oneself and for those who are close,
    and to a machine.
    """
    people_reached(session, by, [person_id], right)
    if by.person_id is None:
        raise NotAllowed(deed=right.name)
    if closeness(session, by, Involved(person_ids=(person_id,))) is not None:
        raise NotAllowed(deed=right.name, why="own_household")


def _why(
    by: By,
    person_ids: Collection[int],
    household_ids: Iterable[int | None],
    *,
    people: Mapping[int, PersonBrief],
) -> str | None:
    if by.person_id is not None and by.person_id in person_ids:
        return SELF
    me = people.get(by.person_id or 0)
    mine = {by.household_id, me.household_id if me is not None else None} - {None}
    theirs = {people[person_id_].household_id for person_id_ in person_ids if person_id_ in people}
    return HOUSEHOLD if mine & (theirs | set(household_ids)) else None


def is_sign_in_of_kin(by: By, client: ColumnElement[str]) -> ColumnElement[bool]:
    """Match the sign-ins of a person and of their household: the same as ``closeness``, in SQL."""
    parts = [
        select(literal(f"{kind}:") + cast(table.c.id, String)).where(
            table.c.community_id == by.community_id, table.c.person_id.in_(kin_of(by))
        )
        for kind, table in _SIGN_INS.items()
    ]
    return or_(client == by.client, client.in_(union_all(*parts)))
