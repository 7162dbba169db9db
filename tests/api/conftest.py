"""A shop behind API v1, on both engines: what it files is committed."""

import pytest

from tests.factories.api import Hall, Machine


@pytest.fixture
def hall(fresh_database) -> Hall:
    return Hall(fresh_database)


@pytest.fixture
def machine(hall) -> Machine:
    """A program that acts for somebody whose household may take goods."""
    return hall.machine()
