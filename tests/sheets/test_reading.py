"""Files of office programs become rows of text; what is no sheet says why."""

import io
import zipfile
from datetime import date, datetime, time, timedelta

import pytest
from openpyxl import Workbook

from tests.factories.sheets import xlsx
from timebank.sheets import reading
from timebank.sheets.cells import (
    CellUnread,
    day,
    day_of_instant,
    hours,
    is_scientific,
    whole,
    whole_minutes,
    yes_no,
    yuan,
)
from timebank.sheets.reading import SheetUnfit, column_letters, read_sheet

ROWS = (
    ("数量", "请勿改动本列"),
    ("500", "成人纸尿裤（大号）"),
    ("", "布尿裤"),
    ("30", "毛巾, 浅色"),
)
ENCODINGS = ("utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be")


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_csv_is_read_in_each_encoding_and_with_each_delimiter(
    encoding: str, delimiter: str
) -> None:
    text = "\r\n".join(delimiter.join(f'"{cell}"' for cell in row) for row in ROWS)
    assert read_sheet(text.encode(encoding)) == ROWS


def test_blank_rows_keep_their_place_and_a_cell_may_have_lines() -> None:
    found = read_sheet('名单\n\n姓名,备注\n陈甲一,"一行\n又一行",,\n'.encode())
    assert found == (("名单",), (), ("姓名", "备注"), ("陈甲一", "一行\n又一行"))


def test_the_cells_of_a_workbook_are_what_a_person_sees() -> None:
    row = (
        "文字", 12, 12.0, 1.5, True, date(2026, 6, 1), datetime(2026, 6, 1, 9, 30), time(9, 5),  # noqa: DTZ001
        timedelta(hours=30, minutes=5), 990106195001010012, None, " 007 ",
    )  # fmt: skip
    assert read_sheet(xlsx(((), row)))[1] == (
        "文字", "12", "12", "1.5", "TRUE", "2026-06-01", "2026-06-01 09:30:00", "09:05", "30:05",
        "9.90106195001010E+17", "", "007",
    )  # fmt: skip


def test_an_empty_first_sheet_is_skipped() -> None:
    book = Workbook()
    book.create_sheet("人").append(["姓名"])
    out = io.BytesIO()
    book.save(out)
    assert read_sheet(out.getvalue()) == (("姓名",),)


def _zip(**parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/").replace("_xml", ".xml"), content)
    return out.getvalue()


def _with_macros() -> bytes:
    out = io.BytesIO(xlsx(ROWS))
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"x")
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b" \n ", "empty"),
        (b"\xd0\xcf\x11\xe0" + b"x" * 600, "old_office"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\x00\x01\x02\xff", "encoding"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "encoding"),
        (_zip(word__document_xml=b"<x/>"), "kind"),
        (_zip(xl__workbook_xml=b"<workbook"), "broken"),
        (b"PK\x03\x04 cut off", "broken"),
        (_with_macros(), "macros"),
        (xlsx((("a",), ("=SUM(A1)",))), "formula"),
        (b"x," * 70 + b"x", "columns"),
        (b'"no end, ' + b"x" * 5000, "cell"),
    ],
)  # fmt: skip
def test_what_is_no_sheet_says_why(content: bytes, why: str) -> None:
    with pytest.raises(SheetUnfit) as unfit:
        read_sheet(content)
    assert unfit.value.why == why


def test_a_bomb_is_refused_before_it_is_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = _zip(xl__workbook_xml=b"<x/>", xl__sheet_xml=b" " * (reading.UNPACKED_MAX + 1))
    assert len(bomb) < 200_000
    with pytest.raises(SheetUnfit) as unfit:
        read_sheet(bomb)
    assert unfit.value.why == "unpacked"
    monkeypatch.setattr(reading, "BYTES_MAX", 10)
    with pytest.raises(SheetUnfit) as unfit:
        read_sheet(bomb)
    assert unfit.value.why == "large"


def test_a_sheet_has_no_more_rows_than_can_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "ROWS_MAX", 2)
    for content in (b"a\nb\nc\n", xlsx((("a",), ("b",), ("c",)))):
        with pytest.raises(SheetUnfit) as unfit:
            read_sheet(content)
        assert unfit.value.why == "rows"


@pytest.mark.parametrize(
    ("read", "cell", "value"),
    [
        (day, "2019-10-26", date(2019, 10, 26)),
        (day, "2019年1月2日", date(2019, 1, 2)),
        (day, "26/10/2019", date(2019, 10, 26)),
        (day, "10/26/2019", date(2019, 10, 26)),
        (day, "5/5/2019", date(2019, 5, 5)),
        (day, "10/11/2019", "day_two_ways"),
        (day, "19-10-26", "day"),
        (day, "43764", "day"),
        (day, "2019-02-30", "no_such_day"),
        (day_of_instant, "2021-03-01 20:15:00 +0800", date(2021, 3, 1)),
        (day_of_instant, "2021-03-05T23:59:59Z", date(2021, 3, 5)),
        (day_of_instant, "2021-03-05 noon", "day"),
        (whole(0, 9999), "1,200", 1200),
        (whole(0, 9999), "12.0", 12),
        (whole(0, 9999), "１２", 12),
        (whole(0, 9999), "1.200", "whole"),
        (whole(0, 9999), "六", "whole"),
        (whole(0, 9999), "1e3", "whole"),
        (whole(0, 9999), "-1", "whole"),
        (whole(0, 9), "10", "range"),
        (yuan, "1,230.99", 123099),
        (yuan, "1.230,99", 123099),
        (yuan, "8,5", 850),
        (yuan, "￥8元", 800),
        (yuan, "1.230", "amount_two_ways"),
        (yuan, "1,230", "amount_two_ways"),
        (yuan, "1,23,4.00", "amount"),
        (hours, "12.5", 750),
        (hours, "3:05", 185),
        (hours, "0.01", "whole_minutes"),
        (hours, "-1", "hours"),
        (whole_minutes, "5400", 90),
        (whole_minutes, "90", "seconds_whole"),
        (whole_minutes, "-3600", "seconds"),
        (yes_no, "是", True),
        (yes_no, "ＮＯ", False),
        (yes_no, "也许", "yes_no"),
    ],
)
def test_a_cell_has_one_meaning_or_is_a_fault(read, cell, value) -> None:
    try:
        assert read(cell) == value
    except CellUnread as unread:
        assert unread.expected == value


def test_columns_are_named_as_office_programs_name_them() -> None:
    assert [column_letters(at) for at in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]
    assert is_scientific("9.90106E+17") and not is_scientific("990106")
