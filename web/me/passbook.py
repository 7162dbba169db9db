"""The passbook: three figures, what can be done today, and what moved."""

from dataclasses import dataclass
from typing import Any

from flask import render_template, request
from sqlalchemy.orm import Session

from timebank.aid.queries import quota, ready_claims
from timebank.hours.queries import Passbook, passbook_lines, records_to_confirm
from timebank.hours.queries import passbook as passbook_of
from timebank.values import By
from web import units
from web.auth import current_by, signed_in

LINES_A_PAGE = 20
DIRECTIONS = ("all", "in", "out")


@dataclass(frozen=True, slots=True)
class Today:
    """What waits for a person: ready claims, hours to confirm, pieces his household has left."""

    claims: list[Any]
    to_confirm: list[Any]
    quota: Any


@signed_in
def passbook() -> str:
    """Show what I have, what I can do today, and my lines, newest first."""
    by = current_by()
    direction = request.args.get("direction", "all")
    if direction not in DIRECTIONS:
        direction = "all"
    before_seq = request.args.get("before", type=int)
    with units.reading() as session:
        lines = passbook_lines(
            session, by.community_id, by.person_id or 0,
            limit=LINES_A_PAGE + 1, before_seq=before_seq, direction=direction,
        )  # fmt: skip
        book: Passbook = passbook_of(session, by.community_id, by.person_id or 0)
        waiting = today(session, by)
    more = lines[LINES_A_PAGE - 1].seq if len(lines) > LINES_A_PAGE else None
    return render_template(
        "me/passbook.html",
        book=book,
        today=waiting,
        lines=lines[:LINES_A_PAGE],
        more=more,
        direction=direction,
        is_first=before_seq is None,
    )


def today(session: Session, by: By) -> Today:
    """Gather what can be done now; a person without household has no shelf to draw on."""
    if by.household_id is None:
        return Today([], records_to_confirm(session, by), None)
    return Today(
        ready_claims(session, by.community_id, household_id=by.household_id),
        records_to_confirm(session, by),
        quota(session, by.community_id, by.household_id, units.now()),
    )
