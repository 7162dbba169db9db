"""A shop for every test of goods."""

import pytest

from tests.factories.goods import make_shop
from tests.factories.people import make_town


@pytest.fixture
def town(session):
    return make_town(session)


@pytest.fixture
def shop(session, town):
    return make_shop(session, town)
