"""A shop with something on its shelf, its keeper, and a second person to sign."""

from datetime import date

import pytest

from tests.factories.closing import make_second
from tests.factories.goods import make_stock
from tests.factories.people import make_town


@pytest.fixture
def town(session):
    return make_town(session)


@pytest.fixture
def second(session, town):
    return make_second(session, town)


@pytest.fixture
def rice(session, shop):
    """Ten bags of rice, in one lot."""
    return make_stock(session, shop, "大米", 10, best_before_on=date(2026, 6, 1))


@pytest.fixture
def towels(session, shop):
    return make_stock(session, shop, "毛巾", 4)
