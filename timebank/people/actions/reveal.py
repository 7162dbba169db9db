"""Open private data or the masked name of one person, for a stated reason, with an audit line.

Never run this as a deed through ``perform``: its result would be stored in plain text for good.
"""

from dataclasses import dataclass

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from timebank.db import Database
from timebank.deeds.audit import audit
from timebank.deeds.deed import Deed
from timebank.errors import BadInput, NotAllowed, NotFound
from timebank.people import may
from timebank.people.actions.openings import refusal_if_used_up
from timebank.people.queries.briefs import person_brief
from timebank.people.refusals import OpeningsUsedUp
from timebank.people.rules import check_reason
from timebank.people.sight import reaches
from timebank.people.tables import household, person, place
from timebank.values import By
from timebank.vault.cipher import vault_of

_PERSON_COLUMNS = ("id_no", "birth", "phone", "contacts", "notes")
_COLUMNS = (*_PERSON_COLUMNS, "door")


@dataclass(frozen=True, slots=True, repr=False)
class Revealed:
    """The decrypted values; fields that were not requested are empty. Its repr shows nothing.

    ``unreadable`` names the requested fields that cannot be decrypted.
    """

    person_id: int
    id_no: str = ""
    birth: str = ""
    phone: str = ""
    contacts: str = ""
    notes: str = ""
    door: str = ""
    unreadable: tuple[str, ...] = ()


def reveal(
    database: Database, *, by: By, person_id: int, columns: tuple[str, ...], reason: str
) -> Revealed:
    """Decrypt some columns of a person for work that needs them; one may always see one's own.

    The audit line is written in the same unit of work. Its holder sees it on ``/me/openings``.

    **Refuses**: ``NotAllowed``; ``NotFound``, also outside one's grid; ``BadInput`` for a column
    that is not encrypted, or a reason that is not a sentence; ``OpeningsUsedUp``, after which an
    alarm waits on the coordinators' worklist.
    """
    found = database.write(
        lambda session, now: open_sealed(
            Deed(session, by, now), person_id=person_id, columns=columns, reason=reason
        )
    )
    if isinstance(found, OpeningsUsedUp):
        raise found
    return found


def reveal_name(database: Database, *, by: By, person_id: int, reason: str) -> str:
    """Open the whole name of a person for somebody who checks the books and sees names masked.

    The audit line is the same as for private data, so the person sees it too, and it counts as an
    opening of the day.

    **Refuses**: ``NotAllowed``; ``NotFound``; ``BadInput``, ``OpeningsUsedUp`` as ``reveal``.
    """
    found = database.write(
        lambda session, now: _open_name(Deed(session, by, now), person_id, reason)
    )
    if isinstance(found, OpeningsUsedUp):
        raise found
    return found


def _open_name(deed: Deed, person_id: int, reason: str) -> str | OpeningsUsedUp:
    may.REVEAL_NAMES.require_everywhere(deed.by)
    sentence = check_reason(reason)
    brief = person_brief(deed.session, deed.community_id, person_id)
    if refusal := refusal_if_used_up(deed):
        return refusal
    _write_down(deed, person_id, ("name",), sentence)
    return brief.name


def open_sealed(
    deed: Deed, *, person_id: int, columns: tuple[str, ...], reason: str
) -> Revealed | OpeningsUsedUp:
    """Like ``reveal``, within a unit of work that the caller has opened, and commits.

    The refusal for the budget is returned, because its alarm must be committed.
    """
    is_own = deed.by.person_id == person_id
    if not is_own and not may.REVEAL.is_held(deed.by):
        raise NotAllowed(deed="reveal")
    if not columns or not set(columns) <= set(_COLUMNS):
        raise BadInput(field="columns", why="unknown")
    if not is_own:
        reason = check_reason(reason)
    grid_id, cells = _cells(deed.session, deed.community_id, person_id)
    if not is_own:
        if not reaches(deed.by, may.REVEAL, grid_id):
            raise NotFound(kind="person")
        if refusal := refusal_if_used_up(deed):
            return refusal
    vault = vault_of(deed.session)
    opened = {
        name: vault.open_or_none(sealed, column)
        for name in columns
        if (column := "household.door" if name == "door" else f"person.{name}")
        and (sealed := cells[name]) is not None
    }
    _write_down(deed, person_id, columns, reason)
    readable = {name: text for name, text in opened.items() if text is not None}
    unreadable = tuple(name for name in columns if name in opened and name not in readable)
    return Revealed(person_id, unreadable=unreadable, **readable)


def _write_down(deed: Deed, person_id: int, columns: tuple[str, ...], reason: str) -> None:
    audit(
        deed,
        name="reveal",
        subject_kind="person",
        subject_id=person_id,
        facts={"columns": sorted(columns), "reason": reason.strip()[:200]},
    )


def _cells(
    session: Session, community_id: int, person_id: int
) -> tuple[int | None, dict[str, bytes | None]]:
    sealed = [person.c[f"{name}_sealed"].label(name) for name in _PERSON_COLUMNS]
    row = session.execute(
        select(*sealed, household.c.door_sealed.label("door"), place.c.parent_id.label("grid_id"))
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
