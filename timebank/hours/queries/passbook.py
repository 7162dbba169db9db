"""The passbook: balance, minutes set aside, total service, and the lines."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.orm import Session

from timebank.hours.queries.records import ServiceRecord, records_of_txns
from timebank.hours.rules import CONFIRMED, CREDITED
from timebank.hours.tables import service_record
from timebank.ledger.queries import AccountName, Balances, balances_owned, statement
from timebank.sealing.history import PastBalances, owned_as_of
from timebank.values import MINUTES, SERVED

DIRECTIONS = {"all": 0, "in": 1, "out": -1}


@dataclass(frozen=True, slots=True)
class Passbook:
    """The numbers on the first page. **Units**: minutes.

    ``cumulative_minutes`` is everything ever credited, including the overflow to the pool;
    spending does not reduce it. ``real_minutes`` is the real time of service, credited or not.
    """

    posted_minutes: int
    available_minutes: int
    held_minutes: int
    cumulative_minutes: int
    real_minutes: int


@dataclass(frozen=True, slots=True)
class PassbookLine:
    """One line: ``change`` is signed, ``after`` the running balance. **Units**: minutes.

    ``record`` is the service session of the line, if there is one.
    """

    seq: int
    txn_id: int
    kind: str
    posted_at: datetime
    effective_at: datetime
    change: int
    after: int
    record: ServiceRecord | None


def passbook(
    session: Session, community_id: int, person_id: int, *, year: int | None = None
) -> Passbook:
    """The current passbook of a person, with the real minutes of one year or of all."""
    found = balances_owned(session, community_id, "person", person_id)
    hours = found.get(MINUTES, Balances())
    return Passbook(
        hours.posted,
        hours.available,
        hours.pending_out,
        found.get(SERVED, Balances()).posted,
        _real_minutes(session, community_id, person_id, year),
    )


@dataclass(frozen=True, slots=True)
class PastPassbook:
    """The numbers at an instant; ``seq`` is the last line up to then. **Units**: minutes."""

    available_minutes: int
    held_minutes: int
    cumulative_minutes: int
    seq: int


def passbook_as_of(
    session: Session, community_id: int, person_id: int, *, at: datetime
) -> PastPassbook:
    """The passbook of a person at an instant, from the books as of then."""
    found = owned_as_of(session, community_id, "person", person_id, at=at)
    hours = found.get(MINUTES, PastBalances())
    served = found.get(SERVED, PastBalances()).posted
    return PastPassbook(hours.available, hours.pending_out, served, hours.seq)


def _real_query(*, in_year: bool) -> Select[int]:
    record = service_record.c
    query = select(func.coalesce(func.sum(record.real_minutes), 0)).where(
        record.community_id == bindparam("of_community"),
        record.person_id == bindparam("of_person"),
        record.state.in_((CONFIRMED, CREDITED)),
    )
    if in_year:
        query = query.where(record.started_on.between(bindparam("first_on"), bindparam("last_on")))
    return query


_REAL, _REAL_IN_YEAR = _real_query(in_year=False), _real_query(in_year=True)


def _real_minutes(session: Session, community_id: int, person_id: int, year: int | None) -> int:
    told: dict[str, Any] = {"of_community": community_id, "of_person": person_id}
    if year is None:
        return int(session.scalar(_REAL, told) or 0)
    told |= {"first_on": date(year, 1, 1), "last_on": date(year, 12, 31)}
    return int(session.scalar(_REAL_IN_YEAR, told) or 0)


def passbook_lines(
    session: Session,
    community_id: int,
    person_id: int,
    *,
    limit: int = 50,
    before_seq: int | None = None,
    direction: str = "all",
) -> list[PassbookLine]:
    """A page of lines, newest first. ``before_seq`` of the next page is the ``seq`` of the last
    line.

    ``direction`` is all, in or out.
    """
    lines = statement(
        session, community_id, AccountName("person", MINUTES, person_id),
        limit=limit, before_seq=before_seq, direction=DIRECTIONS[direction],
    )  # fmt: skip
    records = records_of_txns(session, community_id, [line.txn_id for line in lines])
    return [
        PassbookLine(
            line.seq, line.txn_id, line.kind, line.posted_at, line.effective_at,
            line.change, line.after, records.get(line.txn_id),
        )
        for line in lines
    ]  # fmt: skip
