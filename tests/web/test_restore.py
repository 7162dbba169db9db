"""Restoring in the pages: on an empty server by its code, over a community by two and a code."""

import io
import re
import threading

import pytest
from werkzeug.datastructures import MultiDict

from tests.factories import people as make
from tests.factories.restoring import PASS, make_machine
from tests.waiting import wait_until
from timebank.backups.staging import COUNTING
from timebank.founding import set_up
from timebank.people.actions import open_visit
from web.app import create_app
from web.auth import begin, open_to_all
from web.oversight import restoring

CODE = re.compile(r"[0-9A-Z]{5}-[0-9A-Z]{5}")


@pytest.fixture
def old(tmp_path, clock):
    machine = make_machine(tmp_path / "old", clock)
    yield machine
    machine.database.close()


@pytest.fixture
def new(tmp_path, clock):
    machine = make_machine(tmp_path / "new", clock, is_empty=True)
    yield machine
    machine.database.close()


@pytest.fixture(autouse=True)
def patient(monkeypatch):
    """An answer waits for its check, however busy the machine of the tests is."""
    monkeypatch.setattr(restoring, "PATIENCE_SECONDS", 60)


def app_over(machine):
    config = {"DATABASE": machine.database, "DATA": machine.folder, "WTF_CSRF_ENABLED": False}
    return create_app({**config, "TESTING": True})


@pytest.fixture
def inside(new):
    """A browser at the empty server that has typed the code."""
    client = app_over(new).test_client()
    client.post("/set-up", data={"code": set_up.make_code(new.database)})
    return client


def keys_of(machine):
    files = [machine.folder / "key", machine.folder / "seal.key"]
    return [(io.BytesIO(file.read_bytes()), file.name) for file in files]


def bring(client, address, bundle, *, keys=(), typed=PASS):
    page = client.get(address).get_data(as_text=True)
    action = re.search(rf'action="({address}/[0-9a-f]+)"', page)[1]
    fields = MultiDict([("passphrase", typed), ("do", "bring"), ("request_id", "r" * 22)])
    fields.add("bundle", (io.BytesIO(bundle), "one.tbk"))
    for key in keys:
        fields.add("keys", key)
    return client.post(action, data=fields, content_type="multipart/form-data")


def test_an_empty_server_is_restored_from_the_set_up(old, new, inside, now):
    bundle = old.backup(now).read_bytes()
    assert "/set-up/restore" in inside.get("/set-up/community").get_data(as_text=True)
    answer = bring(inside, "/set-up/restore", bundle, keys=keys_of(old))
    assert answer.location == "/set-up/restore"
    page = inside.get("/set-up/restore").get_data(as_text=True)
    assert "本社区" in page and "核对过了" in page
    assert new.counts() != old.counts()
    answer = inside.post("/set-up/restore", data={"request_id": "s" * 22})
    assert answer.location == "/sign-in/name" and new.counts() == old.counts()
    page = inside.get("/sign-in/name").get_data(as_text=True)
    assert "备份恢复好了" in page
    assert inside.get("/set-up/restore").status_code == 409  # A community is there now.


def test_nobody_without_the_code_brings_anything(old, new, now):
    client = app_over(new).test_client()
    for method in (client.get, client.post):
        for address in ("/set-up/restore", "/set-up/restore/abc"):
            assert method(address).location == "/set-up"


@pytest.mark.parametrize(
    ("change", "typed", "word"),
    [
        (lambda content: b"PK\3\4" + content, PASS, "不是这个程序做的"),
        (lambda content: content[:2000], PASS, "不完整"),
        (lambda content: content, "wrong", "口令不对"),
        (lambda content: content.replace(b"bundle-1", b"bundle-9"), PASS, "更新的程序"),
    ],
)
def test_an_unfit_file_gets_its_sentence_and_changes_nothing(
    old, new, inside, now, change, typed, word
):
    content, before = change(old.backup(now).read_bytes()), sorted(new.folder.iterdir())
    answer = bring(inside, "/set-up/restore", content, keys=keys_of(old), typed=typed)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422 and word in page and "什么都没有改动" in page
    assert sorted(new.folder.iterdir()) == before


