"""Papers as the second person and the counter need them: who entered them, and when."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Select, and_, bindparam, func, literal, or_, select
from sqlalchemy.orm import Session

from timebank.db import waiting_row
from timebank.errors import NotFound
from timebank.people import may
from timebank.people.queries.briefs import kind_of
from timebank.people.queries.kin import not_of_kin
from timebank.people.tables import IS_TO_CHECK, household, paper_picture, person, place, proof
from timebank.values import By, local_day, local_instant
from timebank.vault.cipher import vault_to_open


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperEntered:
    """A paper to look at again. Its number is not part of it: the second person reads it."""

    id: int
    household_id: int
    household_no: str
    person_id: int | None
    kind: str | None
    issuer: str
    valid_from_on: date
    valid_until_on: date
    ended_on: date | None
    seen_at: datetime
    seen_by_name: str | None
    has_picture: bool


_HOME = and_(
    household.c.community_id == proof.c.community_id, household.c.id == proof.c.household_id
)
_BUILDING = and_(
    place.c.community_id == household.c.community_id, place.c.id == household.c.building_id
)
_PICTURE = and_(
    paper_picture.c.community_id == proof.c.community_id, paper_picture.c.proof_id == proof.c.id
)
_ENTERER = and_(
    person.c.community_id == proof.c.community_id, person.c.id == proof.c.seen_by_person_id
)


_COLUMNS = (
    "id", "household_id", "person_id", "kind_sealed", "issuer_sealed", "valid_from_on",
    "valid_until_on", "ended_on", "seen_at",
)  # fmt: skip
_PAPER = (
    select(
        *(proof.c[name] for name in _COLUMNS),
        household.c.household_no,
        person.c.name.label("seen_by_name"),
        paper_picture.c.added_at.is_not(None).label("has_picture"),
    )
    .join(household, _HOME)
    .outerjoin(paper_picture, _PICTURE)
    .outerjoin(person, _ENTERER)
    .where(proof.c.community_id == bindparam("of_community"), proof.c.id == bindparam("of_paper"))
)


def paper_entered(session: Session, community_id: int, proof_id: int) -> PaperEntered:
    """One paper with its issuer and the person who entered it. **Refuses**: ``NotFound``."""
    asked = {"of_community": community_id, "of_paper": proof_id}
    row = session.execute(_PAPER, asked).first()
    if row is None:
        raise NotFound(kind="proof")
    issuer = row.issuer_sealed
    return PaperEntered(
        id=row.id,
        household_id=row.household_id,
        household_no=row.household_no,
        person_id=row.person_id,
        kind=kind_of(session, row),
        issuer="" if issuer is None else vault_to_open(session).open(issuer, "proof.issuer"),
        valid_from_on=row.valid_from_on,
        valid_until_on=row.valid_until_on,
        ended_on=row.ended_on,
        seen_at=row.seen_at,
        seen_by_name=row.seen_by_name,
        has_picture=bool(row.has_picture),
    )


_ENTERED = select(func.max(proof.c.seen_at)).where(
    proof.c.community_id == bindparam("of_community"),
    proof.c.household_id == bindparam("of_household"),
    proof.c.seen_at >= bindparam("day_begin"),
    proof.c.seen_at < bindparam("day_end"),
    or_(
        proof.c.seen_by_person_id == bindparam("own_person"),
        proof.c.seen_by == bindparam("own_user"),
    ),
)


def paper_entered_today(
    session: Session, by: By, household_id: int, now: datetime
) -> datetime | None:
    """When somebody last entered a paper of a household on this local day, or None."""
    today = local_day(now)
    entered_at: datetime | None = session.scalar(
        _ENTERED,
        {
            "of_community": by.community_id,
            "of_household": household_id,
            "day_begin": local_instant(today),
            "day_end": local_instant(today + timedelta(days=1)),
            "own_person": by.person_id or -1,
            "own_user": by.user_id or -1,
        },
    )
    return entered_at


def waiting_papers(by: By) -> Select[Any] | None:
    """Papers that were drawn for a second look. Left out: those that one entered oneself, those
    of one's own household, and those outside one's grids.

    An ended paper is looked at too: it may have been entered, used and ended.
    """
    if not may.CHECK_PAPERS.is_held(by):
        return None
    eldest = (
        select(func.min(person.c.id))
        .where(
            person.c.community_id == proof.c.community_id,
            person.c.household_id == proof.c.household_id,
            person.c.merged_into_id.is_(None),
        )
        .scalar_subquery()
    )
    papers = (
        waiting_row(
            "paper", proof.c.id, since=proof.c.seen_at,
            person_id=func.coalesce(proof.c.person_id, eldest), count=literal(1),
        )
        .join(household, _HOME)
        .where(
            proof.c.community_id == by.community_id,
            IS_TO_CHECK,
            not_of_kin(
                by, person_id=proof.c.seen_by_person_id, household_id=proof.c.household_id
            ),
        )
    )  # fmt: skip
    if may.CHECK_PAPERS.is_held_everywhere(by):
        return papers
    grids = [role.place_id for role in by.roles if role.name in may.CHECK_PAPERS.roles]
    return papers.join(place, _BUILDING).where(place.c.parent_id.in_(grids))
