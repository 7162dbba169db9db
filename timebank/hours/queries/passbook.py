"""The passbook: balance, minutes set aside, total service, and the lines."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Select, and_, bindparam, func, select
from sqlalchemy.orm import Session

from timebank.hours.rules import CONFIRMED, CREDITED
from timebank.hours.tables import service, service_record
from timebank.ledger.queries import AccountName, Balances, balances_owned
from timebank.ledger.statements import statement_asked, statement_query
from timebank.people.queries.merged import OWN_RECORDS
from timebank.sealing.history import PastBalances, owned_as_of
from timebank.values import MINUTES, POINTS, SERVED, from_us

DIRECTIONS = {"all": 0, "in": 1, "out": -1}


@dataclass(frozen=True, slots=True)
class Passbook:
    """The numbers on the first page. **Units**: minutes; ``points`` are points.

    ``cumulative_minutes`` is everything ever credited, including the overflow to the pool;
    spending does not reduce it. ``real_minutes`` is the real time of service, credited or not.
    """

    posted_minutes: int
    available_minutes: int
    held_minutes: int
    cumulative_minutes: int
    real_minutes: int
    points: int


class LineRecord(NamedTuple):
    """What a line says of the session behind it. **Units**: minutes."""

    id: int
    service_zh: str
    service_en: str
    state: str
    started_at: datetime
    ended_at: datetime | None
    started_on: date
    real_minutes: int | None
    credited_minutes: int | None
    place: str


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
    record: LineRecord | None


def passbook(
    session: Session, community_id: int, person_id: int, *, year: int | None = None
) -> Passbook:
    """The current passbook of a person, with the real minutes of one year or of all."""
    balances = balances_owned(session, community_id, "person", person_id)
    hours = balances.get(MINUTES, Balances())
    return Passbook(
        posted_minutes=hours.posted,
        available_minutes=hours.available,
        held_minutes=hours.pending_out,
        cumulative_minutes=balances.get(SERVED, Balances()).posted,
        real_minutes=_real_minutes(session, community_id, person_id, year),
        points=balances.get(POINTS, Balances()).posted,
    )


@dataclass(frozen=True, slots=True)
class PastPassbook:
    """The numbers at an instant; ``seq`` is the last line up to then.

    **Units**: minutes; ``points`` are points.
    """

    available_minutes: int
    held_minutes: int
    cumulative_minutes: int
    seq: int
    points: int


def passbook_as_of(
    session: Session, community_id: int, person_id: int, *, at: datetime
) -> PastPassbook:
    """The passbook of a person at an instant, from the books as of then."""
    balances = owned_as_of(session, community_id, "person", person_id, at=at)
    hours = balances.get(MINUTES, PastBalances())
    served = balances.get(SERVED, PastBalances()).posted
    return PastPassbook(
        available_minutes=hours.available,
        held_minutes=hours.pending_out,
        cumulative_minutes=served,
        seq=hours.seq,
        points=balances.get(POINTS, PastBalances()).posted,
    )


def _real_query(*, in_year: bool) -> Select[int]:
    record = service_record.c
    query = select(func.coalesce(func.sum(record.real_minutes), 0)).where(
        record.community_id == bindparam("of_community"),
        record.person_id.in_(OWN_RECORDS),
        # Hidden from the indexes of what waits, which would read everybody's records.
        func.coalesce(record.state, "").in_((CONFIRMED, CREDITED)),
    )
    if in_year:
        query = query.where(record.started_on.between(bindparam("first_on"), bindparam("last_on")))
    return query


_REAL, _REAL_IN_YEAR = _real_query(in_year=False), _real_query(in_year=True)


def _real_minutes(session: Session, community_id: int, person_id: int, year: int | None) -> int:
    asked: dict[str, Any] = {"of_community": community_id, "of_person": person_id}
    if year is None:
        return int(session.scalar(_REAL, asked) or 0)
    asked |= {"first_on": date(year, 1, 1), "last_on": date(year, 12, 31)}
    return int(session.scalar(_REAL_IN_YEAR, asked) or 0)


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
    query = _lines_query(DIRECTIONS[direction], is_later=before_seq is not None)
    name = AccountName("person", MINUTES, person_id)
    values = statement_asked(community_id, name, limit=limit, before_seq=before_seq)
    return [
        PassbookLine(
            seq=seq, txn_id=txn_id, kind=kind, posted_at=from_us(posted_us),
            effective_at=from_us(effective_us), change=change, after=after,
            record=None if record[0] is None else LineRecord._make(record),
        )
        for seq, txn_id, kind, posted_us, effective_us, change, after, *record in (
            session.execute(query, values)
        )
    ]  # fmt: skip


@lru_cache
def _lines_query(direction: int, *, is_later: bool) -> Select[Any]:
    """Lay the session beside each line of the account: the one it credits, or takes back."""
    lines = statement_query(direction, is_named=True, is_later=is_later).subquery()
    credited, reversed_ = service_record.alias("credited"), service_record.alias("reversed")
    of_record = {
        name: func.coalesce(credited.c[name], reversed_.c[name], type_=credited.c[name].type)
        for name in (*LineRecord._fields, "service_id")
        if name in credited.c
    }
    return (
        select(
            *(lines.c[n] for n in ("seq", "txn_id", "kind", "posted_us", "effective_us")),
            lines.c.change,
            lines.c.after,
            *(of_record[n] if n in of_record else _SERVICE[n] for n in LineRecord._fields),
        )
        .outerjoin(credited, _of_txn(credited, credited.c.txn_id, lines))
        .outerjoin(reversed_, _of_txn(reversed_, reversed_.c.reversal_txn_id, lines))
        .outerjoin(
            service,
            and_(
                service.c.community_id == bindparam("of_community"),
                service.c.id == of_record["service_id"],
            ),
        )
        .order_by(lines.c.seq.desc())
    )


_SERVICE = {"service_zh": service.c.name_zh, "service_en": service.c.name_en}


def _of_txn(record: Any, txn_id: Any, lines: Any) -> Any:
    return and_(record.c.community_id == bindparam("of_community"), txn_id == lines.c.txn_id)
