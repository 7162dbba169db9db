"""Papers that give access to the goods shelf: who saw them, and from when until when they are
valid.

One in ten is drawn for a second look (``paper_checks.py``).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlalchemy import and_, insert, select, update
from sqlalchemy.orm import Session

from timebank.deeds.action import action
from timebank.deeds.audit import audit
from timebank.deeds.deed import Deed
from timebank.errors import BadInput, NotFound, WrongState
from timebank.people import may
from timebank.people.actions.pictures import insert_pictures, picture_row
from timebank.people.closeness import Involved, require_not_close
from timebank.people.queries.briefs import KIND_COLUMN
from timebank.people.refusals import DecidedByTwo, PaperTooLong
from timebank.people.rules import (
    DRAWN_ONE_IN,
    GUARDIAN_CONSENT,
    PAPER_KINDS,
    SPECIAL_APPROVAL,
    latest_day,
    tidy_document_no,
)
from timebank.people.sight import reaches
from timebank.people.tables import household, person, place, proof
from timebank.policy.queries import parameters_on
from timebank.policy.rules import Parameters
from timebank.policy.rules.usual import PAPER_MONTHS_MAX
from timebank.values import local_day, new_id
from timebank.vault.cipher import Vault, vault_to_seal

ISSUER_MAX = 80


@dataclass(frozen=True, slots=True)
class NewProof:
    """A paper that a member of staff has seen; what it reads and shows is encrypted."""

    household_id: int
    kind: str
    valid_from_on: date
    valid_until_on: date
    person_id: int | None = None
    document_no: str = field(default="", repr=False)
    issuer: str = field(default="", repr=False)
    picture: bytes = field(default=b"", repr=False)  # As ``clean_picture`` returns it.


@dataclass(frozen=True, slots=True)
class ProofsAdded:
    proof_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ProofEnded:
    proof_id: int
    ended_on: date


@dataclass(frozen=True, slots=True)
class _Entering:
    """What the papers of one deed are checked against."""

    grids: dict[int, int]
    homes: dict[int, int | None]
    parameters: Parameters


@action("add_proofs")
def add_proofs(deed: Deed, *, proofs: tuple[NewProof, ...]) -> ProofsAdded:
    """Enter papers that the member of staff has seen, each with its number and issuer.

    Only the set-up of a community imports papers without these, or for later years.

    **Refuses**: ``NotAllowed`` (also for one's own household); ``NotFound`` for household or
    person, also outside one's grid; ``DecidedByTwo`` for a special approval; ``PaperTooLong``;
    ``BadInput`` with the ``line``.
    """
    may.KEEP_PAPERS.require(deed.by)
    entering = _Entering(
        grids=_grids_of(deed.session, deed.community_id, {new.household_id for new in proofs}),
        homes=_homes_of(
            deed.session, deed.community_id, {new.person_id for new in proofs if new.person_id}
        ),
        parameters=parameters_on(deed.session, deed.community_id, local_day(deed.now)),
    )
    for line, new in enumerate(proofs):
        _check(deed, new, entering, line=line)
    vault = vault_to_seal(deed.session)
    rows = [_row(deed, new, vault) for new in proofs]
    if rows:
        deed.session.execute(insert(proof), rows)
    insert_pictures(deed.session, list(_pictures(deed, proofs, rows, vault)))
    subject_id = proofs[0].household_id if len(proofs) == 1 else None
    audit(
        deed,
        name="add_proofs",
        subject_kind="household",
        subject_id=subject_id,
        facts={"proofs": len(rows)},
    )
    return ProofsAdded(tuple(row["id"] for row in rows))


def _pictures(
    deed: Deed, proofs: tuple[NewProof, ...], rows: list[dict[str, Any]], vault: Vault
) -> Iterator[dict[str, object]]:
    for new, row in zip(proofs, rows, strict=True):
        if new.picture:
            yield picture_row(
                vault, deed.community_id, row["id"], picture=new.picture, now=deed.now
            )


def is_drawn(vault: Vault, proof_id: int) -> bool:
    """Draw one paper in ten for a second look.

    The draw depends on the key of the server, so nobody can know it, choose it or repeat it.
    """
    drawn = vault.digest("proof.drawn", str(proof_id))
    return int.from_bytes(drawn[:8], "big") % DRAWN_ONE_IN == 0


def _row(deed: Deed, new: NewProof, vault: Vault) -> dict[str, Any]:
    proof_id = new_id()
    number, issuer = tidy_document_no(new.document_no), new.issuer.strip()
    return {
        "community_id": deed.community_id,
        "id": proof_id,
        "household_id": new.household_id,
        "person_id": new.person_id,
        "kind_sealed": vault.seal(new.kind, KIND_COLUMN),
        "document_no_sealed": vault.seal(number, "proof.document_no") if number else None,
        "issuer_sealed": vault.seal(issuer, "proof.issuer") if issuer else None,
        "valid_from_on": new.valid_from_on,
        "valid_until_on": new.valid_until_on,
        "seen_by": deed.by.user_id,
        "seen_by_person_id": deed.by.person_id,
        "seen_at": deed.now,
        "is_drawn": deed.by.person_id is not None and is_drawn(vault, proof_id),
    }


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
    _require_not_own(deed, "end_proof", row.household_id)
    if row.ended_on is not None:
        raise WrongState(kind="proof", state="ended", ended_on=row.ended_on.isoformat())
    if not reason.strip():
        raise BadInput(field="reason", why="missing")
    deed.session.execute(
        update(proof)
        .where(proof.c.community_id == deed.community_id, proof.c.id == proof_id)
        .values(ended_on=ended_on)
    )
    facts = {"reason": reason.strip()[:200], "ended_on": ended_on.isoformat()}
    audit(deed, name="end_proof", subject_kind="proof", subject_id=proof_id, facts=facts)
    return ProofEnded(proof_id, ended_on)


def _require_not_own(deed: Deed, name: str, household_id: int) -> None:
    home = Involved(household_ids=(household_id,))
    require_not_close(deed.session, deed.by, home, deed=name)


def _check(deed: Deed, new: NewProof, entering: _Entering, *, line: int) -> None:
    is_known = new.household_id in entering.grids
    if not is_known or not reaches(deed.by, may.KEEP_PAPERS, entering.grids[new.household_id]):
        raise NotFound(kind="household")
    _require_not_own(deed, "add_proofs", new.household_id)
    if new.kind not in PAPER_KINDS:
        raise BadInput(field="kind", why="unknown", line=line)
    if new.kind == GUARDIAN_CONSENT and new.person_id is None:
        raise BadInput(field="person_id", why="needed", line=line)  # Whose guardian it is.
    if new.kind == SPECIAL_APPROVAL:
        raise DecidedByTwo(line=line)
    if new.valid_until_on < new.valid_from_on:
        raise BadInput(field="valid_until_on", why="before_start", line=line)
    if new.person_id is not None and entering.homes.get(new.person_id) != new.household_id:
        raise NotFound(kind="person")
    if deed.by.person_id is not None:
        _check_seen(deed, new, entering.parameters, line=line)
    longest = entering.parameters.counts("people.paper_months_max")
    # A value that was set before there was this kind of paper does not name it.
    usual = PAPER_MONTHS_MAX[new.kind] if new.kind == GUARDIAN_CONSENT else 0
    months = longest.get(new.kind, usual)
    latest_on = latest_day(new.valid_from_on, months)
    if new.valid_until_on > latest_on:
        raise PaperTooLong(latest_on=latest_on.isoformat(), months=months, line=line)


def _check_seen(deed: Deed, new: NewProof, parameters: Parameters, *, line: int) -> None:
    """Check what a person must have read on the paper, and that it is not for later years."""
    if not new.document_no.strip():
        raise BadInput(field="document_no", why="needed", line=line)
    if not new.issuer.strip():
        raise BadInput(field="issuer", why="needed", line=line)
    if len(new.issuer.strip()) > ISSUER_MAX:
        raise BadInput(field="issuer", why="too_long", line=line)
    ahead = timedelta(days=parameters.whole("people.paper_ahead_days"))
    if new.valid_from_on > local_day(deed.now) + ahead:
        raise BadInput(field="valid_from_on", why="too_early", line=line)


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