def test_what_is_missing_is_asked_for(old, new, inside, now):
    content = old.backup(now).read_bytes()
    data, _seal = keys_of(old)

    def said(**options):
        return bring(inside, "/set-up/restore", content, **options).get_data(as_text=True)

    assert "缺少打开这份备份要用的密钥" in said()
    assert "缺少签过这本账的密钥" in said(keys=[data])
    assert "没有密钥" in said(keys=[(io.BytesIO(b"\xff not a key"), "key")])
    assert "没有密钥" in said(keys=[(io.BytesIO(b"A" * 5000), "key")])
    page = inside.post(
        "/set-up/restore/abc", data={"passphrase": PASS, "request_id": "r" * 22}
    ).get_data(as_text=True)
    assert "请选择备份文件" in page


@pytest.fixture
def office(old, now):
    """A running community: the application, and browsers of two people of staff."""
    app = app_over(old)
    wanted = []

    def come_in():
        begin(open_visit(old.database, by=wanted[-1]))
        return "in"

    app.add_url_rule("/test/in", "test_in", open_to_all(come_in))
    people = {
        "one": old.stand.coordinator,
        "two": old.database.write(lambda session, at: make.approver(session, old.stand.shop.town)),
        "keeper": old.database.write(lambda session, at: make.keeper(session, old.stand.shop.town)),
    }

    def enter(name):
        client = app.test_client()
        wanted.append(people[name])
        client.get("/test/in")
        return client

    return enter


@pytest.fixture
def asked(office, old, now, capsys):
    """One person has brought a backup from before the last postings; the server prints a code."""
    bundle = old.backup(now).read_bytes()
    old.post(4)
    one = office("one")
    answer = bring(one, "/work/restore", bundle)
    assert answer.location == "/work/restore", answer.get_data(as_text=True)[-2000:]
    return one, CODE.search(capsys.readouterr().out)[0]


def confirm(client, code):
    return client.post("/work/restore", data={"code": code, "do": "switch", "request_id": "c" * 22})


def test_a_second_person_with_the_code_switches(asked, office, old):
    one, code = asked
    later, two = old.counts(), office("two")
    assert "等另一位同事确认" in two.get("/work/restore").get_data(as_text=True)
    answer = confirm(two, code)
    assert answer.location == "/sign-in/name" and old.counts() != later
    assert [faults for _, _, faults in old.counts()] == [[], [], []]
    # Every visit is ended.
    assert one.get("/work/restore").location.startswith("/sign-in")
    assert two.get("/work/restore").location.startswith("/sign-in")
    assert list((old.folder / "backups").glob("timebank-*.sqlite"))  # What was there is kept.


def test_whoever_asked_cannot_confirm(asked, old):
    one, code = asked
    before = old.counts()
    answer = confirm(one, code)
    assert answer.status_code == 409 and old.counts() == before


def test_without_the_code_nothing_is_switched_and_guesses_end_it(asked, office, old):
    _, code = asked
    before, two = old.counts(), office("two")
    for _ in range(restoring.CODE_TRIES_MAX):
        answer = confirm(two, "00000-00000")
        assert answer.status_code == 422 and "码不对" in answer.get_data(as_text=True)
    assert "请重新选文件" in confirm(two, code).get_data(as_text=True)
    assert old.counts() == before


def test_the_code_lasts_an_hour(asked, office, old, clock):
    _, code = asked
    before, two = old.counts(), office("two")
    clock.move(minutes=61)
    two = office("two")
    assert "请重新选文件" in confirm(two, code).get_data(as_text=True)
    assert old.counts() == before


def test_a_restore_can_be_given_up(asked, office, old):
    one, code = asked
    assert one.post("/work/restore", data={"do": "drop", "request_id": "d" * 22}).status_code == 303
    assert "请重新选文件" in confirm(office("two"), code).get_data(as_text=True)
    assert not (old.folder / "restore").exists()


def test_a_restart_forgets_what_waited(asked, old):
    assert (old.folder / "restore").exists()
    (old.folder / "brought-1.part").touch()  # Of a process that was killed while it took it in.
    app_over(old)
    assert not (old.folder / "restore").exists()
    assert not (old.folder / "brought-1.part").exists()


