"""Who acts for whom: what waits for a second person, what is in force, and what was done by it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session

from timebank.people import may
from timebank.people.queries.briefs import PersonBrief, briefs
from timebank.people.queries.by_two import ByTwo, StepsOfTwo
from timebank.people.queries.kin import not_of_kin
from timebank.people.queries.merged import records_of
from timebank.people.rules.ages import MINOR_GROUPS
from timebank.people.rules.mandates import GUARDIAN
from timebank.people.tables import mandate, mandate_use
from timebank.values import By


@dataclass(frozen=True, slots=True, kw_only=True)
class Mandate(StepsOfTwo):
    """Somebody acts for a person; ``until_on`` is None for a guardian."""

    agent_person_id: int
    kind: str
    deeds: str
    ground: str
    ground_note: str
    from_on: date
    until_on: date | None
    ended_at: datetime | None
    end_reason: str | None

    @property
    def is_guardian(self) -> bool:
        return self.kind == GUARDIAN

    def covers(self, deed: str) -> bool:
        """Tell whether the agent may do a deed; a guardian may do all."""
        return self.is_guardian or deed in self.deeds.split()

    def is_in_force(self, person: PersonBrief, on: date) -> bool:
        """Tell whether it holds on a day: confirmed, not ended, and of a guardian, of a minor."""
        if self.done_at is None or self.ended_at is not None or on < self.from_on:
            return False
        if self.is_guardian:
            return person.age_group_on(on) in MINOR_GROUPS
        return self.until_on is not None and on <= self.until_on


@dataclass(frozen=True, slots=True)
class MandateUsed:
    """What an agent did: the receipts say it to both."""

    mandate_id: int
    agent_person_id: int
    agent_name: str
    agent_masked_name: str
    deed: str
    channel: str
    used_at: datetime


_MANDATES = ByTwo(mandate, "confirmed", Mandate, right=may.KEEP_MANDATES)
mandate_named = _MANDATES.named


def waiting_mandates(by: By) -> Select[Any] | None:
    """Mandates that a second member of staff can confirm, who is close to neither side."""
    waiting = _MANDATES.waiting(by)
    if waiting is None or not may.KEEP_MANDATES.is_held_everywhere(by):
        return None
    return waiting.where(
        mandate.c.ended_at.is_(None), not_of_kin(by, person_id=mandate.c.agent_person_id)
    )


def _listed(session: Session, community_id: int, whose: ColumnElement[bool]) -> list[Mandate]:
    ids = session.scalars(
        select(mandate.c.id)
        .where(mandate.c.community_id == community_id, whose)
        .order_by(mandate.c.ended_at.is_not(None), mandate.c.asked_at.desc())
    ).all()
    return [mandate_named(session, community_id, one) for one in ids]


def mandates_of(session: Session, community_id: int, person_id: int) -> list[Mandate]:
    """Who acts for a person or did, first what has not ended."""
    own = records_of(community_id, [person_id])
    return _listed(session, community_id, mandate.c.person_id.in_(own))


def mandates_held(session: Session, community_id: int, agent_id: int) -> list[Mandate]:
    """For whom somebody acts or did, first what has not ended."""
    own = records_of(community_id, [agent_id])
    return _listed(session, community_id, mandate.c.agent_person_id.in_(own))


def mandate_for(
    session: Session, community_id: int, agent_id: int, person_ids: Collection[int], *,
    deed: str, on: date,
) -> Mandate | None:  # fmt: skip
    """The mandate by which an agent may do a deed for one of these people on a day, or None."""
    held = [one for one in mandates_held(session, community_id, agent_id) if one.covers(deed)]
    people = briefs(session, community_id, {one.person_id for one in held}) if held else {}
    for one in held:
        person = people[one.person_id]
        is_theirs = {person.id, person.merged_into_id} & set(person_ids)
        if is_theirs and one.is_in_force(person, on):
            return one
    return None


def mandates_used(
    session: Session, community_id: int, subject_kind: str, subject_ids: Collection[int]
) -> dict[int, list[MandateUsed]]:
    """What agents did about these things, by the id of each, the oldest first."""
    rows = session.execute(
        select(mandate_use, mandate.c.agent_person_id)
        .join(
            mandate,
            (mandate.c.community_id == mandate_use.c.community_id)
            & (mandate.c.id == mandate_use.c.mandate_id),
        )
        .where(
            mandate_use.c.community_id == community_id,
            mandate_use.c.subject_kind == subject_kind,
            mandate_use.c.subject_id.in_(sorted(subject_ids)),
        )
        .order_by(mandate_use.c.used_at, mandate_use.c.id)
    ).all()
    people = briefs(session, community_id, {row.agent_person_id for row in rows}) if rows else {}
    used: dict[int, list[MandateUsed]] = {}
    for row in rows:
        agent = people[row.agent_person_id]
        one = MandateUsed(
            mandate_id=row.mandate_id, agent_person_id=agent.id, agent_name=agent.name,
            agent_masked_name=agent.masked_name, deed=row.deed, channel=row.channel,
            used_at=row.used_at,
        )  # fmt: skip
        used.setdefault(row.subject_id, []).append(one)
    return used
