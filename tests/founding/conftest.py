"""A description that has no fault, and ways to change it."""

from datetime import date
from pathlib import Path

import pytest

from timebank.founding.files import EXAMPLES, PlanUnfit, read_file

TODAY = date(2026, 12, 1)
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
