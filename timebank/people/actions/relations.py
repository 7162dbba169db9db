"""Relatives, recorded and ended at the counter: they never countersign for each other.

Recording only takes power away, so staff may also record their own relatives. Ending gives it back:
it is done by somebody who is close to neither of the two.
"""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import insert, select, update

from timebank.deeds.action import action
from timebank.deeds.audit import audit
from timebank.deeds.deed import Deed
from timebank.errors import BadInput, NotAllowed, NotFound, WrongState
from timebank.people import may
from timebank.people.actions.cards import lock_people
from timebank.people.closeness import require_unrelated
from timebank.people.rules import check_reason
from timebank.people.rules.relations import check_relation
from timebank.people.sight import people_reached
from timebank.people.tables import relation
from timebank.values import local_day, new_id


@dataclass(frozen=True, slots=True)
class RelationRecorded:
    relation_id: int


@dataclass(frozen=True, slots=True)
class RelationEnded:
    relation_id: int


@action("record_relation")
def record_relation(
    deed: Deed, *, person_id: int, other_person_id: int, kind: str, from_on: date
) -> RelationRecorded:
    """Record that two people are relatives, since ``from_on``.

    **Refuses**: ``NotAllowed``; ``NotFound``, also for one of them out of reach; ``BadInput``;
    ``WrongState`` for a pair that is recorded.
    """
    may.KEEP_RELATIONS.require(deed.by)
    if person_id == other_person_id:
        raise BadInput(field="other_person_id", why="repeated")
    people_reached(deed.session, deed.by, [person_id, other_person_id], may.KEEP_RELATIONS)
    check_relation(kind, from_on, today=local_day(deed.now))
    first, second = sorted((person_id, other_person_id))
    lock_people(deed.session, deed.community_id, (first, second))
    known = select(relation.c.id).where(
        relation.c.community_id == deed.community_id,
        relation.c.person_id == first,
        relation.c.other_person_id == second,
        relation.c.ended_at.is_(None),
    )
    if deed.session.scalar(known) is not None:
        raise WrongState(kind="relation", state="recorded")
    relation_id = new_id()
    row = {
        "community_id": deed.community_id, "id": relation_id, "person_id": first,
        "other_person_id": second, "kind": kind, "from_on": from_on, "entered_at": deed.now,
        "entered_by_person_id": deed.by.person_id,
    }  # fmt: skip
    deed.session.execute(insert(relation), row)
    facts = {"relation_id": relation_id, "kind": kind}
    audit(deed, name="record_relation", subject_kind="person", subject_id=person_id, facts=facts)
    return RelationRecorded(relation_id)


@action("end_relation")
def end_relation(deed: Deed, *, relation_id: int, reason: str) -> RelationEnded:
    """Note that two people are relatives no more, or were recorded by mistake.

    **Refuses**: ``NotAllowed``, also for the two and for who is close to one of them;
    ``NotFound``, also out of reach; ``WrongState`` if it has ended; ``BadInput`` for the reason.
    """
    may.KEEP_RELATIONS.require(deed.by)
    row = deed.session.execute(
        select(relation)
        .where(relation.c.community_id == deed.community_id, relation.c.id == relation_id)
        .with_for_update()
    ).first()
    if row is None:
        raise NotFound(kind="relation")
    if deed.by.person_id is None:
        raise NotAllowed(deed=may.KEEP_RELATIONS.name)
    for person_id in (row.person_id, row.other_person_id):
        require_unrelated(deed.session, deed.by, person_id, may.KEEP_RELATIONS)
    if row.ended_at is not None:
        raise WrongState(kind="relation", state="ended")
    kept = check_reason(reason)
    deed.session.execute(
        update(relation)
        .where(relation.c.community_id == deed.community_id, relation.c.id == relation_id)
        .values(ended_at=deed.now, ended_by_person_id=deed.by.person_id, end_reason=kept[:200])
    )
    facts = {"relation_id": relation_id, "reason": kept}
    audit(deed, name="end_relation", subject_kind="person", subject_id=row.person_id, facts=facts)
    return RelationEnded(relation_id)
