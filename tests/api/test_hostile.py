"""Hostile input: the answer is a problem, never a server error, and nothing is half done."""

import json

import pytest
from sqlalchemy import func, select

from tests.factories.api import a_key
from timebank.aid.tables import claim
from timebank.db import Busy
from timebank.deeds.tables import audit_line
from timebank.goods.tables import deposit
from web.app import create_app
from web.auth import open_to_all

JUNK = (
    None,
    True,
    0,
    -1,
    1.5,
    10**30,
    "",
    "x",
    "\x00",
    "1\x00",
    "٣",
    "💥" * 50,
    [],
    [[]],
    {},
    {"a": 1},
)


def count(hall):
    with hall.database.reading() as session:
        return [session.scalar(select(func.count()).select_from(t)) for t in (claim, deposit)]


def is_problem(answer, *statuses):
    assert answer.status_code in (statuses or (422,)), answer.text[:300]
    assert answer.content_type == "application/problem+json"
    assert set(answer.json) >= {"code", "facts", "message", "status", "title"}
    return answer.json


@pytest.mark.parametrize("path", ["/me/claims", "/me/deposits", "/sign-in"])
def test_what_is_no_json_is_told_so(hall, machine, path):
    for body in (
        b"", b"{", b"null", b"[]", b"[1, 2]", b'"text"', b"7", b"\xff\xfe", b"{'a': 1}", b"NaN",
        b"[" * 60_000, b'{"lines":' * 6_000, b'{"lines": ' + b"1" * 5_000 + b"}",
        b'{"store_id": "\\ud800"}', b'{"store_id": 1e999}', b"\x00" * 50,
    ):  # fmt: skip
        told = is_problem(machine.post_raw(path, body))
        assert (told["code"], told["facts"]["why"]) == ("BAD_INPUT", "shape"), body[:40]
    is_problem(machine.post_raw(path, b"{}", "text/plain"), 415)
    is_problem(machine.post_raw(path, b"a=1", "application/x-www-form-urlencoded"), 415)
    assert count(hall) == [0, 1]


@pytest.mark.parametrize("path", ["/me/claims", "/me/deposits"])
def test_junk_in_any_field_is_refused_by_name(hall, machine, path):
    good = hall.rice()
    for junk in JUNK:
        for field in ("store_id", "lines"):
            told = is_problem(machine.post(path, good | {field: junk}))
            assert told["facts"]["field"].partition(".")[0] == field, junk
        for field in ("item_id", "pieces"):
            line = good["lines"][0] | {field: junk}
            if path == "/me/deposits" and field == "item_id" and junk is None:
                continue  # What the catalogue lacks may be announced in words.
            told = is_problem(machine.post(path, good | {"lines": [line]}))
            assert told["facts"]["field"] == f"lines.0.{field}", junk
        is_problem(machine.post(path, good | {"lines": [junk]}))
    told = is_problem(machine.post(path, good | {"for_person_id": "7"}))
    assert told["facts"] == {"field": "for_person_id", "why": "extra"}
    told = is_problem(machine.post(path, {"lines": good["lines"]}))
    assert told["facts"] == {"field": "store_id", "why": "needed"}
    is_problem(machine.post(path, good | {"lines": good["lines"] * 31}))
    assert count(hall) == [0, 1]


def test_junk_in_an_announcement_is_refused_by_name(hall, machine):
    good = hall.rice()
    for field, junks in {
        "thanks": (None, 1, "money", "\x00"),
        "bring_on": (0, "soon", "2025-02-30", "2025-06-10T10:00:00", "0001-01-01", "9999-12-31"),
    }.items():
        for junk in junks:
            told = is_problem(machine.post("/me/deposits", good | {field: junk}))
            assert told["facts"]["field"] == field, junk
    for field, junks in {
        "condition": (None, 1, "", "mint"),
        "best_before_on": (1, "never"),
        "described": (None, 1, "a\x00b", "two\nlines", "\u202e", "x" * 81),
    }.items():
        for junk in junks:
            line = good["lines"][0] | {field: junk}
            told = is_problem(machine.post("/me/deposits", good | {"lines": [line]}))
            assert told["facts"]["field"] == f"lines.0.{field}", junk
    nothing = {"pieces": 1, "described": "   "}
    told = is_problem(machine.post("/me/deposits", good | {"lines": [nothing]}))
    assert told["facts"] == {"field": "lines.0.described", "why": "needed"}
    assert count(hall) == [0, 1]


