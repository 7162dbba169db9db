"""Claims and their results."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Row, Select, and_, bindparam, exists, func, select
from sqlalchemy.orm import Session

from timebank.aid.queries.codes import has_code, shown_code
from timebank.aid.rules import LAPSED, READY, Refusal
from timebank.aid.tables import (
    ENDS_AT,
    IS_READY,
    claim_hold,
    claim_line,
    claim_visit,
    no_show,
)
from timebank.aid.tables import claim as claim_table
from timebank.db import Cursor, Keyset, among, built, up_to, written
from timebank.deeds.queries import days_known_until
from timebank.errors import NotFound
from timebank.goods.queries import item_names
from timebank.people.queries.merged import records_of
from timebank.values import local_day
from timebank.vault.cipher import vault_to_open

FACTS_COLUMN = "claim.refusal_facts"


@dataclass(frozen=True, slots=True)
class ClaimedLine:
    """One line of a claim; ``cut_code`` says why the rest was not approved."""

    line: int
    item_id: int
    name_zh: str
    name_en: str
    unit_zh: str
    unit_en: str
    asked: int
    approved: int
    cut_code: str | None


@dataclass(frozen=True, slots=True)
class ClaimedLot:
    """Pieces of a lot that are reserved for a claim or were handed over with it."""

    lot_id: int
    item_id: int
    pieces: int


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim in any state. **Units**: pieces.

    ``hold_is_provisional``: the known calendar ends before ``hold_until_at``.
    ``ends_with_goods``: the goods end the reservation before its time.
    ``held`` is what is still reserved (or was handed over). It is less than ``approved`` if pieces
    expired on the shelf.
    """

    id: int
    claim_no: str
    household_id: int
    person_id: int
    store_id: int
    channel: str
    state: str
    asked_at: datetime
    asked: int
    approved: int
    held: int
    decision_id: int
    refusal: Refusal | None
    pickup_code: str | None
    hold_until_at: datetime | None
    hold_is_provisional: bool
    ends_with_goods: bool
    issued_at: datetime | None
    ended_at: datetime | None
    end_reason: str | None
    review_reason: str | None
    lines: tuple[ClaimedLine, ...]
    lots: tuple[ClaimedLot, ...]


@dataclass(frozen=True, slots=True)
class ClaimBrief:
    """A claim in one line. **Units**: pieces."""

    id: int
    claim_no: str
    state: str
    asked_at: datetime
    asked: int
    approved: int


def _claims(community_id: int) -> Select[Any]:
    return select(claim_table).where(claim_table.c.community_id == community_id)


_KEY = Keyset((claim_table.c.id,))
_OF_HOUSEHOLD = (
    select(claim_table)
    .where(
        claim_table.c.community_id == bindparam("of_community"),
        claim_table.c.household_id == bindparam("of_household"),
        _KEY.beyond,
    )
    .order_by(*_KEY.order)
    .limit(up_to())
)
_BRIEFLY = _OF_HOUSEHOLD.with_only_columns(
    claim_table.c.id, claim_table.c.claim_no, claim_table.c.state, claim_table.c.asked_at,
    claim_table.c.asked_pieces.label("asked"), claim_table.c.approved_pieces.label("approved"),
)  # fmt: skip
_ONE = select(claim_table).where(
    claim_table.c.community_id == bindparam("of_community"),
    claim_table.c.id == bindparam("of_claim"),
)


def claim(session: Session, community_id: int, claim_id: int) -> Claim:
    """**Refuses**: ``NotFound``, also for a claim of another community."""
    asked = {"of_community": community_id, "of_claim": claim_id}
    rows = session.execute(_ONE, asked).all()
    if not rows:
        raise NotFound(kind="claim")
    return _whole(session, community_id, rows)[0]


def claims_of_household(
    session: Session,
    community_id: int,
    household_id: int,
    *,
    limit: int = 50,
    before: Cursor | None = None,
) -> list[Claim]:
    """A page of the claims of a household, newest first."""
    asked = {"of_community": community_id, "of_household": household_id, "most": limit}
    rows = session.execute(_OF_HOUSEHOLD, asked | _KEY.asked(before)).all()
    return _whole(session, community_id, rows)


