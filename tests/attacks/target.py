"""What is attacked: a community behind a web server, and the neighbour community beside it.

Both are in one SQLite file, with a household of everybody and what belongs to it: the world of
``tests/web/matrix.md``. The actions behind the pages run on both engines in the tests of their
subjects. Not here: what is sent.
"""

import shutil
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import ColumnElement, String, cast, text, update
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from tests.conftest import Clock
from tests.databases import COMMUNITY_ID, NEIGHBOUR_ID, SqliteCopies
from tests.factories.goods import Shop, make_shop
from tests.factories.matrix import ACTORS, STAFF, World, make_world
from tests.factories.office import Office
from tests.factories.sample import NOW
from tests.factories.served import app_over
from timebank.db import Database, metadata
from timebank.people.actions import open_visit
from timebank.people.tables import person
from timebank.schema import newest_revision

NOBODY, *SIGNED_IN = ACTORS
# How everybody's name begins in the neighbour community, and in the homes of others here.
THEIR_NAMES, OTHERS_NAMES = "邻社", "邻户"


@dataclass
class Target:
    """The office, who lives around it, and what nobody may see or change."""

    office: Office
    world: World
    clock: Clock
    tokens: dict[str, str] = field(default_factory=dict)

    @property
    def database(self) -> Database:
        return self.office.database

    def enter(self, actor: str) -> FlaskClient:
        """A browser of somebody who has signed in, or has not."""
        if actor == NOBODY:
            return self.office.app.test_client()
        return self.office.enter(actor).client

    def token(self, actor: str) -> str:
        """The token of a program that acts for somebody; empty for nobody."""
        if actor == NOBODY:
            return ""
        if actor not in self.tokens:
            by = self.world.homes[actor, "own"].by
            self.tokens[actor] = open_visit(self.database, by=by, kind="api").token
        return self.tokens[actor]

    def ids(self, actor: str, *kinds: str) -> dict[str, list[str]]:
        """Ids of the actor's own home, or of others, by what they name."""
        found: dict[str, list[str]] = {}
        for kind in kinds:
            for name, number in self.world.homes[actor, kind].ids.items():
                found.setdefault(name, []).append(str(number))
        return found

    def foreign(self, actor: str) -> dict[str, list[str]]:
        """Ids that the actor may do nothing with; staff work for every household here."""
        kinds = ("community",) if actor in STAFF else ("community", "household", "grid")
        # A shop, an item or a service belongs to everybody here.
        own = {number for numbers in self.ids(actor, "own").values() for number in numbers}
        return {
            name: left
            for name, numbers in self.ids(actor, *kinds).items()
            if (left := [number for number in numbers if number not in own])
        }

    def neighbours_rows(self) -> dict[str, list[str]]:
        """Everything that the neighbour community has, by table."""
        tables = [one.name for one in metadata.sorted_tables if "community_id" in one.c]
        with self.database.reading() as session:
            return {name: _theirs(session, name) for name in tables}


def _theirs(session: Session, table: str) -> list[str]:
    asked = text(f"SELECT * FROM {table} WHERE community_id = :theirs")
    return sorted(map(repr, session.execute(asked, {"theirs": NEIGHBOUR_ID})))


@dataclass(frozen=True)
class Kept:
    """The file that each target is copied from, and what is in it."""

    file: Path
    shop: Shop
    world: World


def build(copies: SqliteCopies, info: dict[str, Any]) -> Iterator[Kept]:
    """Build the world once in a run."""
    url = copies.fresh()
    database = Database(url, clock=lambda: NOW, info=info)

    def work(session: Session, now: datetime) -> tuple[Shop, World]:
        _say_migrated(session)
        shop = make_shop(session)
        world = make_world(session, shop, now)
        homes = [world.homes["resident", kind].by.household_id for kind in ("household", "grid")]
        _rename(session, THEIR_NAMES, person.c.community_id == NEIGHBOUR_ID)
        _rename(session, OTHERS_NAMES, person.c.household_id.in_(homes))
        return shop, world

    shop, world = database.write(work)
    database.close()
    yield Kept(Path(make_url(url).database or ""), shop, world)
    copies.drop(url)


def _rename(session: Session, beginning: str, who: ColumnElement[bool]) -> None:
    """Let a name say whose it is, so that a page that shows it is found out."""
    name = beginning + cast(person.c.id % 1_000_000, String)
    session.execute(update(person).where(who).values(name=name))


def _say_migrated(session: Session) -> None:
    """Note the newest revision as a migration does, for `timebank check`."""
    named = "version_num TEXT NOT NULL, CONSTRAINT alembic_version_pkc PRIMARY KEY"
    session.execute(text(f"CREATE TABLE alembic_version ({named} (version_num))"))
    session.execute(text(f"INSERT INTO alembic_version VALUES ('{newest_revision()}')"))


def open_target(kept: Kept, folder: Path, info: dict[str, Any]) -> Target:
    """Copy the world for one test and serve it."""
    copy = folder / "target.sqlite"
    shutil.copyfile(kept.file, copy)
    clock = Clock(NOW)
    database = Database(f"sqlite:///{copy}", clock=clock, info=info)
    world = deepcopy(kept.world)
    staff = {actor: world.homes[actor, "own"].by for actor in SIGNED_IN}
    shop, app = deepcopy(kept.shop), app_over(database, COMMUNITY_ID)
    return Target(Office(database, shop, staff, app, {}), world, clock)
