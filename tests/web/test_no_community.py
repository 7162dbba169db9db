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


@pytest.mark.parametrize("path", ["/", "/sign-in", "/shelf"])
@pytest.mark.parametrize("config", [{}, {"COMMUNITY_CODE": "ours"}])
def test_a_fresh_database_says_that_there_is_no_community(empty, path, config):
    answer = client_of(empty, **config).get(path)
    assert answer.status_code == 503
    assert "这里还没有社区" in answer.text and "Founding" in answer.text
    assert "有点忙" not in answer.text and "再按一次" not in answer.text
    assert "Retry-After" not in answer.headers


def test_it_says_so_in_english_and_to_programs(empty):
    client = client_of(empty)
    client.get("/language/en?back=/")
    assert "There is no community here yet" in client.get("/").text
    told = client.get("/api/v1/shelf")
    assert (told.status_code, told.get_json()["code"]) == (503, "NO_COMMUNITY")


def test_several_communities_ask_for_a_setting(empty):
    found(empty, "one", "two")
    assert "TIMEBANK_COMMUNITY" in client_of(empty).get("/").text
    unknown = client_of(empty, COMMUNITY_CODE="three").get("/")
    assert "没有找到这个社区" in unknown.text
    assert client_of(empty, COMMUNITY_CODE="two").get("/").status_code == 200


def test_once_founded_it_is_served_without_a_restart(empty):
    client = client_of(empty)
    assert client.get("/").status_code == 503
    empty.write(
        lambda session, now: found_community(
            session, now=now, code="new", name_zh="新社区", name_en="New"
        )
    )
    assert client.get("/").status_code == 200
