"""Papers that give access to the goods shelf: who saw them, and from when until when they are
valid.
"""

from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import and_, insert, select, update
from sqlalchemy.orm import Session

from timebank.deeds.action import action
from timebank.deeds.audit import audit
from timebank.deeds.deed import Deed
from timebank.errors import BadInput, NotAllowed, NotFound, WrongState
from timebank.people import may
from timebank.people.rules import PROOF_KINDS
from timebank.people.sight import reaches
from timebank.people.tables import household, person, place, proof
from timebank.people.vault import vault_of
from timebank.values import By, new_id


@dataclass(frozen=True, slots=True)
class NewProof:
    """A paper that a member of staff has seen; ``document_no`` is encrypted."""

    household_id: int
    kind: str
    valid_from_on: date
    valid_until_on: date
    person_id: int | None = None
    document_no: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class ProofsAdded:
    proof_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ProofEnded:
    proof_id: int
    ended_on: date


@action("add_proofs")
def add_proofs(deed: Deed, *, proofs: tuple[NewProof, ...]) -> ProofsAdded:
    """Enter papers that the member of staff has seen.

    **Refuses**: ``NotAllowed`` (also for one's own household); ``NotFound`` for household or
    person, also outside one's grid; ``BadInput`` with the ``line``.
    """
    may.KEEP_PAPERS.require(deed.by)
    grids = _grids_of(deed.session, deed.community_id, {new.household_id for new in proofs})
    homes = _homes_of(deed.session, deed.community_id, {n.person_id for n in proofs if n.person_id})
    for line, new in enumerate(proofs):
        _check(deed.by, new, grids, homes, line=line)
    vault = vault_of(deed.session)
    ids = tuple(new_id() for _ in proofs)
    rows = [
        {
            "community_id": deed.community_id,
            "id": proof_id,
            "household_id": new.household_id,
            "person_id": new.person_id,
            "kind": new.kind,
            "document_no_sealed": vault.seal(new.document_no, "proof.document_no")
            if new.document_no
            else None,
            "valid_from_on": new.valid_from_on,
            "valid_until_on": new.valid_until_on,
            "seen_by": deed.by.user_id,
            "seen_at": deed.now,
        }
        for proof_id, new in zip(ids, proofs, strict=True)
    ]
    if rows:
        deed.session.execute(insert(proof), rows)
    subject_id = proofs[0].household_id if len(proofs) == 1 else None
    audit(
        deed,
        name="add_proofs",
        subject_kind="household",
        subject_id=subject_id,
        facts={"proofs": len(rows)},
    )
    return ProofsAdded(ids)


@action("end_proof")
def end_proof(deed: Deed, *, proof_id: int, ended_on: date, reason: str) -> ProofEnded:
    """End the validity of a paper from a day on; what it allowed before remains valid.

    **Refuses**: ``NotAllowed``; ``NotFound``; ``WrongState`` if it was ended already.
    """
    may.KEEP_PAPERS.require(deed.by)
    row = deed.session.execute(
        select(proof.c.household_id, proof.c.ended_on)
        .where(proof.c.community_id == deed.community_id, proof.c.id == proof_id)
        .with_for_update(key_share=True)
    ).first()
    if row is None:
        raise NotFound(kind="proof")
    grid_id = _grids_of(deed.session, deed.community_id, {row.household_id})[row.household_id]
    if not reaches(deed.by, may.KEEP_PAPERS, grid_id):
        raise NotFound(kind="proof")
    _require_not_own(deed.by, "end_proof", row.household_id)
    if row.ended_on is not None:
        raise WrongState(kind="proof", state="ended", ended_on=row.ended_on.isoformat())
    if not reason.strip():
        raise BadInput(field="reason", why="missing")
    deed.session.execute(
        update(proof)
        .where(proof.c.community_id == deed.community_id, proof.c.id == proof_id)
        .values(ended_on=ended_on)
    )
    told = {"reason": reason.strip()[:200], "ended_on": ended_on.isoformat()}
    audit(deed, name="end_proof", subject_kind="proof", subject_id=proof_id, facts=told)
    return ProofEnded(proof_id, ended_on)


def _require_not_own(by: By, deed: str, household_id: int) -> None:
    if by.household_id == household_id:
        raise NotAllowed(deed=deed, why="own_household")


def _check(
    by: By, new: NewProof, grids: dict[int, int], homes: dict[int, int | None], *, line: int
) -> None:
    is_known = new.household_id in grids
    if not is_known or not reaches(by, may.KEEP_PAPERS, grids[new.household_id]):
        raise NotFound(kind="household")
    _require_not_own(by, "add_proofs", new.household_id)
    if new.kind not in PROOF_KINDS:
        raise BadInput(field="kind", why="unknown", line=line)
    if new.valid_until_on < new.valid_from_on:
        raise BadInput(field="valid_until_on", why="before_start", line=line)
    if new.person_id is not None and homes.get(new.person_id) != new.household_id:
        raise NotFound(kind="person")


def _grids_of(session: Session, community_id: int, household_ids: set[int]) -> dict[int, int]:
    of_building = and_(
        place.c.community_id == household.c.community_id, place.c.id == household.c.building_id
    )
    rows = session.execute(
        select(household.c.id, place.c.parent_id)
        .join(place, of_building)
        .where(household.c.community_id == community_id, household.c.id.in_(household_ids))
    )
    return {row.id: row.parent_id for row in rows}


def _homes_of(session: Session, community_id: int, person_ids: set[int]) -> dict[int, int | None]:
    rows = session.execute(
        select(person.c.id, person.c.household_id).where(
            person.c.community_id == community_id, person.c.id.in_(person_ids)
        )
    )
    return {row.id: row.household_id for row in rows}
