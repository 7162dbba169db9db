"""Who counts as the same person, and as one household, wherever two people are needed."""

from dataclasses import replace

import pytest
from sqlalchemy import literal, select

from tests.factories import people as make
from tests.factories.people import a_request_id
from timebank.deeds.deed import Deed
from timebank.deeds.refusals import SamePerson
from timebank.people import actions, queries
from timebank.people.closeness import (
    HOUSEHOLD,
    SELF,
    Involved,
    closeness,
    is_sign_in_of_kin,
    people_of_clients,
    require_other,
)


@pytest.fixture
def family(session, town):
    """Two people of one household, one of whom works here and also has a card."""
    return make.make_household(session, town, make.new_person(), make.new_person())


@pytest.fixture
def by(session, town, family):
    return make.make_user(session, town, family.person_ids[0])


def test_a_neighbour_is_a_second_person(session, town, by, now):
    other = make.stranger(session, town)
    involved = Involved((other.client,), (other.person_id, None), (other.household_id, None))
    assert closeness(session, by, involved) is None
    require_other(Deed(session, by, now), involved)


def test_one_person_with_two_sign_ins_is_one_person(session, town, by, family, now):
    card = make.make_card(session, town, family.person_ids[0], pin="2591")
    at_card = queries.by_of_card(session, town.community_id, card.id)
    assert at_card.client != by.client
    assert closeness(session, by, Involved((at_card.client,))) == SELF
    assert closeness(session, at_card, Involved((by.client,))) == SELF
    with pytest.raises(SamePerson) as refused:
        require_other(Deed(session, by, now), Involved((at_card.client,)))
    assert refused.value.facts == {"why": SELF}


def test_a_card_that_was_stopped_still_tells_whose_it_was(session, town, by, family, now):
    card = make.make_card(session, town, family.person_ids[0])
    actions.revoke_card(Deed(session, town.by, now, a_request_id()), card_id=card.id)
    assert closeness(session, by, Involved((f"card:{card.id}",))) == SELF


def test_a_user_who_left_still_tells_who_they_were(session, town, by, family, now):
    housemate = make.make_user(session, town, family.person_ids[1])
    actions.close_user(Deed(session, town.by, now, a_request_id()), user_id=housemate.user_id)
    assert closeness(session, by, Involved((housemate.client,))) == HOUSEHOLD


@pytest.mark.parametrize(
    "of_family",
    [
        lambda family, card: Involved(person_ids=(family.person_ids[1],)),
        lambda family, card: Involved(household_ids=(family.household_id,)),
        lambda family, card: Involved((f"card:{card.id}",)),
        lambda family, card: Involved((f"person:{family.person_ids[1]}",)),
    ],
)
def test_a_housemate_is_no_second_person(session, town, by, family, of_family):
    card = make.make_card(session, town, family.person_ids[1])
    assert closeness(session, by, of_family(family, card)) == HOUSEHOLD
    # Also when the sign-in was read without the household.
    assert closeness(session, replace(by, household_id=None), of_family(family, card)) == HOUSEHOLD


def test_people_without_a_household_share_none(session, town):
    one, other = (make.staff(session, town) for _ in range(2))
    assert closeness(session, one, Involved((other.client,), (other.person_id,))) is None


def test_a_machine_is_close_to_itself_only(session, town, by):
    kiosk = replace(by, client="device:7", user_id=None, person_id=None, household_id=None)
    assert closeness(session, kiosk, Involved(("device:7",))) == SELF
    assert closeness(session, kiosk, Involved((by.client,), (by.person_id,))) is None


def test_what_is_no_sign_in_names_nobody(session, town):
    assert people_of_clients(session, 1, ["job:nightly", "user:x", "user:", "", "user:404"]) == {}


def test_the_worklist_matches_the_same_sign_ins(session, town, by, family):
    housemate = make.make_card(session, town, family.person_ids[1])
    other = make.stranger(session, town)
    clients = {by.client: True, f"card:{housemate.id}": True, other.client: False, "job:x": False}
    for client, is_kin in clients.items():
        matches = select(literal(1)).where(is_sign_in_of_kin(by, literal(client)))
        assert (session.scalar(matches) == 1) is is_kin
