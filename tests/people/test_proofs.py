"""Papers: seen by somebody, valid from day to day, ended with a reason."""

from dataclasses import replace
from datetime import date, datetime

import pytest
from sqlalchemy.orm import Session

from tests.factories import people as make
from tests.factories.people import Family, Town, a_request_id
from timebank.deeds.deed import Deed
from timebank.errors import BadInput, NotAllowed, NotFound, WrongState
from timebank.people import actions, queries
from timebank.people.actions import NewProof
from timebank.values import By

START, END = date(2025, 1, 1), date(2025, 12, 31)


@pytest.fixture
def family(session: Session, town: Town) -> Family:
    return make.make_household(session, town)


def _add(session: Session, by: By, now: datetime, proof: NewProof) -> int:
    added = actions.add_proofs(Deed(session, by, now, a_request_id()), proofs=(proof,))
    return added.proof_ids[0]


def test_a_paper_counts_from_its_first_to_its_last_day(
    session: Session, town: Town, family: Family
) -> None:
    make.make_proof(session, town, family.household_id)
    for on, counts in (
        (date(2024, 12, 31), False),
        (START, True),
        (END, True),
        (date(2026, 1, 1), False),
    ):
        valid = queries.proofs_of_household(session, town.community_id, family.household_id, on=on)
        (every,) = queries.proofs_of_household(session, town.community_id, family.household_id)
        assert bool(valid) is counts
        assert every.is_valid_on(on) is counts


def test_a_paper_that_was_ended_opens_nothing_more(
    session: Session, town: Town, family: Family, now: datetime
) -> None:
    proof_id = make.make_proof(session, town, family.household_id)
    told = {"proof_id": proof_id, "reason": "已停发"}
    on = date(2025, 6, 1)
    actions.end_proof(Deed(session, town.by, now, a_request_id()), ended_on=on, **told)
    (ended,) = queries.proofs_of_household(session, town.community_id, family.household_id)
    assert ended.is_valid_on(date(2025, 5, 31)) and not ended.is_valid_on(on)
    assert not queries.proofs_of_household(session, town.community_id, family.household_id, on=on)
    with pytest.raises(WrongState):
        actions.end_proof(Deed(session, town.by, now, a_request_id()), ended_on=on, **told)


def test_a_paper_is_not_ended_without_a_reason(
    session: Session, town: Town, family: Family, now: datetime
) -> None:
    proof_id = make.make_proof(session, town, family.household_id)
    with pytest.raises(BadInput):
        actions.end_proof(
            Deed(session, town.by, now, a_request_id()), proof_id=proof_id, ended_on=END, reason=" "
        )


def test_a_paper_that_cannot_be_is_refused(
    session: Session, town: Town, family: Family, now: datetime
) -> None:
    good = NewProof(family.household_id, "dibao", START, END, family.person_ids[0])
    _add(session, town.by, now, good)
    for bad in (replace(good, kind="rich"), replace(good, valid_until_on=date(2024, 1, 1))):
        with pytest.raises(BadInput):
            _add(session, town.by, now, bad)
    other = make.make_household(session, town)
    for unknown in (
        replace(good, household_id=404),
        replace(good, person_id=404),
        replace(good, person_id=other.person_ids[0]),
    ):
        with pytest.raises(NotFound):
            _add(session, town.by, now, unknown)


def test_nobody_vouches_for_his_own_household(session: Session, town: Town, now: datetime) -> None:
    by = make.resident(session, town)
    assert by.household_id is not None
    worker = replace(by, roles=make.approver(session, town).roles)
    with pytest.raises(NotAllowed) as refused:
        _add(session, worker, now, NewProof(by.household_id, "dibao", START, END))
    assert refused.value.facts["why"] == "own_household"


def test_a_grid_worker_sees_papers_of_his_grid_only(
    session: Session, town: Town, now: datetime
) -> None:
    by = make.grid_worker(session, town)
    here = make.make_household(session, town, building=0)
    there = make.make_household(session, town, building=1)
    proof_id = _add(session, by, now, NewProof(here.household_id, "tekun", START, END))
    assert proof_id
    with pytest.raises(NotFound):
        _add(session, by, now, NewProof(there.household_id, "tekun", START, END))
