"""Faults get the status of what they are: 400 for bad input, 503 for what is out of reach."""

import io
import resource
from contextlib import contextmanager

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.conftest import only_on
from tests.databases import lay_schema, own_postgres_server
from tests.factories import people as make
from tests.factories.hall import NOBODY, address, pages
from tests.factories.kiosks import make_stand, web_for
from tests.factories.office import Page
from timebank.db import Database, is_away, is_too_large
from timebank.people.actions import open_visit
from timebank.vault.cipher import KeyNotHere
from web.app import create_app
from web.auth import begin, open_to_all

HOSTS_BAD = (
    "a..b", "a b", "[::1", "x" * 300, "a:b:c", "ä.example", ".", "a/b", "a@b", "a" * 64 + ".b",
    "-a", "a:999999", "a,b", "<x>", "[zz]",
)  # fmt: skip
HOSTS_GOOD = ("localhost", "127.0.0.1:8000", "[::1]:80", "xn--fiqs8s.example", "a_b.example.", "A")


@pytest.mark.parametrize("host", HOSTS_BAD)
def test_a_malformed_host_is_a_bad_request_on_every_kind_of_page(client, host):
    for path in ("/", "/shelf", "/healthz", "/api/v1/shelf", "/none", "/static/none"):
        answer = client.get(path, headers={"Host": host})
        assert (answer.status_code, answer.data) == (400, b"Bad Host header\n"), (host, path)


@pytest.mark.parametrize("host", HOSTS_GOOD)
def test_a_valid_host_is_served(client, host):
    assert client.get("/shelf", headers={"Host": host}).status_code == 200


@only_on("sqlite")  # No file reaches a database.
@pytest.mark.parametrize("name", [NOBODY, "claimant", "keeper", "coordinator"])
def test_a_file_for_a_text_is_a_bad_request_in_every_field(hall, name):
    client, ids = hall.enter(name), hall.ids_of(hall.ours)
    sent = 0
    for rule in pages(hall):
        path = address(rule, ids)
        answer = client.get(path) if "GET" in (rule.methods or ()) else None
        if answer is None or answer.status_code != 200 or answer.mimetype != "text/html":
            continue
        for form in Page(answer, path).forms:
            for field in set(dict(form.fields)) - {"csrf_token"}:
                fields = dict(form.fields) | {field: (io.BytesIO(b"x"), "x.txt")}
                told = client.post(form.action, data=fields, content_type="multipart/form-data")
                # The one field that takes a file says that this one is no picture.
                expected = (422,) if field == "picture" else (400, 405)
                assert told.status_code in expected, (form.action, field, told.status_code)
                sent += 1
    assert sent


def raising(app, fault):
    def view():
        raise fault

    app.add_url_rule("/test/fault", "test_fault", open_to_all(view), methods=["GET", "POST"])
    return app.test_client()


def test_a_number_that_no_column_holds_is_a_bad_request(app, database):
    with pytest.raises(Exception) as caught, database.reading() as session:
        session.execute(text("SELECT :most"), {"most": 10**400})
    assert is_too_large(caught.value) and not is_away(caught.value)
    assert raising(app, caught.value).get("/test/fault").status_code == 400


def test_a_missing_table_is_a_bug_and_no_cause_to_wait(app, database):
    with pytest.raises(DBAPIError) as caught, database.reading() as session:
        session.execute(text("SELECT * FROM none"))
    assert not is_away(caught.value)
    assert raising(app, caught.value).get("/test/fault").status_code == 500


def test_a_key_that_is_not_here_is_out_of_reach(app):
    answer = raising(app, KeyNotHere("key 0 is not here")).get("/test/fault")
    assert (answer.status_code, "key 0" in answer.text) == (503, False)


@contextmanager
def full_disk():
    """Let no file grow beyond a few bytes, as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (16, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_full_disk_is_told_and_everything_goes_on_afterwards(database, client, sign_in):
    town = database.write(lambda session, now: make.make_town(session))
    boss = database.write(lambda session, now: make.coordinator(session, town))
    sign_in(client, boss)
    client.application.config["WTF_CSRF_ENABLED"] = False
    told = {"login_name": "nobody", "password": "x"}
    with full_disk():
        refused = client.post("/sign-in/name", data=told)
        page = client.get("/work")
    assert (refused.status_code, "AWAY" in refused.text) == (503, True)
    assert refused.headers["Retry-After"] == "60"
    assert "账上没有任何变动" in refused.text and "layout" not in refused.text
    assert page.status_code == 200  # Reading goes on.
    assert client.post("/sign-in/name", data=told).status_code in (200, 422, 401, 403)


def test_an_api_says_the_same_to_a_program(database):
    client = web_for(database).test_client()
    asked = {"code": "AAAABBBB", "public_key": "A" * 43}
    assert client.post("/api/v1/kiosk/pair", json=asked).status_code == 403
    device = database.write(lambda session, now: make_stand(session, now=now)).device
    with full_disk():
        told = {"X-Kiosk-Device": str(device.device_id)}
        answer = client.post("/api/v1/kiosk/nonce", json={}, headers=told)
    assert (answer.status_code, answer.get_json()["code"]) == (503, "AWAY")


@only_on("postgresql")
def test_a_postgresql_that_is_away_is_told_on_every_page(engine_name, vault, clock):
    info = {"vault": vault, "password_profile": "small"}
    with own_postgres_server() as (url, _):
        lay_schema(url)
        database = Database(url, clock=clock, info=info)
        town = database.write(lambda session, now: make.make_town(session))
        boss = database.write(lambda session, now: make.coordinator(session, town))
        app = create_app({"DATABASE": database, "COMMUNITY_ID": 1, "WTF_CSRF_ENABLED": False})
        entering = open_to_all(lambda: enter(database, boss))
        app.add_url_rule("/test/in", "test_in", entering)
        client = app.test_client()
        client.get("/test/in")
        assert client.get("/work").status_code == 200
        assert client.get("/healthz").status_code == 200
    told = {"login_name": "x", "password": "x"}
    for path in ("/work", "/shelf", "/me/card", "/"):
        answer = client.get(path)
        assert (answer.status_code, "AWAY" in answer.text) == (503, True), path
    assert client.post("/sign-in/name", data=told).status_code == 503
    assert client.get("/api/v1/shelf").get_json()["code"] == "AWAY"
    database.close()


def enter(database, by):
    begin(open_visit(database, by=by))
    return "in"


def test_even_the_page_of_a_fault_may_fail_and_says_what_to_do(app, monkeypatch):
    client = raising(app, KeyNotHere("x"))
    monkeypatch.setattr("web.errors.render_template", lambda *told, **more: 1 / 0)
    answer = client.get("/test/fault")
    assert answer.status_code == 503 and "请过几分钟再试一次" in answer.text
