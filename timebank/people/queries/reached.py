"""Whom messages go to: telephone and language, who speaks for a household, papers that end soon."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from timebank.db import among
from timebank.people.queries.briefs import KIND_COLUMN
from timebank.people.rules.records import HEAD
from timebank.people.tables import person, proof
from timebank.vault.cipher import vault_to_open


@dataclass(frozen=True, slots=True)
class Reachable:
    """How to speak to a person. The telephone is opened only by ``phone_for``."""

    person_id: int
    language: str
    phone_sealed: bytes | None = field(repr=False)


_REACHABLE = select(person.c.id, person.c.language, person.c.phone_sealed).where(
    person.c.community_id == bindparam("of_community"), among(person.c.id, "person_ids")
)
_HOMES = (
    select(person.c.household_id, person.c.id, person.c.relation_to_head)
    .where(
        person.c.community_id == bindparam("of_community"),
        among(person.c.household_id, "household_ids"),
    )
    .order_by(person.c.id)
)
_PAPERS = select(
    proof.c.id, proof.c.household_id, proof.c.person_id, proof.c.valid_until_on, proof.c.kind_sealed
).where(proof.c.community_id == bindparam("of_community"), proof.c.ended_on.is_(None))
_ENDING = _PAPERS.where(proof.c.valid_until_on.between(bindparam("first_on"), bindparam("last_on")))
_LATER = _PAPERS.where(
    among(proof.c.household_id, "household_ids"), proof.c.valid_until_on > bindparam("last_on")
)


def reachable(
    session: Session, community_id: int, person_ids: Collection[int]
) -> dict[int, Reachable]:
    """How to speak to these people; ids of other communities are left out."""
    asked = {"of_community": community_id, "person_ids": sorted(set(person_ids))}
    return {
        row.id: Reachable(row.id, row.language or "zh", row.phone_sealed)
        for row in session.execute(_REACHABLE, asked)
    }


def phone_for(session: Session, who: Reachable) -> str | None:
    """Open the telephone number for a gateway; None if it is missing or cannot be read.

    Never show it on a page: ``actions/reveal.py`` opens it for people, with a line.
    """
    if who.phone_sealed is None:
        return None
    return vault_to_open(session).open_or_none(who.phone_sealed, "person.phone")


def speakers_of(
    session: Session, community_id: int, household_ids: Collection[int]
) -> dict[int, int]:
    """Who speaks for each household: its head, or who was enrolled first."""
    if not household_ids:
        return {}
    asked = {"of_community": community_id, "household_ids": sorted(set(household_ids))}
    found: dict[int, int] = {}
    for row in session.execute(_HOMES, asked):
        if row.relation_to_head == HEAD:
            found[row.household_id] = row.id
        found.setdefault(row.household_id, row.id)
    return found


@dataclass(frozen=True, slots=True)
class EndingPaper:
    """A paper that ends soon; ``kind`` is None if it cannot be read."""

    proof_id: int
    household_id: int
    person_id: int | None
    valid_until_on: date
    kind: str | None

    @property
    def of(self) -> tuple[int, int | None, str | None]:
        """Whose paper it is, and of which kind."""
        return self.household_id, self.person_id, self.kind


def papers_ending(
    session: Session, community_id: int, *, first_on: date, last_on: date
) -> list[EndingPaper]:
    """The papers whose last day lies in a span, if their household has no newer one of the kind."""
    asked: dict[str, Any] = {"of_community": community_id, "first_on": first_on, "last_on": last_on}
    ending = _read(session, _ENDING, asked)
    if not ending:
        return []
    del asked["first_on"]
    asked["household_ids"] = sorted({paper.household_id for paper in ending})
    later = {paper.of for paper in _read(session, _LATER, asked)}
    return [paper for paper in ending if paper.of not in later]


def _read(session: Session, query: Any, values: dict[str, Any]) -> list[EndingPaper]:
    vault = vault_to_open(session)
    return [
        EndingPaper(
            proof_id=row.id, household_id=row.household_id, person_id=row.person_id,
            valid_until_on=row.valid_until_on,
            kind=vault.open_or_none(row.kind_sealed, KIND_COLUMN),
        )
        for row in session.execute(query, values)
    ]  # fmt: skip
