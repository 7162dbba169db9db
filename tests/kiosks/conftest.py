"""A kiosk that the tests of one unit of work share: its shop is the one of the run."""

import pytest

from tests.factories.kiosks import make_stand


@pytest.fixture
def stand(session, shop, now):
    return make_stand(session, now=now, shop=shop)
