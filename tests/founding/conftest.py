"""A description that has no fault, and ways to change it."""

from pathlib import Path

import pytest

from tests.factories.empty import TODAY, empty_database
from timebank.founding.files import EXAMPLES, PlanUnfit, read_file

SMALL = (EXAMPLES / "small.toml").read_text("utf-8")


@pytest.fixture
def written(tmp_path):
    """Write a description, with some of its words replaced."""

    def write(*changes: tuple[str, str], text: str = SMALL) -> Path:
        for old, new in changes:
            assert old in text, old
            text = text.replace(old, new, 1)
        file = tmp_path / "place.toml"
        file.write_text(text, "utf-8")
        return file

    return write


@pytest.fixture
def sentences(written):
    """The faults of a changed description, as the command prints them."""

    def read(*changes: tuple[str, str]) -> list[str]:
        try:
            read_file(written(*changes), today=TODAY)
        except PlanUnfit as why:
            return why.sentences
        return []

    return read


@pytest.fixture
def empty(tmp_path):
    with empty_database(tmp_path) as database:
        yield database
