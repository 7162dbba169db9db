"""The second look at a paper that was drawn: by another person, from the original."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Row, and_, select, update

from timebank.deeds.action import action
from timebank.deeds.audit import audit
from timebank.deeds.deed import Deed
from timebank.errors import BadInput, NotAllowed, NotFound, WrongState
from timebank.people import may
from timebank.people.closeness import Involved, require_not_close
from timebank.people.refusals import OtherDocumentNo
from timebank.people.rules import CONFIRMED, NOT_CONFIRMED, check_reason, same_document_no
from timebank.people.tables import IS_TO_CHECK, household, place, proof
from timebank.values import local_day
from timebank.vault.cipher import vault_of


@dataclass(frozen=True, slots=True)
class PaperChecked:
    """The result of the second look; ``ended_on`` is set if the paper is no longer valid."""

    proof_id: int
    outcome: str
    ended_on: date | None = None


@action("check_paper")
def check_paper(
    deed: Deed, *, proof_id: int, is_confirmed: bool, document_no: str = "", reason: str = ""
) -> PaperChecked:
    """Confirm a drawn paper by typing its number again, or end it today with a reason.

    The number is not shown, so whoever types it has read it on the original, or asked the issuer.

    **Refuses**: ``NotAllowed``, also to the person who entered it, to those who live with them,
    and for one's own household; ``NotFound``; ``WrongState`` if nobody needs to look;
    ``OtherDocumentNo``; ``BadInput``.
    """
    may.CHECK_PAPERS.require(deed.by)
    row = _to_check(deed, proof_id)
    _require_second_person(deed, row)
    if is_confirmed:
        _compare(deed, row, document_no)
        ended_on, why = row.ended_on, {}
    else:
        why = {"reason": check_reason(reason)}
        ended_on = row.ended_on or max(local_day(deed.now), row.valid_from_on)
    outcome = CONFIRMED if is_confirmed else NOT_CONFIRMED
    deed.session.execute(
        update(proof)
        .where(proof.c.community_id == deed.community_id, proof.c.id == proof_id)
        .values(
            checked_at=deed.now,
            checked_by_person_id=deed.by.person_id,
            check_outcome=outcome,
            ended_on=ended_on,
        )
    )
    facts = {"outcome": outcome, **why}
    audit(deed, name="check_paper", subject_kind="proof", subject_id=proof_id, facts=facts)
    return PaperChecked(proof_id, outcome, ended_on)


def _to_check(deed: Deed, proof_id: int) -> Row[Any]:
    row = deed.session.execute(
        select(proof, place.c.parent_id.label("grid_id"), IS_TO_CHECK.label("is_to_check"))
        .join(
            household,
            and_(
                household.c.community_id == proof.c.community_id,
                household.c.id == proof.c.household_id,
            ),
        )
        .join(
            place,
            and_(
                place.c.community_id == household.c.community_id,
                place.c.id == household.c.building_id,
            ),
        )
        .where(proof.c.community_id == deed.community_id, proof.c.id == proof_id)
        .with_for_update(key_share=True, of=proof)
    ).first()
    if row is None:
        raise NotFound(kind="proof")
    may.CHECK_PAPERS.require_at(deed.by, row.grid_id)
    if not row.is_to_check:
        raise WrongState(kind="proof", state="checked")
    return row


def _require_second_person(deed: Deed, row: Row[Any]) -> None:
    """**Refuses**: ``NotAllowed`` to whoever entered the paper, and to their or its household."""
    by, enterer_id = deed.by, row.seen_by_person_id
    if by.person_id is None or by.person_id == enterer_id:
        raise NotAllowed(deed="check_paper", why="same_person")
    involved = Involved(person_ids=(enterer_id,), household_ids=(row.household_id,))
    require_not_close(deed.session, by, involved, deed="check_paper")


def _compare(deed: Deed, row: Row[Any], document_no: str) -> None:
    if not document_no.strip():
        raise BadInput(field="document_no", why="needed")
    entered = vault_of(deed.session).open(row.document_no_sealed, "proof.document_no")
    if not same_document_no(document_no, entered):
        raise OtherDocumentNo()
