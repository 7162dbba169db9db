"""Fixtures that every subject shares: a clock, two engines, an open unit of work.

The schema is created once per run and worker. ``session`` rolls back; ``fresh_database`` is for
tests that commit or race.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import hypothesis
import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from tests import counts
from tests.counts import repeats
from tests.databases import (
    COMMUNITY_ID,
    NEIGHBOUR_ID,
    Copies,
    NoServer,
    PostgresCopies,
    SqliteCopies,
    postgres_server,
    quick_folder,
)
from tests.factories import make_by
from tests.factories.goods import Shop, make_shop
from tests.factories.people import by_claimant, by_donor, by_volunteer, town  # noqa: F401
from tests.templates_once import templates_once  # noqa: F401
from timebank.db import Database, make_engine
from timebank.values import By
from timebank.vault.cipher import Vault

ENGINES = ("sqlite", "postgresql")
ON_CI = os.environ.get("CI", "").lower() in ("1", "true")

# No time limit and no health check of the speed: a slow machine must not change a verdict.
hypothesis.settings.register_profile(
    "house",
    deadline=None,
    max_examples=repeats(50, 200),
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.register_profile(
    "ci", hypothesis.settings.get_profile("house"), derandomize=True, print_blob=True
)
hypothesis.settings.load_profile("ci" if ON_CI else "house")

# Every test in these folders carries the mark; the others are marked where they stand.
MARKS_OF_FOLDERS = {
    "browser": "browser", "races": "races", "house": "house", "attacks": "slow", "cli": "slow",
}  # fmt: skip


# One PostgreSQL server per run: the controller starts it and sends its address to the workers of
# xdist.
_lent: dict[str, Any] = {}


def _server_address() -> str:
    if "address" not in _lent:
        server: AbstractContextManager[str] = postgres_server()
        _lent["address"] = server.__enter__()
        _lent["server"] = server
    return str(_lent["address"])


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    try:
        node.workerinput["postgres"] = _server_address()
    except NoServer as why:
        node.workerinput["no_postgres"] = str(why)


def pytest_configure(config: pytest.Config) -> None:
    told = getattr(config, "workerinput", {})
    if "postgres" in told:
        _lent["address"] = told["postgres"]
    if "no_postgres" in told:
        _lent["missing"] = told["no_postgres"]


@pytest.hookimpl(tryfirst=True)  # Before the marks are asked for by ``-m``.
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark each test by its folder, its engine, and whether it repeats what is random."""
    for item in items:
        for folder, mark in MARKS_OF_FOLDERS.items():
            if folder in item.path.parts:
                item.add_marker(mark)
        if _needs_postgresql(item):
            item.add_marker("postgresql")
        if _is_repeated(item):
            item.add_marker("repeated")


def _needs_postgresql(item: pytest.Item) -> bool:
    told = getattr(item, "callspec", None)
    engine = told.params.get("engine_name") if told else None
    return engine == "postgresql" or "postgres_copies" in getattr(item, "fixturenames", ())


def _is_repeated(item: pytest.Item) -> bool:
    """Tell whether a test is Hypothesis's, or its file asks ``tests.counts`` how often."""
    is_random = hypothesis.is_hypothesis_test(getattr(item, "obj", None))
    asks = (repeats, counts.seeds, counts.stride)
    return is_random or any(one in asks for one in vars(item.module).values() if callable(one))


def pytest_unconfigure() -> None:
    server = _lent.pop("server", None)
    if server is not None:
        server.__exit__(None, None, None)


@pytest.fixture(scope="session")
def sqlite_copies() -> Iterator[SqliteCopies]:
    with quick_folder("sqlite") as folder:
        yield SqliteCopies(folder)


@pytest.fixture(scope="session")
def postgres_copies() -> Iterator[PostgresCopies]:
    try:
        if "missing" in _lent:
            raise NoServer(_lent["missing"])
        copies = PostgresCopies(_server_address())
    except NoServer as why:
        if ON_CI:
            pytest.fail(f"CI needs a PostgreSQL server: {why}")
        pytest.skip(str(why))
    yield copies
    copies.close()


@pytest.fixture(scope="session", params=ENGINES)
def engine_name(request: pytest.FixtureRequest) -> str:
    """``sqlite``, then ``postgresql``: a test with this fixture runs on both."""
    return str(request.param)


def only_on(name: str) -> pytest.MarkDecorator:
    """Run a test on one engine only, because the other lacks the feature."""
    return pytest.mark.parametrize("engine_name", [name], indirect=True)


@pytest.fixture(scope="session")
def copies(engine_name: str, request: pytest.FixtureRequest) -> Copies:
    """Creates fresh databases of the engine: ``copies.fresh()`` returns an address."""
    name = {"sqlite": "sqlite_copies", "postgresql": "postgres_copies"}[engine_name]
    found: Copies = request.getfixturevalue(name)
    return found


