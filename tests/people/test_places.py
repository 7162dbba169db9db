"""A building ends when nobody lives there, and is used again; nobody is enrolled in between."""

import pytest

from tests.factories import people as make
from tests.factories.people import a_request_id
from timebank.deeds.deed import Deed
from timebank.errors import BadInput, NotFound, WrongState
from timebank.people import actions
from timebank.people.actions import NewPlace
from timebank.people.queries import place
from timebank.people.refusals import PlaceInUse


@pytest.fixture
def end(session, town, now):
    def run(place_id, note="拆了", **more):
        deed = Deed(session, town.by, now, a_request_id())
        return actions.end_place(deed, place_id=place_id, note=note, **more)

    return run


def test_a_building_where_people_live_does_not_end(session, town, end):
    make.make_household(session, town)
    with pytest.raises(PlaceInUse) as refused:
        end(town.building_ids[0])
    assert refused.value.facts == {"households": 1}
    with pytest.raises(PlaceInUse) as refused:
        end(town.grid_ids[0])
    assert refused.value.facts == {"buildings": 1}


def test_nobody_is_enrolled_in_an_ended_building_until_it_is_used_again(session, town, end):
    building_id = town.building_ids[0]
    assert end(building_id).ended_on is not None
    with pytest.raises(NotFound):
        make.make_household(session, town)
    with pytest.raises(WrongState):
        end(building_id)
    end(building_id, resumes=True)
    assert place(session, 1, building_id).ended_on is None
    make.make_household(session, town)
    with pytest.raises(WrongState):
        end(building_id, resumes=True)


def test_a_building_is_not_used_again_before_its_grid(session, town, end, now):
    building_id, grid_id = town.building_ids[0], town.grid_ids[0]
    end(building_id)
    end(grid_id)
    with pytest.raises(WrongState):
        end(building_id, resumes=True)
    new = NewPlace("building", 7, "7", "7", grid_id)
    with pytest.raises(BadInput):
        actions.add_places(Deed(session, town.by, now, a_request_id()), places=(new,))
    end(grid_id, resumes=True)
    end(building_id, resumes=True)


def test_an_end_has_a_reason_and_a_shop_is_closed_as_a_shop(town, end):
    with pytest.raises(BadInput):
        end(town.building_ids[0], note=" ")
    with pytest.raises(NotFound):
        end(town.store_place_id)


def test_an_ended_building_keeps_its_number(session, town, end, now):
    end(town.building_ids[0])
    new = NewPlace("building", 1, "1", "1", town.grid_ids[0])
    with pytest.raises(BadInput) as refused:
        actions.add_places(Deed(session, town.by, now, a_request_id()), places=(new,))
    assert refused.value.facts["why"] == "taken"
