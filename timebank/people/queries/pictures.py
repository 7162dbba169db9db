"""Which papers have a picture, and the picture itself for whoever has just opened it."""

import base64
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from timebank.deeds.queries import lines_of_person
from timebank.errors import NotFound
from timebank.people.queries.briefs import kind_of
from timebank.people.queries.openings import OPENED
from timebank.people.tables import IS_TO_CHECK, household, paper_picture, person, place, proof
from timebank.values import By
from timebank.vault.cipher import vault_to_open

PICTURE = "picture"  # As the openings name it.
PICTURE_COLUMN = "paper_picture.picture"
OPEN_FOR = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class PicturedPaper:
    """A paper with a picture; ``person_id`` is whose data it is, for a household its eldest."""

    proof_id: int
    household_id: int
    person_id: int
    grid_id: int
    kind: str | None
    is_to_check: bool


_ELDEST = (
    select(func.min(person.c.id))
    .where(
        person.c.community_id == proof.c.community_id,
        person.c.household_id == proof.c.household_id,
        person.c.merged_into_id.is_(None),
    )
    .scalar_subquery()
)
_OF_PAPER = and_(
    paper_picture.c.community_id == proof.c.community_id, paper_picture.c.proof_id == proof.c.id
)
_HOME = and_(
    household.c.community_id == proof.c.community_id, household.c.id == proof.c.household_id
)
_BUILDING = and_(
    place.c.community_id == household.c.community_id, place.c.id == household.c.building_id
)
_PICTURED = (
    select(
        proof.c.household_id,
        proof.c.kind_sealed,
        func.coalesce(proof.c.person_id, _ELDEST).label("person_id"),
        place.c.parent_id.label("grid_id"),
        IS_TO_CHECK.label("is_to_check"),
    )
    .join(paper_picture, _OF_PAPER)
    .join(household, _HOME)
    .join(place, _BUILDING)
)


def pictured_paper(session: Session, community_id: int, proof_id: int) -> PicturedPaper:
    """**Refuses**: ``NotFound`` for a paper that is unknown or has no picture."""
    row = session.execute(
        _PICTURED.where(proof.c.community_id == community_id, proof.c.id == proof_id)
    ).first()
    if row is None:
        raise NotFound(kind="proof")
    return PicturedPaper(
        proof_id=proof_id,
        household_id=row.household_id,
        person_id=row.person_id,
        grid_id=row.grid_id,
        kind=kind_of(session, row),
        is_to_check=bool(row.is_to_check),
    )


def pictured(session: Session, community_id: int, household_id: int) -> frozenset[int]:
    """The papers of a household that have a picture."""
    rows = session.scalars(
        select(paper_picture.c.proof_id)
        .join(proof, _OF_PAPER)
        .where(paper_picture.c.community_id == community_id, proof.c.household_id == household_id)
    )
    return frozenset(rows)


def has_opened(session: Session, by: By, proof_id: int, *, now: datetime) -> bool:
    """Tell whether somebody has opened the picture of a paper just now, with a reason."""
    if by.person_id is None:
        return False
    between = now - OPEN_FOR, now + timedelta(microseconds=1)
    lines = lines_of_person(session, by.community_id, by.person_id, name=OPENED, between=between)
    return any(line.facts.get("proof_id") == str(proof_id) for line in lines)


def opened_picture(session: Session, by: By, proof_id: int, *, now: datetime) -> bytes | None:
    """The picture for whoever has just opened it; None if it cannot be read.

    **Refuses**: ``NotFound`` for all others, as for a paper without a picture.
    """
    if not has_opened(session, by, proof_id, now=now):
        raise NotFound(kind="proof")
    sealed = session.scalar(
        select(paper_picture.c.picture_sealed).where(
            paper_picture.c.community_id == by.community_id, paper_picture.c.proof_id == proof_id
        )
    )
    if sealed is None:
        raise NotFound(kind="proof")
    text = vault_to_open(session).open_or_none(sealed, PICTURE_COLUMN)
    return None if text is None else base64.b64decode(text)
