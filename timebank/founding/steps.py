"""The five steps of the set-up: which tables of the description each of them writes. Pure."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from timebank.founding.faults import PlanFault
from timebank.founding.lists import read_catalogue
from timebank.founding.places import read_places
from timebank.founding.reading import read_community, read_rules, read_staff
from timebank.founding.shapes import Reading
from timebank.founding.stores import read_stores

STEPS: Mapping[str, tuple[str, ...]] = {
    "community": ("community",),
    "places": ("places", "grid"),
    "rules": ("rules",),
    "shop": ("store", "catalogue", "item", "service"),
    "people": ("staff",),
}
Draft = Mapping[str, Any]


def step_faults(step: str, tables: Draft, *, today: date) -> list[PlanFault]:
    """The faults of one step; the shop also needs the grids of the second one."""
    reading = Reading()
    if step == "community":
        read_community(reading, tables)
    elif step == "places":
        read_places(reading, tables)
    elif step == "rules":
        read_rules(reading, tables, today=today)
    elif step == "shop":
        grids, _buildings = read_places(Reading(), tables)
        read_stores(reading, tables, grids=len(grids), today=today)
        read_catalogue(reading, tables)
    else:
        read_staff(reading, tables, is_needed=True)
    return reading.faults


def is_saved(step: str, tables: Draft) -> bool:
    """Tell whether anything of a step was saved."""
    return any(table in tables for table in STEPS[step])


def next_step(tables: Draft) -> str | None:
    """The first step that was not saved; None if all were."""
    return next((step for step in STEPS if not is_saved(step, tables)), None)


def with_step(tables: Draft, step: str, given: Draft) -> dict[str, Any]:
    """The draft with the tables of one step replaced."""
    assert set(given) <= set(STEPS[step]), given.keys()
    kept = {name: table for name, table in tables.items() if name not in STEPS[step]}
    return kept | dict(given)
