"""The sample community behind a web server, a fresh copy for each test, and its visitors.

One engine only: the tests of the actions and queries behind the pages run on both.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event
from sqlalchemy.engine import make_url

from tests.conftest import Clock
from tests.databases import COMMUNITY_ID, NEIGHBOUR_ID, SqliteCopies
from tests.factories.office import Page, Visit
from tests.factories.sample import NOW, PASSWORD, Sample, make_sample, own_copy
from tests.factories.served import app_over
from timebank.db import Database


@dataclass
class Village:
    """A served copy of the sample, with a neighbour community in the same database."""

    database: Database
    clock: Clock
    app: Flask
    sample: Sample
    neighbour: Sample

    def visit(self, name: str = "") -> Visit:
        """Visit the site, signed in as somebody of the sample or anonymously."""
        visit = Visit(self.app)
        if name:
            page = visit.get("/sign-in/name")
            form = next(one for one in page.forms if one.action.startswith("/sign-in/name"))
            told = [field for field in form.fields if field[0] not in ("login_name", "password")]
            told += [("login_name", name), ("password", PASSWORD)]
            assert visit.send(form, told).status == 303
        return visit

    def see(self, name: str, path: str) -> Page:
        """What somebody gets at an address."""
        return self.visit(name).get(path.format(**self.sample.cases))

    def ask(self, query: Any, *rest: Any, **named: Any) -> Any:
        """Run one query."""
        with self.database.reading() as session:
            return query(session, COMMUNITY_ID, *rest, **named)

    @contextmanager
    def statements(self) -> Iterator[list[str]]:
        """Collect the statements sent to the database, without BEGIN."""
        sent: list[str] = []

        def listen(conn: Any, cursor: Any, statement: str, *rest: Any) -> None:
            if not statement.startswith("BEGIN"):
                sent.append(statement)

        event.listen(self.database.engine, "before_cursor_execute", listen)
        yield sent
        event.remove(self.database.engine, "before_cursor_execute", listen)


@pytest.fixture(scope="session")
def village_file(
    sqlite_copies: SqliteCopies, info: dict[str, Any]
) -> Iterator[tuple[Path, Sample, Sample]]:
    """The two communities in a file that every village copies."""
    url = sqlite_copies.fresh()
    database = Database(url, clock=lambda: NOW, info=info)
    ours = database.write(lambda session, now: make_sample(session))
    theirs = database.write(lambda session, now: make_sample(session, NEIGHBOUR_ID))
    database.close()
    yield Path(make_url(url).database or ""), ours, theirs
    sqlite_copies.drop(url)


@pytest.fixture
def village(
    village_file: tuple[Path, Sample, Sample], info: dict[str, Any], tmp_path: Path
) -> Iterator[Village]:
    kept, ours, theirs = village_file
    copy = tmp_path / "village.sqlite"
    shutil.copyfile(kept, copy)
    clock = Clock(NOW)
    database = Database(f"sqlite:///{copy}", clock=clock, info=info)
    yield Village(database, clock, app_over(database), own_copy(ours), own_copy(theirs))
    database.close()