@pytest.fixture(scope="session")
def engine(copies: Copies) -> Iterator[Engine]:
    """The engine whose database all ``session`` fixtures share; nothing is ever committed to it."""
    url = copies.fresh()
    shared = make_engine(url)
    yield shared
    shared.dispose()
    copies.drop(url)


@dataclass(frozen=True)
class Furnished:
    """A database with a town and its shop, which the tests that ask for ``shop`` share."""

    engine: Engine
    shop: Shop


@pytest.fixture(scope="session")
def furnished(copies: Copies, info: dict[str, Any]) -> Iterator[Furnished]:
    """The shop is opened once a run: opening it in each test took longer than most tests."""
    url = copies.fresh()
    shared = make_engine(url)
    with Session(shared.execution_options(writes=True), info=dict(info)) as unit, unit.begin():
        shop = make_shop(unit)
    yield Furnished(shared, shop)
    shared.dispose()
    copies.drop(url)


@dataclass
class Clock:
    """The only clock in tests: read it with ``clock()``, move it with ``clock.move(hours=2)``."""

    now: datetime

    def __call__(self) -> datetime:
        return self.now

    def move(self, **span: float) -> datetime:
        self.now += timedelta(**span)
        return self.now


@pytest.fixture
def now() -> datetime:
    """A Tuesday, ten in the morning in the community's time zone."""
    return datetime(2025, 6, 10, 2, 0, tzinfo=UTC)


@pytest.fixture
def clock(now: datetime) -> Clock:
    return Clock(now)


@pytest.fixture(scope="session")
def vault() -> Vault:
    """The vault for encrypted columns, with a key for tests only."""
    return Vault(bytes(range(32)))


@pytest.fixture(scope="session")
def info(vault: Vault) -> dict[str, Any]:
    """The info of every session: the vault, and cheap password hashes."""
    return {"vault": vault, "password_profile": "small"}


@pytest.fixture
def session(
    engine: Engine, request: pytest.FixtureRequest, info: dict[str, Any]
) -> Iterator[Session]:
    """One open unit of work that is rolled back; a ``rollback()`` in a test undoes that test.

    A test that asks for ``shop`` as well gets the database that has one.
    """
    if "shop" in request.fixturenames:
        engine = request.getfixturevalue("furnished").engine
    with engine.execution_options(writes=True).connect() as connection:
        unit = connection.begin()
        with Session(
            connection, join_transaction_mode="create_savepoint", info=dict(info)
        ) as opened:
            yield opened
        unit.rollback()


@pytest.fixture
def shop(furnished: Furnished) -> Shop:
    """A shop with the whole catalogue and the rules in force, in the database of ``session``."""
    return furnished.shop


@pytest.fixture
def new_database(copies: Copies, info: dict[str, Any]) -> Iterator[Callable[..., Database]]:
    """Creates as many fresh databases as a test needs; all are dropped after it."""
    made: list[tuple[str, Database]] = []

    def make(clock: Callable[[], datetime]) -> Database:
        url = copies.fresh()
        made.append((url, Database(url, clock=clock, info=info)))
        return made[-1][1]

    yield make
    for url, database in made:
        database.close()
        copies.drop(url)


@pytest.fixture
def fresh_database(new_database: Callable[..., Database], clock: Clock) -> Database:
    """A separate database, for commits and races; its clock is the ``clock`` fixture."""
    return new_database(clock)


@pytest.fixture
def community_id() -> int:
    """The community of every test; its row is in each database already."""
    return COMMUNITY_ID


@pytest.fixture
def neighbour_id() -> int:
    """Another community in the same database, which must never see or change ours."""
    return NEIGHBOUR_ID


@pytest.fixture
def by_coordinator() -> By:
    return make_by("coordinator")


@pytest.fixture
def by_keeper() -> By:
    """Keeps every store; a keeper of one store is ``make_by("keeper", place_id=…)``."""
    return make_by("keeper")


@pytest.fixture
def by_grid_worker() -> By:
    return make_by("grid_worker")


@pytest.fixture
def by_social_worker() -> By:
    return make_by("social_worker")


@pytest.fixture
def by_approver() -> By:
    return make_by("approver")


@pytest.fixture
def by_auditor() -> By:
    return make_by("auditor")


@pytest.fixture
def by_stranger() -> By:
    """A resident without any role, and without a household of interest."""
    return make_by()


@pytest.fixture
def by_neighbour() -> By:
    """Holds every role in the neighbour community, and none here."""
    return make_by(
        "coordinator", "keeper", "grid_worker", "social_worker", "approver", "cashier",
        "accountant", "auditor", "hotline", community_id=NEIGHBOUR_ID,
    )  # fmt: skip


@pytest.fixture
def by_job() -> By:
    """The clockwork, which runs the jobs."""
    return make_by("coordinator", channel="job")
