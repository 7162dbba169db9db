"""No page of the sample community sends more than 150 kB, with ten times the data either."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, text

from bench.larger import larger
from tests.databases import SqliteCopies
from tests.factories.hall import address, token
from timebank.db import Database
from timebank.demo.load import load
from timebank.people.sample.sign_ins import PASSWORD
from timebank.values import local_instant
from web.app import create_app

pytestmark = pytest.mark.slow

BYTES_MOST = 150_000
TODAY, DAYS = date(2026, 11, 22), 60
READERS = (
    "",
    "volunteer",
    "claimant",
    "donor",
    "coordinator",
    "keeper1",
    "approver1",
    "accountant",
)
_IDS = {
    "claim_id": "claim", "deposit_id": "deposit", "person_id": "person",
    "household_id": "household", "proof_id": "proof", "record_id": "service_record",
    "account_id": "account", "txn_id": "txn",
}  # fmt: skip


@pytest.fixture(scope="module")
def site(
    sqlite_copies: SqliteCopies, info: dict[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Flask]:
    url = sqlite_copies.fresh()
    database = Database(url, clock=lambda: local_instant(TODAY, 9), info=info)
    made = load(database, today=TODAY, days=DAYS, progress=lambda steps: None)
    grown = larger(database, tmp_path_factory.mktemp("larger"), logins=("volunteer", "claimant"))
    grown.clock = database.clock
    yield create_app({"DATABASE": grown, "COMMUNITY_ID": made.founder.community_id})
    for one in (grown, database):
        one.close()
    sqlite_copies.drop(url)


def _ids(engine: Engine) -> dict[str, int]:
    with engine.connect() as connection:
        return {
            name: connection.scalar(text(f"SELECT max(id) FROM {table}"))
            for name, table in _IDS.items()
        }


@pytest.mark.parametrize("reader", READERS)
def test_no_page_is_too_large(site: Flask, reader: str) -> None:
    client = site.test_client()
    if reader:
        told = {"login_name": reader, "password": PASSWORD, "csrf_token": token(client)}
        assert client.post("/sign-in/name", data=told).status_code == 303
    ids = _ids(site.config["DATABASE"].engine)
    rules = [rule for rule in site.url_map.iter_rules() if "GET" in (rule.methods or ())]
    sizes = {}
    for rule in rules:
        if rule.endpoint == "account.sign_out":
            continue
        answer = client.get(address(rule, ids))
        if answer.status_code == 200 and "Content-Disposition" not in answer.headers:
            sizes[str(rule)] = len(answer.data)
    assert len(sizes) > 10
    assert {path: size for path, size in sizes.items() if size > BYTES_MOST} == {}
