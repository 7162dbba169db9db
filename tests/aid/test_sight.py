"""Staff serve the claims of households within their reach, keepers those of their store."""

import pytest

from tests.factories import make_by
from tests.factories import people as make
from tests.factories.aid import make_claim, make_resident
from tests.factories.goods import make_stock
from tests.factories.people import a_request_id
from timebank.aid import actions
from timebank.aid.actions import CarriedOver
from timebank.deeds.deed import Deed
from timebank.errors import NotFound


@pytest.fixture
def refused_ids(session, shop, town, now):
    """A refused claim in each of the two grids."""
    make_stock(session, shop, "肥皂", 9)
    return [
        make_claim(
            session, shop, make_resident(session, town, building=n), now=now, 肥皂=1
        ).claim_id
        for n in (0, 1)
    ]


def _ask(session, by, now, claim_id):
    return actions.ask_for_person(Deed(session, by, now, a_request_id()), claim_id=claim_id)


def test_a_grid_worker_asks_for_a_review_in_their_grid_only(session, town, now, refused_ids):
    worker = make.grid_worker(session, town)
    _ask(session, worker, now, refused_ids[0])
    with pytest.raises(NotFound):
        _ask(session, worker, now, refused_ids[1])


def test_a_keeper_asks_for_claims_at_their_store_only(session, town, shop, now, refused_ids):
    elsewhere = make_by("keeper", place_id=town.grid_ids[1])
    with pytest.raises(NotFound):
        _ask(session, elsewhere, now, refused_ids[1])
    _ask(session, shop.keeper, now, refused_ids[1])


def test_an_approver_of_a_grid_decides_there_only(session, town, now, refused_ids):
    for claim_id in refused_ids:
        _ask(session, make.coordinator(session, town), now, claim_id)
    approver = make_by("approver", place_id=town.grid_ids[0])
    told = {"approve": False, "reason": "已电话核实"}
    actions.decide_review(
        Deed(session, approver, now, a_request_id()), claim_id=refused_ids[0], **told
    )
    with pytest.raises(NotFound):
        actions.decide_review(
            Deed(session, approver, now, a_request_id()), claim_id=refused_ids[1], **told
        )


def test_a_social_worker_of_a_grid_counts_what_its_households_took(session, town, now):
    here, there = (make.make_household(session, town, building=n) for n in (0, 1))
    by = make_by("social_worker", place_id=town.grid_ids[0])

    def count(household_id):
        new = CarriedOver(household_id, now.date(), 1, "另一个店")
        actions.carry_over_withdrawals(Deed(session, by, now, a_request_id()), withdrawals=(new,))

    count(here.household_id)
    with pytest.raises(NotFound):
        count(there.household_id)


def test_another_households_claim_is_like_none(session, shop, town, now, refused_ids):
    stranger = make.stranger(session, town)
    answers = set()
    for claim_id in (refused_ids[0], 404):
        for name in ("cancel_claim", "ask_for_person"):
            with pytest.raises(NotFound) as refused:
                getattr(actions, name)(
                    Deed(session, stranger, now, a_request_id()), claim_id=claim_id
                )
            answers.add(str(refused.value))
    assert len(answers) == 1
