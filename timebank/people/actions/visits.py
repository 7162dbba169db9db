"""Open and end visits: a visit is one signed-in browser, or one program with its token.

The browser keeps the token, the database only its digest. So whoever copies the database signs in
as nobody, and a row that ended closes every copy of its cookie at once.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, delete, insert, update
from sqlalchemy.orm import Session

from timebank.db import Database
from timebank.deeds.action import action
from timebank.deeds.audit import audit
from timebank.deeds.deed import Deed
from timebank.errors import NotAllowed
from timebank.people.actions.devices import remember_device
from timebank.people.queries.visits import token_digest
from timebank.people.rules.visits import VISIT_FORGOTTEN, VISIT_LIFE, VISIT_SEEN_EVERY
from timebank.people.tables import visit
from timebank.values import By, new_id

_TOKEN_BYTES = 32


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A new visit. Its repr does not show the token, which opens the visit.

    ``browser`` is the token by which the browser is known from now on; empty if it stays unknown.
    """

    by: By
    visit_id: int
    lacks: str
    token: str
    browser: str = ""

    def __repr__(self) -> str:
        return f"SignedIn({self.by.client})"


@dataclass(frozen=True, slots=True)
class VisitsEnded:
    visits: int


def new_visit(
    deed: Deed, *, device: str = "", kind: str = "web", lacks: str = "", browser: str = ""
) -> SignedIn:
    """Open a visit for the actor of the deed, and forget the visits of long ago.

    ``browser`` is the token that the browser sent. Once nothing is lacking, the browser is known.
    """
    token, visit_id = secrets.token_urlsafe(_TOKEN_BYTES), new_id()
    by = deed.by
    row = {
        "community_id": deed.community_id,
        "id": visit_id,
        "token_digest": token_digest(token),
        "kind": kind,
        "person_id": by.person_id,
        "user_id": by.user_id,
        "card_id": None if by.user_id is not None else int(by.client.removeprefix("card:")),
        "device": device[:40],
        "opened_at": deed.now,
        "last_seen_at": deed.now,
        "proven_at": deed.now,
        "ends_at": deed.now + VISIT_LIFE[kind],
        "lacks": lacks or None,
    }
    deed.session.execute(insert(visit).values(row))
    deed.session.execute(delete(visit).where(visit.c.ends_at < deed.now - VISIT_FORGOTTEN))
    known = "" if lacks or kind != "web" else remember_device(deed, token=browser, words=device)
    return SignedIn(by=by, visit_id=visit_id, lacks=lacks, token=token, browser=known)


def open_visit(
    database: Database, *, by: By, device: str = "", kind: str = "web", browser: str = ""
) -> SignedIn:
    """Open a visit for somebody who is known already, such as after they changed their password."""
    return database.write(
        lambda session, now: new_visit(
            Deed(session, by, now), device=device, kind=kind, browser=browser
        )
    )


def end_visits(
    deed: Deed,
    *,
    why: str,
    person_id: int | None = None,
    user_id: int | None = None,
    card_id: int | None = None,
) -> int:
    """End all open visits of a person, of a user or of a card, within the deed that is the reason.

    Every other device is signed out with its next request.
    """
    owners = {"person_id": person_id, "user_id": user_id, "card_id": card_id}
    ((name, value),) = [(name, value) for name, value in owners.items() if value is not None]
    return _end(deed.session, deed.community_id, visit.c[name] == value, why=why, now=deed.now)


def sign_out(database: Database, *, by: By, visit_id: int, why: str = "asked") -> None:
    """End one's visit, on request or because it was idle."""
    kind, _, number = by.client.partition(":")

    def work(session: Session, now: datetime) -> None:
        deed = Deed(session, by, now)
        _end(session, by.community_id, _own(deed, visit_id), why=why, now=now)
        audit(
            deed,
            name="sign_out",
            subject_kind=kind,
            subject_id=int(number),
            facts={"why": why},
        )

    database.write(work)


@action("end_visit")
def end_visit(deed: Deed, *, visit_id: int) -> VisitsEnded:
    """End one of one's own visits; ending it twice does no harm.

    **Refuses**: ``NotAllowed`` for a caller without visits.
    """
    return _ended(deed, _own(deed, visit_id), name="end_visit")


@action("end_other_visits")
def end_other_visits(deed: Deed, *, keep_id: int) -> VisitsEnded:
    """End all of one's own visits but the one that asks.

    **Refuses**: ``NotAllowed`` for a caller without visits.
    """
    others = and_(_of_actor(deed), visit.c.id != keep_id)
    return _ended(deed, others, name="end_other_visits")


def see_visit(database: Database, *, by: By, visit_id: int) -> None:
    """Note that a visit goes on; called every few minutes at most."""
    database.write(
        lambda session, now: session.execute(
            update(visit)
            .where(
                visit.c.community_id == by.community_id,
                visit.c.id == visit_id,
                visit.c.ended_at.is_(None),
                visit.c.last_seen_at <= now - VISIT_SEEN_EVERY,
            )
            .values(last_seen_at=now)
        )
    )


def _of_actor(deed: Deed) -> ColumnElement[bool]:
    if deed.by.person_id is None:
        raise NotAllowed(deed="visits")
    return visit.c.person_id == deed.by.person_id


def _own(deed: Deed, visit_id: int) -> ColumnElement[bool]:
    return and_(_of_actor(deed), visit.c.id == visit_id)


def _ended(deed: Deed, condition: ColumnElement[bool], *, name: str) -> VisitsEnded:
    count = _end(deed.session, deed.community_id, condition, why="other_visit", now=deed.now)
    facts = {"visits": count}
    audit(deed, name=name, subject_kind="person", subject_id=deed.by.person_id, facts=facts)
    return VisitsEnded(count)


def _end(
    session: Session, community_id: int, condition: ColumnElement[bool], *, why: str, now: datetime
) -> int:
    ended = session.execute(
        update(visit)
        .where(visit.c.community_id == community_id, visit.c.ended_at.is_(None), condition)
        .values(ended_at=now, ended_why=why)
    )
    return int(ended.rowcount)  # type: ignore[attr-defined]


def end_every_visit(session: Session, now: datetime) -> None:
    """End all visits of all communities: in a restored backup some may have been ended since."""
    ended = update(visit).where(visit.c.ended_at.is_(None)).values(ended_at=now, ended_why="closed")
    session.execute(ended)
