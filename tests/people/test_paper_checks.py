"""A paper that was drawn is looked at by a second person, from the original."""

from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tests.factories import people as make
from tests.factories.people import Family, Town, a_request_id
from timebank.deeds.deed import Deed
from timebank.desk.queries import worklist
from timebank.errors import BadInput, NotAllowed, NotFound, WrongState
from timebank.people import actions, queries
from timebank.people.actions import NewProof, PaperChecked
from timebank.people.refusals import OtherDocumentNo
from timebank.people.tables import proof
from timebank.subjects import work_kinds
from timebank.values import By, Role, local_day

NUMBER = "DB-2025 0117"
WRONG = "打电话问过民政局，没有发过这份证"


@pytest.fixture
def family(session: Session, town: Town) -> Family:
    return make.make_household(session, town)


@pytest.fixture
def by_enterer(session: Session, town: Town) -> By:
    return make.staff(session, town, Role("social_worker"), Role("approver"))


@pytest.fixture
def drawn(session: Session, town: Town, family: Family, by_enterer: By, now: datetime) -> int:
    """A paper that was drawn. Nobody can choose it, so some are entered until one is."""
    return draw(session, family.household_id, by_enterer, now)


def draw(session: Session, household_id: int, by: By, now: datetime) -> int:
    paper = NewProof(
        household_id, "dibao", date(2025, 1, 1), date(2025, 12, 31), None, NUMBER, "示范区民政局"
    )
    for _ in range(400):
        added = actions.add_proofs(Deed(session, by, now, a_request_id()), proofs=(paper,))
        is_drawn = select(proof.c.is_drawn).where(proof.c.id == added.proof_ids[0])
        if session.scalar(is_drawn):
            return added.proof_ids[0]
    raise AssertionError("none of 400 papers was drawn")


def check(session: Session, by: By, now: datetime, proof_id: int, **told: Any) -> PaperChecked:
    asked = {"is_confirmed": True, "document_no": NUMBER} | told
    return actions.check_paper(Deed(session, by, now, a_request_id()), proof_id=proof_id, **asked)


def waiting(session: Session, by: By, now: datetime) -> list[int]:
    found = worklist(session, by, work_kinds(), now=now, kind="paper")
    return [one.id for one in found.rows]


def test_a_drawn_paper_waits_for_everybody_but_who_entered_it(
    session: Session, town: Town, drawn: int, by_enterer: By, now: datetime
) -> None:
    for persona in (make.coordinator, make.social_worker, make.approver):
        assert waiting(session, persona(session, town), now) == [drawn]
    assert waiting(session, by_enterer, now) == []
    assert waiting(session, make.keeper(session, town), now) == []


def test_the_number_from_the_original_confirms_it(
    session: Session, town: Town, drawn: int, now: datetime
) -> None:
    second = make.approver(session, town)
    with pytest.raises(BadInput):
        check(session, second, now, drawn, document_no=" ")
    with pytest.raises(OtherDocumentNo):
        check(session, second, now, drawn, document_no="DB-2025-0118")
    assert check(session, second, now, drawn, document_no="db20250117").outcome == "confirmed"
    assert waiting(session, second, now) == []
    with pytest.raises(WrongState):
        check(session, second, now, drawn)


def test_a_paper_that_does_not_match_opens_nothing_more(
    session: Session, town: Town, family: Family, drawn: int, now: datetime
) -> None:
    second = make.social_worker(session, town)
    with pytest.raises(BadInput):
        check(session, second, now, drawn, is_confirmed=False, reason="...")
    check(session, second, now, drawn, is_confirmed=False, reason=WRONG)
    today = local_day(now)
    valid = queries.proofs_of_household(session, town.community_id, family.household_id, on=today)
    assert drawn not in [one.id for one in valid]


def test_an_ended_paper_is_still_looked_at(
    session: Session, town: Town, drawn: int, by_enterer: By, now: datetime
) -> None:
    actions.end_proof(
        Deed(session, by_enterer, now, a_request_id()), proof_id=drawn, ended_on=local_day(now),
        reason="已停发",
    )  # fmt: skip
    second = make.approver(session, town)
    assert waiting(session, second, now) == [drawn]
    check(session, second, now, drawn)


def test_who_entered_a_paper_never_confirms_it(
    session: Session, town: Town, drawn: int, by_enterer: By, now: datetime
) -> None:
    """Signed in again, it is the same person."""
    for by in (by_enterer, replace(by_enterer, client="user:9", user_id=9)):
        with pytest.raises(NotAllowed):
            check(session, by, now, drawn)


def test_a_housemate_never_confirms_it(
    session: Session, town: Town, family: Family, now: datetime
) -> None:
    home = make.make_household(session, town, make.new_person(), make.new_person())
    one, other = (
        make.make_user(session, town, person_id, Role("social_worker"))
        for person_id in home.person_ids
    )
    drawn = draw(session, family.household_id, one, now)
    with pytest.raises(NotAllowed):
        check(session, other, now, drawn)
    check(session, make.social_worker(session, town), now, drawn)


def test_nobody_confirms_a_paper_of_their_own_household(
    session: Session, town: Town, by_enterer: By, now: datetime
) -> None:
    home = make.make_household(session, town)
    by = make.make_user(session, town, home.person_ids[0], Role("coordinator"))
    drawn = draw(session, home.household_id, by_enterer, now)
    assert waiting(session, by, now) == []
    with pytest.raises(NotAllowed):
        check(session, by, now, drawn)


def test_strangers_and_neighbours_confirm_nothing(
    session: Session, town: Town, drawn: int, now: datetime
) -> None:
    for persona in (make.stranger, make.auditor, make.keeper, make.grid_worker):
        with pytest.raises(NotAllowed):
            check(session, persona(session, town), now, drawn)
    with pytest.raises(NotAllowed):  # The set-up is no person.
        check(session, town.by, now, drawn)
    with pytest.raises(NotFound):
        check(session, make.neighbour(session), now, drawn)


def test_a_worker_of_one_grid_looks_at_papers_of_that_grid(
    session: Session, town: Town, drawn: int, now: datetime
) -> None:
    here, there = (
        make.staff(session, town, Role("social_worker", grid_id)) for grid_id in town.grid_ids
    )
    assert (waiting(session, here, now), waiting(session, there, now)) == ([drawn], [])
    with pytest.raises(NotAllowed):
        check(session, there, now, drawn)


def test_the_database_refuses_one_person_for_both_looks(
    session: Session, drawn: int, by_enterer: By, now: datetime
) -> None:
    alone = {
        "checked_at": now, "checked_by_person_id": by_enterer.person_id,
        "check_outcome": "confirmed",
    }  # fmt: skip
    for values in (alone, {"check_outcome": "confirmed"}, {"checked_at": now}):
        with pytest.raises(IntegrityError), session.begin_nested():
            session.execute(update(proof).where(proof.c.id == drawn).values(values))
