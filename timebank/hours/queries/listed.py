"""The register with what each volunteer has saved, and every record, in parts: for the sheets."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import bindparam
from sqlalchemy.orm import Session

from timebank.db import Cursor, Keyset, up_to
from timebank.hours.queries.records import ServiceRecord, record_of, record_query
from timebank.hours.queries.register import volunteers
from timebank.hours.tables import service_record
from timebank.ledger.queries import Balances, balances_of_owners
from timebank.values import MINUTES, SERVED

_KEY = Keyset((service_record.c.started_at, service_record.c.id))
_RECORDS = (
    record_query()
    .where(service_record.c.community_id == bindparam("of_community"), _KEY.beyond)
    .order_by(*_KEY.order)
    .limit(up_to())
)


@dataclass(frozen=True, slots=True, kw_only=True)
class VolunteerListed:
    """A volunteer with what the books say of them. **Units**: minutes."""

    person_id: int
    volunteer_no: str
    team: str
    since_on: date
    available_minutes: int
    cumulative_minutes: int


def volunteers_listed(
    session: Session, community_id: int, *, limit: int, after_no: str = ""
) -> list[VolunteerListed]:
    """A part of the register, ordered by number."""
    register = volunteers(session, community_id, limit=limit, after_no=after_no)
    owned = balances_of_owners(session, community_id, "person", [one.person_id for one in register])
    return [
        VolunteerListed(
            person_id=one.person_id, volunteer_no=one.volunteer_no, team=one.team,
            since_on=one.since_on,
            available_minutes=owned.get((one.person_id, MINUTES), Balances()).available,
            cumulative_minutes=owned.get((one.person_id, SERVED), Balances()).posted,
        )
        for one in register
    ]  # fmt: skip


def records_listed(
    session: Session, community_id: int, *, limit: int, before: Cursor | None = None
) -> list[ServiceRecord]:
    """A part of all records in any state, newest first."""
    asked = {"of_community": community_id, "most": limit}
    return [record_of(row) for row in session.execute(_RECORDS, asked | _KEY.asked(before))]
