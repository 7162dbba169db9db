"""Grids, buildings and store sites, and organisations."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Subquery, select
from sqlalchemy.orm import Session

from timebank.db import built
from timebank.errors import NotFound
from timebank.people.tables import organisation
from timebank.people.tables import place as place_table


@dataclass(frozen=True, slots=True)
class Place:
    """A grid, a building in a grid (``parent_id``), or the site of a store."""

    id: int
    kind: str
    number: int
    name_zh: str
    name_en: str
    parent_id: int | None
    address: str | None = None
    phone: str | None = None
    ended_on: date | None = None


@dataclass(frozen=True, slots=True)
class Organisation:
    id: int
    name: str
    kind: str
    trade: str


_PLACE = (
    place_table.c.id,
    place_table.c.kind,
    place_table.c.number,
    place_table.c.name_zh,
    place_table.c.name_en,
    place_table.c.parent_id,
    place_table.c.address,
    place_table.c.phone,
    place_table.c.ended_on,
)


def places(session: Session, community_id: int, kind: str | None = None) -> list[Place]:
    """The places of a kind, or all of them, ordered by number."""
    query = select(*_PLACE).where(place_table.c.community_id == community_id)
    if kind is not None:
        query = query.where(place_table.c.kind == kind)
    rows = session.execute(query.order_by(place_table.c.kind, place_table.c.number))
    return built(Place, rows)


def place_names() -> Subquery:
    """Every place's key and names, for a statement of another subject to join."""
    column = place_table.c
    return select(column.community_id, column.id, column.name_zh, column.name_en).subquery()


def place(session: Session, community_id: int, place_id: int) -> Place:
    """**Refuses**: ``NotFound``, also for a place of another community."""
    row = session.execute(
        select(*_PLACE).where(
            place_table.c.community_id == community_id, place_table.c.id == place_id
        )
    ).first()
    if row is None:
        raise NotFound(kind="place")
    return Place(**row._mapping)


def organisations(session: Session, community_id: int) -> list[Organisation]:
    """The firms and groups of a community, ordered by name."""
    rows = session.execute(
        select(organisation.c.id, organisation.c.name, organisation.c.kind, organisation.c.trade)
        .where(organisation.c.community_id == community_id)
        .order_by(organisation.c.name, organisation.c.id)
    )
    return [Organisation(*row) for row in rows]
