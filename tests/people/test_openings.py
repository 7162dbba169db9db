"""Sealed data is opened for a reason that is a sentence, so many times a day, and its owner sees
it.
"""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tests.factories import people as make
from tests.factories.openings import BUDGET, REASON, open_as
from tests.factories.people import Town, a_request_id
from timebank.db import Database
from timebank.deeds.deed import Deed
from timebank.desk.queries import Waiting, worklist
from timebank.errors import BadInput, NotAllowed, NotFound, WrongState
from timebank.people import actions, queries
from timebank.people.actions import OpeningsAnswered, Revealed
from timebank.people.actions.reveal import open_sealed
from timebank.people.refusals import OpeningsUsedUp
from timebank.people.rules import check_reason
from timebank.people.tables import opening_alarm
from timebank.policy.actions import set_parameter
from timebank.subjects import work_kinds
from timebank.values import By, Role, local_day, local_instant

NOTE = "问过了，台风前逐户提醒关窗"


@pytest.mark.parametrize(
    "reason",
    [
        ".", "......", "。。。。。。。。", "a", "aaaaaaaaaa", "abababababab", "123456789012",
        "看", "看看看看看看看看", "哈哈哈哈哈哈好的", "工作需要", "xxxx yyyy", "asdfghjkl",
        "1 2 3 4 5 6 7", "\u3000 \n", "看。看。看。看。看。看。", "ＡＡＡＡＡＡＡＡ",
        "aaaaaaaaaaaa bcdefg", "x" * 300,
    ],
)  # fmt: skip
def test_a_reason_that_is_no_sentence_is_refused(reason: str) -> None:
    with pytest.raises(BadInput) as refused:
        check_reason(reason)
    assert refused.value.facts["field"] == "reason"


@pytest.mark.parametrize(
    "reason",
    [
        REASON,
        NOTE,
        "她今天没有来，去家里看一看",
        "Call her about the rice",
        "送 2 袋米上门，要门牌",
    ],
)
def test_a_sentence_is_kept_as_it_was_written(reason: str) -> None:
    assert check_reason(f"  {reason} ") == reason


@pytest.fixture
def by(session: Session, town: Town) -> By:
    return make.grid_worker(session, town)


@pytest.fixture
def person_id(session: Session, town: Town) -> int:
    return make.make_household(session, town).person_ids[0]


def alarms(session: Session, by: By, now: datetime) -> list[Waiting]:
    return worklist(session, by, work_kinds(), now=now, kind="opening").rows


def answer(session: Session, by: By, now: datetime, alarm_id: int, **told: Any) -> OpeningsAnswered:
    asked = {"alarm_id": alarm_id, "more_openings": 10, "note": NOTE} | told
    return actions.answer_openings(Deed(session, by, now, a_request_id()), **asked)


def test_sixty_openings_in_a_row_end_at_the_budget_with_one_alarm(
    session: Session, town: Town, by: By, person_id: int, now: datetime
) -> None:
    answers = open_as(session, by, now, person_id, times=60)
    assert sum(isinstance(one, Revealed) for one in answers) == BUDGET
    assert all(isinstance(one, OpeningsUsedUp) for one in answers[BUDGET:])
    for persona in (make.coordinator, make.approver):
        (alarm,) = alarms(session, persona(session, town), now)
        assert (alarm.person_id, alarm.count) == (by.person_id, BUDGET)
    assert alarms(session, make.social_worker(session, town), now) == []


def test_a_refused_opening_leaves_its_alarm(fresh_database: Database) -> None:
    """The refusal rolls nothing back that the coordinators must see."""

    def build(session: Session, now: datetime) -> tuple[By, int, By]:
        town = make.make_town(session)
        family = make.make_household(session, town)
        worker = make.grid_worker(session, town)
        return worker, family.person_ids[0], make.coordinator(session, town)

    worker, person_id, head = fresh_database.write(build)
    asked = {"person_id": person_id, "columns": ("door",), "reason": REASON}
    for _ in range(BUDGET):
        actions.reveal(fresh_database, by=worker, **asked)
    with pytest.raises(OpeningsUsedUp) as refused:
        actions.reveal(fresh_database, by=worker, **asked)
    assert refused.value.facts == {"most": BUDGET}
    found = fresh_database.write(lambda session, now: alarms(session, head, now))
    assert len(found) == 1


def test_the_budget_is_of_the_person_and_the_day(
    session: Session, town: Town, by: By, person_id: int, now: datetime
) -> None:
    open_as(session, by, now, person_id, times=BUDGET)
    again = replace(by, client="user:9", user_id=9)
    assert isinstance(open_as(session, again, now, person_id)[0], OpeningsUsedUp)
    assert isinstance(
        open_as(session, make.grid_worker(session, town), now, person_id)[0], Revealed
    )
    midnight = local_instant(local_day(now) + timedelta(days=1))
    assert isinstance(
        open_as(session, by, midnight - timedelta(seconds=1), person_id)[0], OpeningsUsedUp
    )
    assert isinstance(open_as(session, by, midnight, person_id)[0], Revealed)