def claims_listed(
    session: Session,
    community_id: int,
    household_id: int,
    *,
    limit: int = 20,
    before: Cursor | None = None,
) -> list[ClaimBrief]:
    """A page of the claims of a household in one line each, newest first."""
    asked = {"of_community": community_id, "of_household": household_id, "most": limit}
    return built(ClaimBrief, session.execute(_BRIEFLY, asked | _KEY.asked(before)))


def ready_claims(
    session: Session,
    community_id: int,
    *,
    person_id: int | None = None,
    household_id: int | None = None,
    store_id: int | None = None,
    now: datetime | None = None,
) -> list[Claim]:
    """The claims that wait for pick-up; those that lapse soonest come first.

    With ``now`` without those that have ended, and only wait for the job.
    """
    query = _claims(community_id).where(IS_READY, *_stands(now))
    if person_id is not None:
        query = query.where(claim_table.c.person_id.in_(records_of(community_id, [person_id])))
    for column, value in (
        (claim_table.c.household_id, household_id),
        (claim_table.c.store_id, store_id),
    ):
        if value is not None:
            query = query.where(column == value)
    rows = session.execute(query.order_by(claim_table.c.hold_until_at, claim_table.c.id)).all()
    return _whole(session, community_id, rows)


def household_of_claim(session: Session, community_id: int, claim_id: int) -> int | None:
    """The household of a claim, or None."""
    return session.scalar(
        select(claim_table.c.household_id).where(
            claim_table.c.community_id == community_id, claim_table.c.id == claim_id
        )
    )


def _stands(now: datetime | None) -> list[ColumnElement[bool]]:
    return [] if now is None else [now < ENDS_AT]


def ready_claim_by_code(
    session: Session,
    community_id: int,
    store_id: int,
    pickup_code: str,
    *,
    now: datetime | None = None,
) -> Claim | None:
    """The claim of a pick-up code at a store; with ``now`` only if it has not ended."""
    mine = (claim_table.c.store_id == store_id, has_code(session, pickup_code))
    query = _claims(community_id).where(IS_READY, *mine, *_stands(now))
    found = session.execute(query).all()
    return _whole(session, community_id, found)[0] if found else None


_UNTIL_AT = func.coalesce(claim_table.c.full_until_at, claim_table.c.hold_until_at)


def claims_waiting_at(
    session: Session, community_id: int, *, household_id: int, store_id: int, at: datetime
) -> list[int]:
    """The claims that waited for a household at a store at a time that may be past."""
    return list(
        session.scalars(
            select(claim_table.c.id)
            .where(
                claim_table.c.community_id == community_id,
                claim_table.c.household_id == household_id,
                claim_table.c.store_id == store_id,
                claim_table.c.state.in_((READY, LAPSED)),
                claim_table.c.asked_at <= at,
                at < _UNTIL_AT,
            )
            .order_by(claim_table.c.id)
        )
    )


# A claim that lapsed but was handed over, or whose household came in time and was sent home, as a
# kiosk reports later, is not a no-show.
NEVER_FETCHED = and_(
    claim_table.c.community_id == no_show.c.community_id,
    claim_table.c.id == no_show.c.claim_id,
    claim_table.c.state == written(LAPSED),
    ~exists().where(
        claim_visit.c.community_id == claim_table.c.community_id,
        claim_visit.c.claim_id == claim_table.c.id,
        claim_visit.c.came_at < _UNTIL_AT,
    ),
)


def no_shows_of_household(session: Session, community_id: int, household_id: int) -> list[date]:
    """The days on which a claim was ready and nobody picked it up."""
    return list(
        session.scalars(
            select(no_show.c.happened_on)
            .join(claim_table, NEVER_FETCHED)
            .where(no_show.c.community_id == community_id, no_show.c.household_id == household_id)
            .order_by(no_show.c.happened_on)
        )
    )


