"""Found a community from its description: the only way in, for files, pages, stories and sample."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from timebank.aid.actions import set_store_day, set_store_week
from timebank.deeds.deed import Deed
from timebank.deeds.founded import Founded
from timebank.founding.plan import CommunityPlan, PlannedPlace, PlannedStore
from timebank.goods.actions import NewStore, add_items, add_stores
from timebank.hours.actions import add_services
from timebank.people.actions import (
    NewPerson,
    NewPlace,
    add_places,
    enrol_people,
    found_community,
)
from timebank.people.rules.visits import FACTOR_ROLES_KEY
from timebank.policy.actions import load_preset
from timebank.values import By, Role, local_day

_FOUNDER = "job:founding"


@dataclass(frozen=True, slots=True)
class _Places:
    grid_ids: tuple[int, ...]
    building_ids: tuple[int, ...]


def founder_of(community_id: int) -> By:
    """The job that acts before the community has anybody of staff."""
    roles = frozenset({Role("coordinator")})
    return By(community_id=community_id, client=_FOUNDER, channel="job", roles=roles)


def found(session: Session, now: datetime, plan: CommunityPlan) -> Founded:
    """Found a community with everything that it begins with, in the caller's unit of work.

    There is no actor yet, so no right is asked: a file needs the operator's machine, and the pages
    need the code that the server printed.

    **Refuses**: ``WrongState`` if the code is in use; ``BadInput`` as the parts do.
    """
    community_id = found_community(
        session, now=now, code=plan.code, name_zh=plan.name_zh, name_en=plan.name_en,
        street=plan.street, division_code=plan.division_code,
        contact_name=plan.contact_name, contact_phone=plan.contact_phone,
    )  # fmt: skip
    deed = Deed(session, founder_of(community_id), now, f"found-{plan.code}")
    load_preset(
        deed, preset=plan.preset, from_on=plan.rules_from_on or local_day(now),
        without=(FACTOR_ROLES_KEY,) if plan.has_second_factor else (),
    )  # fmt: skip
    places = _add_places(deed, plan)
    store_ids = _open_stores(deed, plan, places)
    return Founded(
        community_id=community_id,
        grid_ids=places.grid_ids,
        building_ids=places.building_ids,
        store_ids=store_ids,
        item_ids=add_items(deed, items=plan.items).item_ids,
        service_ids=add_services(deed, services=plan.services).service_ids,
        person_ids=_enrol_staff(deed, plan),
    )


def _add_places(deed: Deed, plan: CommunityPlan) -> _Places:
    grids = tuple(_place(grid, "grid") for grid in plan.grids)
    grid_ids = add_places(deed, places=grids).place_ids
    buildings = tuple(
        _place(building, "building", grid_ids[(building.grid or 1) - 1])
        for building in plan.buildings
    )
    return _Places(grid_ids, add_places(deed, places=buildings).place_ids)


def _place(one: PlannedPlace, kind: str, parent_id: int | None = None) -> NewPlace:
    return NewPlace(
        kind=kind, number=one.number, name_zh=one.name_zh, name_en=one.name_en, parent_id=parent_id
    )


def _open_stores(deed: Deed, plan: CommunityPlan, places: _Places) -> tuple[int, ...]:
    """Add the sites and their stores, then when each of them is open."""
    sites = tuple(
        NewPlace(
            kind="store", number=number, name_zh=store.name_zh, name_en=store.name_en,
            parent_id=places.grid_ids[store.grid - 1], address=store.address, phone=store.phone,
        )
        for number, store in enumerate(plan.stores, start=1)
    )  # fmt: skip
    site_ids = add_places(deed, places=sites).place_ids
    stores = tuple(
        NewStore(site_id, store.code, store.kind)
        for site_id, store in zip(site_ids, plan.stores, strict=True)
    )
    store_ids = add_stores(deed, stores=stores).store_ids
    for store_id, store in zip(store_ids, plan.stores, strict=True):
        _set_hours(deed, store_id, store)
    return store_ids


def _set_hours(deed: Deed, store_id: int, one: PlannedStore) -> None:
    if one.week:
        set_store_week(deed, store_id=store_id, since_on=local_day(deed.now), hours=one.week)
    for closed in one.closed_days:
        set_store_day(deed, store_id=store_id, day_on=closed.day_on, note=closed.note)


def _enrol_staff(deed: Deed, plan: CommunityPlan) -> tuple[int, ...]:
    if not plan.staff:
        return ()
    people = tuple(NewPerson(name=member.name) for member in plan.staff)
    return enrol_people(deed, people=people).person_ids
