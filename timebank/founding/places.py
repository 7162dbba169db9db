"""Read the grids and buildings of a description. Pure."""

from collections.abc import Mapping
from typing import Any

from timebank.founding import shapes
from timebank.founding.faults import shown
from timebank.founding.plan import PlannedPlace
from timebank.founding.shapes import Reading, Unread

Places = tuple[tuple[PlannedPlace, ...], tuple[PlannedPlace, ...]]
GRIDS_MAX = 60
BUILDINGS_MAX = 2000


def read_places(reading: Reading, given: Mapping[str, Any]) -> Places:
    """The grids and their buildings: counted, or listed with their names in ``[[grid]]``."""
    if "grid" in given:
        if "places" in given:
            reading.fault("places", "", "twice", found="[[grid]]")
        return _listed(reading, given["grid"])
    wanted = {"buildings": shapes.whole(1, BUILDINGS_MAX), "grids": _grids}
    table = reading.fields("places", given.get("places", {}), wanted, may=("buildings",))
    sizes, buildings = table.get("grids"), table.get("buildings")
    if sizes is None:
        return (), ()
    if isinstance(sizes, int):
        if buildings is None:
            reading.fault("places", "buildings", "missing", what="buildings")
            return (), ()
        if buildings < sizes:
            reading.fault("places", "buildings", "fewer", found=buildings)
            return (), ()
        sizes = spread(buildings, sizes)
    elif buildings is not None and buildings != sum(sizes):
        total = sum(sizes)
        reading.fault("places", "buildings", "whole", least=total, most=total, found=buildings)
    return numbered(sizes)


def _grids(value: Any) -> int | tuple[int, ...]:
    """A number of grids, or how many buildings each of them has."""
    if not isinstance(value, list):
        return int(shapes.whole(1, GRIDS_MAX)(value))
    size = shapes.whole(1, BUILDINGS_MAX)
    try:
        sizes = tuple(map(size, value))
    except Unread:
        sizes = ()
    if not 1 <= len(sizes) <= GRIDS_MAX or sum(sizes) > BUILDINGS_MAX:
        raise Unread("grids", found=shown(value))
    return sizes


def spread(buildings: int, grids: int) -> tuple[int, ...]:
    """Spread buildings over grids as evenly as possible, the larger ones first."""
    each, more = divmod(buildings, grids)
    return tuple(each + (number < more) for number in range(grids))


def numbered(sizes: tuple[int, ...]) -> Places:
    """Number the grids and their buildings, and name them by their numbers."""
    grids = tuple(
        PlannedPlace(number=number, name_zh=f"第{number}网格", name_en=f"Grid {number}")
        for number in range(1, len(sizes) + 1)
    )
    in_grid = [grid for grid, size in enumerate(sizes, start=1) for _ in range(size)]
    buildings = tuple(
        PlannedPlace(number=number, name_zh=f"{number}栋", name_en=f"Building {number}", grid=grid)
        for number, grid in enumerate(in_grid, start=1)
    )
    return grids, buildings


def _listed(reading: Reading, given: Any) -> Places:
    wanted = {"name_zh": shapes.text(80), "name_en": shapes.text(80), "buildings": _names}
    rows = reading.rows("grid", given, wanted, may=("name_en",), most=GRIDS_MAX)
    if not rows and isinstance(given, list):
        reading.fault("grid", "", "whole", least=1, most=GRIDS_MAX, found=0)
    grids: list[PlannedPlace] = []
    buildings: list[PlannedPlace] = []
    seen: set[str] = set()
    for number, row in enumerate(rows, start=1):
        name_zh = row.get("name_zh", "")
        name_en = row.get("name_en") or name_zh
        grids.append(PlannedPlace(number=number, name_zh=name_zh, name_en=name_en))
        for name in row.get("buildings", ()):
            if name in seen:
                reading.fault("grid", "buildings", "twice", number=number, found=shown(name))
            seen.add(name)
            place = len(buildings) + 1
            buildings.append(
                PlannedPlace(number=place, name_zh=name, name_en=_english(name), grid=number)
            )
    if len(buildings) > BUILDINGS_MAX:
        reading.fault("grid", "", "whole", least=1, most=BUILDINGS_MAX, found=len(buildings))
    return tuple(grids), tuple(buildings)


def _names(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not value:
        raise Unread("list", found=shown(value))
    return tuple(map(shapes.text(80), value))


def _english(name_zh: str) -> str:
    """``12栋`` is Building 12; any other name stays as it is."""
    number = name_zh.removesuffix("栋")
    return f"Building {number}" if number.isascii() and number.isdigit() else name_zh
