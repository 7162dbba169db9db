"""A parameter is changed by two people from a future day on; past days keep their value."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from tests.factories import make_by
from tests.factories import people as make
from tests.factories.looks import audit_lines
from tests.factories.people import Town, a_request_id
from tests.factories.policy import make_decided, make_paper, make_preset
from tests.waiting import HANG_SECONDS
from timebank.db import Database
from timebank.deeds.deed import Deed
from timebank.deeds.refusals import SamePerson
from timebank.deeds.running import perform
from timebank.errors import BadInput, NotAllowed, NotFound, TimebankError, WrongState
from timebank.policy.actions import load_preset, record_decision, retire_rule, set_parameter
from timebank.policy.queries import decision, parameter_history, parameters_on, replay
from timebank.policy.rules import is_same_answer
from timebank.settings import actions, queries
from timebank.settings.refusals import ChangeTooLate
from timebank.settings.rules import DAYS_AHEAD_MAX
from timebank.settings.tables import parameter_change
from timebank.values import By, local_day

CAP = "aid.household_pieces_max"
NEWS = {"key": CAP, "value": 16, "source": "议事会第3次会议", "reason": "货少了，先让每家都领到"}


class Heads:
    """Two coordinators and an approver of a community that has the rules of the demo."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.town: Town = self.write(make.make_town)
        database.write(lambda session, now: make_preset(session, now=now))
        self.first: By = self.write(make.coordinator, self.town)
        self.second: By = self.write(make.coordinator, self.town)
        self.approver: By = self.write(make.approver, self.town)

    @property
    def today(self) -> date:
        return local_day(self.database.clock())

    @property
    def tomorrow(self) -> date:
        return self.today + timedelta(days=1)

    def write(self, work: Any, *rest: Any) -> Any:
        return self.database.write(lambda session, now: work(session, *rest))

    def do(self, action: Any, by: By, **content: Any) -> Any:
        return perform(self.database, action, by=by, request_id=a_request_id(), **content)

    def propose(self, by: By | None = None, **changed: Any) -> int:
        content = {"valid_from_on": self.tomorrow, **NEWS, **changed}
        return int(self.do(actions.propose_setting, by or self.first, **content).change_id)

    def confirm(self, change_id: int, by: By | None = None) -> None:
        self.do(actions.confirm_setting, by or self.second, change_id=change_id)

    def withdraw(self, change_id: int, by: By | None = None) -> None:
        self.do(actions.withdraw_setting, by or self.first, change_id=change_id)

    def cap(self, on: date) -> int:
        with self.database.reading() as session:
            return parameters_on(session, self.town.community_id, on).whole(CAP)


@pytest.fixture
def heads(fresh_database: Database) -> Heads:
    return Heads(fresh_database)


def test_a_change_is_in_force_from_its_day_once_a_second_person_confirms_it(heads: Heads) -> None:
    change_id = heads.propose()
    assert heads.cap(heads.tomorrow) == 20
    heads.confirm(change_id)
    assert (heads.cap(heads.today), heads.cap(heads.tomorrow)) == (20, 16)
    with heads.database.reading() as session:
        row = parameters_on(session, heads.town.community_id, heads.tomorrow).row(CAP)
        lines = audit_lines(session, heads.town.community_id)
    assert (row.source, row.note, row.unit) == (NEWS["source"], NEWS["reason"], "pieces")
    names = {(line.name, line.client) for line in lines}
    assert {
        ("propose_setting", heads.first.client),
        ("confirm_setting", heads.second.client),
    } <= names


def test_whoever_proposed_does_not_confirm_nor_does_their_household(heads: Heads) -> None:
    change_id = heads.propose()
    with pytest.raises(SamePerson) as refused:
        heads.confirm(change_id, heads.first)
    assert refused.value.facts["why"] == "self"
    family = heads.write(
        lambda session: make.make_household(
            session, heads.town, make.new_person(), make.new_person()
        )
    )
    one, other = (
        heads.write(
            lambda session, who=who: make.make_user(
                session, heads.town, who, make.Role("coordinator")
            )
        )
        for who in family.person_ids
    )
    theirs = heads.propose(one, key="aid.hold_hours", value=48)
    with pytest.raises(SamePerson) as refused:
        heads.confirm(theirs, other)
    assert refused.value.facts["why"] == "household"
    heads.confirm(theirs, heads.approver)


def test_the_database_refuses_the_same_person_too(heads: Heads) -> None:
    heads.propose()
    for values in (
        {"confirmed_at": heads.database.clock(), "confirmed_by_person_id": heads.first.person_id},
        {"confirmed_at": heads.database.clock() + timedelta(days=9),
         "confirmed_by_person_id": heads.second.person_id},
    ):  # fmt: skip
        with pytest.raises(IntegrityError):
            heads.write(
                lambda session, told=values: session.execute(
                    update(parameter_change).values(**told)
                )
            )


