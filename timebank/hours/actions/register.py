"""The services on offer, the register of volunteers, and imported opening hours."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from timebank.deeds.action import action
from timebank.deeds.audit import audit
from timebank.deeds.deed import Deed
from timebank.errors import BadInput, WrongState
from timebank.hours import may
from timebank.hours.actions.guards import people_known, take_balances
from timebank.hours.queries import terms_on
from timebank.hours.refusals import SelfConfirm
from timebank.hours.rules import BATCH_MAX, CATEGORIES, Terms
from timebank.hours.tables import opening, service, volunteer
from timebank.ledger.accounts import ensure_accounts
from timebank.ledger.actions import ensure_account, post_one
from timebank.ledger.queries import funded_from
from timebank.ledger.rules import Move
from timebank.people.closeness import Involved, closeness
from timebank.people.minors import require_guardian
from timebank.values import MINUTES, SERVED, local_day, new_id


@dataclass(frozen=True, slots=True)
class NewService:
    code: str
    category: str
    name_zh: str
    name_en: str


@dataclass(frozen=True, slots=True)
class ServicesAdded:
    service_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class NewVolunteer:
    person_id: int
    since_on: date
    team: str = ""


@dataclass(frozen=True, slots=True)
class VolunteersRegistered:
    volunteer_nos: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BalanceOpened:
    txn_id: int


@action("add_services")
def add_services(deed: Deed, *, services: tuple[NewService, ...]) -> ServicesAdded:
    """Put services on offer, each in one of the seven categories.

    **Refuses**: ``NotAllowed``; ``BadInput`` for an unknown category or a code in use.
    """
    may.SUPERVISE.require_everywhere(deed.by)
    codes = [new.code for new in services]
    taken = deed.session.scalars(
        select(service.c.code).where(
            service.c.community_id == deed.community_id, service.c.code.in_(codes)
        )
    ).all()
    if taken or len(set(codes)) != len(codes):
        raise BadInput(field="code", why="taken")
    if any(new.category not in CATEGORIES for new in services):
        raise BadInput(field="category", why="unknown")
    rows: list[dict[str, Any]] = [
        {"community_id": deed.community_id, "id": new_id(), "code": new.code,
         "category": new.category, "name_zh": new.name_zh, "name_en": new.name_en}
        for new in services
    ]  # fmt: skip
    if rows:
        deed.session.execute(insert(service), rows)
    audit(
        deed,
        name="add_services",
        subject_kind="service",
        subject_id=rows[0]["id"] if rows else 0,
        facts={"count": len(rows)},
    )
    return ServicesAdded(tuple(row["id"] for row in rows))


@action("register_volunteers")
def register_volunteers(
    deed: Deed, *, volunteers: tuple[NewVolunteer, ...]
) -> VolunteersRegistered:
    """Register volunteers, each with a number and two accounts: hours, and hours served.

    **Refuses**: ``NotAllowed``; ``NotFound``; ``MinorNoGuardian``; ``WrongState`` for somebody who
    is registered already.
    """
    may.REGISTER_VOLUNTEERS.require_everywhere(deed.by)
    return write_volunteers(deed, volunteers)


def write_volunteers(deed: Deed, volunteers: tuple[NewVolunteer, ...]) -> VolunteersRegistered:
    """Register volunteers within a deed that allows it. **Refuses**: as ``register_volunteers``."""
    person_ids = [new.person_id for new in volunteers]
    if not person_ids or len(person_ids) > BATCH_MAX or len(set(person_ids)) < len(person_ids):
        raise BadInput(field="volunteers", why="count")
    last = _last_number(deed.session, deed.community_id)
    people = people_known(deed.session, deed.community_id, person_ids)
    days = [(people[person_id], local_day(deed.now)) for person_id in person_ids]
    require_guardian(deed.session, deed.community_id, days)
    _check_new(deed.session, deed.community_id, person_ids)
    rows = [
        {"community_id": deed.community_id, "person_id": new.person_id, "number": number,
         "volunteer_no": f"V-{number:04d}", "team": new.team, "since_on": new.since_on}
        for number, new in enumerate(volunteers, last + 1)
    ]  # fmt: skip
    deed.session.execute(insert(volunteer), rows)
    terms = terms_on(deed.session, deed.community_id, [local_day(deed.now)])[local_day(deed.now)]
    open_accounts(deed.session, deed.community_id, person_ids, terms)
    audit(
        deed,
        name="register_volunteers",
        subject_kind="person",
        subject_id=person_ids[0],
        facts={"count": len(rows)},
    )
    return VolunteersRegistered(tuple(str(row["volunteer_no"]) for row in rows))


def _last_number(session: Session, community_id: int) -> int:
    """The last number of the register. Locks the source account of served hours, so that
    registrations number one at a time.
    """
    take_balances(session, community_id, [ensure_account(session, community_id, "issue", SERVED)])
    query = select(func.max(volunteer.c.number)).where(volunteer.c.community_id == community_id)
    return session.scalar(query) or 0


def _check_new(session: Session, community_id: int, person_ids: list[int]) -> None:
    known = session.scalars(
        select(volunteer.c.person_id).where(
            volunteer.c.community_id == community_id, volunteer.c.person_id.in_(person_ids)
        )
    ).all()
    if known:
        raise WrongState(kind="volunteer", state="registered", person_id=min(known))


def open_accounts(
    session: Session, community_id: int, person_ids: list[int], terms: Terms
) -> tuple[dict[int, int], dict[int, int]]:
    """Open the two accounts of each person: hours to spend, and hours ever served."""
    spend = ensure_accounts(
        session, community_id, "person", MINUTES,
        owner_ids=person_ids, floor=0, ceiling=terms.balance_cap_minutes,
    )  # fmt: skip
    served = ensure_accounts(session, community_id, "person", SERVED, owner_ids=person_ids, floor=0)
    return spend, served


@action("open_balance")
def open_balance(
    deed: Deed, *, person_id: int, minutes: int, served_minutes: int, note: str
) -> BalanceOpened:
    """Import the opening hours of a person, once, with a note about their source.

    **Refuses**: ``NotAllowed``; ``NotFound``; ``BadInput``; ``WrongState`` the second time;
    ``AboveCeiling``.

    **Units**: minutes.
    """
    may.SUPERVISE.require_everywhere(deed.by)
    if closeness(deed.session, deed.by, Involved(person_ids=(person_id,))):
        raise SelfConfirm(person_id=person_id)
    if minutes < 0 or served_minutes < 0 or minutes + served_minutes == 0:
        raise BadInput(field="minutes", why="range")
    if not note.strip():
        raise BadInput(field="note", why="missing")
    people_known(deed.session, deed.community_id, [person_id])
    numbers = {"minutes": minutes, "served_minutes": served_minutes}
    moves = _opening_moves(
        deed.session, deed.community_id, deed.now, person_id=person_id, numbers=numbers
    )
    _check_not_opened(deed.session, deed.community_id, person_id)
    txn_id = post_one(deed.under(f"{deed.request_id}:opening"), kind="hours_opening", lines=moves)
    row = {**numbers, "community_id": deed.community_id, "person_id": person_id, "txn_id": txn_id,
           "note": note.strip(), "recorded_at": deed.now,
           "recorded_by": deed.by.client}  # fmt: skip
    deed.session.execute(insert(opening), [row])
    audit(deed, name="open_balance", subject_kind="person", subject_id=person_id, facts=numbers)
    return BalanceOpened(txn_id)


def _opening_moves(
    session: Session, community_id: int, now: datetime, *, person_id: int, numbers: dict[str, int]
) -> list[Move]:
    """The accounts of the import; lock the source account, so that imports run one at a time."""
    today = local_day(now)
    terms = terms_on(session, community_id, [today])[today]
    spend, served = open_accounts(session, community_id, [person_id], terms)
    sources = [ensure_account(session, community_id, "opening", code) for code in (MINUTES, SERVED)]
    take_balances(session, community_id, [*sources, spend[person_id], served[person_id]])
    quantities = (numbers["minutes"], numbers["served_minutes"])
    return [
        Move(source, account_id, quantity)
        for source, account_id, quantity in zip(
            sources, (spend[person_id], served[person_id]), quantities, strict=True
        )
        if quantity
    ]


def _check_not_opened(session: Session, community_id: int, person_id: int) -> None:
    known = session.scalar(
        select(opening.c.txn_id).where(
            opening.c.community_id == community_id, opening.c.person_id == person_id
        )
    )
    if known is not None or funded_from(session, community_id, "opening", [person_id]):
        raise WrongState(kind="volunteer", state="opened")
