"""Every action of closing, tried by the stranger, the auditor, and the neighbour community."""

import pytest

from tests.conftest import only_on
from tests.factories import make_by
from tests.factories import people as make
from tests.factories.closing import count_day, counted, open_day
from tests.factories.goods import make_donation_point
from tests.factories.people import a_request_id
from timebank.closing import actions, queries
from timebank.deeds.deed import Deed
from timebank.errors import NotAllowed, NotFound, TimebankError

DEEDS = sorted(name for name in actions.__all__ if name.islower())


@pytest.fixture
def attempt(session, shop, rice, now):
    """Try a deed at the moment when a permitted person would do it."""

    def run(deed, by, store_id=None):
        content = {"store_id": store_id or shop.store_id}
        if deed != "open_day":
            open_day(session, shop, now=now)
            content["no"] = 1
        if deed == "count_day":
            content["lots"] = counted(session, shop, now=now)
        if deed == "close_day":
            content["round_id"] = count_day(session, shop, now=now).round_id
        getattr(actions, deed)(Deed(session, by, now, a_request_id()), **content)

    return run


@only_on("sqlite")
@pytest.mark.parametrize("deed", DEEDS)
def test_another_keeper_of_the_store_may(attempt, second, deed):
    attempt(deed, second)


@only_on("sqlite")
@pytest.mark.parametrize("deed", ["open_day", "close_day"])
def test_the_coordinator_opens_and_signs(attempt, town, session, deed):
    attempt(deed, make.coordinator(session, town))


@only_on("sqlite")
def test_the_coordinator_does_not_count(attempt, town, session):
    with pytest.raises(NotAllowed):
        attempt("count_day", make.coordinator(session, town))


@only_on("sqlite")
@pytest.mark.parametrize("deed", DEEDS)
@pytest.mark.parametrize("persona", [make.stranger, make.auditor, make.approver])
def test_whoever_does_not_keep_the_store_is_refused(attempt, session, town, deed, persona):
    with pytest.raises(NotAllowed):
        attempt(deed, persona(session, town))


@only_on("sqlite")
@pytest.mark.parametrize("deed", DEEDS)
def test_the_keeper_of_another_store_is_refused(attempt, session, town, deed):
    make_donation_point(session, town)
    with pytest.raises(NotAllowed):
        attempt(deed, make_by("keeper", place_id=town.store_place_id + 1))


@only_on("sqlite")
@pytest.mark.parametrize("deed", DEEDS)
def test_the_neighbour_community_finds_nothing(attempt, by_neighbour, deed):
    with pytest.raises(TimebankError) as refused:
        attempt(deed, by_neighbour)
    assert isinstance(refused.value, NotFound)


@only_on("sqlite")
def test_the_neighbour_community_reads_nothing(session, shop, second, rice, now, neighbour_id):
    open_day(session, shop, now=now)
    count_day(session, shop, now=now)
    assert queries.day_of(session, neighbour_id, shop.store_id).state == "not_open"
    assert queries.sheets_of(session, neighbour_id, shop.store_id, limit=5) == []
    with pytest.raises(NotFound):
        queries.sheet_of(session, neighbour_id, shop.store_id, 1)
