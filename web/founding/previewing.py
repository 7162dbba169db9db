"""What a step comes to, in a few lines, before and after it is saved."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from timebank.founding.divisions import division_name
from timebank.founding.lists import read_catalogue
from timebank.founding.places import read_places
from timebank.founding.plan import PlannedStore
from timebank.founding.reading import read_community
from timebank.founding.shapes import Reading
from timebank.founding.steps import STEPS, is_saved, step_faults
from timebank.founding.stores import read_stores
from timebank.goods.opening import Hours, written_hours
from timebank.goods.rules import WEEKDAYS
from timebank.policy.presets import read_preset
from web.formats import own_name
from web.founding.words import ROLE_WORDS, WEEKDAY_WORDS
from web.reader import gettext as _
from web.reader import language

Tables = Mapping[str, Any]
Rows = list[tuple[str, str]]


def preview(step: str, tables: Tables, *, today: date) -> Rows:
    """The lines of a step, each with its word; none if the step has a fault."""
    if step_faults(step, tables, today=today):
        return []
    return {
        "community": _community, "places": _places, "rules": _rules, "people": _people,
    }.get(step, lambda tables: _shop(tables, today))(tables)  # fmt: skip


def summaries(tables: Tables, *, today: date) -> dict[str, str]:
    """One short line for each saved step, below its name in the row of steps."""
    saved = (step for step in STEPS if is_saved(step, tables))
    rows = {step: preview(step, tables, today=today) for step in saved}
    return {step: lines[0][1] for step, lines in rows.items() if lines}


def _community(tables: Tables) -> Rows:
    community = read_community(Reading(), tables)
    where = f"{division_name(community['division_code'])}{community['street']}"
    return [
        (_("名字"), community["name_zh"]),
        (_("在哪里"), where),
        (_("有事找谁"), f"{community['contact_name']} {community['contact_phone']}"),
        (_("社区代码"), community["code"]),
    ]


def _places(tables: Tables) -> Rows:
    grids, buildings = read_places(Reading(), tables)
    rows = [
        (
            _("一共"),
            _("%(buildings)s 栋 · %(grids)s 个网格", buildings=len(buildings), grids=len(grids)),
        )
    ]
    for grid in grids:
        own = [
            own_name(building, language()) for building in buildings if building.grid == grid.number
        ]
        span = own[0] if len(own) == 1 else _("%(first)s 到 %(last)s", first=own[0], last=own[-1])
        rows.append((own_name(grid, language()), span))
    return rows


def _rules(tables: Tables) -> Rows:
    return [(_("规则"), own_name(read_preset(tables["rules"]["preset"]), language()))]


def _shop(tables: Tables, today: date) -> Rows:
    grids, _buildings = read_places(Reading(), tables)
    stores = read_stores(Reading(), tables, grids=len(grids), today=today)
    items, services = read_catalogue(Reading(), tables)
    rows = [
        (_("店名"), stores[0].name_zh),
        (_("地址"), f"{stores[0].address} {stores[0].phone}".strip()),
        *((_("开门时间"), line) for line in week_lines(stores[0])),
    ]
    rows += [(_("接收点"), f"{store.name_zh} {store.address}") for store in stores[1:]]
    counts = _("%(items)s 种物品 · %(services)s 项服务", items=len(items), services=len(services))
    return [*rows, (_("单子"), counts)]


def week_lines(store: PlannedStore) -> list[str]:
    """The hours of a week, days with the same hours together: ``周一至周五 09:00-17:30``."""
    spans: list[tuple[int, int, Hours]] = []
    for number, hours in enumerate(store.week):
        if spans and spans[-1][2] == hours:
            spans[-1] = (spans[-1][0], number, hours)
        else:
            spans.append((number, number, hours))
    return [
        f"{_days(first, last)} {written_hours(hours) or _('休息')}" for first, last, hours in spans
    ]


def _days(first: int, last: int) -> str:
    names = [str(WEEKDAY_WORDS[name]) for name in WEEKDAYS]
    if first == last:
        return names[first]
    return _("%(first)s至%(last)s", first=names[first], last=names[last])


def _people(tables: Tables) -> Rows:
    return [
        (" · ".join(str(ROLE_WORDS[role]) for role in table["roles"]), table["name"])
        for table in tables["staff"]
    ]
