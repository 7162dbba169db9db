"""A shop for every test of aid."""

import pytest

from tests.factories.people import make_town


@pytest.fixture
def town(session):
    return make_town(session)
