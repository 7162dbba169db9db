"""The passbook: what is there, what is set aside, what was ever served, line by line."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from timebank.hours.queries.records import ServiceRecord, records_of_txns
from timebank.hours.rules import CONFIRMED, CREDITED
from timebank.hours.tables import service_record
from timebank.ledger.queries import Balances, account_named, balances_owned, statement
from timebank.values import MINUTES, SERVED

DIRECTIONS = {"all": 0, "in": 1, "out": -1}


@dataclass(frozen=True, slots=True)
class Passbook:
    """The numbers on the first page. **Units**: minutes.

    ``cumulative_minutes`` is what was ever credited, overflow to the pool included; spending
    never lowers it. ``real_minutes`` is what was really served, credited or not.
    """

    posted_minutes: int
    available_minutes: int
    held_minutes: int
    cumulative_minutes: int
    real_minutes: int


@dataclass(frozen=True, slots=True)
class PassbookLine:
    """One line: ``change`` is signed, ``after`` the running balance. **Units**: minutes.

    ``record`` is the session behind it, where there is one.
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
    """What a person has and had; the real minutes of one year, or of all."""
    found = balances_owned(session, community_id, "person", person_id)
    hours = found.get(MINUTES, Balances())
    return Passbook(
        hours.posted,
        hours.available,
        hours.pending_out,
        found.get(SERVED, Balances()).posted,
        _real_minutes(session, community_id, person_id, year),
    )


def _real_minutes(session: Session, community_id: int, person_id: int, year: int | None) -> int:
    record = service_record.c
    query = select(func.coalesce(func.sum(record.real_minutes), 0)).where(
        record.community_id == community_id,
        record.person_id == person_id,
        record.state.in_((CONFIRMED, CREDITED)),
    )
    if year is not None:
        query = query.where(record.started_on.between(date(year, 1, 1), date(year, 12, 31)))
    return int(session.scalar(query) or 0)


def passbook_lines(
    session: Session,
    community_id: int,
    person_id: int,
    *,
    limit: int = 50,
    before_seq: int | None = None,
    direction: str = "all",
) -> list[PassbookLine]:
    """A page of what moved, newest first; the next page is ``before_seq`` of the last line.

    ``direction`` is all, in or out.
    """
    own = account_named(community_id, "person", MINUTES, owner_id=person_id).scalar_subquery()
    lines = statement(
        session, community_id, own,
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
