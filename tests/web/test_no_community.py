"""A server without a community says so, and never that it is busy."""

import pytest
from sqlalchemy import insert

from timebank.db import Database
from timebank.deeds.tables import community
from timebank.people.actions import found_community
from timebank.schema import migrate
from timebank.vault.cipher import Vault
from web.app import create_app


@pytest.fixture
def empty(tmp_path):
    """A database as ``timebank migrate`` leaves it."""
    url = f"sqlite:///{tmp_path / 'fresh.sqlite'}"
    migrate(url)
    database = Database(url, info={"vault": Vault(bytes(32))})
    yield database
    database.close()


def client_of(database, **config):
    return create_app({"DATABASE": database, "TESTING": True, **config}).test_client()


def found(database, *codes):
    with database.engine.execution_options(writes=True).begin() as connection:
        rows = [
            {"id": number, "code": code, "name_zh": "社区", "name_en": "Community"}
            for number, code in enumerate(codes, start=1)
        ]
        connection.execute(insert(community), rows)


@pytest.mark.parametrize("config", [{}, {"COMMUNITY_CODE": "ours"}])
def test_a_fresh_database_says_so_to_programs(empty, config):
    answer = client_of(empty, **config).get("/api/v1/shelf")
    assert (answer.status_code, answer.get_json()["code"]) == (503, "NO_COMMUNITY")
    told = answer.get_json()["message"]
    assert "还没有建立社区" in told and "/set-up" in told and "timebank found" in told
    assert "有点忙" not in told and "Retry-After" not in answer.headers


def test_several_communities_ask_for_a_setting(empty):
    found(empty, "one", "two")
    assert "TIMEBANK_COMMUNITY" in client_of(empty).get("/").text
    unknown = client_of(empty, COMMUNITY_CODE="three").get("/")
    assert "没有找到这个社区" in unknown.text
    assert client_of(empty, COMMUNITY_CODE="two").get("/").status_code == 200


def test_once_founded_it_is_served_without_a_restart(empty):
    client = client_of(empty)
    assert client.get("/").location == "/set-up"
    empty.write(
        lambda session, now: found_community(
            session, now=now, code="new", name_zh="新社区", name_en="New"
        )
    )
    assert client.get("/").status_code == 200
