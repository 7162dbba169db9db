"""Everybody within a reader's sight, and every household there, in parts: for the sheets."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, and_, bindparam, func, select
from sqlalchemy.orm import Session

from timebank.db import Cursor, Keyset, among, built, up_to
from timebank.people.queries.briefs import PersonBrief, brief_of, person_query
from timebank.people.rules import sight_of
from timebank.people.tables import household, person, place
from timebank.values import By

_PERSON_KEY = Keyset((person.c.id,), is_descending=False)
_HOME_KEY = Keyset((household.c.id,), is_descending=False)
_LIVES_IN = and_(
    person.c.community_id == household.c.community_id, person.c.household_id == household.c.id
)


@dataclass(frozen=True, slots=True)
class HomeListed:
    """A household in one line. ``members`` counts who lives in it now."""

    id: int
    household_no: str
    building_no: int
    grid_id: int
    enrolled_at: datetime
    members: int


def people_listed(
    session: Session, by: By, *, limit: int, after: Cursor | None = None
) -> list[PersonBrief]:
    """A part of the people whom somebody may search for; residents find nobody."""
    sight = sight_of(by)
    if sight is None:
        return []
    asked = _asked(by, limit) | {"grid_ids": sorted(sight.grid_ids or ())}
    statement = _people(in_grids=sight.grid_ids is not None)
    return [brief_of(row) for row in session.execute(statement, asked | _PERSON_KEY.asked(after))]


def homes_listed(
    session: Session, by: By, *, limit: int, after: Cursor | None = None
) -> list[HomeListed]:
    """A part of the households whose people somebody may search for."""
    sight = sight_of(by)
    if sight is None:
        return []
    asked = _asked(by, limit) | {"grid_ids": sorted(sight.grid_ids or ())}
    statement = _homes(in_grids=sight.grid_ids is not None)
    return built(HomeListed, session.execute(statement, asked | _HOME_KEY.asked(after)))


def _asked(by: By, limit: int) -> dict[str, Any]:
    return {"of_community": by.community_id, "most": limit}


@lru_cache
def _people(*, in_grids: bool) -> Select[Any]:
    own = person.c.community_id == bindparam("of_community")
    found = person_query().where(own, _PERSON_KEY.beyond)
    if in_grids:
        found = found.where(among(place.c.parent_id, "grid_ids"))
    return found.order_by(*_PERSON_KEY.order).limit(up_to())


@lru_cache
def _homes(*, in_grids: bool) -> Select[Any]:
    members = select(func.count()).select_from(person).where(_LIVES_IN).scalar_subquery()
    homes = (
        select(
            household.c.id, household.c.household_no, place.c.number.label("building_no"),
            place.c.parent_id.label("grid_id"), household.c.enrolled_at,
            members.label("members"),
        )
        .join(
            place,
            and_(
                place.c.community_id == household.c.community_id,
                place.c.id == household.c.building_id,
            ),
        )
        .where(household.c.community_id == bindparam("of_community"), _HOME_KEY.beyond)
    )  # fmt: skip
    if in_grids:
        homes = homes.where(among(place.c.parent_id, "grid_ids"))
    return homes.order_by(*_HOME_KEY.order).limit(up_to())
