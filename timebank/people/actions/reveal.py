"""Decrypt private data of one person, for a stated reason, with an audit line.

Never run this as a deed through ``perform``: its result would be stored in plain text for good.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from timebank.db import Database
from timebank.deeds.audit import audit
from timebank.deeds.deed import Deed
from timebank.errors import BadInput, NotAllowed, NotFound
from timebank.people import may
from timebank.people.tables import household, person, place
from timebank.people.vault import vault_of
from timebank.values import By

_PERSON_COLUMNS = ("id_no", "phone", "contacts", "notes")
_COLUMNS = (*_PERSON_COLUMNS, "door", "name")
_NAME_ONLY = {"name"}  # What the readers of masked names may open.


@dataclass(frozen=True, slots=True, repr=False)
class Revealed:
    """The opened values; fields that were not requested are empty. Its repr shows nothing."""

    person_id: int
    name: str = ""
    id_no: str = ""
    phone: str = ""
    contacts: str = ""
    notes: str = ""
    door: str = ""


def reveal(
    database: Database, *, by: By, person_id: int, columns: tuple[str, ...], reason: str
) -> Revealed:
    """Open some columns of a person for work that needs them; one may always see one's own.

    Auditors and accountants open the whole name only. The audit line is written in the same unit
    of work.

    **Refuses**: ``NotAllowed`` (also for a grid worker outside their grid); ``NotFound``;
    ``BadInput`` for a column that is not encrypted, or without a reason.
    """
    return database.write(
        lambda session, now: _reveal(
            Deed(session, by, now), person_id=person_id, columns=columns, reason=reason
        )
    )


def _reveal(deed: Deed, *, person_id: int, columns: tuple[str, ...], reason: str) -> Revealed:
    is_own = deed.by.person_id == person_id
    right = may.REVEAL_NAMES if set(columns) == _NAME_ONLY else may.REVEAL
    if not is_own and not right.is_held(deed.by):
        raise NotAllowed(deed="reveal")
    if not columns or not set(columns) <= set(_COLUMNS):
        raise BadInput(field="columns", why="unknown")
    if not is_own and not reason.strip():
        raise BadInput(field="reason", why="missing")
    grid_id, cells = _cells(deed.session, deed.community_id, person_id)
    if not is_own:
        right.require_at(deed.by, grid_id)
    opened = {name: _opened(deed.session, name, cells[name]) for name in columns}
    audit(
        deed,
        name="reveal",
        subject_kind="person",
        subject_id=person_id,
        facts={"columns": sorted(columns), "reason": reason.strip()[:200]},
    )
    return Revealed(person_id, **opened)


def _opened(session: Session, name: str, cell: Any) -> str:
    if cell is None or name == "name":
        return cell or ""
    column = "household.door" if name == "door" else f"person.{name}"
    return vault_of(session).open(cell, column)


def _cells(
    session: Session, community_id: int, person_id: int
) -> tuple[int | None, dict[str, Any]]:
    sealed = [person.c[f"{name}_sealed"].label(name) for name in _PERSON_COLUMNS]
    row = session.execute(
        select(
            *sealed,
            person.c.name,
            household.c.door_sealed.label("door"),
            place.c.parent_id.label("grid_id"),
        )
        .outerjoin(
            household,
            and_(
                household.c.community_id == person.c.community_id,
                household.c.id == person.c.household_id,
            ),
        )
        .outerjoin(
            place,
            and_(
                place.c.community_id == household.c.community_id,
                place.c.id == household.c.building_id,
            ),
        )
        .where(person.c.community_id == community_id, person.c.id == person_id)
    ).first()
    if row is None:
        raise NotFound(kind="person")
    found = dict(row._mapping)
    return found.pop("grid_id"), found
