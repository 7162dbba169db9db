"""The description of a community to found: its places, rules, shops, lists and first staff.

Pure values. ``reading.py`` makes one from a file or from the pages; ``actions.py`` founds it.
"""

from dataclasses import dataclass, field
from datetime import date

from timebank.goods.actions import NewItem
from timebank.goods.opening import Hours
from timebank.hours.actions import NewService


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedPlace:
    """A grid, or a building in the grid with the number ``grid``."""

    number: int
    name_zh: str
    name_en: str
    grid: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedDay:
    """A single day on which a shop is closed, and why."""

    day_on: date
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedStore:
    """A shop or a donation point. ``week`` are the hours of Monday to Sunday."""

    code: str
    kind: str
    name_zh: str
    name_en: str
    grid: int
    address: str = ""
    phone: str = ""
    week: tuple[Hours, ...] = ()
    closed_days: tuple[ClosedDay, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedStaff:
    """One of the first people of staff, and their roles for the whole community."""

    name: str
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CommunityPlan:
    """Everything that a community begins with. ``rules_from_on``: by default its first day.

    Without ``has_second_factor`` the preset may let everybody in by a password alone.
    """

    code: str
    name_zh: str
    name_en: str
    street: str = ""
    division_code: str = ""
    contact_name: str = ""
    contact_phone: str = ""
    grids: tuple[PlannedPlace, ...]
    buildings: tuple[PlannedPlace, ...]
    preset: str
    rules_from_on: date | None = None
    has_second_factor: bool = True
    stores: tuple[PlannedStore, ...]
    items: tuple[NewItem, ...] = field(default=())
    services: tuple[NewService, ...] = field(default=())
    staff: tuple[PlannedStaff, ...] = ()