def test_the_budget_is_a_dated_parameter_by_role(
    session: Session, town: Town, person_id: int, now: datetime
) -> None:
    set_parameter(
        Deed(session, town.by, now, a_request_id()), key="people.openings_max",
        value={"social_worker": 2, "approver": 3}, valid_from_on=local_day(now), source="议事会",
    )  # fmt: skip
    for roles, most in (
        ([Role("social_worker")], 2),
        ([Role("social_worker"), Role("approver")], 3),
        ([Role("coordinator")], 0),
    ):
        worker = make.staff(session, town, *roles)
        answers = open_as(session, worker, now, person_id, times=5)
        assert sum(isinstance(one, Revealed) for one in answers) == most


def test_ones_own_data_costs_nothing(session: Session, town: Town, now: datetime) -> None:
    home = make.make_household(session, town, make.new_person(), make.new_person())
    by = make.make_user(session, town, home.person_ids[0], Role("grid_worker", town.grid_ids[0]))
    open_as(session, by, now, home.person_ids[0], times=30)
    answers = open_as(session, by, now, home.person_ids[1], times=BUDGET + 1)
    assert sum(isinstance(one, Revealed) for one in answers) == BUDGET


def test_a_second_person_allows_more_for_that_day(
    session: Session, town: Town, by: By, person_id: int, now: datetime
) -> None:
    open_as(session, by, now, person_id, times=BUDGET + 1)
    head = make.coordinator(session, town)
    (alarm,) = alarms(session, head, now)
    with pytest.raises(BadInput):
        answer(session, head, now, alarm.id, note="ok")
    answer(session, head, now, alarm.id)
    answers = open_as(session, by, now, person_id, times=12)
    assert sum(isinstance(one, Revealed) for one in answers) == 10
    (second,) = alarms(session, head, now)
    assert second.count == BUDGET + 10
    with pytest.raises(WrongState):
        answer(session, head, now, alarm.id)
    answer(session, head, now, second.id, more_openings=0)
    assert isinstance(open_as(session, by, now, person_id)[0], OpeningsUsedUp)
    assert alarms(session, head, now) == []


def test_an_alarm_of_yesterday_is_answered_but_allows_nothing(
    session: Session, town: Town, by: By, person_id: int, now: datetime
) -> None:
    open_as(session, by, now, person_id, times=BUDGET + 1)
    head, tomorrow = make.coordinator(session, town), now + timedelta(days=1)
    (alarm,) = alarms(session, head, tomorrow)
    with pytest.raises(WrongState):
        answer(session, head, tomorrow, alarm.id)
    answer(session, head, tomorrow, alarm.id, more_openings=0)
    assert alarms(session, head, tomorrow) == []


def test_nobody_allows_themselves_more(
    session: Session, town: Town, person_id: int, now: datetime
) -> None:
    home = make.make_household(session, town, make.new_person(), make.new_person())
    one, housemate = (
        make.make_user(session, town, person, Role("coordinator")) for person in home.person_ids
    )
    open_as(session, one, now, person_id, times=21)
    assert alarms(session, one, now) == []
    (alarm,) = alarms(session, make.approver(session, town), now)
    for by in (one, replace(one, client="user:9", user_id=9), housemate, town.by):
        with pytest.raises(NotAllowed):
            answer(session, by, now, alarm.id)
    answer(session, make.approver(session, town), now, alarm.id)


def test_nobody_who_lives_elsewhere_allows_themselves_more(
    session: Session, town: Town, person_id: int, now: datetime
) -> None:
    head = make.coordinator(session, town)
    open_as(session, head, now, person_id, times=21)
    (alarm,) = alarms(session, make.approver(session, town), now)
    with pytest.raises(NotAllowed):
        answer(session, head, now, alarm.id)


def test_strangers_and_neighbours_answer_nothing(
    session: Session, town: Town, by: By, person_id: int, now: datetime
) -> None:
    open_as(session, by, now, person_id, times=BUDGET + 1)
    (alarm,) = alarms(session, make.coordinator(session, town), now)
    for persona in (make.stranger, make.auditor, make.social_worker, make.keeper):
        with pytest.raises(NotAllowed):
            answer(session, persona(session, town), now, alarm.id)
    with pytest.raises(NotFound):
        answer(session, make.neighbour(session), now, alarm.id)


def test_everybody_sees_who_opened_what_when_and_why(
    session: Session, town: Town, by: By, person_id: int, now: datetime
) -> None:
    other = make.make_household(session, town).person_ids[0]
    own = make.make_user(session, town, person_id)
    open_as(session, by, now, person_id)
    open_as(session, by, now, other)
    open_sealed(Deed(session, own, now), person_id=person_id, columns=("phone",), reason="")
    (seen,) = queries.openings_about(session, town.community_id, person_id)
    name = queries.person_brief(session, town.community_id, by.person_id or 0).name
    assert (seen.opener_name, seen.at, seen.columns, seen.reason) == (name, now, ("phone",), REASON)
    opened = queries.openings_by(session, town.community_id, by.person_id or 0, local_day(now))
    assert len(opened) == 2 and all("*" in one.masked_name for one in opened)


def test_the_database_refuses_an_allowance_for_oneself(
    session: Session, town: Town, by: By, person_id: int, now: datetime
) -> None:
    open_as(session, by, now, person_id, times=BUDGET + 1)
    alone = {"answered_at": now, "answered_by_person_id": by.person_id, "more_openings": 5}
    for values in (alone, {"more_openings": 5}, {"on_day": date(2025, 1, 1), "openings_max": -1}):
        with pytest.raises(IntegrityError), session.begin_nested():
            session.execute(update(opening_alarm).values(values))
