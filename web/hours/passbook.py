"""The passbook: balance, what can be done today, and the lines."""

from dataclasses import dataclass
from datetime import date

from flask import render_template, request
from sqlalchemy.orm import Session

from timebank.aid.queries import Quota, TakenLine, decide_household, taken_lines
from timebank.db import Cursor
from timebank.goods.queries import gifts_of_person
from timebank.hours.queries import (
    Passbook,
    RunningShift,
    WordAsked,
    passbook_as_of,
    passbook_lines,
    service_now,
)
from timebank.hours.queries import passbook as passbook_of
from timebank.policy.refusals import HouseholdCap, NeedsReview
from timebank.policy.rules import MissingParameter
from timebank.sealing.history import end_of_day
from timebank.values import By, to_us
from web import units
from web.auth import current_by, signed_in
from web.hours.lines import lines_of
from web.hours.statement import CURSOR_SIZE, LINES_A_PAGE, Statement, StatementPlace, statement
from web.listing import read_cursor, write_cursor
from web.pages import ME, PERSON, MenuPlace, page
from web.reader import lazy_gettext as _l
from web.reading import read_past_day

DIRECTIONS = ("all", "in", "out")


@dataclass(frozen=True, slots=True)
class ToDo:
    """What waits for a person: a service that runs, claims to pick up, service to confirm, the
    household's quota.
    """

    shift: RunningShift | None
    to_confirm: list[WordAsked]
    ready: list[TakenLine]
    quota: Quota | None


PLACE = MenuPlace(bar=PERSON, word=_l("存折"), icon="book-open", order=10)


@page(ME, "/", "passbook", places=(PLACE,))
@signed_in
def passbook() -> str:
    """Show the balance, what can be done today, and the lines, newest first."""
    by = current_by()
    direction = request.args.get("direction", "all")
    if direction not in DIRECTIONS:
        direction = "all"
    cursor = read_cursor(request.args.get("before"), CURSOR_SIZE)
    on = read_past_day(request.args.get("on"), units.today())
    if on is not None:
        return _as_of(on, direction, cursor)
    with units.reading() as session:
        place = StatementPlace.of(cursor)
        taken = _taken(session, by, place)
        book: Passbook = passbook_of(session, by.community_id, by.person_id or 0)
        moved = _statement(session, by, taken, direction, place)
        waiting = ToDo(
            *service_now(session, by),
            [line for line in taken if line.is_ready],
            _quota(session, by),
        )
    return render_template(
        "hours/me_passbook.html",
        book=book,
        today=waiting,
        moved=moved,
        direction=direction,
        is_first=cursor is None,
        older=_older(moved),
        lines_of=lines_of,
        on=None,
        the_day=units.today(),
        now=units.now(),
    )


def _as_of(on: date, direction: str, cursor: Cursor | None) -> str:
    """Show the balance at the end of a past day, and the lines up to then."""
    by, end = current_by(), end_of_day(on)
    with units.reading() as session:
        book = passbook_as_of(session, by.community_id, by.person_id or 0, at=end)
        goods = to_us(end) + 1, 0
        place = StatementPlace.of(cursor).at_most(StatementPlace(book.seq + 1, goods, goods))
        moved = _statement(session, by, _taken(session, by, place), direction, place)
    return render_template(
        "hours/me_passbook_past.html", book=book, moved=moved, direction=direction, on=on,
        is_first=cursor is None, older=_older(moved), lines_of=lines_of,
        the_day=units.today(), now=units.now(),
    )  # fmt: skip


def _older(moved: Statement) -> str:
    """The address of the next page, empty on the last."""
    return write_cursor(moved.older.cursor) if moved.older else ""


def _taken(session: Session, by: By, place: StatementPlace) -> list[TakenLine]:
    """The claims of the household, ready or picked up; empty without a household."""
    if by.household_id is None:
        return []
    return taken_lines(
        session, by.community_id, by.household_id, limit=LINES_A_PAGE + 1, before=place.taken
    )


def _quota(session: Session, by: By) -> Quota | None:
    """The quota of the household; None if it is not eligible, or there are no rules.

    The page behind the tile explains why not; no number is promised here.
    """
    if by.household_id is None:
        return None
    try:
        decided = decide_household(session, by.community_id, by.household_id, now=units.now())
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
    place: StatementPlace,
) -> Statement:
    lines = passbook_lines(
        session, by.community_id, by.person_id or 0,
        limit=LINES_A_PAGE + 1, before_seq=place.seq, direction=direction,
    )  # fmt: skip
    gifts = []
    if direction != "out":
        gifts = gifts_of_person(
            session, by.community_id, by.person_id or 0, limit=LINES_A_PAGE + 1, before=place.gift
        )
    if direction == "in":
        taken = []
    return statement(lines, gifts, taken, at=place)
