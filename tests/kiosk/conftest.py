"""The screen that page tests tap on."""

import pytest

from tests.kiosk.screen import Screen


@pytest.fixture
def screen(fresh_database, tmp_path, clock):
    """A paired kiosk online, with its first page open."""
    made = Screen(fresh_database, tmp_path, clock)
    yield made
    made.kiosk.outbox.close()
