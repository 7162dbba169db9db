"""The health page of the coordinators, and the line on their worklist while something is red."""

import re
from datetime import timedelta

import pytest

from tests.factories.kiosks import make_device
from tests.factories.sample import NOW
from timebank.backups.notes import DRILLS, note_drill, note_restore
from timebank.checking.backups import note_made
from timebank.oversight.rules import SILENT_ACT
from web.app import create_app
from web.oversight import health

ROW = re.compile(r'<tr role="row">\s*<td.*?</tr>', re.DOTALL)


@pytest.fixture
def kept(office, tmp_path):
    """The office with a data folder in which everything is well."""
    told = office.app.config
    office.app = create_app(
        {"DATABASE": office.database, "COMMUNITY_ID": told["COMMUNITY_ID"], "DATA": tmp_path}
    )
    note_made(tmp_path, tmp_path / f"timebank-{NOW:%Y%m%dT%H%M%S}Z.sqlite")
    for name in DRILLS:
        note_drill(tmp_path, name, at=NOW, is_good=True)
    return office


def rows(page):
    return [re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", row)) for row in ROW.findall(page.text)]


def row_of(page, word):
    return next(row for row in rows(page) if word in row)


def test_each_line_says_how_it_stands_and_since_when(kept):
    page = kept.enter("coordinator").get("/work/health")
    assert "备份是新的" in row_of(page, "备份")
    assert "2025年" in row_of(page, "恢复备份")
    for word in (
        "丢了密钥",
        "账本封存",
        "磁盘空间",
        "时钟",
        "节假日表",
        "登录的第二步",
        "数据库版本",
    ):
        assert row_of(page, word)


def test_what_is_red_comes_first_and_says_what_to_do(kept, tmp_path):
    note_drill(tmp_path, "lost-key", at=NOW, is_good=False)
    first = rows(kept.enter("coordinator").get("/work/health"))[0]
    assert "丢了密钥" in first and "timebank drill lost-key" in first


def test_the_worklist_says_it_to_coordinators_only(kept, tmp_path, monkeypatch):
    def said(name):
        return "/work/health?state=act" in kept.enter(name).get("/work").text

    monkeypatch.setattr(health, "SHARED_SECONDS", 0.0)
    assert not said("coordinator")
    note_drill(tmp_path, "lost-key", at=NOW, is_good=False)
    assert said("coordinator") and not said("keeper")
    assert kept.enter("auditor").get("/work/health").status == 200


def test_the_worklists_of_a_minute_ask_once(kept, tmp_path):
    visit = kept.enter("coordinator")
    visit.get("/work")
    note_drill(tmp_path, "lost-key", at=NOW, is_good=False)
    with kept.statements() as sent:
        page = visit.get("/work")
    assert not [one for one in sent if "seal_queue" in one]
    assert "/work/health?state=act" not in page.text


def test_a_silent_kiosk_is_told_with_what_waits_on_it(kept):
    by = kept.staff["coordinator"]
    long_ago = NOW - SILENT_ACT - timedelta(hours=1)
    kept.do(make_device, kept.shop, by, now=long_ago)
    row = row_of(kept.enter("coordinator").get("/work/health"), "自助终端")
    assert "要处理" in row and "没有联系" in row


def test_the_table_is_filtered_sorted_and_turned_by_its_address(kept, monkeypatch):
    visit = kept.enter("coordinator")
    assert all("演练" in row for row in rows(visit.get("/work/health?what=drill")))
    assert not rows(visit.get("/work/health?state=act&what=schema"))
    assert len(rows(visit.get("/work/health?state=nonsense&what=none&page=x"))) > 5
    by_name = rows(visit.get("/work/health?sort=what"))
    assert by_name == rows(visit.get("/work/health?sort=-what"))[::-1]
    monkeypatch.setattr(health, "LINES_A_PAGE", 4)
    seen, address = [], "/work/health?sort=what"
    while address:
        page = visit.get(address)
        seen += rows(page)
        onward = re.search(r'href="([^"]+)" rel="next"', page.text)
        address = onward and onward[1].replace("&amp;", "&")
    assert seen == by_name


def test_a_restore_is_told_for_two_weeks_with_what_is_left_to_do(kept, tmp_path):
    of = NOW - timedelta(days=3)
    note_restore(tmp_path, at=NOW - timedelta(days=13), of=of)
    assert "重新配对" in row_of(
        kept.enter("coordinator").get("/work/health"), "那以后登记的不在账上"
    )
    note_restore(tmp_path, at=NOW - timedelta(days=15), of=of)
    assert "不在账上" not in kept.enter("coordinator").get("/work/health").text
