"""Backups in the pages: make one, see its pass once, follow it, take it away."""

import re
from datetime import timedelta

import pytest

from tests.factories.looks import audit_lines
from tests.factories.sample import NOW
from tests.waiting import wait_until
from timebank.backups import making
from timebank.backups.bundle import unpack
from timebank.backups.making import FAILED, MADE, PACKING, MakingState, Source, making_state
from timebank.private_files import hold_alone
from web.app import create_app
from web.oversight import backups

PASS = re.compile(r"[0-9A-Z]{5}(?:-[0-9A-Z]{5}){4}")
OWN = "柳园的老槐树下有一口古井，水很甜"


@pytest.fixture
def kept(office, tmp_path):
    config = {"DATABASE": office.database, "COMMUNITY_ID": office.town.community_id}
    office.app = create_app({**config, "DATA": tmp_path})
    return office


@pytest.fixture
def source(kept, tmp_path):
    return Source(kept.database.engine.url.render_as_string(hide_password=False), tmp_path)


@pytest.fixture
def visit(kept):
    return kept.enter("coordinator")


def make(visit, source, **typed):
    page = visit.get("/work/backups")
    form = next(form for form in page.forms if any(name == "own" for name, _ in form.fields))
    fields = [*[pair for pair in form.fields if pair[0] not in typed], *typed.items()]
    answer = visit.send(form, fields)
    wait_until(lambda: not (state := making_state(source)) or not state.is_running)
    return answer, (form, fields)


def rows(page):
    return re.findall(r'<tr role="row">\s*<td.*?</tr>', page.text, re.DOTALL)


def test_the_pass_is_shown_once_and_opens_what_was_made(visit, source, tmp_path):
    answer, (form, fields) = make(visit, source)
    drawn = PASS.search(answer.text)[0]
    page = visit.get("/work/backups")
    assert "备份做好了" in page.text and not PASS.search(page.text)
    into = tmp_path / "into"
    into.mkdir()
    unpack(source.folder / making_state(source).name, into, typed=drawn, most_bytes=10**9)
    again = visit.send(form, fields)  # The second press of a double click shows the same.
    assert PASS.search(again.text)[0] == drawn
    assert len(making.kept_backups(source)) == 1


def test_a_pass_is_stored_nowhere(visit, source):
    answer, _ = make(visit, source)
    drawn = PASS.search(answer.text)[0]
    files = [file for file in source.data.rglob("*") if file.is_file()]
    assert any(file.suffix == ".sqlite" for file in files)
    assert not [file for file in files if drawn.encode() in file.read_bytes()]


def test_a_pass_of_ones_own_needs_a_sentence(visit, source, tmp_path):
    answer, _ = make(visit, source, kind="own", own="short")
    assert answer.status == 422 and making_state(source) is None
    answer, _ = make(visit, source, kind="own", own=OWN)
    assert answer.status == 303
    into = tmp_path / "into"
    into.mkdir()
    unpack(source.folder / making_state(source).name, into, typed=OWN, most_bytes=10**9)


def test_who_made_and_who_took_it_stands_in_the_audit_trail(visit, source, kept):
    make(visit, source)
    page = visit.get("/work/backups")
    name = making_state(source).name
    form = page.form_with(("do", "fetch"))
    answer = visit.client.post(form.action, data={**dict(form.fields), "do": "fetch"})
    assert answer.data == (source.folder / name).read_bytes()
    assert name in answer.headers["Content-Disposition"]
    with kept.database.reading() as session:
        names = [line.name for line in audit_lines(session, kept.town.community_id)]
    assert names[:2] == ["fetch_backup", "make_backup"]


@pytest.mark.parametrize("name", ["", "key", "../key", "making.json", "timebank-x.tbk"])
def test_no_other_file_is_sent(visit, source, name, tmp_path):
    make(visit, source)
    (tmp_path / "key").write_text("secret")
    page = visit.get("/work/backups")
    form = page.form_with(("do", "fetch"))
    answer = visit.client.post(form.action, data={**dict(form.fields), "name": name, "do": "fetch"})
    assert answer.status_code == 404 and b"secret" not in answer.data


def test_progress_is_shown_and_the_page_asks_again(visit, source):
    making.private_folder(source.folder)
    with hold_alone(source.folder / "making.lock", "a test"):
        making._note(source, MakingState(stage=PACKING, name="x", done=1, total=4))
        answer = visit.client.get("/work/backups")
        assert "25%" in answer.text and answer.headers["Refresh"]
        assert "现在做一份" not in answer.text
    answer = visit.client.get("/work/backups")  # The process has ended in the middle.
    assert "服务器停了" in answer.text and "Refresh" not in answer.headers


@pytest.mark.parametrize(
    ("why", "word"), [("full", "空间不够"), ("tool", "pg_dump"), ("fault", "日志")]
)
def test_why_it_failed_is_said_as_what_it_is(visit, source, why, word):
    making.private_folder(source.folder)
    making._note(source, MakingState(stage=FAILED, name="x", why=why))
    assert word in visit.get("/work/backups").text


def test_a_full_disk_is_said_and_another_one_at_once_too(visit, source, monkeypatch):
    monkeypatch.setattr(making, "ROOM_KEPT_BYTES", 10**18)
    answer, _ = make(visit, source)
    assert "空间不够" in visit.follow(answer).text
    monkeypatch.undo()
    page = visit.get("/work/backups")
    form = next(form for form in page.forms if any(name == "own" for name, _ in form.fields))
    with hold_alone(source.folder / "making.lock", "a test"):
        assert "另一份备份" in visit.follow(visit.send(form, form.fields)).text


def test_the_list_is_sorted_filtered_and_turned_by_its_address(visit, source, monkeypatch):
    making.private_folder(source.folder)
    for day in range(5):
        ending = ".tbk" if day % 2 else ".sqlite"
        at = NOW - timedelta(days=day)
        file = source.folder / f"timebank-{at:%Y%m%dT%H%M%SZ}{ending}"
        file.write_bytes(b"x" * day)
    making._note(source, MakingState(stage=MADE, name="x"))
    newest = rows(visit.get("/work/backups"))
    assert len(newest) == 5
    times = [re.search('datetime="([^"]+)"', row)[1] for row in newest]
    assert times == sorted(times, reverse=True)
    assert len(rows(visit.get("/work/backups?kind=bundle"))) == 2
    assert len(rows(visit.get("/work/backups?kind=plain"))) == 3
    sizes = rows(visit.get("/work/backups?sort=size"))
    assert [re.search(r"(\d) B", row)[1] for row in sizes] == list("01234")
    monkeypatch.setattr(backups, "ROWS_A_PAGE", 2)
    assert [len(rows(visit.get(f"/work/backups?page={page}"))) for page in (1, 2, 3)] == [2, 2, 1]
