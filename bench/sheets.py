"""What it costs to bring 20,000 people in, beside bare inserts of the very same rows.

Run it with ``python -m bench.sheets``. Measured is the time of the processor, so that other work
on the machine does not count. Both write to a fresh database on disk. The reference knows
every row already: no cell is read, nothing is sealed or checked. So it is the floor of any import.
"""

import io
import os
import sys
import tempfile
import time
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from sqlalchemy import insert, select
from sqlalchemy.orm import Session
from stdnum.iso7064 import mod_11_2

from timebank.db import Database
from timebank.deeds.deed import Deed
from timebank.deeds.running import perform
from timebank.imports import actions
from timebank.imports.tables import import_entry
from timebank.people.actions import NewPerson, NewPlace, add_places, enrol_people, found_community
from timebank.people.tables import household, person
from timebank.schema import migrate
from timebank.sheets.reading import read_sheet
from timebank.values import By, Role
from timebank.vault.cipher import Vault

PEOPLE, HOME_SIZE, BUILDINGS = 20_000, 3, 50
MOST_TIMES = 4.0
_HEADING = ("楼栋", "门牌", "姓名", "和户主的关系", "身份证号", "出生日期", "电话", "紧急联系人")
_FAMILY, _GIVEN = "陈林黄张李王吴刘蔡杨许郑谢郭洪曾邱廖赖周", "甲乙丙丁戊己庚辛壬癸"
_NUMERALS = "一二三四五六七八九十"


def _number(at: int) -> str:
    born = date(1940 + at % 60, 1 + at % 12, 1 + at % 28)
    body = f"990106{born:%Y%m%d}{at // 420:03d}"
    return body + mod_11_2.calc_check_digit(body)


def sheet_rows() -> list[tuple[str, ...]]:
    """A heading and invented people."""
    rows = [_HEADING]
    for at in range(PEOPLE):
        home = at // HOME_SIZE
        name = _FAMILY[at % 20] + _GIVEN[at // 20 % 10] + _NUMERALS[at // 200 % 10]
        rows.append(
            (str(home % BUILDINGS + 1), str(home // BUILDINGS + 101), name,
             "户主" if at % HOME_SIZE == 0 else "子女", _number(at), "",
             f"100{at:08d}", f"邻居 100{at + 1:08d}")
        )  # fmt: skip
    return rows


def as_xlsx(rows: list[tuple[str, ...]]) -> bytes:
    """The same rows as a workbook."""
    book: Any = Workbook(write_only=True)
    sheet = book.create_sheet()
    for row in rows:
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


class Community:
    """A community on a fresh database with two coordinators."""

    def __init__(self, folder: Path) -> None:
        url = f"sqlite:///{folder / 'bench.sqlite'}"
        migrate(url)
        self.database = Database(url, info={"vault": Vault(os.urandom(32))})
        self.id = self.database.write(
            lambda session, now: found_community(
                session, now=now, code="bench", name_zh="量一量", name_en="Measured"
            )
        )
        self.staff = self.database.write(self._staff)

    def _staff(self, session: Session, now: datetime) -> tuple[By, By]:
        roles = frozenset({Role("coordinator")})
        founder = By(self.id, "job:bench", channel="job", roles=roles)
        deed = Deed(session, founder, now, "bench")
        grid = add_places(deed, places=(NewPlace("grid", 1, "一", "One"),)).place_ids[0]
        buildings = (NewPlace("building", n + 1, f"{n + 1}号楼", f"Building {n + 1}", grid)
                     for n in range(BUILDINGS))  # fmt: skip
        add_places(deed, places=tuple(buildings))
        people = (NewPerson("何甲一"), NewPerson("何乙二"))
        ids = enrol_people(deed, people=people).person_ids
        first, second = (
            By(self.id, f"user:{n}", channel="web", person_id=n, roles=roles) for n in ids
        )
        return first, second


def measured(folder: Path, rows: tuple[tuple[str, ...], ...]) -> tuple[dict[str, float], int]:
    """The seconds of each step, and the batch."""
    town, seconds = Community(folder), {}
    content = as_xlsx(list(rows))
    start = time.process_time()
    read = read_sheet(content)
    seconds["read the xlsx"] = time.process_time() - start
    first, second = town.staff
    start = time.process_time()
    staged = perform(
        town.database, actions.stage_sheet, by=first, request_id="stage", kind="people",
        file_name="bench.xlsx", rows=read,
    )  # fmt: skip
    seconds["dry run"] = time.process_time() - start
    assert staged.fault_count == 0, staged
    start = time.process_time()
    perform(
        town.database, actions.book_sheet, by=second, request_id="book", batch_id=staged.batch_id
    )
    seconds["book"] = time.process_time() - start
    seconds["bare inserts"] = _bare(town, folder)
    start = time.process_time()
    _take_back(town, staged.batch_id)
    seconds["take back"] = time.process_time() - start
    return seconds, len(read)


def _take_back(town: Community, batch_id: int) -> None:
    first, second = town.staff
    asked = {"batch_id": batch_id, "reason": "量一量整批退回要多久"}
    perform(town.database, actions.ask_undo_sheet, by=first, request_id="ask", **asked)
    perform(town.database, actions.undo_sheet, by=second, request_id="undo", batch_id=batch_id)


def _bare(town: Community, folder: Path) -> float:
    """Insert the very rows that the import wrote, into another fresh database."""
    other = Path(tempfile.mkdtemp(dir=folder))
    with town.database.reading() as session:
        homes = [dict(row._mapping) for row in session.execute(select(household))]
        people = [
            dict(row._mapping)
            for row in session.execute(select(person).where(person.c.household_id.is_not(None)))
        ]
        entries = [dict(row._mapping) for row in session.execute(select(import_entry))]
    copy = Community(other)
    with copy.database.reading() as session:
        building = session.scalar(select(household.c.id).limit(1))
    assert building is None and entries
    places = _places(copy)
    for number, row in enumerate(homes):
        row |= {"community_id": copy.id, "building_id": places[number % len(places)]}
    for row in people:
        row["community_id"] = copy.id
    start = time.process_time()
    copy.database.write(lambda session, now: _insert(session, homes, people))
    return time.process_time() - start


def _places(town: Community) -> list[int]:
    from timebank.people.queries import places

    with town.database.reading() as session:
        return [place.id for place in places(session, town.id, "building")]


def _insert(session: Session, homes: list[dict[str, Any]], people: list[dict[str, Any]]) -> None:
    session.execute(insert(household), homes)
    session.execute(insert(person), people)


def main() -> int:
    """Print the cost of each step, and its ratio to the bare inserts."""
    with tempfile.TemporaryDirectory() as folder:
        seconds, rows = measured(Path(folder), tuple(sheet_rows()))
    bare = seconds["bare inserts"]
    print(f"{rows - 1} people, {datetime.now(UTC):%Y-%m-%d}")
    for name, took in seconds.items():
        print(f"  {name:<16} {took:6.2f} s  {took / bare:5.2f} x")
    is_good = seconds["book"] <= MOST_TIMES * bare
    print(f"booking costs {seconds['book'] / bare:.2f} times bare inserts: at most {MOST_TIMES}")
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
