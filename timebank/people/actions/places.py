"""Change how a place is called and reached. What it was before stays in the audit trail."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, func, select, update

from timebank.deeds.action import action
from timebank.deeds.audit import audit
from timebank.deeds.deed import Deed
from timebank.errors import BadInput, NotFound, WrongState
from timebank.people import may
from timebank.people.refusals import PlaceInUse
from timebank.people.tables import household, place
from timebank.typed import plain
from timebank.values import local_day

_MOST = {"name_zh": 80, "name_en": 80, "address": 120, "phone": 20}
_NAMES = ("name_zh", "name_en")


@dataclass(frozen=True, slots=True)
class PlaceChanged:
    place_id: int


@dataclass(frozen=True, slots=True)
class PlaceEnded:
    """``ended_on`` is None for a place that is in use again."""

    place_id: int
    ended_on: date | None


@action("change_place")
def change_place(
    deed: Deed, *, place_id: int, name_zh: str, name_en: str, address: str = "", phone: str = ""
) -> PlaceChanged:
    """Change names, address and phone of a grid, a building or the site of a shop.

    **Refuses**: ``NotAllowed``; ``NotFound``; ``BadInput`` with the field, also where nothing
    differs.
    """
    may.ADD_PLACES.require_everywhere(deed.by)
    is_place = (place.c.community_id == deed.community_id, place.c.id == place_id)
    row = deed.session.execute(
        select(place).where(*is_place).with_for_update(key_share=True)
    ).first()
    if row is None:
        raise NotFound(kind="place")
    values = {
        "name_zh": plain(name_zh), "name_en": plain(name_en), "address": plain(address),
        "phone": plain(phone),
    }  # fmt: skip
    for name, text in values.items():
        if len(text) > _MOST[name] or (name in _NAMES and not text):
            raise BadInput(field=name, why="length")
    before = {name: getattr(row, name) or "" for name in values}
    changed = {name: text for name, text in values.items() if text != before[name]}
    if not changed:
        raise BadInput(field="name_zh", why="unchanged")
    stored = {name: text or (None if name not in _NAMES else "") for name, text in changed.items()}
    deed.session.execute(update(place).where(*is_place).values(**stored))
    facts = {name: [before[name], text] for name, text in changed.items()}
    audit(deed, name="change_place", subject_kind="place", subject_id=place_id, facts=facts)
    return PlaceChanged(place_id)


@action("end_place")
def end_place(deed: Deed, *, place_id: int, note: str, resumes: bool = False) -> PlaceEnded:
    """End a building or grid from today on, or (``resumes``) use it again; its history stays.

    **Refuses**: ``NotAllowed``; ``NotFound``, also for the site of a shop, which is closed as a
    shop; ``BadInput`` without a reason; ``WrongState`` if it is so already; ``PlaceInUse`` while
    households live there, or a grid has buildings.
    """
    may.ADD_PLACES.require_everywhere(deed.by)
    if not note.strip():
        raise BadInput(field="note", why="needed")
    is_place = (place.c.community_id == deed.community_id, place.c.id == place_id)
    row = deed.session.execute(select(place).where(*is_place).with_for_update()).first()
    if row is None or row.kind == "store":
        raise NotFound(kind="place")
    if (row.ended_on is None) == resumes:
        raise WrongState(kind="place", state="ended" if row.ended_on else "in_use")
    if not resumes:
        _require_empty(deed, place_id)
    elif row.parent_id is not None:
        _require_grid(deed, row.parent_id)
    ended_on = None if resumes else local_day(deed.now)
    deed.session.execute(update(place).where(*is_place).values(ended_on=ended_on))
    facts = {"reason": note.strip()[:200], "resumes": resumes}
    audit(deed, name="end_place", subject_kind="place", subject_id=place_id, facts=facts)
    return PlaceEnded(place_id, ended_on)


def _require_empty(deed: Deed, place_id: int) -> None:
    """**Refuses**: ``PlaceInUse``."""
    living = (household.c.community_id == deed.community_id, household.c.building_id == place_id)
    if households := _count(deed, household.c.id, *living):
        raise PlaceInUse(households=households)
    inside = (
        place.c.community_id == deed.community_id,
        place.c.parent_id == place_id,
        place.c.ended_on.is_(None),
    )
    if buildings := _count(deed, place.c.id, *inside):
        raise PlaceInUse(buildings=buildings)


def _require_grid(deed: Deed, grid_id: int) -> None:
    """**Refuses**: ``WrongState`` for a building whose grid has ended."""
    ended = select(place.c.ended_on).where(
        place.c.community_id == deed.community_id, place.c.id == grid_id
    )
    if deed.session.scalar(ended) is not None:
        raise WrongState(kind="place", state="ended")


def _count(deed: Deed, column: Any, *conditions: ColumnElement[bool]) -> int:
    return deed.session.scalar(select(func.count(column)).where(*conditions)) or 0
