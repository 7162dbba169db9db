"""Volunteers: people who are registered already, with the day since which they serve."""

from collections.abc import Iterator, Sequence

from timebank.deeds.deed import Deed
from timebank.hours.actions import NewVolunteer, register_volunteers
from timebank.hours.actions.striking import strike_volunteers
from timebank.hours.queries.register import registered_among
from timebank.hours.rules import BATCH_MAX
from timebank.imports.kinds.somebody import SOMEBODY, people_meant, somebody_faults
from timebank.imports.refusals import SheetBuiltOn
from timebank.imports.shapes import (
    Booked,
    CellFault,
    Made,
    Progress,
    SheetColumn,
    SheetKind,
    SheetRow,
)
from timebank.people.minors import without_guardian
from timebank.people.queries import briefs
from timebank.sheets.cells import day, text
from timebank.values import local_day

COLUMNS = (
    *SOMEBODY,
    SheetColumn(name="since_on", zh="从哪天起", en="Since", others=("加入日期", "注册日期"),
                read=day, is_needed=True, examples=("2024-03-05", "2025-09-01")),
    SheetColumn(name="team", zh="队伍", en="Team", others=("志愿队", "小组"), read=text(40),
                examples=("巡楼队", "")),
)  # fmt: skip


def check(deed: Deed, rows: Sequence[SheetRow]) -> Iterator[CellFault]:
    """Find people who are unknown, volunteers already, or minors without a guardian's consent."""
    yield from somebody_faults(deed, rows)
    meant, today = people_meant(deed, rows), local_day(deed.now)
    ids = set(meant.values())
    known = registered_among(deed.session, deed.community_id, ids)
    people = briefs(deed.session, deed.community_id, ids) if ids else {}
    days = [(person, today) for person in people.values()]
    minors = {one for one, _on in without_guardian(deed.session, deed.community_id, days)}
    for row in rows:
        person_id = meant.get(row.number)
        if person_id in known:
            yield row.fault("name", "volunteer_known")
        if person_id in minors:
            yield row.fault("name", "no_guardian")
        if row.values["since_on"] > today:
            yield row.fault("since_on", "future")


def count(rows: Sequence[SheetRow]) -> dict[str, int]:
    """How many there are."""
    return {"volunteers": len(rows)}


def book(deed: Deed, rows: Sequence[SheetRow], progress: Progress) -> Booked:
    """Register them under the next numbers."""
    meant = people_meant(deed, rows)
    made: list[Made] = []
    for start in range(0, len(rows), BATCH_MAX):
        part = rows[start : start + BATCH_MAX]
        new = tuple(
            NewVolunteer(meant[row.number], row.values["since_on"], row.get("team", ""))
            for row in part
        )
        register_volunteers(deed, volunteers=new)
        made += [Made("volunteer", meant[row.number], row.number) for row in part]
        progress(len(made))
    return Booked(tuple(made), count(rows))


def undo(deed: Deed, made: Sequence[Made]) -> None:
    """Strike them off, if none has served since."""
    found = strike_volunteers(deed, person_ids=[one.id for one in made])
    if found is not None:
        raise SheetBuiltOn(what=found)


VOLUNTEERS = SheetKind(
    name="volunteers", columns=COLUMNS, check=check, count=count, book=book, undo=undo
)
