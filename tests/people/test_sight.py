"""Whom a right reaches: a grid worker only their grid, a keeper whoever comes to their store."""

import pytest

from tests.factories import people as make
from tests.factories.people import a_request_id
from timebank.deeds.deed import Deed
from timebank.errors import NotFound
from timebank.people import actions
from timebank.people.sight import reaches
from timebank.rights import Right
from timebank.values import By, Role

RIGHT = Right("test.right", ("grid_worker", "keeper", "social_worker"))
GRID, OTHER_GRID, STORE, OTHER_STORE = 11, 12, 21, 22


@pytest.mark.parametrize(
    ("role", "grid_id", "store_place_id", "is_reached"),
    [
        (Role("grid_worker", GRID), GRID, None, True),
        (Role("grid_worker", GRID), OTHER_GRID, None, False),
        (Role("grid_worker", GRID), None, None, False),
        (Role("grid_worker"), OTHER_GRID, None, True),
        (Role("social_worker"), None, None, True),
        (Role("social_worker", GRID), OTHER_GRID, STORE, False),
        (Role("keeper", STORE), OTHER_GRID, None, True),
        (Role("keeper", STORE), None, None, True),
        (Role("keeper", STORE), GRID, STORE, True),
        (Role("keeper", STORE), GRID, OTHER_STORE, False),
        (Role("keeper", GRID), GRID, STORE, False),
        (Role("auditor"), GRID, None, False),
    ],
)
def test_a_right_reaches_the_grid_or_the_store_of_its_role(
    role, grid_id, store_place_id, is_reached
):
    by = By(community_id=1, client="user:1", roles=frozenset({role}))
    assert reaches(by, RIGHT, grid_id, store_place_id=store_place_id) is is_reached


CARD_DEEDS = {
    "ask_card": lambda person_id, card_id: {"person_id": person_id},
    "revoke_card": lambda person_id, card_id: {"card_id": card_id, "why": "damaged"},
    "ask_pin_reset": lambda person_id, card_id: {"card_id": card_id},
    "set_card_preferences": lambda person_id, card_id: {
        "card_id": card_id, "language": "en", "large_text": True,
    },
}  # fmt: skip


@pytest.mark.parametrize("name", CARD_DEEDS)
def test_a_grid_worker_serves_no_card_of_another_grid(session, town, now, name):
    worker = make.grid_worker(session, town)
    for building, is_reached in ((0, True), (1, False)):
        person_id = make.make_household(session, town, building=building).person_ids[0]
        card_id = 0
        if name != "ask_card":
            card_id = make.make_card(session, town, person_id).id
        deed = Deed(session, worker, now, a_request_id())
        content = CARD_DEEDS[name](person_id, card_id)
        if is_reached:
            getattr(actions, name)(deed, **content)
            continue
        with pytest.raises(NotFound):
            getattr(actions, name)(deed, **content)


def test_a_grid_worker_adds_nobody_to_a_household_of_another_grid(session, town, now):
    worker = make.grid_worker(session, town)
    here, there = (make.make_household(session, town, building=number) for number in (0, 1))
    told = {"people": (make.new_person(),)}
    deed = Deed(session, worker, now, a_request_id())
    actions.enrol_people(deed, household_id=here.household_id, **told)
    with pytest.raises(NotFound):
        actions.enrol_people(deed, household_id=there.household_id, **told)


def test_a_grid_worker_ends_no_paper_of_another_grid(session, town, now):
    worker = make.grid_worker(session, town)
    there = make.make_household(session, town, building=1)
    proof_id = make.make_proof(session, town, there.household_id)
    with pytest.raises(NotFound):
        actions.end_proof(
            Deed(session, worker, now, a_request_id()),
            proof_id=proof_id, ended_on=now.date(), reason="x",
        )  # fmt: skip


def test_a_member_of_staff_still_serves_their_own_card(session, town, now):
    """The holder may, wherever they live and whatever their role reaches."""
    family = make.make_household(session, town, building=1)
    by = make.make_user(session, town, family.person_ids[0], Role("grid_worker", town.grid_ids[0]))
    card = make.make_card(session, town, family.person_ids[0])
    actions.set_pin(Deed(session, by, now, a_request_id()), card_id=card.id, pin="2591")