@pytest.mark.parametrize("name", ["keeper", "social_worker", "auditor", "stranger"])
def test_others_change_nothing(heads: Heads, name: str) -> None:
    change_id = heads.propose()
    by = heads.write(getattr(make, name), heads.town)
    for do in (heads.propose, lambda who: heads.confirm(change_id, who),
               lambda who: heads.withdraw(change_id, who)):  # fmt: skip
        with pytest.raises(NotAllowed):
            do(by)


def test_an_approver_confirms_and_does_not_propose(heads: Heads) -> None:
    with pytest.raises(NotAllowed):
        heads.propose(heads.approver)
    heads.confirm(heads.propose(), heads.approver)


def test_a_machine_proposes_and_confirms_nothing(heads: Heads) -> None:
    machine = make_by("coordinator", channel="job")
    with pytest.raises(NotAllowed):
        heads.propose(machine)
    with pytest.raises(NotAllowed):
        heads.confirm(heads.propose(), machine)


def test_nobody_alone_sets_a_parameter_loads_a_preset_or_ends_a_rule(heads: Heads) -> None:
    for action, content in (
        (set_parameter, {"key": CAP, "value": 5, "valid_from_on": heads.tomorrow, "source": "x"}),
        (load_preset, {"preset": "changning", "from_on": heads.tomorrow}),
        (retire_rule, {"rule_version_id": 1, "last_on": heads.tomorrow}),
    ):
        with pytest.raises(NotAllowed) as refused:
            heads.do(action, heads.first, **content)
        assert refused.value.facts["why"] == "by_two"


def test_the_neighbours_know_no_change_of_ours(heads: Heads) -> None:
    change_id = heads.propose()
    neighbour = heads.write(make.neighbour)
    for do in (heads.confirm, heads.withdraw):
        with pytest.raises(NotFound):
            do(change_id, neighbour)
    with heads.database.reading() as session, pytest.raises(NotFound):
        queries.change_named(session, neighbour.community_id, change_id)


@pytest.mark.parametrize(
    ("changed", "field", "why"),
    [
        ({"key": "aid.luck"}, "key", "unknown_parameter"),
        ({"value": "16"}, "value", "shape"),
        ({"value": 20}, "value", "same"),
        ({"value": 10**12}, "value", "range"),
        ({"key": "goods.near_expiry", "value": [[5, 4]]}, "value", "gap"),
        ({"key": "goods.condition_percents", "value": {"new": 100}}, "value", "gap"),
        ({"key": "hours.rounding_minutes", "value": 0}, "value", "range"),
        ({"key": "aid.window_months", "value": 37}, "value", "range"),
        ({"key": "goods.near_expiry", "value": [[0, 10**6]]}, "value", "range"),
        ({"key": "people.openings_max", "value": {"coordinator": 10**6}}, "value", "range"),
        (
            {"key": "goods.acceptance", "value": {"toys": {"worst_condition_percent": 101}}},
            "value",
            "range",
        ),
        ({"source": " "}, "source", "empty"),
        ({"reason": "\n"}, "reason", "empty"),
        ({"reason": "长" * 401}, "reason", "too_long"),
        ({"valid_from_on": 0}, "valid_from_on", "not_future"),
        ({"valid_from_on": -30}, "valid_from_on", "not_future"),
        ({"valid_from_on": DAYS_AHEAD_MAX + 1}, "valid_from_on", "too_far"),
    ],
)
def test_each_fault_of_a_change_is_named(
    heads: Heads, changed: dict[str, Any], field: str, why: str
) -> None:
    if "valid_from_on" in changed:
        changed = {"valid_from_on": heads.today + timedelta(days=changed["valid_from_on"])}
    with pytest.raises(BadInput) as refused:
        heads.propose(**changed)
    assert (refused.value.facts["field"], refused.value.facts["why"]) == (field, why)


def test_a_default_that_was_never_set_is_no_news(heads: Heads) -> None:
    with pytest.raises(BadInput):
        heads.propose(key="people.picture_days", value=90)


def test_a_day_has_one_value(heads: Heads) -> None:
    first = heads.propose()
    for _ in range(2):  # While it waits, and once it is confirmed.
        with pytest.raises(BadInput) as refused:
            heads.propose(value=18)
        assert refused.value.facts == {"field": "valid_from_on", "why": "taken"}
        if heads.cap(heads.tomorrow) == 20:
            heads.confirm(first)
    heads.propose(value=18, valid_from_on=heads.tomorrow + timedelta(days=1))


def test_a_withdrawn_change_frees_its_day_and_is_confirmed_by_nobody(heads: Heads) -> None:
    change_id = heads.propose()
    heads.withdraw(change_id, heads.second)
    for do in (heads.confirm, heads.withdraw):
        with pytest.raises(WrongState) as refused:
            do(change_id)
        assert refused.value.facts["state"] == "withdrawn"
    heads.confirm(heads.propose(value=18))
    assert heads.cap(heads.tomorrow) == 18