def test_junk_at_the_sign_in_opens_nothing(hall):
    anybody = hall.passer_by()
    for junk in JUNK:
        for field in ("login_name", "password"):
            body = {"login_name": "user-1", "password": "x"} | {field: junk}
            answer = anybody.client().post("/api/v1/sign-in", json=body)
            is_problem(answer, 422, 403, 429)


def test_junk_in_an_address_or_a_query_finds_nothing(hall, machine):
    for junk in ("0", "-1", "x", "1" * 19, "9" * 19, "9" * 30, "%00", "1%00", "٣", "1.0", "é"):
        is_problem(machine.get(f"/me/claims/{junk}"), 404)
    for junk in ("", "0", "-1", "x", "9" * 30, "\x00", "٣", "1e3"):
        for path in ("/shelf", "/me/may-take"):
            told = is_problem(machine.get(path, store_id=junk))
            assert told["facts"]["field"] == "store_id"
        for field in ("limit", "before"):
            told = is_problem(machine.get("/me/passbook", **{field: junk})) if junk != "٣" else None
            assert told is None or told["facts"]["field"] == field, junk
    is_problem(machine.get("/me/passbook", direction="sideways"))
    is_problem(machine.get("/me/passbook", limit=101))
    is_problem(machine.get("/me/claims", limit=10**6))
    assert machine.get("/me/passbook", before=2**53 - 1).status_code == 200


def test_a_body_beyond_the_limit_is_not_read(hall, machine):
    filling = json.dumps({"store_id": "1" * 70_000}).encode()
    for path in ("/me/claims", "/me/deposits", "/sign-in"):
        is_problem(machine.post_raw(path, filling), 413)


def test_an_address_or_a_method_that_is_not_there_is_a_problem_too(hall, machine):
    assert is_problem(machine.get("/nowhere"), 404)["code"] == "HTTP_404"
    answer = machine.client().delete("/api/v1/me/claims", headers=machine.headers())
    assert is_problem(answer, 405)["code"] == "HTTP_405"
    assert "POST" in answer.headers["Allow"]


def test_a_busy_database_asks_to_come_back(hall):
    def busy():
        raise Busy("others came first")

    hall.app = create_app({"DATABASE": hall.database, "COMMUNITY_ID": 1, "TESTING": True})
    hall.app.add_url_rule("/api/v1/busy", "busy", open_to_all(busy))
    answer = hall.passer_by().get("/busy")
    assert is_problem(answer, 503)["code"] == "BUSY"
    assert int(answer.headers["Retry-After"]) > 0


def test_a_refused_shape_uses_up_no_name(hall, machine):
    key = a_key()
    is_problem(machine.post("/me/claims", hall.rice(0), key=key))
    assert machine.post("/me/claims", hall.rice(1), key=key).status_code == 201


def test_nothing_that_was_refused_for_its_shape_is_in_the_audit(hall, machine):
    def lines():
        with hall.database.reading() as session:
            return session.scalar(select(func.count()).select_from(audit_line))

    before = lines()
    is_problem(machine.post("/me/claims", hall.rice("2")))
    is_problem(machine.post("/me/deposits", hall.rice([])))
    assert lines() == before


REPEATED = (
    (b'{"lines": [], "lines": []}', "lines"),
    (b'{"a": {"b": [{"pieces": 1, "pieces": 2}]}}', "pieces"),
    (b'{"store_id": 1, "store\\u005fid": 1}', "store_id"),
)


@pytest.mark.parametrize("path", ["/me/claims", "/me/deposits", "/sign-in"])
@pytest.mark.parametrize(("body", "field"), REPEATED)
def test_a_key_that_stands_twice_is_refused_by_its_name(hall, machine, path, body, field):
    before = count(hall)
    told = is_problem(machine.post_raw(path, body))
    assert told["facts"] == {"field": field, "why": "repeated"}
    assert count(hall) == before
