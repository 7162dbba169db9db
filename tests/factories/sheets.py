"""Sheets for tests: rows of cells, and the two people who bring them in."""

import io
from collections.abc import Sequence
from typing import Any

from openpyxl import Workbook

from tests.factories import people as make
from tests.factories.people import Town, a_request_id
from tests.factories.policy import make_preset
from timebank.db import Database
from timebank.deeds.running import perform
from timebank.imports import actions, queries
from timebank.imports.queries import ImportBatch
from timebank.imports.shapes import CellFault
from timebank.values import By

HEADING = ("楼栋", "门牌", "姓名", "和户主的关系", "身份证号", "出生日期", "电话")
FAMILY = (
    HEADING,
    ("1", "101", "陈甲一", "户主", make._number(make.date(1950, 1, 1), 901), "", "10012340011"),
    ("1", "101", "李乙二", "配偶", "", "1952-09-30", ""),
    ("2", "302", "林丙三", "户主", "", "1968-06-12", "10012340013"),
)
Rows = Sequence[Sequence[str]]


def xlsx(rows: Sequence[Sequence[Any]]) -> bytes:
    """A workbook with these rows."""
    book = Workbook()
    for row in rows:
        book.active.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


class SheetDesk:
    """Two coordinators and an approver in front of a sheet."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.town: Town = self.write(make.make_town)
        database.write(lambda session, now: make_preset(session, now=now))
        self.first: By = self.write(make.coordinator, self.town)
        self.second: By = self.write(make.coordinator, self.town)
        self.approver: By = self.write(make.approver, self.town)

    def write(self, work: Any, *rest: Any) -> Any:
        return self.database.write(lambda session, now: work(session, *rest))

    def do(self, action: Any, by: By, **content: Any) -> Any:
        return perform(self.database, action, by=by, request_id=a_request_id(), **content)

    def stage(self, rows: Rows, kind: str = "people", *, by: By | None = None) -> int:
        staged = self.do(
            actions.stage_sheet, by or self.first, kind=kind, file_name="表.xlsx",
            rows=tuple(tuple(row) for row in rows),
        )  # fmt: skip
        return int(staged.batch_id)

    def book(self, batch_id: int, by: By | None = None) -> Any:
        return self.do(actions.book_sheet, by or self.approver, batch_id=batch_id)

    def brought(self, rows: Rows, kind: str = "people") -> int:
        """Stage and book a sheet without faults."""
        batch_id = self.stage(rows, kind)
        assert self.faults(batch_id) == []
        self.book(batch_id)
        return batch_id

    def taken_back(self, batch_id: int) -> None:
        self.do(
            actions.ask_undo_sheet, self.first, batch_id=batch_id, reason="传错了表，是去年的旧名单"
        )
        self.do(actions.undo_sheet, self.second, batch_id=batch_id)

    def batch(self, batch_id: int) -> ImportBatch:
        with self.database.reading() as session:
            return queries.batch_named(
                session, self.town.community_id, batch_id, now=self.database.clock()
            )

    def faults(self, batch_id: int) -> list[CellFault]:
        with self.database.reading() as session:
            return queries.staged_of(session, self.town.community_id, batch_id)[1]

    def found(self, rows: Rows, kind: str = "people") -> list[tuple[int, str, str]]:
        """The faults of a sheet: row, field and what was expected."""
        batch_id = self.stage(rows, kind)
        faults = [(fault.row, fault.field, fault.expected) for fault in self.faults(batch_id)]
        self.do(actions.withdraw_sheet, self.first, batch_id=batch_id)
        return faults