def test_an_approver_confirms_and_brings_nothing(office, old, now):
    two = office("two")
    assert 'type="file"' not in two.get("/work/restore").get_data(as_text=True)
    assert two.post("/work/restore/abc", data={}).status_code == 403
    assert office("keeper").get("/work/restore").status_code == 403


def test_only_a_form_that_was_drawn_may_send_much(old, office):
    from web.uploads import Uploads

    uploads = Uploads()
    token = uploads.expect()
    assert uploads.is_expected(f"/work/restore/{token}")
    assert not uploads.is_expected("/work/restore/") and not uploads.is_expected("/me/take")
    for _ in range(60):
        uploads.expect()
    assert not uploads.is_expected(f"/work/restore/{token}")  # The oldest make room.


def test_much_is_read_only_where_its_form_was_drawn(inside):
    """Also where the server in front lets large bodies in."""
    fields = {"passphrase": PASS, "request_id": "r" * 22}
    much = {**fields, "bundle": (io.BytesIO(bytes(3 * 1024 * 1024)), "one.tbk")}
    answer = inside.post("/set-up/restore/abc", data=much, content_type="multipart/form-data")
    assert answer.status_code == 413
    answer = bring(inside, "/set-up/restore", bytes(3 * 1024 * 1024))
    assert answer.status_code == 422 and "不是这个程序做的" in answer.get_data(as_text=True)


@pytest.fixture
def slow(monkeypatch):
    """A check that goes on until it may end, with answers that do not wait for it."""
    may_end, stage = threading.Event(), restoring.stage

    def staged(place, offered, *, now, report):
        report(COUNTING)
        assert may_end.wait(30)
        return stage(place, offered, now=now, report=lambda step: None)

    monkeypatch.setattr(restoring, "stage", staged)
    monkeypatch.setattr(restoring, "PATIENCE_SECONDS", 0)
    yield may_end
    may_end.set()


def told(client, address, word):
    """Ask again, as the page does by itself, until it says something."""
    wait_until(lambda: word in client.get(address).get_data(as_text=True))
    return client.get(address)


def test_a_long_check_goes_on_without_its_request_and_shows_its_steps(old, new, inside, now, slow):
    answer = bring(inside, "/set-up/restore", old.backup(now).read_bytes(), keys=keys_of(old))
    assert answer.location == "/set-up/restore"
    page = told(inside, "/set-up/restore", "第 3 步，共 3 步：正在核对账")
    assert page.headers["Refresh"] == "2" and 'type="file"' not in page.get_data(as_text=True)
    fields = {"passphrase": PASS, "request_id": "b" * 22, "bundle": (io.BytesIO(b"x"), "b.tbk")}
    second = inside.post("/set-up/restore/abc", data=fields, content_type="multipart/form-data")
    assert "另一个人正在恢复" in second.get_data(as_text=True)
    slow.set()
    page = told(inside, "/set-up/restore", "核对过了")
    assert "Refresh" not in page.headers and not list(new.folder.glob("brought-*"))
    inside.post("/set-up/restore", data={"request_id": "s" * 22})
    assert new.counts() == old.counts()


def test_what_a_long_check_finds_is_said_on_the_page(old, new, inside, now, slow):
    before = sorted(new.folder.iterdir())
    bring(inside, "/set-up/restore", old.backup(now).read_bytes()[:2000], keys=keys_of(old))
    slow.set()
    page = told(inside, "/set-up/restore", "不完整").get_data(as_text=True)
    assert "什么都没有改动" in page and 'type="file"' in page
    assert sorted(new.folder.iterdir()) == before


def test_a_long_check_over_a_community_ends_with_the_code(office, old, now, slow, capsys):
    one, bundle = office("one"), old.backup(now).read_bytes()
    assert bring(one, "/work/restore", bundle).location == "/work/restore"
    told(one, "/work/restore", "正在核对备份")
    drop = one.post("/work/restore", data={"do": "drop", "request_id": "d" * 22})
    assert drop.status_code != 303  # The check is at it.
    slow.set()
    told(one, "/work/restore", "等另一位同事确认")
    code = CODE.search(capsys.readouterr().out)[0]
    assert confirm(office("two"), code).location == "/sign-in/name"
