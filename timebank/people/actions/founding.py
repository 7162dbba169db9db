"""Found a community, and add its places and organisations."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from timebank.deeds.action import action
from timebank.deeds.audit import audit
from timebank.deeds.deed import Deed
from timebank.deeds.tables import community
from timebank.errors import BadInput, WrongState
from timebank.people import may
from timebank.people.rules import PLACE_KINDS
from timebank.people.tables import organisation, place
from timebank.values import By, new_id
from timebank.vault.cipher import vault_to_seal

ORGANISATION_KINDS = ("firm", "group", "office")


@dataclass(frozen=True, slots=True)
class NewPlace:
    """A grid, a building in the grid ``parent_id``, or the site of a store."""

    kind: str
    number: int
    name_zh: str
    name_en: str
    parent_id: int | None = None
    address: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class PlacesAdded:
    place_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class NewOrganisation:
    """A caring firm, a group or an office; ``contacts`` is encrypted."""

    name: str
    kind: str = "firm"
    trade: str = ""
    contacts: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class OrganisationsAdded:
    organisation_ids: tuple[int, ...]


def found_community(
    session: Session, *, now: datetime, code: str, name_zh: str, name_en: str, **more: str
) -> int:
    """Create a new community and name it. There is no actor yet, so no rights are checked.

    ``more`` are its street, ``division_code``, ``contact_name`` and ``contact_phone``, if known.

    **Refuses**: ``WrongState`` if the code is in use.
    """
    if session.scalar(select(community.c.id).where(community.c.code == code)) is not None:
        raise WrongState(kind="community", state="founded")
    community_id = new_id()
    named = {"code": code, "name_zh": name_zh, "name_en": name_en}
    columns = {column: text for column, text in more.items() if text}
    session.execute(insert(community).values(id=community_id, **named, **columns))
    by = By(community_id=community_id, client="job:founding", channel="job")
    audit(Deed(session, by, now), name="found_community", subject_kind="community")
    return community_id


@action("add_places")
def add_places(deed: Deed, *, places: tuple[NewPlace, ...]) -> PlacesAdded:
    """Add grids, then buildings, then sites of stores.

    **Refuses**: ``NotAllowed``; ``BadInput`` for an impossible kind, grid or number.
    """
    may.ADD_PLACES.require_everywhere(deed.by)
    taken = {
        (row.kind, row.number): 0 if row.ended_on else row.id
        for row in deed.session.execute(
            select(place.c.kind, place.c.number, place.c.id, place.c.ended_on).where(
                place.c.community_id == deed.community_id
            )
        )
    }
    grids = {place_id for (kind, _), place_id in taken.items() if kind == "grid"} - {0}
    for line, new in enumerate(places):
        _check_place(new, grids, line)
        if (new.kind, new.number) in taken:
            raise BadInput(field="number", why="taken", line=line)
        taken[new.kind, new.number] = 0
    ids = tuple(new_id() for _ in places)
    rows = [
        {
            "community_id": deed.community_id,
            "id": place_id,
            "kind": new.kind,
            "number": new.number,
            "name_zh": new.name_zh,
            "name_en": new.name_en,
            "parent_id": new.parent_id,
            "address": new.address or None,
            "phone": new.phone or None,
        }
        for place_id, new in zip(ids, places, strict=True)
    ]
    if rows:
        deed.session.execute(insert(place), rows)
    facts = {"places": len(rows)}
    audit(deed, name="add_places", subject_kind="place", facts=facts)
    return PlacesAdded(ids)


def _check_place(new: NewPlace, grids: set[int], line: int) -> None:
    if new.kind not in PLACE_KINDS:
        raise BadInput(field="kind", why="unknown", line=line)
    if not 0 < new.number < 10_000:
        raise BadInput(field="number", why="range", line=line)
    if not new.name_zh.strip() or len(new.name_zh) > 80 or len(new.name_en) > 80:
        raise BadInput(field="name_zh", why="length", line=line)
    if len(new.address) > 120 or len(new.phone) > 20:
        raise BadInput(field="address", why="length", line=line)
    needs_grid = new.kind == "building" or new.parent_id is not None
    if needs_grid and new.parent_id not in grids:
        raise BadInput(field="parent_id", why="unknown", line=line)


@action("add_organisations")
def add_organisations(
    deed: Deed, *, organisations: tuple[NewOrganisation, ...]
) -> OrganisationsAdded:
    """Add the firms and groups that donate to the community.

    **Refuses**: ``NotAllowed``; ``BadInput`` for a name that is empty or in use.
    """
    may.ADD_ORGANISATIONS.require_everywhere(deed.by)
    known = set(
        deed.session.scalars(
            select(organisation.c.name).where(organisation.c.community_id == deed.community_id)
        )
    )
    for line, new in enumerate(organisations):
        if not 1 <= len(new.name.strip()) <= 80 or len(new.trade) > 40:
            raise BadInput(field="name", why="length", line=line)
        if new.kind not in ORGANISATION_KINDS:
            raise BadInput(field="kind", why="unknown", line=line)
        if new.name.strip() in known:
            raise BadInput(field="name", why="taken", line=line)
        known.add(new.name.strip())
    vault = vault_to_seal(deed.session)
    ids = tuple(new_id() for _ in organisations)
    rows = [
        {
            "community_id": deed.community_id,
            "id": organisation_id,
            "name": new.name.strip(),
            "kind": new.kind,
            "trade": new.trade,
            "contacts_sealed": vault.seal(new.contacts, "organisation.contacts")
            if new.contacts
            else None,
        }
        for organisation_id, new in zip(ids, organisations, strict=True)
    ]
    if rows:
        deed.session.execute(insert(organisation), rows)
    facts = {"organisations": len(rows)}
    audit(deed, name="add_organisations", subject_kind="organisation", facts=facts)
    return OrganisationsAdded(ids)
