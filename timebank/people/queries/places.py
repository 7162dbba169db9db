"""Communities, their grids, buildings and store sites, and their organisations."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from timebank.errors import NotFound
from timebank.ledger.tables import community as community_table
from timebank.people.tables import organisation
from timebank.people.tables import place as place_table


@dataclass(frozen=True, slots=True)
class Community:
    id: int
    code: str
    name_zh: str
    name_en: str


@dataclass(frozen=True, slots=True)
class Place:
    """A grid, a building in a grid (``parent_id``), or the site of a store."""

    id: int
    kind: str
    number: int
    name_zh: str
    name_en: str
    parent_id: int | None


@dataclass(frozen=True, slots=True)
class Organisation:
    id: int
    name: str
    kind: str
    trade: str


def communities(session: Session) -> list[Community]:
    """Every community in this database, ordered by code."""
    rows = session.execute(select(community_table).order_by(community_table.c.code))
    return [Community(row.id, row.code, row.name_zh, row.name_en) for row in rows]


def community_by_code(session: Session, code: str) -> Community | None:
    """The community with a code, or None."""
    row = session.execute(select(community_table).where(community_table.c.code == code)).first()
    return None if row is None else Community(row.id, row.code, row.name_zh, row.name_en)


def community(session: Session, community_id: int) -> Community:
    """**Refuses**: ``NotFound``."""
    row = session.execute(
        select(community_table).where(community_table.c.id == community_id)
    ).first()
    if row is None:
        raise NotFound(kind="community")
    return Community(row.id, row.code, row.name_zh, row.name_en)


_PLACE = (
    place_table.c.id,
    place_table.c.kind,
    place_table.c.number,
    place_table.c.name_zh,
    place_table.c.name_en,
    place_table.c.parent_id,
)


def places(session: Session, community_id: int, kind: str | None = None) -> list[Place]:
    """The places of a kind, or all of them, ordered by number."""
    query = select(*_PLACE).where(place_table.c.community_id == community_id)
    if kind is not None:
        query = query.where(place_table.c.kind == kind)
    rows = session.execute(query.order_by(place_table.c.kind, place_table.c.number))
    return [Place(*row) for row in rows]


def place(session: Session, community_id: int, place_id: int) -> Place:
    """**Refuses**: ``NotFound``, also for a place of another community."""
    row = session.execute(
        select(*_PLACE).where(
            place_table.c.community_id == community_id, place_table.c.id == place_id
        )
    ).first()
    if row is None:
        raise NotFound(kind="place")
    return Place(*row)


def organisations(session: Session, community_id: int) -> list[Organisation]:
    """The firms and groups of a community, ordered by name."""
    rows = session.execute(
        select(organisation.c.id, organisation.c.name, organisation.c.kind, organisation.c.trade)
        .where(organisation.c.community_id == community_id)
        .order_by(organisation.c.name, organisation.c.id)
    )
    return [Organisation(*row) for row in rows]
