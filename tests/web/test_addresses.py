"""Addresses are built once, and are the same as those of Flask."""

from collections.abc import Iterator

import pytest
from flask import Flask, url_for

CASES = (
    ("me.passbook", {}),
    ("me.passbook", {"direction": "in", "on": None}),
    ("me.passbook", {"direction": "存 入&x"}),
    ("me.take_claim", {"claim_id": 7}),
    ("work.worklist", {"page": True}),  # Equal to 1, but another address.
    ("work.worklist", {"page": 1}),
    ("me.passbook", {"_external": True}),
    ("me.passbook", {"_anchor": "moves"}),
    ("me.passbook", {"_scheme": "https"}),  # With the name of the host.
)


@pytest.fixture(params=["", "/atm"])
def at_root(app: Flask, request) -> Iterator[None]:
    environ = {"SCRIPT_NAME": request.param}
    with app.test_request_context("/help", environ_overrides=environ):
        yield


@pytest.mark.parametrize(("endpoint", "values"), CASES)
def test_a_remembered_address_is_that_of_flask(app, at_root, endpoint, values):
    for root in ("/other", ""):
        elsewhere = {"SCRIPT_NAME": root, "HTTP_HOST": "elsewhere"}
        with app.test_request_context("/", environ_overrides=elsewhere):
            for known, told in CASES:
                url_for(known, **told)
    expected = Flask.url_for(app, endpoint, **values)
    assert [url_for(endpoint, **values) for _ in range(2)] == [expected] * 2


def test_a_relative_address_is_that_of_the_page(app):
    for here in ("/services", "/me/services"):
        with app.test_request_context(here):
            assert url_for(".services") == here


def test_an_address_is_built_once(app, monkeypatch):
    built = []
    monkeypatch.setattr(app, "inject_url_defaults", lambda endpoint, values: built.append(endpoint))
    with app.test_request_context("/"):
        assert [url_for("me.take_claim", claim_id=11) for _ in range(3)] == ["/me/claims/11"] * 3
    assert built == ["me.take_claim"]
