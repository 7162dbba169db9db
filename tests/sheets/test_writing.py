"""Files for office programs, read again by a program of somebody else."""

import csv
import io
import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from openpyxl import load_workbook

from timebank.sheets import workbook
from timebank.sheets.writing import CSV, XLSX, ZIP, SheetPart, write

HOSTILE = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("x")')


def written(kind, *rows, title="人员", headings=("甲", "乙")):
    out = io.BytesIO()
    return write(out, kind, [SheetPart(title=title, headings=headings, rows=rows)]), out.getvalue()


def sheet_of(*rows, **more):
    return load_workbook(io.BytesIO(written(XLSX, *rows, **more)[1])).worksheets[0]


def cells(*rows, **more):
    return [[cell.value for cell in row] for row in sheet_of(*rows, **more).iter_rows(min_row=2)]


def test_a_csv_begins_with_its_mark_and_ends_its_lines_as_office_programs_do():
    counts, content = written(CSV, ("一，二", None), ('"', date(2026, 3, 1)))
    assert content == '\ufeff甲,乙\r\n一，二,\r\n"""",2026-03-01\r\n'.encode()
    assert counts == {"人员": 2}


@pytest.mark.parametrize("text", HOSTILE)
def test_a_text_that_looks_like_a_formula_is_run_by_no_program(text):
    lines = list(
        csv.reader(io.StringIO(written(CSV, (text, ""))[1].decode("utf-8-sig"), newline=""))
    )
    assert lines[1][0] == f"'{text}"
    (cell, _) = sheet_of((text, ""))[2]
    assert (cell.data_type, cell.value, cell.quotePrefix) == ("s", text, True)


def test_a_negative_number_stays_a_number():
    assert written(CSV, (-5, Decimal("-1.50")))[1].endswith(b"\r\n-5,-1.50\r\n")
    cell, money = sheet_of((-5, Decimal("-1.50")))[2]
    assert (cell.data_type, cell.value, money.value) == ("n", -5, -1.5)


def test_an_id_stays_text_with_its_zeros():
    cell, long = sheet_of(("00123456789012345678", 10**17))[2]
    assert (cell.data_type, cell.value, cell.number_format) == ("s", "00123456789012345678", "@")
    assert (long.data_type, long.value) == ("s", str(10**17))


def test_days_and_instants_are_those_of_the_community():
    at = datetime(2026, 3, 1, 16, 30, tzinfo=UTC)
    (found,) = cells((date(2026, 3, 1), at))
    assert [str(one) for one in found] == ["2026-03-01 00:00:00", "2026-03-02 00:30:00"]
    assert cells((date(1900, 1, 1), None)) == [["1900-01-01", None]]
    assert b"2026-03-02 00:30" in written(CSV, (at, ""))[1]


def test_text_of_any_kind_is_kept_and_what_no_sheet_may_hold_is_dropped():
    told = "<b>&\"' 两\n行 \u2028 👪"
    assert cells((told, "a\x00\x0bb\ud800c")) == [[told, "abc"]]
    assert cells(("长" * 40_000, ""))[0][0] == "长" * 32_767


def test_a_list_longer_than_a_sheet_goes_on_in_a_second_one(monkeypatch):
    monkeypatch.setattr(workbook, "ROWS_MAX", 3)
    counts, content = written(XLSX, *[(str(n), "") for n in range(5)])
    sheets = load_workbook(io.BytesIO(content)).worksheets
    assert [sheet.max_row for sheet in sheets] == [3, 3, 2] and counts == {"人员": 5}


def test_two_lists_of_one_name_are_both_in_the_file():
    for kind in (XLSX, ZIP):
        out = io.BytesIO()
        parts = [SheetPart(title="规则/[a]", headings=["a"], rows=[("1",)] * n) for n in (1, 2)]
        assert list(write(out, kind, parts).values()) == [1, 2]
        if kind == XLSX:
            assert load_workbook(out).sheetnames == ["规则  a", "规则  a 2"]
        else:
            assert zipfile.ZipFile(out).namelist() == ["规则  a.csv", "规则  a 2.csv"]


def test_rows_are_written_one_by_one():
    """Each row is read only after the one before it was written."""
    out = io.BytesIO()

    def rows():
        for number in range(200_000):
            if number == 150_000:
                assert out.tell() > 100_000
            yield (f"{number * 7919 % 99991}" * 3,)

    assert write(out, XLSX, [SheetPart(title="a", headings=["a"], rows=rows())]) == {"a": 200_000}


def test_a_fault_on_the_way_leaves_no_file_that_looks_whole():
    out = io.BytesIO()

    def rows():
        yield ("1",)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        write(out, XLSX, [SheetPart(title="a", headings=["a"], rows=rows())])
    assert "xl/workbook.xml" not in zipfile.ZipFile(out).namelist()
