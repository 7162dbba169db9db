"""The uploaded sheets, what each has brought, and what waits for a second person."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Select, bindparam, literal, select
from sqlalchemy.orm import Session

from timebank.db import NOW, among, waiting_row, written
from timebank.errors import NotFound
from timebank.imports import may
from timebank.imports.rules import BatchState, batch_state
from timebank.imports.shapes import CellFault, Made
from timebank.imports.staged import StagedSheet, open_report, open_staged
from timebank.imports.tables import import_batch, import_entry
from timebank.people.queries import PersonBrief, briefs
from timebank.values import By
from timebank.vault.cipher import vault_to_open

BATCHES_SHOWN = 50
_OF = import_batch.c
_STEPS = ("staged", "booked", "withdrawn", "undo_asked", "undone")
_BATCHES: Select[Any] = (
    select(*(column for column in _OF if not column.name.endswith("_sealed")))
    .where(_OF.community_id == bindparam("of_community"))
    .order_by(_OF.staged_at.desc(), _OF.id.desc())
)
_NEWEST = _BATCHES.limit(written(BATCHES_SHOWN))
_NAMED = _BATCHES.where(_OF.id == bindparam("of_batch"))
_SEALED = select(_OF.staged_sealed, _OF.report_sealed).where(
    _OF.community_id == bindparam("of_community"), _OF.id == bindparam("of_batch")
)
_ENTRIES = select(
    import_entry.c.kind, import_entry.c.made_id, import_entry.c.row_no, import_entry.c.outside_no
).where(
    import_entry.c.community_id == bindparam("of_community"),
    import_entry.c.batch_id == bindparam("of_batch"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportBatch:
    """A batch with the names of the staff who took part. **Shape**: ``by`` and ``at`` by step."""

    id: int
    kind: str
    state: BatchState
    row_count: int
    fault_count: int | None
    totals: Mapping[str, int]
    until_at: datetime
    staged_by_person_id: int
    undo_asked_by_person_id: int | None
    undo_reason: str
    by: Mapping[str, str]
    at: Mapping[str, datetime]


def batches(session: Session, community_id: int, *, now: datetime) -> list[ImportBatch]:
    """The newest batches."""
    return _read(session, _NEWEST, {"of_community": community_id}, now)


def batch_named(
    session: Session, community_id: int, batch_id: int, *, now: datetime
) -> ImportBatch:
    """**Refuses**: ``NotFound``."""
    found = _read(session, _NAMED, {"of_community": community_id, "of_batch": batch_id}, now)
    if not found:
        raise NotFound(kind="import_batch")
    return found[0]


def _read(
    session: Session, query: Select[Any], asked: Mapping[str, Any], now: datetime
) -> list[ImportBatch]:
    rows = session.execute(query, asked).all()
    ids = {row._mapping[f"{step}_by_person_id"] for row in rows for step in _STEPS} - {None}
    people = briefs(session, asked["of_community"], ids) if ids else {}
    return [_batch(row, people, now) for row in rows]


def _batch(row: Any, people: Mapping[int, PersonBrief], now: datetime) -> ImportBatch:
    cells = row._mapping
    done = [step for step in _STEPS if cells[f"{step}_at"] is not None]
    return ImportBatch(
        id=row.id, kind=row.kind, state=batch_state(row, now), row_count=row.row_count,
        fault_count=row.fault_count, totals=msgspec.json.decode(row.totals),
        until_at=row.until_at, staged_by_person_id=row.staged_by_person_id,
        undo_asked_by_person_id=row.undo_asked_by_person_id, undo_reason=row.undo_reason or "",
        by={step: people[cells[f"{step}_by_person_id"]].name for step in done},
        at={step: cells[f"{step}_at"] for step in done},
    )  # fmt: skip


def staged_of(
    session: Session, community_id: int, batch_id: int
) -> tuple[StagedSheet | None, list[CellFault]]:
    """The sheet of a batch and its faults; nothing once they were wiped."""
    asked = {"of_community": community_id, "of_batch": batch_id}
    row = session.execute(_SEALED, asked).first()
    if row is None or row.staged_sealed is None:
        return None, []
    vault = vault_to_open(session)
    faults = [] if row.report_sealed is None else open_report(vault, row.report_sealed)
    return open_staged(vault, row.staged_sealed), faults


def entries_of(session: Session, community_id: int, batch_id: int) -> list[Made]:
    """What a batch has brought."""
    rows = session.execute(_ENTRIES, {"of_community": community_id, "of_batch": batch_id})
    return [Made(row.kind, row.made_id, row.row_no, row.outside_no) for row in rows]


_OUTSIDE = (
    select(import_entry.c.outside_no, import_entry.c.made_id)
    .join(
        import_batch,
        (_OF.community_id == import_entry.c.community_id) & (_OF.id == import_entry.c.batch_id),
    )
    .where(
        import_entry.c.community_id == bindparam("of_community"),
        import_entry.c.kind == bindparam("of_kind"),
        among(import_entry.c.outside_no, "numbers"),
        _OF.undone_at.is_(None),
    )
)


def by_outside_no(
    session: Session, community_id: int, kind: str, numbers: set[str]
) -> dict[str, list[int]]:
    """The ids of what had these numbers where it comes from; a number may name several."""
    found: dict[str, list[int]] = {}
    asked = {"of_community": community_id, "of_kind": kind, "numbers": numbers}
    for number, made_id in session.execute(_OUTSIDE, asked):
        found.setdefault(number, []).append(made_id)
    return found


def waiting_sheets(by: By) -> Select[Any] | None:
    """The sheets without faults that somebody else uploaded."""
    if not may.SIGN.is_held_everywhere(by):
        return None
    return _waiting("import", by, since=_OF.staged_at, asked=_OF.staged_by_person_id).where(
        _OF.booked_at.is_(None), _OF.withdrawn_at.is_(None), _OF.forgotten_at.is_(None),
        _OF.fault_count == literal(0),
    )  # fmt: skip


def waiting_undos(by: By) -> Select[Any] | None:
    """The batches that somebody else asks to take back."""
    if not may.SIGN.is_held_everywhere(by):
        return None
    asked = _OF.undo_asked_by_person_id
    return _waiting("import_undo", by, since=_OF.undo_asked_at, asked=asked).where(
        _OF.undo_asked_at.is_not(None), _OF.undone_at.is_(None)
    )


def _waiting(kind: str, by: By, *, since: Any, asked: Any) -> Select[Any]:
    return waiting_row(
        kind, _OF.id, since=since, until=_OF.until_at, number=_OF.kind, count=_OF.row_count
    ).where(_OF.community_id == by.community_id, _OF.until_at > NOW, asked != (by.person_id or -1))