def _whole(session: Session, community_id: int, rows: Sequence[Row[Any]]) -> list[Claim]:
    """Add lines and lots to claims, in at most three statements for any number of claims."""
    ids = [row.id for row in rows]
    holding = [row.id for row in rows if row.held_pieces]
    known_until_on = days_known_until(session, community_id, (row.hold_until_at for row in rows))
    lines, lots = _lines_of(session, community_id, ids), _lots_of(session, community_id, holding)
    return [
        Claim(
            id=row.id,
            claim_no=row.claim_no,
            household_id=row.household_id,
            person_id=row.person_id,
            store_id=row.store_id,
            channel=row.channel,
            state=row.state,
            asked_at=row.asked_at,
            asked=row.asked_pieces,
            approved=row.approved_pieces,
            held=row.held_pieces,
            decision_id=row.decision_id,
            refusal=_refusal(session, row),
            pickup_code=shown_code(session, row),
            hold_until_at=row.hold_until_at,
            hold_is_provisional=is_provisional(known_until_on, row.hold_until_at),
            ends_with_goods=row.full_until_at is not None,
            issued_at=row.issued_at,
            ended_at=row.ended_at,
            end_reason=row.end_reason,
            review_reason=row.review_reason,
            lines=tuple(lines[row.id]),
            lots=tuple(lots[row.id]),
        )
        for row in rows
    ]


def is_provisional(known_until_on: date, until: datetime | None) -> bool:
    """Tell whether the known calendar ends before a deadline."""
    return until is not None and local_day(until) > known_until_on


def _refusal(session: Session, row: Row[Any]) -> Refusal | None:
    """The refusal; without its facts if they cannot be decrypted."""
    if row.refusal_code is None:
        return None
    facts = vault_to_open(session).open_or_none(row.refusal_facts_sealed, FACTS_COLUMN)
    return Refusal(row.refusal_code, msgspec.json.decode(facts or "{}"))


_ITEM = item_names()
_LINES = (
    select(
        claim_line.c.claim_id, claim_line.c.line, claim_line.c.item_id,
        _ITEM.c.name_zh, _ITEM.c.name_en, _ITEM.c.unit_zh, _ITEM.c.unit_en,
        claim_line.c.asked_pieces.label("asked"),
        claim_line.c.approved_pieces.label("approved"), claim_line.c.cut_code,
    )
    .join(
        _ITEM,
        and_(
            _ITEM.c.community_id == claim_line.c.community_id, _ITEM.c.id == claim_line.c.item_id
        ),
    )
    .where(
        claim_line.c.community_id == bindparam("of_community"),
        among(claim_line.c.claim_id, "claim_ids"),
    )
    .order_by(claim_line.c.claim_id, claim_line.c.line)
)  # fmt: skip


_LINE_COLUMNS = _LINES.selected_columns.keys()[1:]  # All but the claim's id.


def _lines_of(
    session: Session, community_id: int, claim_ids: list[int]
) -> dict[int, list[ClaimedLine]]:
    rows = session.execute(_LINES, {"of_community": community_id, "claim_ids": claim_ids})
    lines: dict[int, list[ClaimedLine]] = defaultdict(list)
    for claim_id, *line in rows:
        lines[claim_id].append(ClaimedLine(**dict(zip(_LINE_COLUMNS, line, strict=True))))
    return lines


_LOTS = (
    select(claim_hold.c.claim_id, claim_hold.c.lot_id, claim_hold.c.item_id, claim_hold.c.pieces)
    .where(
        claim_hold.c.community_id == bindparam("of_community"),
        among(claim_hold.c.claim_id, "claim_ids"),
        claim_hold.c.released_at.is_(None),
    )
    .order_by(claim_hold.c.claim_id, claim_hold.c.number)
)


def _lots_of(
    session: Session, community_id: int, claim_ids: list[int]
) -> dict[int, list[ClaimedLot]]:
    found: dict[int, list[ClaimedLot]] = defaultdict(list)
    if not claim_ids:
        return found
    asked = {"of_community": community_id, "claim_ids": claim_ids}
    for claim_id, lot_id, item_id, pieces in session.execute(_LOTS, asked):
        found[claim_id].append(ClaimedLot(lot_id, item_id, pieces))
    return found