def test_a_confirmed_change_is_neither_confirmed_again_nor_withdrawn(heads: Heads) -> None:
    change_id = heads.propose()
    heads.confirm(change_id)
    for do in (lambda: heads.confirm(change_id, heads.approver), lambda: heads.withdraw(change_id)):
        with pytest.raises(WrongState) as refused:
            do()
        assert refused.value.facts["state"] == "confirmed"


def test_a_change_that_is_confirmed_too_late_says_so(heads: Heads, clock: Any) -> None:
    change_id = heads.propose()
    clock.now += timedelta(days=1)
    with pytest.raises(ChangeTooLate) as refused:
        heads.confirm(change_id)
    assert refused.value.facts["valid_from_on"] == heads.today.isoformat()
    with pytest.raises(WrongState) as settled:
        heads.withdraw(change_id)
    assert settled.value.facts["state"] == "over"
    assert heads.cap(heads.today) == 20


def test_a_value_set_meanwhile_is_not_overwritten(heads: Heads) -> None:
    change_id = heads.propose()
    founder = make.by_founder(heads.town.community_id)
    heads.do(set_parameter, founder, key=CAP, value=9, valid_from_on=heads.tomorrow, source="x")
    with pytest.raises(BadInput) as refused:
        heads.confirm(change_id)
    assert refused.value.facts["why"] == "taken"
    assert heads.cap(heads.tomorrow) == 9


def test_only_the_second_person_has_it_on_their_worklist(heads: Heads, clock: Any) -> None:
    change_id = heads.propose()

    def waiting(by: By) -> list[int]:
        query = queries.waiting_changes(by)
        with heads.database.reading() as session:
            rows = () if query is None else session.execute(query, {"now": heads.database.clock()})
            return [row.id for row in rows]

    keeper = heads.write(make.keeper, heads.town)
    assert waiting(heads.first) == waiting(keeper) == []
    assert waiting(heads.second) == waiting(heads.approver) == [change_id]
    clock.now += timedelta(days=1)
    assert waiting(heads.second) == []


def test_a_decision_of_last_month_cites_the_value_of_last_month(heads: Heads, clock: Any) -> None:
    taken = [(heads.today - timedelta(days=10), 18)]

    def decide(session: Any, now: Any) -> int:
        case = make_decided(
            session, on=local_day(now), asked=5, community_id=heads.town.community_id,
            papers=(make_paper(),), taken=taken,
        )  # fmt: skip
        return record_decision(Deed(session, heads.first, now), decided=case)

    old = heads.database.write(decide)
    heads.confirm(heads.propose())
    clock.now += timedelta(days=31)
    new = heads.database.write(decide)
    with heads.database.reading() as session:
        last_month, today = (
            decision(session, heads.town.community_id, found) for found in (old, new)
        )
    assert last_month.decided.parameters.whole(CAP) == 20
    assert (last_month.decided.answer.kind, last_month.decided.answer.remaining) == ("eligible", 2)
    assert is_same_answer(replay(last_month), last_month.decided.answer)
    assert today.decided.parameters.row(CAP).source == NEWS["source"]
    assert today.decided.answer.kind == "not_eligible"


def at_once(*work: Callable[[], Any]) -> list[Any]:
    """Run some deeds in threads that start together; return receipts and refusals."""
    gate = Barrier(len(work))

    def run(do: Callable[[], Any]) -> Any:
        gate.wait(timeout=HANG_SECONDS)
        try:
            return do()
        except TimebankError as refusal:
            return refusal.code

    with ThreadPoolExecutor(len(work)) as pool:
        return list(pool.map(run, work))


@pytest.mark.slow
@pytest.mark.parametrize("turn", range(5))
def test_two_confirmations_at_once_write_one_row(heads: Heads, turn: int) -> None:
    change_id = heads.propose()
    answers = at_once(
        lambda: heads.confirm(change_id), lambda: heads.confirm(change_id, heads.approver)
    )
    assert sorted(answers, key=str) == [None, "WRONG_STATE"]
    with heads.database.reading() as session:
        rows = parameter_history(session, heads.town.community_id)
    assert [row.value for row in rows if row.valid_from_on == heads.tomorrow] == [16]


@pytest.mark.slow
@pytest.mark.parametrize("turn", range(5))
def test_two_changes_of_one_parameter_for_one_day_are_one(heads: Heads, turn: int) -> None:
    answers = at_once(lambda: heads.propose(), lambda: heads.propose(heads.second, value=18))
    assert answers.count("BAD_INPUT") == 1
    with heads.database.reading() as session:
        assert len(queries.changes_of(session, heads.town.community_id, CAP)) == 1


@pytest.mark.slow
@pytest.mark.parametrize("turn", range(5))
def test_a_change_is_not_both_confirmed_and_withdrawn(heads: Heads, turn: int) -> None:
    change_id = heads.propose()
    answers = at_once(lambda: heads.confirm(change_id), lambda: heads.withdraw(change_id))
    assert sorted(answers, key=str) == [None, "WRONG_STATE"]
