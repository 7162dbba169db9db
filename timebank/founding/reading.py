"""Read a description into a plan, and say every fault of it at once. Pure: no file, no database.

The description is a mapping of tables, as TOML gives it; the pages make the same mapping. Nothing
is guessed: what cannot be read is a fault.
"""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from timebank.founding import shapes
from timebank.founding.faults import PlanFault, near, shown
from timebank.founding.lists import read_catalogue
from timebank.founding.places import read_places
from timebank.founding.plan import CommunityPlan, PlannedStaff
from timebank.founding.shapes import Reading
from timebank.founding.stores import read_stores
from timebank.policy.presets import preset_codes

Told = Mapping[str, Any]
TABLES = (
    "community", "places", "grid", "rules", "store", "catalogue", "item", "service", "staff",
)  # fmt: skip
LEADERS = ("coordinator", "approver")
FIRST_ROLES = (
    "coordinator", "approver", "social_worker", "grid_worker", "keeper", "cashier", "accountant",
    "auditor", "hotline",
)  # fmt: skip
STAFF_MAX = 20


def read_plan(
    given: Told, *, today: date, needs_staff: bool = True
) -> tuple[CommunityPlan | None, list[PlanFault]]:
    """Read a whole description: the plan, or None with its faults."""
    reading = Reading()
    for name in given:
        if name not in TABLES:
            reading.fault(name, "", "unknown", near=near(name, TABLES))
    community = read_community(reading, given)
    grids, buildings = read_places(reading, given)
    rules = read_rules(reading, given, today=today)
    stores = read_stores(reading, given, grids=len(grids), today=today)
    items, services = read_catalogue(reading, given)
    staff = read_staff(reading, given, is_needed=needs_staff)
    if reading.faults:
        return None, reading.faults
    plan = CommunityPlan(
        **community, grids=grids, buildings=buildings, **rules, stores=stores,
        items=items, services=services, staff=staff,
    )  # fmt: skip
    return plan, []


_COMMUNITY: dict[str, Callable[[Any], Any]] = {
    "code": shapes.community_code,
    "name_zh": shapes.text(80),
    "name_en": shapes.text(80),
    "street": shapes.text(80),
    "division_code": shapes.division,
    "contact_name": shapes.person,
    "contact_phone": shapes.phone,
}


def read_community(reading: Reading, given: Told) -> dict[str, Any]:
    """Its code and names, where it is, and whom to ask. English may be left out."""
    table = reading.fields("community", given.get("community", {}), _COMMUNITY, may=("name_en",))
    return table | {"name_en": table.get("name_en") or table.get("name_zh", "")}


def read_rules(reading: Reading, given: Told, *, today: date) -> dict[str, Any]:
    """The preset, the day from which it is in force, and whether staff need a second factor."""
    wanted: dict[str, Callable[[Any], Any]] = {
        "preset": shapes.choice(tuple(preset_codes())),
        "from": shapes.day,
        "second_factor": shapes.yes,
    }
    table = reading.fields("rules", given.get("rules", {}), wanted, may=("from", "second_factor"))
    from_on = table.get("from")
    if from_on is not None and from_on > today:
        reading.fault("rules", "from", "preset_past", found=shown(str(from_on)))
    return {
        "preset": table.get("preset", ""),
        "rules_from_on": from_on,
        "has_second_factor": table.get("second_factor", True),
    }


def read_staff(reading: Reading, given: Told, *, is_needed: bool) -> tuple[PlannedStaff, ...]:
    """The first people: a coordinator, and a second person who confirms what needs two."""
    wanted = {"name": shapes.person, "roles": shapes.choices(FIRST_ROLES)}
    rows = reading.rows("staff", given.get("staff", []), wanted, most=STAFF_MAX)
    staff = tuple(PlannedStaff(**row) for row in rows if len(row) == len(wanted))
    for number, row in enumerate(rows, start=1):
        if any(row.get("name") == other.get("name") for other in rows[: number - 1]):
            reading.fault("staff", "name", "twice", number=number, found=shown(row.get("name")))
    if is_needed and len(staff) == len(rows):
        _require_two(reading, staff)
    return staff


def _require_two(reading: Reading, staff: tuple[PlannedStaff, ...]) -> None:
    leaders = [member for member in staff if set(member.roles) & set(LEADERS)]
    if not any("coordinator" in member.roles for member in staff):
        reading.fault("staff", "", "coordinator")
    elif len(leaders) < 2:
        reading.fault("staff", "", "second")
