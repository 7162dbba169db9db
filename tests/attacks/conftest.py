"""The target of each test: a copy of one world."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.attacks.target import Kept, Target, build, open_target
from tests.databases import SqliteCopies


@pytest.fixture(scope="session")
def kept_world(sqlite_copies: SqliteCopies, info: dict[str, Any]) -> Iterator[Kept]:
    yield from build(sqlite_copies, info)


@pytest.fixture
def target(kept_world: Kept, tmp_path: Path, info: dict[str, Any]) -> Iterator[Target]:
    opened = open_target(kept_world, tmp_path, info)
    yield opened
    opened.database.close()
