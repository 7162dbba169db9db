"""Every decision is stored with everything it was based on, and can be replayed."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, event, select, update
from sqlalchemy.exc import DBAPIError

from tests.counts import repeats
from tests.factories import make_by
from tests.factories.policy import (
    decisions_of,
    demo_parameters,
    make_decided,
    make_paper,
    make_preset,
    rule_versions,
)
from tests.policy.strategies import BAD_FACTS, DAYS, TREES, WHOLE_FACTS
from timebank.deeds.deed import Deed
from timebank.errors import NotAllowed, NotFound
from timebank.policy.actions import draft_rule, record_decision, record_decisions, set_parameter
from timebank.policy.queries import decision, replay
from timebank.policy.rules import UNKNOWN, decide, is_same_answer, parse_rule
from timebank.policy.tables import decision as decision_table
from timebank.policy.tables import rule_version

ON = date(2025, 6, 12)
HOUSEHOLD = 117


@pytest.fixture
def shelf(session, now):
    make_preset(session, now=now)


def record(session, now, *, by=None, **case):
    by = by or make_by(household_id=HOUSEHOLD)
    decided = make_decided(session, on=ON, household_id=HOUSEHOLD, **case)
    return record_decision(Deed(session, by, now), decided=decided), decided


def test_a_decision_is_read_back_with_facts_sources_numbers_and_trace(
    session, now, shelf, community_id
):
    taken = [(date(2024, 6, 20), 5), (date(2025, 1, 8), 13)]
    kept, decided = record(session, now, papers=[make_paper()], taken=taken, asked=3)
    found = decision(session, community_id, kept)
    assert is_same_answer(found.answer, decided.answer)
    assert (found.answer.kind, found.answer.remaining) == ("eligible", 2)
    assert found.decided.facts == decided.facts
    assert found.decided.facts["household.documents"].source == "people"
    cap = found.decided.parameters.row("aid.household_pieces_max")
    assert (cap.value, cap.valid_from_on, bool(cap.source)) == (20, date(2023, 1, 1), True)
    assert set(found.decided.parameters.rows) == {"aid.household_pieces_max", "aid.window_months"}
    assert (found.decided.on, found.recorded_at, found.channel) == (ON, now, "web")
    assert found.decided.version == decided.version


@pytest.mark.parametrize(
    ("case", "kind"),
    [
        ({"papers": [make_paper()]}, "eligible"),
        ({}, "not_eligible"),
        ({"papers": None, "area": None}, "needs_information"),
        ({"papers": [make_paper()], "taken": [("2025-06-01", 1)]}, "needs_review"),
    ],
)
def test_a_stored_decision_comes_out_the_same_again(session, now, shelf, community_id, case, kind):
    kept, _ = record(session, now, **case)
    found = decision(session, community_id, kept)
    assert found.answer.kind == kind
    assert is_same_answer(replay(found), found.answer)


def test_later_numbers_do_not_change_a_decision(session, now, shelf, community_id, by_coordinator):
    taken = [(date(2025, 1, 8), 20)]
    kept, _ = record(session, now, papers=[make_paper()], taken=taken)
    set_parameter(
        Deed(session, by_coordinator, now, "r"),
        key="aid.household_pieces_max",
        value=30,
        valid_from_on=date(2025, 6, 10),
        source="议事会",
    )
    found = decision(session, community_id, kept)
    assert replay(found).kind == "not_eligible"
    again, _ = record(session, now, papers=[make_paper()], taken=taken)
    assert decision(session, community_id, again).answer.kind == "eligible"


def test_a_fact_that_was_changed_would_be_noticed(session, now, shelf, community_id):
    """The negative control of the replay: with other facts the answer differs."""
    kept, _ = record(session, now, papers=[make_paper()])
    found = decision(session, community_id, kept)
    facts = {**found.decided.facts, "household.area": UNKNOWN}
    forged = replace(found, decided=replace(found.decided, facts=facts))
    assert not is_same_answer(replay(forged), found.answer)


DRAFT = {"op": "within_area", "fact": "household.area", "area": "community"}


@settings(
    max_examples=repeats(15, 60),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(TREES, st.one_of(WHOLE_FACTS, BAD_FACTS), DAYS, st.integers(1, 5))
def test_any_rule_and_household_written_down_come_out_the_same(
    session, now, by_coordinator, tree, facts, on, asked
):
    moved = draft_rule(Deed(session, by_coordinator, now, "d"), programme="goods_shelf", tree=DRAFT)
    # Straight into the table: a draft may not ask yet for every fact of the catalogue.
    rule = parse_rule(tree)
    session.execute(
        update(rule_version)
        .where(rule_version.c.id == moved.rule_version_id)
        .values(tree=rule.body.decode(), hash=rule.hash)
    )
    versions = rule_versions(session, by_coordinator.community_id, "goods_shelf")
    (version,) = (one for one in versions if one.id == moved.rule_version_id)
    decided = decide(version, facts, demo_parameters(), household_id=HOUSEHOLD, on=on, pieces=asked)
    kept = record_decision(Deed(session, by_coordinator, now), decided=decided)
    found = decision(session, by_coordinator.community_id, kept)
    assert is_same_answer(found.answer, decided.answer)
    assert is_same_answer(replay(found), found.answer)


def test_many_decisions_take_one_statement(session, now, shelf, by_keeper):
    cases = [make_decided(session, on=ON, household_id=number) for number in range(1, 40)]
    statements = []

    def listen(conn, cursor, statement, *rest):
        statements.append(statement)

    bind = session.get_bind()
    event.listen(bind, "before_cursor_execute", listen)
    try:
        ids = record_decisions(Deed(session, by_keeper, now), decided=cases)
    finally:
        event.remove(bind, "before_cursor_execute", listen)
    assert len(set(ids)) == 39
    assert len([s for s in statements if "data_key" not in s]) == 1


def test_a_decision_is_never_changed_or_removed(session, now, shelf):
    kept, _ = record(session, now)
    own = decision_table.c.id == kept
    for change in (
        update(decision_table).where(own).values(answer="eligible"),
        delete(decision_table).where(own),
    ):
        with pytest.raises(DBAPIError), session.begin_nested():
            session.execute(change)
    assert session.scalar(select(decision_table.c.answer).where(own)) == "not_eligible"


def test_who_may_ask_for_a_household(session, now, shelf):
    for by in (
        make_by("keeper"),
        make_by("hotline"),
        make_by(channel="kiosk"),
        make_by(channel="job"),
        make_by(household_id=HOUSEHOLD),
    ):
        assert record(session, now, by=by)


@pytest.mark.parametrize(
    "by",
    [
        make_by(),
        make_by("auditor"),
        make_by("cashier", "accountant"),
        make_by(household_id=HOUSEHOLD + 1),
        make_by(person_id=HOUSEHOLD),
    ],
)
def test_a_stranger_decides_for_nobody(session, now, shelf, by):
    with pytest.raises(NotAllowed):
        record(session, now, by=by)


def test_a_person_asks_for_himself(session, now, shelf, community_id):
    version = make_decided(session, on=ON).version
    decided = decide(version, {}, demo_parameters(), person_id=9, on=ON)
    kept = record_decision(Deed(session, make_by(person_id=9), now), decided=decided)
    assert decisions_of(session, community_id, "person", 9)[0].id == kept
    with pytest.raises(NotAllowed):
        record_decision(Deed(session, make_by(household_id=9), now), decided=decided)


def test_the_neighbour_neither_decides_by_our_rule_nor_reads_our_decisions(
    session, now, shelf, by_neighbour
):
    with pytest.raises(NotFound):
        record(session, now, by=by_neighbour)
    kept, _ = record(session, now)
    with pytest.raises(NotFound):
        decision(session, by_neighbour.community_id, kept)
