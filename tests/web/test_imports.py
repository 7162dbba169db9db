"""The pages of an import: upload, faults beside their rows, two signatures, undone."""

import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.factories.sheets import FAMILY, HEADING, SheetDesk, xlsx
from timebank.db import Database
from timebank.values import By

SignIn = Callable[[FlaskClient, By], None]


@pytest.fixture
def desk(database: Database) -> SheetDesk:
    return SheetDesk(database)


@pytest.fixture
def first(app: Flask, desk: SheetDesk, sign_in: SignIn) -> FlaskClient:
    client = app.test_client()
    sign_in(client, desk.first)
    return client


@pytest.fixture
def second(app: Flask, desk: SheetDesk, sign_in: SignIn) -> FlaskClient:
    client = app.test_client()
    sign_in(client, desk.approver)
    return client


def hidden(page: str, name: str) -> str:
    found = re.search(f'name="{name}"[^>]*value="([^"]*)"', page)
    assert found, name
    return found[1]


def sent(client: FlaskClient, address: str, **fields: Any) -> Any:
    """Fill in the form of a page and send it."""
    page = client.get(address).get_data(as_text=True)
    kept = {"request_id": hidden(page, "request_id")}
    if 'name="csrf_token"' in page:
        kept["csrf_token"] = hidden(page, "csrf_token")
    return client.post(address, data={**kept, **fields}, content_type="multipart/form-data")


def uploaded(
    client: FlaskClient, content: bytes, name: str = "人.xlsx", kind: str = "people"
) -> Any:
    return sent(client, f"/work/import/new/{kind}", sheet=(io.BytesIO(content), name))


def test_a_sheet_is_uploaded_signed_and_taken_back_on_the_pages(
    first: FlaskClient, second: FlaskClient
) -> None:
    answer = uploaded(first, xlsx(FAMILY))
    assert answer.status_code == 303, answer.get_data(as_text=True)
    address = answer.location
    page = first.get(address).get_data(as_text=True)
    assert "读好了，没有不对的地方" in page
    assert "要另一位来签" in first.get(f"{address}/sign").get_data(as_text=True)
    case = second.get("/work").get_data(as_text=True)
    assert "签一张表" in case
    assert sent(second, f"{address}/sign", do="book").status_code == 303
    assert "已经入账" in first.get(address).get_data(as_text=True)
    assert "陈甲一" in first.get("/work/people?q=陈甲一").get_data(as_text=True)
    assert sent(first, address, do="undo", reason="传错了表，是去年的名单").status_code == 303
    assert sent(second, f"{address}/sign", do="undo").status_code == 303
    assert "已经整批退回" in second.get(address).get_data(as_text=True)


def test_each_fault_stands_with_its_row_column_value_and_what_was_expected(
    first: FlaskClient,
) -> None:
    rows = (HEADING, ("1", "501", "赵丁四", "", "9.90106195001010E+17", "10/11/2019", ""))
    address = uploaded(first, xlsx(rows)).location
    page = first.get(address).get_data(as_text=True)
    assert "有 2 处不对，什么都没有入账" in page
    assert "这个日期有两种读法" in page and "10/11/2019" in page
    assert "科学记数" in page and "9.90106195001010E+17" not in page
    assert "传改好的表" in page


def test_columns_that_are_not_recognised_are_matched_by_hand(first: FlaskClient) -> None:
    rows = (("社区名单",), ("哪栋", "住哪间", "叫什么"), ("1", "601", "冯癸十"))
    address = uploaded(first, xlsx(rows)).location
    assert "还要说明哪一列是什么" in first.get(address).get_data(as_text=True)
    answer = sent(first, f"{address}/columns", heading="1", column_building="0", column_door="1")
    assert answer.status_code == 422 and "这一项必须有一列" in answer.get_data(as_text=True)
    chosen = {"column_building": "0", "column_door": "1", "column_name": "2"}
    assert sent(first, f"{address}/columns", heading="1", **chosen).status_code == 303
    assert "读好了" in first.get(address).get_data(as_text=True)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "这个文件是空的"),
        (b"\xd0\xcf\x11\xe0" + b"x" * 99, "旧的 .xls"),
        (b"%PDF-1.7 \x00\x01\x02\xff", "读不出里面的字"),
        (b"PK\x03\x04 nothing", "打不开"),
        (xlsx((HEADING, ("=1+1",))), "A2 里是公式"),
    ],
)
def test_a_file_that_is_no_sheet_gets_a_sentence(
    first: FlaskClient, content: bytes, said: str
) -> None:
    answer = uploaded(first, content)
    assert answer.status_code == 422 and said in answer.get_data(as_text=True)


def test_the_same_sheet_leads_to_the_one_that_is_there(first: FlaskClient) -> None:
    address = uploaded(first, xlsx(FAMILY)).location
    again = uploaded(first, "\n".join(",".join(row) for row in FAMILY).encode("gb18030"), "人.csv")
    assert again.location == address
    assert "没有再收一次" in first.get(address).get_data(as_text=True)


def test_the_template_is_read_again_as_it_was_made(first: FlaskClient) -> None:
    for language in ("zh", "en"):
        first.get(f"/language/{language}")
        answer = first.get("/work/import/template/people")
        assert answer.status_code == 200
        address = uploaded(first, answer.data).location
        page = first.get(address).get_data(as_text=True)
        assert "标题行下面没有内容" in page or "nothing below the heading" in page
        sent(first, address, do="withdraw")


def test_a_large_sheet_is_booked_beside_the_page(
    first: FlaskClient, second: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("web.imports.work.AT_ONCE_ROWS", 1)
    address = uploaded(first, xlsx(FAMILY)).location
    assert sent(second, f"{address}/sign", do="book").status_code == 303
    for _ in range(200):
        answer = second.get(f"{address}/sign")
        page = answer.get_data(as_text=True)
        if "入账了" in page:
            break
        assert "正在入账" in page and answer.headers["Refresh"] == "1"
    assert "入账了" in page
