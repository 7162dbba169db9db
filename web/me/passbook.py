"""The passbook: what I have, what can be done today, and what moved."""

from dataclasses import dataclass

from flask import render_template, request
from sqlalchemy.orm import Session

from timebank.aid.queries import Quota, TakenLine, decide_household, taken_lines
from timebank.errors import HouseholdCap, NeedsReview
from timebank.goods.queries import gifts_of_person
from timebank.hours.queries import Passbook, WordAsked, passbook_lines, words_asked
from timebank.hours.queries import passbook as passbook_of
from timebank.policy.rules import MissingParameter
from timebank.values import By
from web import units
from web.auth import current_by, signed_in
from web.me.forms import number_in
from web.me.lines import lines_of
from web.me.statement import LINES_A_PAGE, Statement, statement

DIRECTIONS = ("all", "in", "out")


@dataclass(frozen=True, slots=True)
class Today:
    """What waits for a person: things to fetch, help to confirm, pieces his household has left."""

    ready: list[TakenLine]
    to_confirm: list[WordAsked]
    quota: Quota | None


@signed_in
def passbook() -> str:
    """Show what I have, what I can do today, and my lines, newest first."""
    by = current_by()
    direction = request.args.get("direction", "all")
    if direction not in DIRECTIONS:
        direction = "all"
    before_seq, before_us = number_in(request.args, "before"), number_in(request.args, "until")
    with units.reading() as session:
        taken = _taken(session, by)
        book: Passbook = passbook_of(session, by.community_id, by.person_id or 0)
        moved = _statement(session, by, taken, direction, (before_seq, before_us))
        waiting = Today(
            [line for line in taken if line.is_ready], words_asked(session, by), _quota(session, by)
        )
    return render_template(
        "me/passbook.html",
        book=book,
        today=waiting,
        moved=moved,
        direction=direction,
        is_first=before_seq is None,
        lines_of=lines_of,
    )


def _taken(session: Session, by: By) -> list[TakenLine]:
    """What the household fetched or may fetch; nothing for a person without household."""
    if by.household_id is None:
        return []
    return taken_lines(session, by.community_id, by.household_id)


def _quota(session: Session, by: By) -> Quota | None:
    """The pieces of the household; None where the rules say no, or before there are rules.

    Why not is told on the page behind the tile; no number is promised before.
    """
    if by.household_id is None:
        return None
    try:
        decided = decide_household(session, by.community_id, by.household_id, on=units.today())
    except (MissingParameter, NeedsReview):
        return None
    answer = decided.answer
    if not answer.is_eligible and answer.reasons[0].code != HouseholdCap.code:
        return None
    most = decided.parameters.whole("aid.household_pieces_max")
    left = min(answer.remaining or 0, most)
    return Quota(most - left, most, answer.next_on)


def _statement(
    session: Session,
    by: By,
    taken: list[TakenLine],
    direction: str,
    before: tuple[int | None, int | None],
) -> Statement:
    before_seq, before_us = before
    lines = passbook_lines(
        session, by.community_id, by.person_id or 0,
        limit=LINES_A_PAGE + 1, before_seq=before_seq, direction=direction,
    )  # fmt: skip
    gifts = []
    if direction != "out":
        gifts = gifts_of_person(session, by.community_id, by.person_id or 0)
    if direction == "in":
        taken = []
    return statement(lines, gifts, taken, before_us=before_us)
