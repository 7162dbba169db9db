"""Nonsense in every form and every address: never a server error, nothing of it runs."""

from itertools import cycle
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.conftest import only_on
from tests.databases import COMMUNITY_ID
from tests.factories.hall import NOBODY, address, is_sound, pages
from tests.factories.office import Page
from timebank.ledger.queries import sums_by_commodity

pytestmark = [pytest.mark.slow, only_on("sqlite")]  # See also test_odd_on_postgresql.
# The users whose forms get nonsense, and the addresses below which they are.
FILLS_IN = {
    NOBODY: ("/sign-in", "/receipt", "/shelf"), "claimant": ("/me/",), "keeper": ("/store",),
    "grid": ("/work",), "coordinator": ("/work",), "approver": ("/work",),
}  # fmt: skip
ODD = (
    "", "-1", "0", "9" * 19, "9" * 30, "9" * 400, "9" * 5_000, "1e9", "1.5", "NaN", "x" * 10_240,
    "😀" * 50, "<script>alert(1)</script>", "' OR 1=1 --", '"><img src=x onerror=alert(1)>',
    "{{7*7}}", "%(x)s%n", "2025-02-30", "0001-01-01", "9999-12-31", "9999-12-31T23:59", "25:99",
    "²", "１２", "٣", "\ufffe\uffff", "\u202eabc", "a\r\nSet-Cookie: a=b", "../../etc/passwd",
    "//[", "None", "http://evil.example/", "GZT1:00000000000", "GZR1:x", "H-99999", "\x01",
    "\ue000",
)  # fmt: skip


@pytest.mark.parametrize("name", FILLS_IN)
def test_nothing_that_is_typed_into_any_form_is_a_fault(hall, name):
    """Each field of each form of each page gets odd texts in turn."""
    client, odd = hall.enter(name), cycle(ODD)
    ids = hall.ids_of(hall.ours)
    for rule in pages(hall):
        if "GET" not in (rule.methods or ()) or not str(rule).startswith(FILLS_IN[name]):
            continue
        path = address(rule, ids)
        answer = client.get(path)
        for form in Page(answer, path).forms if answer.status_code == 200 else ():
            if "/sign-out" not in form.action:
                _send_odd_fields(client, form, odd, name)
    with hall.database.reading() as session:
        assert set(sums_by_commodity(session, COMMUNITY_ID).values()) == {(0, 0)}


@pytest.mark.parametrize("name", [NOBODY, "claimant", "keeper", "coordinator"])
def test_nothing_in_the_query_of_an_address_is_a_fault(hall, name):
    client, odd, ids = hall.enter(name), cycle(ODD), hall.ids_of(hall.ours)
    for rule in pages(hall):
        if "GET" not in (rule.methods or ()) or str(rule).startswith(("/api", "/static")):
            continue
        path = address(rule, ids)
        for keys in (
            ("q", "sort", "kind", "store", "direction"), ("case", "person", "only", "next"),
            ("deposit", "before", "until", "no", "service", "back"),
        ):  # fmt: skip
            told = {key: next(odd) for key in keys}
            is_sound(client.get(path, query_string=told), name, path, told)


def _send_odd_fields(client: FlaskClient, form: Any, odd: Any, name: str) -> None:
    fields = dict(form.fields)
    for button in form.buttons or [("do", "none")]:
        for changed in [one for one in fields if one != "csrf_token"] or ["none"]:
            for text in (next(odd), None):
                told = fields | {button[0]: button[1], changed: text}
                told["request_id"] = told.get("request_id") or "r"
                if changed != "request_id":
                    told["request_id"] = f"{name}-{abs(hash((changed, text, button[1])))}"
                data = {key: value for key, value in told.items() if value is not None}
                answer = client.post(form.action, data=data)
                is_sound(answer, name, form.action, button, changed, (text or "")[:40])
