"""The picture of a paper: kept sealed, opened for a stated reason, removed after the paper ends.

Opening never runs as a deed through ``perform``: nothing of a picture is stored in plain text, not
in receipts and not in the audit trail.
"""

import base64
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, insert, select, tuple_
from sqlalchemy.orm import Session

from timebank.db import Database
from timebank.deeds.action import action
from timebank.deeds.audit import audit
from timebank.deeds.deed import Deed
from timebank.errors import NotFound
from timebank.people import may
from timebank.people.actions.openings import refusal_if_used_up
from timebank.people.pictures import require_clean
from timebank.people.queries.openings import OPENED
from timebank.people.queries.pictures import PICTURE, PICTURE_COLUMN, pictured_paper
from timebank.people.refusals import OpeningsUsedUp
from timebank.people.rules import check_reason
from timebank.people.sight import reaches
from timebank.people.tables import paper_picture, proof
from timebank.policy.queries import parameters_on
from timebank.values import By, local_day
from timebank.vault.cipher import Vault

AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class PicturesForgotten:
    pictures: int


def picture_row(
    vault: Vault, community_id: int, proof_id: int, *, picture: bytes, now: datetime
) -> dict[str, object]:
    """The row of a picture of a paper that is being entered. **Refuses**: ``BadInput``."""
    require_clean(picture)
    return {
        "community_id": community_id,
        "proof_id": proof_id,
        "picture_sealed": vault.seal(base64.b64encode(picture).decode(), PICTURE_COLUMN),
        "added_at": now,
    }


def insert_pictures(session: Session, rows: list[dict[str, object]]) -> None:
    if rows:
        session.execute(insert(paper_picture), rows)


def open_picture(database: Database, *, by: By, proof_id: int, reason: str) -> None:
    """Open the picture of a paper for work that needs it; for some minutes it can then be read.

    It counts as an opening of sealed data of the person on the paper, who sees it on
    ``/me/openings``.

    **Refuses**: ``NotAllowed``; ``NotFound``, also outside one's grid; ``BadInput``,
    ``OpeningsUsedUp`` as ``reveal``.
    """

    def opened(session: Session, now: datetime) -> OpeningsUsedUp | None:
        deed = Deed(session, by, now)
        may.REVEAL.require(by)
        paper = pictured_paper(session, by.community_id, proof_id)
        if not reaches(by, may.REVEAL, paper.grid_id):
            raise NotFound(kind="proof")
        sentence = check_reason(reason)
        if refusal := refusal_if_used_up(deed):
            return refusal
        facts = {"columns": [PICTURE], "reason": sentence[:200], "proof_id": str(proof_id)}
        audit(deed, name=OPENED, subject_kind="person", subject_id=paper.person_id, facts=facts)
        return None

    refusal = database.write(opened)
    if refusal is not None:
        raise refusal


@action("forget_pictures")
def forget_pictures(deed: Deed) -> PicturesForgotten:
    """Remove the pictures of papers that ended long ago: the job of the clock."""
    on = local_day(deed.now)
    days = parameters_on(deed.session, deed.community_id, on).whole("people.picture_days")
    last_on = func.coalesce(proof.c.ended_on, proof.c.valid_until_on)
    due = (
        select(paper_picture.c.community_id, paper_picture.c.proof_id)
        .join(
            proof,
            (proof.c.community_id == paper_picture.c.community_id)
            & (proof.c.id == paper_picture.c.proof_id),
        )
        .where(
            paper_picture.c.community_id == deed.community_id, last_on < on - timedelta(days=days)
        )
        .limit(AT_ONCE)
    )
    keys = [tuple(row) for row in deed.session.execute(due)]
    if keys:
        columns = tuple_(paper_picture.c.community_id, paper_picture.c.proof_id)
        deed.session.execute(delete(paper_picture).where(columns.in_(keys)))
        audit(deed, name="forget_pictures", subject_kind="proof", facts={"pictures": len(keys)})
    return PicturesForgotten(len(keys))
