"""A web application over its own database, and readers of both languages."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.conftest import Clock
from tests.databases import COMMUNITY_ID, SqliteCopies
from tests.factories.empty import browser, empty_database
from tests.factories.hall import hall  # noqa: F401
from tests.factories.office import office, office_file  # noqa: F401
from tests.factories.village import village, village_file  # noqa: F401
from timebank.db import Database
from timebank.founding import set_up
from timebank.people.actions import open_visit
from timebank.values import By
from web.app import create_app
from web.auth import begin, open_to_all


@pytest.fixture
def database(sqlite_copies: SqliteCopies, info: dict[str, Any], clock: Clock) -> Iterator[Database]:
    url = sqlite_copies.fresh()
    opened = Database(url, clock=clock, info=info)
    yield opened
    opened.close()
    sqlite_copies.drop(url)


@pytest.fixture
def app(database: Database) -> Flask:
    return create_app({"DATABASE": database, "COMMUNITY_ID": COMMUNITY_ID})


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def sign_in(app: Flask) -> Callable[[FlaskClient, By], None]:
    """Begin a session as somebody, by the mechanism of the sign-in page."""
    wanted: list[By] = []

    def come_in() -> str:
        begin(open_visit(app.config["DATABASE"], by=wanted[-1]))
        return "in"

    app.add_url_rule("/test/in", "test_in", open_to_all(come_in))

    def enter(client: FlaskClient, by: By) -> None:
        wanted.append(by)
        client.get("/test/in")

    return enter


@pytest.fixture
def empty(tmp_path):
    with empty_database(tmp_path) as database:
        yield database


@pytest.fixture
def inside(empty):
    """A browser that has typed the code."""
    client = browser(empty)
    client.post("/set-up", data={"code": set_up.make_code(empty)})
    return client
