"""A hall for attackers: a community behind a web server, and a neighbour community beside it.

Both are in one database; the first is served. The tests of a file share one hall per engine, so a
test leaves the cases of the sample unchanged.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from tests.databases import COMMUNITY_ID, NEIGHBOUR_ID, Copies
from tests.factories import people as make
from tests.factories.sample import NOW, Sample, make_sample
from timebank.aid.tables import claim
from timebank.db import Database
from timebank.goods.tables import deposit
from timebank.hours.tables import service_record
from timebank.ledger.tables import txn
from timebank.people.tables import app_user, card, person, proof
from timebank.values import Role
from web.app import create_app

NOBODY = "nobody"
RESIDENTS = ("claimant", "stranger")
STAFF = ("keeper", "grid", "social", "approver", "coordinator", "auditor")
_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


@dataclass
class Hall:
    """A community behind a web server, and its neighbour in the same database."""

    database: Database
    app: Flask
    ours: Sample
    theirs: Sample

    def enter(self, name: str) -> FlaskClient:
        client = self.app.test_client()
        if name != NOBODY:
            told = {"login_name": name, "password": make.PASSWORD, "csrf_token": token(client)}
            assert client.post("/sign-in/name", data=told).status_code == 303
        return client

    def ids_of(self, sample: Sample) -> dict[str, int]:
        """The ids in addresses, of one household of a community."""
        by = sample.people["claimant"]
        with self.database.reading() as session:
            paper = session.scalar(
                select(proof.c.id).where(proof.c.household_id == by.household_id)
            )
        assert by.person_id and by.household_id and paper
        return {
            "claim_id": sample.cases["ready"], "deposit_id": sample.cases["received"],
            "person_id": by.person_id, "household_id": by.household_id, "proof_id": paper,
        }  # fmt: skip

    def counts(self) -> list[Any]:
        """The number of deeds so far, in both communities."""
        tables = (claim, deposit, service_record, txn, proof, card, app_user, person)
        with self.database.reading() as session:
            return [session.scalar(select(func.count()).select_from(one)) for one in tables]


@pytest.fixture(scope="module")
def hall(copies: Copies, info: dict[str, Any]) -> Iterator[Hall]:
    url = copies.fresh()
    database = Database(url, clock=lambda: NOW, info=info)
    ours = database.write(lambda session, _: make_sample(session, COMMUNITY_ID))
    theirs = database.write(lambda session, _: make_sample(session, NEIGHBOUR_ID))
    database.write(lambda session, _: _more_staff(session, ours))
    yield Hall(database, create_app({"DATABASE": database, "COMMUNITY_ID": 1}), ours, theirs)
    database.close()
    copies.drop(url)


def _more_staff(session: Any, sample: Sample) -> None:
    town = sample.town
    roles = {"grid": [Role("grid_worker", town.grid_ids[0])]}
    roles["auditor"] = [Role("auditor"), Role("accountant")]
    for name, held in roles.items():
        person_id = make.make_person(session, town)
        make.make_user(session, town, person_id, *held, login_name=name)


def token(client: FlaskClient) -> str:
    """The CSRF token of a form in this visit."""
    found = _TOKEN.search(client.get("/sign-in/name").text)
    return found[1] if found else ""


def address(rule: Rule, ids: dict[str, int]) -> str:
    return re.sub(r"<(?:\w+:)?(\w+)>", lambda found: str(ids.get(found[1], "1")), str(rule))


def pages(hall: Hall) -> list[Rule]:
    """Every address except those that end a visit or are only for kiosks."""
    rules = sorted(hall.app.url_map.iter_rules(), key=str)
    return [one for one in rules if one.endpoint != "account.sign_out"]


class Inline(HTMLParser):
    """Collects inline scripts and styles of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        is_inline = tag == "style" or (tag == "script" and "src" not in told)
        has_code = any(name.startswith("on") or name == "style" for name in told)
        leads_to_code = "javascript:" in f"{told.get('href')}{told.get('action')}"
        leads_away = told.get("src", "/").startswith(("http", "x"))
        if is_inline or has_code or leads_to_code or leads_away:
            self.found.append(f"{tag} {told}")


def is_sound(answer: TestResponse, *asked: object) -> None:
    """A page is never a server error, has the security policy, and runs nothing that was typed."""
    assert answer.status_code < 500, (asked, answer.status_code)
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"], asked
    assert "a=b" not in str(answer.headers.getlist("Set-Cookie")), asked
    if answer.mimetype == "text/html":
        seen = Inline()
        seen.feed(answer.text)
        assert not seen.found, (asked, seen.found)
