"""Somebody helped and was helped at the same time, on two records: people look into it.

Both records may be true, so nothing is refused: the two are noted together, and neither is
confirmed until a supervisor has asked. Two helpers at one door are no reason to ask.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import product
from typing import Any, Literal

from sqlalchemy import Row, bindparam, insert, or_, select, update

from timebank.db import among
from timebank.deeds.action import action
from timebank.deeds.audit import audit
from timebank.deeds.deed import Deed
from timebank.errors import BadInput, NotFound, WrongState
from timebank.hours import may
from timebank.hours.actions.guards import check_not_own, take_records
from timebank.hours.queries.overlaps import open_overlaps
from timebank.hours.refusals import BothRoles
from timebank.hours.rules import ENTERED, REFUSED, UNENDED, VOID, overlaps
from timebank.hours.tables import service_overlap, service_record, volunteer
from timebank.people.queries import briefs, kin_now, who_live_alone
from timebank.values import new_id


@dataclass(frozen=True, slots=True)
class Served:
    """A session that has ended. ``helped_id`` is None if it is not known who was helped."""

    record_id: int
    helper_id: int
    helped_id: int | None
    started_at: datetime
    ended_at: datetime


@dataclass(frozen=True, slots=True)
class OverlapSettled:
    """``refused_record_id`` is the record that did not take place as recorded, if one."""

    overlap_id: int
    refused_record_id: int | None = None


def note_both_roles(deed: Deed, rows: Sequence[Any]) -> tuple[int, ...]:
    """Note each pair in which somebody helped and was helped at once; return the new records.

    ``rows`` are records with their end, as they stand now. The helpers are locked already; the
    people helped are locked here, so that of two records entered at once one sees the other.
    """
    alone = _who_live_alone(deed, rows)
    new = [_served(row, alone) for row in rows]
    helped = {interval.helped_id for interval in new if interval.helped_id is not None}
    if helped:
        deed.session.execute(_LOCK, {"of_community": deed.community_id, "person_ids": helped}).all()
    pairs = {
        frozenset((interval.record_id, other.record_id)): (interval, other, person_id)
        for interval, other, person_id in _pairs(new, list(_others(deed, new, alone)))
    }
    if pairs:
        noted = [
            _row(deed, interval, other, person_id) for interval, other, person_id in pairs.values()
        ]
        deed.session.execute(insert(service_overlap), noted)
    return tuple(sorted({interval.record_id for interval, _, _ in pairs.values()}))


_LOCK = (
    select(volunteer.c.person_id)
    .where(
        volunteer.c.community_id == bindparam("of_community"),
        among(volunteer.c.person_id, "person_ids"),
    )
    .order_by(volunteer.c.person_id)
    .with_for_update(key_share=True)
)


def _who_live_alone(deed: Deed, rows: Sequence[Any]) -> dict[int, int]:
    """The only member of each household in question that has only one."""
    people = briefs(deed.session, deed.community_id, {row.person_id for row in rows})
    homes = {person.household_id for person in people.values()}
    homes |= {row.recipient_household_id for row in rows}
    known = {home for home in homes if home is not None}
    return who_live_alone(deed.session, deed.community_id, known)


def _served(row: Any, alone: dict[int, int]) -> Served:
    helped_id = row.recipient_person_id or alone.get(row.recipient_household_id or 0)
    return Served(
        record_id=row.id, helper_id=row.person_id, helped_id=helped_id,
        started_at=row.started_at, ended_at=row.ended_at,
    )  # fmt: skip


_RECORD = service_record.c
_OTHERS = select(
    _RECORD.id, _RECORD.person_id, _RECORD.recipient_person_id, _RECORD.recipient_household_id,
    _RECORD.started_at, _RECORD.ended_at,
).where(
    _RECORD.community_id == bindparam("of_community"),
    _RECORD.state.not_in((*VOID, UNENDED)),
    _RECORD.started_at < bindparam("last_at"),
    _RECORD.ended_at > bindparam("first_at"),  # A running shift is compared when it ends.
)  # fmt: skip
_HELPED_BY = _OTHERS.where(among(_RECORD.person_id, "person_ids"))
_WAS_HELPED = _OTHERS.where(
    or_(
        among(_RECORD.recipient_person_id, "person_ids"),
        among(_RECORD.recipient_household_id, "household_ids"),
    )
)


def _others(deed: Deed, new: Sequence[Served], alone: dict[int, int]) -> Iterator[Served]:
    """The records of these days in which the people of the new ones stand on the other side."""
    days = {
        "of_community": deed.community_id,
        "first_at": min(interval.started_at for interval in new),
        "last_at": max(interval.ended_at for interval in new),
    }
    helpers = {interval.helper_id for interval in new}
    helped = {interval.helped_id for interval in new if interval.helped_id is not None}
    homes = {home for home, person_id in alone.items() if person_id in helpers}
    asked = {**days, "person_ids": helpers, "household_ids": homes or {0}}
    found = {row.id: row for row in deed.session.execute(_WAS_HELPED, asked)}
    if helped:
        by_them = deed.session.execute(_HELPED_BY, {**days, "person_ids": helped})
        found |= {row.id: row for row in by_them}
    for row in found.values():
        yield _served(row, alone)


def _pairs(new: Sequence[Served], others: Sequence[Served]) -> Iterator[tuple[Served, Served, int]]:
    """Each new record, one that contradicts it, and who stands on both sides."""
    for served, other in product(new, others):
        person_id = _on_both_sides(served, other)
        if person_id is not None and served.record_id != other.record_id:
            yield served, other, person_id


def _on_both_sides(served: Served, other: Served) -> int | None:
    """Who helped in one of two sessions and was helped in the other, if they overlap."""
    if not overlaps(
        served.started_at, served.ended_at, other_start=other.started_at, other_end=other.ended_at
    ):
        return None
    if served.helper_id == other.helped_id:
        return served.helper_id
    return other.helper_id if served.helped_id == other.helper_id else None


def _row(deed: Deed, one: Served, other: Served, person_id: int) -> dict[str, Any]:
    return {
        "community_id": deed.community_id,
        "id": new_id(),
        "record_id": one.record_id,
        "other_record_id": other.record_id,
        "person_id": person_id,
        "found_at": deed.now,
    }


def check_not_asked(deed: Deed, record_ids: Collection[int]) -> None:
    """**Refuses**: ``BothRoles`` for records that a supervisor still has to ask about."""
    waiting = open_overlaps(deed.session, deed.community_id, record_ids)
    if waiting:
        raise BothRoles(record_id=min(waiting))


@action("settle_overlap")
def settle_overlap(
    deed: Deed, *, overlap_id: int, refused: Literal["none", "record", "other"], note: str
) -> OverlapSettled:
    """Write what the people said: both records are true, or one did not take place as recorded.

    **Refuses**: ``NotAllowed``; ``NotFound``; ``SelfConfirm`` to those who took part and their
    households; ``WrongState`` if it is settled, or the refused record is not open; ``BadInput``.
    """
    may.SUPERVISE.require(deed.by)
    if not note.strip():
        raise BadInput(field="note", why="missing")
    pair = _take_pair(deed, overlap_id)
    rows = {row.id: row for row in _records(deed, pair)}
    if pair.settled_at is not None:
        raise WrongState(kind="service_overlap", state="settled")
    chosen = {"none": None, "record": pair.record_id, "other": pair.other_record_id}
    if refused not in chosen:
        raise BadInput(field="do", why="choice")
    record_id = chosen[refused]
    if record_id is not None:
        _refuse(deed, rows[record_id], note.strip())
    deed.session.execute(
        update(service_overlap)
        .where(
            service_overlap.c.community_id == deed.community_id,
            service_overlap.c.id == overlap_id,
        )
        .values(
            settled_at=deed.now,
            settled_by=deed.by.client,
            settled_by_person_id=deed.by.person_id,
            note=note.strip(),
        )
    )
    facts = {"refused": refused}
    audit(
        deed, name="settle_overlap", subject_kind="service_overlap", subject_id=overlap_id,
        facts=facts,
    )  # fmt: skip
    return OverlapSettled(overlap_id, record_id)


def _take_pair(deed: Deed, overlap_id: int) -> Row[Any]:
    pair = deed.session.execute(
        select(service_overlap)
        .where(
            service_overlap.c.community_id == deed.community_id,
            service_overlap.c.id == overlap_id,
        )
        .with_for_update(key_share=True)
    ).first()
    if pair is None:
        raise NotFound(kind="service_overlap")
    return pair


def _records(deed: Deed, pair: Row[Any]) -> list[Row[Any]]:
    """Lock both records, and refuse those who took part in one of them."""
    rows = take_records(deed.session, deed.community_id, {pair.record_id, pair.other_record_id})
    wanted = {pair.person_id} | {
        person_id for row in rows for person_id in (row.person_id, row.recipient_person_id)
    }
    people = briefs(deed.session, deed.community_id, wanted - {None})
    kin = kin_now(deed.session, deed.by, now=deed.now)
    for row in rows:
        check_not_own(kin, row, people, on_either_side=True)
    return rows


def _refuse(deed: Deed, row: Row[Any], reason: str) -> None:
    if row.state != ENTERED:
        raise WrongState(kind="service_record", state=row.state, record_id=row.id)
    deed.session.execute(
        update(service_record)
        .where(service_record.c.community_id == deed.community_id, service_record.c.id == row.id)
        .values(state=REFUSED, reason=reason, settled_at=deed.now)
    )
