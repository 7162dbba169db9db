"""What waits for the word of somebody who was helped, for his own pages. Helpers are masked."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import and_, false, or_, select
from sqlalchemy.orm import Session

from timebank.hours.rules import ENTERED, RECIPIENT
from timebank.hours.tables import confirmation, service, service_record
from timebank.people.queries import names_of
from timebank.people.rules import mask_name
from timebank.values import By


@dataclass(frozen=True, slots=True)
class WordAsked:
    """A session that somebody received and has not confirmed yet. **Units**: minutes."""

    record_id: int
    service_zh: str
    service_en: str
    started_at: datetime
    started_on: date
    ended_at: datetime | None
    real_minutes: int
    helper: str


def words_asked(session: Session, by: By, *, limit: int = 50) -> list[WordAsked]:
    """What was done for this person or his household, oldest first, in one statement."""
    record = service_record.c
    for_me = record.recipient_person_id == by.person_id if by.person_id is not None else false()
    if by.household_id is not None:
        for_me = or_(for_me, record.recipient_household_id == by.household_id)
    spoken = select(confirmation.c.record_id).where(
        confirmation.c.community_id == record.community_id,
        confirmation.c.record_id == record.id,
        confirmation.c.side == RECIPIENT,
    )
    names = names_of(by.community_id)
    rows = session.execute(
        select(
            record.id,
            service.c.name_zh,
            service.c.name_en,
            record.started_at,
            record.started_on,
            record.ended_at,
            record.real_minutes,
            names.c.name,
        )
        .join(
            service,
            and_(
                service.c.community_id == record.community_id,
                service.c.id == record.service_id,
            ),
        )
        .join(names, names.c.id == record.person_id)
        .where(
            record.community_id == by.community_id,
            record.state == ENTERED,
            for_me,
            ~spoken.exists(),
        )
        .order_by(record.started_at, record.id)
        .limit(limit)
    )
    return [WordAsked(*row[:7], mask_name(row.name)) for row in rows]
