"""Upload a sheet, match its columns, sign it as the second person, take it back by two."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import msgspec
from sqlalchemy import Row, insert, select, update

from timebank.db import insert_rows
from timebank.deeds.action import action
from timebank.deeds.audit import audit
from timebank.deeds.deed import Deed
from timebank.errors import BadInput, NotAllowed, NotFound, TimebankError, WrongState
from timebank.imports import may, progress
from timebank.imports.headings import fixed_places, heading_of, missing_from, places_in
from timebank.imports.kinds import kind_named
from timebank.imports.queries import entries_of
from timebank.imports.refusals import SheetFaulty, SheetKnown
from timebank.imports.rules import (
    FILE_NAME_MAX,
    STAGED_LIFE,
    UNDO_LIFE,
    BatchState,
    batch_state,
)
from timebank.imports.shapes import FAULTS_KEPT, Booked, CellFault, SheetKind, SheetRow, read_rows
from timebank.imports.staged import (
    StagedSheet,
    open_staged,
    rows_digest,
    seal_report,
    seal_staged,
)
from timebank.imports.tables import import_batch, import_entry
from timebank.people.closeness import Involved, require_other
from timebank.people.rules import check_reason
from timebank.rights import Right
from timebank.sheets.reading import COLUMNS_MAX, ROWS_MAX
from timebank.values import Role, new_id
from timebank.vault.cipher import vault_to_open, vault_to_seal

_WIPED: dict[str, None] = {"staged_sealed": None, "report_sealed": None}
Rows = tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class SheetStaged:
    """A sheet that waits: ``fault_count`` is None until somebody has matched its columns."""

    batch_id: int
    row_count: int
    fault_count: int | None


@dataclass(frozen=True, slots=True)
class SheetBooked:
    batch_id: int
    entries: int


@dataclass(frozen=True, slots=True)
class SheetEnded:
    """A batch that was withdrawn, or whose undoing was asked for or done."""

    batch_id: int


@dataclass(frozen=True, slots=True)
class SheetsForgotten:
    batches: int


@action("stage_sheet", is_private=True)
def stage_sheet(deed: Deed, *, kind: str, file_name: str, rows: Rows) -> SheetStaged:
    """Keep an uploaded sheet sealed for some days, and try it out if its columns are known.

    **Refuses**: ``NotAllowed``; ``BadInput``; ``SheetKnown`` for rows that were uploaded before.
    """
    _require_person(deed, may.UPLOAD)
    wanted = kind_named(kind)
    if len(rows) > ROWS_MAX or any(len(row) > COLUMNS_MAX for row in rows):
        raise BadInput(field="sheet", why="too_long")
    vault = vault_to_seal(deed.session)
    digest = rows_digest(vault, rows)
    _require_new(deed, kind, digest)
    heading = heading_of(wanted, rows)
    if wanted.has_heading:
        places = {} if heading is None else places_in(wanted, rows[heading])
    else:
        places = fixed_places(wanted)
    sheet = StagedSheet(file_name.strip()[-FILE_NAME_MAX:], rows, heading, places)
    batch_id = new_id()
    row = {
        "community_id": deed.community_id, "id": batch_id, "kind": kind, "rows_digest": digest,
        "until_at": deed.now + STAGED_LIFE, "staged_at": deed.now,
        "staged_by_person_id": deed.by.person_id,
        **_tried(deed, wanted, sheet),
    }  # fmt: skip
    deed.session.execute(insert(import_batch), row)
    _note(deed, "stage_sheet", batch_id, kind=kind, rows=row["row_count"])
    return SheetStaged(batch_id, row["row_count"], row["fault_count"])


def _require_new(deed: Deed, kind: str, digest: bytes) -> None:
    """Check that the same rows do not wait already, and were not booked."""
    of = import_batch.c
    known = deed.session.execute(
        select(of.id).where(
            of.community_id == deed.community_id, of.kind == kind, of.rows_digest == digest,
            of.withdrawn_at.is_(None), of.forgotten_at.is_(None), of.undone_at.is_(None),
        )
    ).first()  # fmt: skip
    if known is not None:
        raise SheetKnown(batch_id=known.id)


def _tried(deed: Deed, kind: SheetKind, sheet: StagedSheet) -> dict[str, Any]:
    """The cells of a batch that follow from its rows and columns: the result of the dry run."""
    vault = vault_to_seal(deed.session)
    cells: dict[str, Any] = {"staged_sealed": seal_staged(vault, sheet), "report_sealed": None}
    if missing_from(kind, sheet.places):
        count = sum(1 for row in sheet.rows[sheet.first :] if any(row))
        return {**cells, "row_count": count, "fault_count": None, "totals": "{}"}
    rows, faults = checked(deed, kind, sheet)
    totals = {} if faults else kind.count(rows)
    cells["report_sealed"] = seal_report(vault, faults[:FAULTS_KEPT])
    return {
        **cells, "row_count": len(rows), "fault_count": len(faults), "totals": _json(totals)
    }  # fmt: skip


def checked(
    deed: Deed, kind: SheetKind, sheet: StagedSheet
) -> tuple[list[SheetRow], list[CellFault]]:
    """Read a sheet, and find every fault of its cells and of the whole."""
    rows, faults = read_rows(kind, sheet.rows, first=sheet.first, places=sheet.places)
    if not rows:
        nothing = SheetRow(sheet.first + 1, {}, {})
        faults.append(nothing.fault(kind.columns[0].name, "no_rows"))
    faulty = {fault.row for fault in faults}
    good = [row for row in rows if row.number not in faulty]
    faults += kind.check(_as_uploader(deed), good)
    return rows, sorted(faults, key=lambda fault: (fault.row, fault.field))


@action("match_sheet", is_private=True)
def match_sheet(
    deed: Deed, *, batch_id: int, heading: int | None, places: Mapping[str, int]
) -> SheetStaged:
    """Say which column is which, and try the sheet out.

    **Shape**: ``heading`` is the index of the heading row; None for a sheet without one.

    **Refuses**: ``NotAllowed``; ``NotFound``; ``WrongState``; ``BadInput`` for a missing column.
    """
    _require_person(deed, may.UPLOAD)
    row = _locked(deed, batch_id, "columns", "faulty", "waiting")
    kind = kind_named(row.kind)
    sheet = open_staged(vault_to_open(deed.session), row.staged_sealed)
    names = {column.name for column in kind.columns}
    if not set(places) <= names or any(not 0 <= at < COLUMNS_MAX for at in places.values()):
        raise BadInput(field="places", why="unknown")
    if len(set(places.values())) < len(places):
        raise BadInput(field="places", why="column_twice")
    if missing_from(kind, places):
        raise BadInput(field=missing_from(kind, places)[0], why="column_needed")
    if heading is not None and not 0 <= heading < len(sheet.rows):
        raise BadInput(field="heading", why="range")
    tried = _tried(deed, kind, replace(sheet, heading=heading, places=dict(places)))
    _change(deed, batch_id, **tried)
    _note(deed, "match_sheet", batch_id, rows=tried["row_count"], faults=tried["fault_count"])
    return SheetStaged(batch_id, tried["row_count"], tried["fault_count"])


@action("book_sheet", is_private=True)
def book_sheet(deed: Deed, *, batch_id: int) -> SheetBooked:
    """Sign a sheet as the second person: all of it is booked now, or nothing.

    **Refuses**: ``NotAllowed``; ``NotFound``; ``SamePerson`` for whoever uploaded it and their
    household; ``WrongState``; ``SheetFaulty`` if it has faults by now.
    """
    _require_person(deed, may.SIGN)
    row = _locked(deed, batch_id, "waiting")
    require_other(deed, Involved(person_ids=(row.staged_by_person_id,)))
    kind = kind_named(row.kind)
    sheet = open_staged(vault_to_open(deed.session), row.staged_sealed)
    rows, _faults = read_rows(kind, sheet.rows, first=sheet.first, places=sheet.places)
    booked = _booked(deed, kind, rows, batch_id)
    if booked is None:
        rows, faults = checked(deed, kind, sheet)
        raise SheetFaulty(**_facts(faults))
    _write_entries(deed, batch_id, booked)
    _change(
        deed, batch_id, booked_at=deed.now, booked_by_person_id=deed.by.person_id,
        until_at=deed.now + UNDO_LIFE, row_count=len(rows), totals=_json(booked.totals), **_WIPED,
    )  # fmt: skip
    _note(deed, "book_sheet", batch_id, kind=row.kind, **booked.totals)
    return SheetBooked(batch_id, len(booked.made))


def _booked(deed: Deed, kind: SheetKind, rows: list[SheetRow], batch_id: int) -> Booked | None:
    """Book the rows, all or none. None if the rules refuse one of them by now."""

    def told(done: int) -> None:
        progress.note(batch_id, done, len(rows))

    savepoint = deed.session.begin_nested()
    try:
        told(0)
        return kind.book(_as_uploader(deed), rows, told)
    except TimebankError:
        savepoint.rollback()
        return None
    finally:
        progress.forget(batch_id)


def _facts(faults: list[CellFault]) -> dict[str, int]:
    """The facts of a refusal: how many faults, and the row of the first one."""
    return {"faults": len(faults), "row": faults[0].row} if faults else {"faults": 1}


def _as_uploader(deed: Deed) -> Deed:
    """The same deed with the right of a coordinator: one has uploaded what the second one signs."""
    roles = deed.by.roles | {Role("coordinator")}
    return replace(deed, by=replace(deed.by, roles=roles))


def _write_entries(deed: Deed, batch_id: int, booked: Booked) -> None:
    rows = [
        {"community_id": deed.community_id, "batch_id": batch_id, "kind": made.kind,
         "made_id": made.id, "row_no": made.row, "outside_no": made.outside_no}
        for made in booked.made
    ]  # fmt: skip
    insert_rows(deed.session.connection(), import_entry, rows)


@action("withdraw_sheet")
def withdraw_sheet(deed: Deed, *, batch_id: int) -> SheetEnded:
    """Throw away a sheet that nobody signed; its rows are wiped.

    **Refuses**: ``NotAllowed``; ``NotFound``; ``WrongState``.
    """
    _require_person(deed, may.UPLOAD)
    _locked(deed, batch_id, "columns", "faulty", "waiting")
    _change(
        deed, batch_id, withdrawn_at=deed.now, withdrawn_by_person_id=deed.by.person_id, **_WIPED
    )
    _note(deed, "withdraw_sheet", batch_id)
    return SheetEnded(batch_id)


@action("ask_undo_sheet")
def ask_undo_sheet(deed: Deed, *, batch_id: int, reason: str) -> SheetEnded:
    """Ask to take a booked batch back, with a reason; a second person does it.

    **Refuses**: ``NotAllowed``; ``NotFound``; ``WrongState``, also after its last day;
    ``BadInput``; ``SheetBuiltOn``.
    """
    _require_person(deed, may.UPLOAD)
    row = _locked(deed, batch_id, "booked")
    reason = check_reason(reason)
    _require_undoable(deed, row)
    _change(
        deed, batch_id, undo_asked_at=deed.now, undo_asked_by_person_id=deed.by.person_id,
        undo_reason=reason,
    )  # fmt: skip
    _note(deed, "ask_undo_sheet", batch_id, reason=reason)
    return SheetEnded(batch_id)


@action("undo_sheet")
def undo_sheet(deed: Deed, *, batch_id: int) -> SheetEnded:
    """Take a batch back as the second person: all of it, while nothing was built on it.

    **Refuses**: ``NotAllowed``; ``NotFound``; ``SamePerson``; ``WrongState``; ``SheetBuiltOn``.
    """
    _require_person(deed, may.SIGN)
    row = _locked(deed, batch_id, "undo_asked")
    require_other(deed, Involved(person_ids=(row.undo_asked_by_person_id,)))
    _require_undoable(deed, row)
    made = entries_of(deed.session, deed.community_id, batch_id)
    kind_named(row.kind).undo(_as_uploader(deed), made)
    _change(deed, batch_id, undone_at=deed.now, undone_by_person_id=deed.by.person_id)
    _note(deed, "undo_sheet", batch_id, entries=len(made))
    return SheetEnded(batch_id)


def _require_undoable(deed: Deed, row: Row[Any]) -> None:
    if deed.now >= row.until_at:
        raise WrongState(kind="import_batch", state="past_undo")


@action("forget_sheets")
def forget_sheets(deed: Deed) -> SheetsForgotten:
    """Wipe the rows of sheets that nobody signed in time: the job of the clock."""
    may.FORGET.require(deed.by)
    of = import_batch.c
    forgotten = deed.session.execute(
        update(import_batch)
        .where(
            of.community_id == deed.community_id, of.staged_sealed.is_not(None),
            of.until_at <= deed.now,
        )
        .values(forgotten_at=deed.now, **_WIPED)
        .returning(of.id)
    )  # fmt: skip
    return SheetsForgotten(len(forgotten.all()))


def _require_person(deed: Deed, right: Right) -> None:
    """**Refuses**: ``NotAllowed``, also to a machine: two people stand behind a batch."""
    right.require_everywhere(deed.by)
    if deed.by.person_id is None:
        raise NotAllowed(deed=right.name)


def _locked(deed: Deed, batch_id: int, *states: BatchState) -> Row[Any]:
    """Lock a batch in one of these states. **Refuses**: ``NotFound``; ``WrongState``."""
    row = deed.session.execute(
        select(import_batch)
        .where(import_batch.c.community_id == deed.community_id, import_batch.c.id == batch_id)
        .with_for_update()
    ).first()
    if row is None:
        raise NotFound(kind="import_batch")
    state = batch_state(row, deed.now)
    if state not in states:
        raise WrongState(kind="import_batch", state=state)
    return row


def _change(deed: Deed, batch_id: int, **cells: Any) -> None:
    deed.session.execute(
        update(import_batch)
        .where(import_batch.c.community_id == deed.community_id, import_batch.c.id == batch_id)
        .values(**cells)
    )


def _json(totals: Mapping[str, int]) -> str:
    return msgspec.json.encode(dict(totals), order="deterministic").decode()


def _note(deed: Deed, name: str, batch_id: int, **facts: Any) -> None:
    audit(deed, name=name, subject_kind="import_batch", subject_id=batch_id, facts=facts)
