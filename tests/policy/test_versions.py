"""A rule goes draft, rehearsed, approved, scheduled, active, retired; the database enforces it."""

import threading
from datetime import date, timedelta

import pytest
from sqlalchemy import delete, insert, text, update
from sqlalchemy.exc import DBAPIError

from tests.factories import make_by
from tests.factories.policy import make_preset, rule_versions
from tests.waiting import HANG_SECONDS
from timebank.deeds.deed import Deed
from timebank.deeds.refusals import SamePerson
from timebank.errors import BadInput, NotAllowed, NotFound, TimebankError, WrongState
from timebank.jobs import run_jobs
from timebank.policy.actions import (
    approve_rule,
    draft_rule,
    redraft_rule,
    rehearse_rule,
    retire_rule,
    schedule_rule,
    turn_rules,
)
from timebank.policy.queries import active_rule
from timebank.policy.refusals import RehearsalFailed, RuleOverlap
from timebank.policy.rules import GoldenCase
from timebank.policy.tables import rule_version

HERE = {"op": "within_area", "fact": "household.area", "area": "community"}
NEAR = {**HERE, "area": "grid:1"}
GOLDEN = (
    GoldenCase("here", date(2025, 6, 10), {"household.area": ["community"]}, "eligible"),
    GoldenCase(
        "elsewhere", date(2025, 6, 10), {"household.area": ["far"]}, "not_eligible",
        reason="NOT_ELIGIBLE", remaining=0,
    ),
)  # fmt: skip
AUTHOR = make_by("coordinator", user_id=1)
COLLEAGUE = make_by("coordinator", user_id=3)
SECOND = make_by("approver", user_id=2)
IN_JULY = date(2025, 7, 1)


def draft(session, now, tree=HERE, by=AUTHOR):
    return draft_rule(
        Deed(session, by, now, "d"), programme="goods_shelf", tree=tree
    ).rule_version_id


def rehearsed(session, now):
    found = draft(session, now)
    rehearse(session, now, found)
    return found


def rehearse(session, now, found, *, cases=GOLDEN, by=AUTHOR):
    return rehearse_rule(Deed(session, by, now, "r"), rule_version_id=found, cases=cases)


def approve(session, now, found, *, by=SECOND):
    return approve_rule(Deed(session, by, now, "a"), rule_version_id=found)


def approved(session, now):
    found = rehearsed(session, now)
    approve(session, now, found)
    return found


def schedule(session, now, found, *, by=COLLEAGUE, from_on=IN_JULY, until_on=None):
    return schedule_rule(
        Deed(session, by, now, "s"),
        rule_version_id=found,
        active_from_on=from_on,
        active_until_on=until_on,
    )


def raw(session, found, **content):
    """Write past the actions, as a careless program would."""
    with session.begin_nested():
        session.execute(update(rule_version).where(rule_version.c.id == found).values(**content))


def state_of(session, found):
    (version,) = (v for v in rule_versions(session, 1, "goods_shelf") if v.id == found)
    return version.state


def test_its_author_does_not_choose_the_day_of_a_rule(session, now):
    found = approved(session, now)
    with pytest.raises(SamePerson):
        schedule(session, now, found, by=AUTHOR)
    assert state_of(session, found) == "approved"


def test_a_rule_walks_through_all_its_states(session, now):
    found = draft(session, now)
    states = [state_of(session, found)]
    for step in (rehearse, approve, schedule):
        states.append(step(session, now, found).state)
    later = now + timedelta(days=21)
    turn_rules(Deed(session, AUTHOR, later, "t"))
    states.append(state_of(session, found))
    retire_rule(Deed(session, AUTHOR, later, "x"), rule_version_id=found, last_on=IN_JULY)
    turn_rules(Deed(session, AUTHOR, later + timedelta(days=1), "t2"))
    states.append(state_of(session, found))
    assert states == ["draft", "rehearsed", "approved", "scheduled", "active", "retired"]
    assert active_rule(session, 1, "goods_shelf", IN_JULY).id == found
    assert active_rule(session, 1, "goods_shelf", date(2025, 7, 2)) is None


def test_what_begins_today_is_active_at_once(session, now):
    assert schedule(session, now, approved(session, now), from_on=date(2025, 6, 10)).state == (
        "active"
    )


def test_nobody_approves_his_own_draft_whichever_door_he_comes_by(session, now):
    found = rehearsed(session, now)
    with pytest.raises(SamePerson):
        approve(session, now, found, by=make_by("approver", user_id=1, channel="kiosk"))
    with pytest.raises(DBAPIError):
        raw(session, found, state="approved", approved_by="user:1", approved_at=now)


def test_nobody_changes_the_words_of_another_and_then_approves_them(session, now):
    found = rehearsed(session, now)
    other = make_by("coordinator", user_id=3)
    with pytest.raises(NotAllowed):
        redraft_rule(Deed(session, other, now, "e"), rule_version_id=found, tree=NEAR)


def test_a_changed_draft_must_be_rehearsed_again(session, now):
    found = rehearsed(session, now)
    moved = redraft_rule(Deed(session, AUTHOR, now, "e"), rule_version_id=found, tree=NEAR)
    assert moved.state == "draft"
    with pytest.raises(WrongState):
        approve(session, now, found)
    with pytest.raises(RehearsalFailed) as refused:
        rehearse(session, now, found)
    assert refused.value.facts["case"] == "here"
    assert refused.value.facts["got"]["kind"] == "not_eligible"


def test_a_rehearsal_without_cases_or_with_unknown_facts_is_none(session, now):
    found = draft(session, now)
    with pytest.raises(BadInput):
        rehearse(session, now, found, cases=())
    with pytest.raises(BadInput):
        rehearse(
            session, now, found,
            cases=(GoldenCase("x", IN_JULY, {"person.faith": 1}, "eligible"),),
        )  # fmt: skip


@pytest.mark.parametrize(
    "content",
    [
        {"tree": "{}"},
        {"hash": "0" * 64},
        {"approved_by": "user:9"},
        {"programme": "other"},
        {"version_no": 7},
        {"drafted_by": "user:9"},
        {"rehearsed_cases": 99},
        {"state": "rehearsed", "approved_by": None, "approved_at": None},
        {"state": "active", "active_from_on": IN_JULY},
        {"state": "draft", "approved_by": None, "approved_at": None},
    ],
)
def test_the_database_keeps_an_approved_rule_as_it_is(session, now, content):
    found = approved(session, now)
    with pytest.raises(DBAPIError):
        raw(session, found, **content)


def test_the_database_keeps_the_past_of_a_rule_in_force(session, now):
    found = approved(session, now)
    schedule(session, now, found, from_on=date(2025, 6, 10))
    with pytest.raises(DBAPIError):
        raw(session, found, active_from_on=date(2025, 1, 1))
    raw(session, found, state="retired", active_until_on=date(2025, 6, 30))
    with pytest.raises(DBAPIError):
        raw(session, found, active_until_on=date(2025, 12, 31))


def test_the_database_knows_no_rule_that_was_never_a_draft(session, now):
    row = {
        "community_id": 1, "id": 5, "programme": "goods_shelf", "version_no": 9, "tree": "{}",
        "hash": "", "drafted_by": "user:1", "drafted_at": now,
    }  # fmt: skip
    with pytest.raises(DBAPIError), session.begin_nested():
        session.execute(insert(rule_version).values(**row, state="rehearsed", rehearsed_at=now))


def test_no_version_is_ever_removed(session, now):
    found = draft(session, now)
    with pytest.raises(DBAPIError), session.begin_nested():
        session.execute(delete(rule_version).where(rule_version.c.id == found))


def test_a_new_version_ends_the_one_before_it_on_the_day_before(session, now):
    make_preset(session, now=now)
    found = approved(session, now)
    schedule(session, now, found)
    newest, first = rule_versions(session, 1, "goods_shelf")
    assert (newest.id, newest.version_no) == (found, 2)
    assert first.active_until_on == date(2025, 6, 30)
    assert active_rule(session, 1, "goods_shelf", date(2025, 6, 30)).version_no == 1
    assert active_rule(session, 1, "goods_shelf", IN_JULY).version_no == 2


def test_two_versions_never_count_on_one_day(session, now):
    first, second = approved(session, now), approved(session, now)
    schedule(session, now, first, from_on=IN_JULY, until_on=date(2025, 7, 31))
    for from_on, until_on in (
        (IN_JULY, None), (date(2025, 6, 15), None), (date(2025, 6, 15), IN_JULY),
    ):  # fmt: skip
        with pytest.raises(RuleOverlap) as refused:
            schedule(session, now, second, from_on=from_on, until_on=until_on)
        assert refused.value.facts == {"version_no": 1}
        with pytest.raises(DBAPIError):
            raw(
                session, second, state="scheduled", active_from_on=from_on,
                active_until_on=until_on,
            )  # fmt: skip
    schedule(session, now, second, from_on=date(2025, 8, 1))


def test_the_neighbours_versions_do_not_stand_in_the_way(session, now, by_neighbour):
    make_preset(session, now=now)
    make_preset(session, now=now, by=by_neighbour)
    assert active_rule(session, 2, "goods_shelf", IN_JULY) is not None


@pytest.mark.parametrize(
    "days",
    [
        {"from_on": date(2025, 6, 9)},
        {"from_on": IN_JULY, "until_on": date(2025, 6, 30)},
    ],
)
def test_a_range_that_is_past_or_upside_down_is_refused(session, now, days):
    found = approved(session, now)
    with pytest.raises(BadInput):
        schedule(session, now, found, **days)


def test_a_rule_ends_today_at_the_earliest(session, now):
    found = approved(session, now)
    schedule(session, now, found, from_on=date(2025, 6, 10))
    with pytest.raises(BadInput):
        retire_rule(
            Deed(session, AUTHOR, now, "x"), rule_version_id=found, last_on=date(2025, 6, 9)
        )


def test_an_unknown_programme_or_a_rule_of_wrong_shape_is_refused(session, now):
    with pytest.raises(BadInput):
        draft_rule(Deed(session, AUTHOR, now, "d"), programme="lottery", tree=HERE)
    with pytest.raises(BadInput):
        draft(session, now, {**HERE, "fact": "person.faith"})


def test_a_fact_that_no_subject_supplies_cannot_be_asked(session, now):
    income = {"op": "at_most", "fact": "household.income_per_head_fen", "value": 100_000}
    tree = {"op": "any", "of": [HERE, income]}
    with pytest.raises(BadInput) as refused:
        draft(session, now, tree)
    assert refused.value.facts["why"] == "fact_not_supplied"
    assert refused.value.facts["fact"] == "household.income_per_head_fen"
    found = draft(session, now)
    with pytest.raises(BadInput):
        redraft_rule(Deed(session, AUTHOR, now, "e"), rule_version_id=found, tree=tree)


STRANGERS = [(), ("keeper",), ("auditor",), ("grid_worker", "social_worker")]


@pytest.mark.parametrize("roles", STRANGERS)
def test_a_stranger_moves_no_rule(session, now, roles):
    by = make_by(*roles, user_id=8)
    found = rehearsed(session, now)
    for attempt in (
        lambda: draft(session, now, by=by),
        lambda: rehearse(session, now, found, by=by),
        lambda: approve(session, now, found, by=by),
        lambda: schedule(session, now, found, by=by),
        lambda: turn_rules(Deed(session, by, now, "t")),
        lambda: redraft_rule(Deed(session, by, now, "e"), rule_version_id=found, tree=NEAR),
        lambda: retire_rule(Deed(session, by, now, "x"), rule_version_id=found, last_on=IN_JULY),
    ):
        with pytest.raises(NotAllowed):
            attempt()


def test_the_neighbour_finds_none_of_our_rules(session, now, by_neighbour):
    found = rehearsed(session, now)
    for attempt in (rehearse, approve, schedule):
        with pytest.raises(NotFound):
            attempt(session, now, found, by=by_neighbour)
    with pytest.raises(NotFound):
        retire_rule(Deed(session, by_neighbour, now, "x"), rule_version_id=found, last_on=IN_JULY)


@pytest.mark.slow
@pytest.mark.parametrize("is_guarded", [True, False])
def test_of_two_who_schedule_at_once_one_is_refused(fresh_database, now, is_guarded):
    """Both read before either has written; without the guard both would be in force."""
    ids = fresh_database.write(lambda s, _: [approved(s, now), approved(s, now)])
    if not is_guarded:
        fresh_database.write(lambda s, _: drop_guard(s))
    both_looked = threading.Barrier(2, timeout=HANG_SECONDS)
    refused = []

    def careless(found):
        def work(session, _):
            is_postgresql = session.get_bind().dialect.name == "postgresql"
            taken = active_rule(session, 1, "goods_shelf", IN_JULY)
            if is_postgresql:
                both_looked.wait()
                assert taken is None
            raw(session, found, state="scheduled", active_from_on=IN_JULY)

        try:
            fresh_database.write(work)
        except (DBAPIError, TimebankError) as error:
            refused.append(error)

    threads = [threading.Thread(target=careless, args=(found,)) for found in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == (1 if is_guarded else 0)


def drop_guard(session):
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("ALTER TABLE rule_version DROP CONSTRAINT ex_rule_version_overlap"))
        return
    guards = session.execute(
        text("SELECT name FROM sqlite_master WHERE type = 'trigger' AND sql LIKE '%overlap%'")
    ).scalars()
    for name in guards.all():
        session.execute(text(f"DROP TRIGGER {name}"))


@pytest.mark.slow
def test_the_deed_itself_makes_two_who_schedule_come_one_after_the_other(fresh_database, now):
    ids = fresh_database.write(lambda s, _: [approved(s, now), approved(s, now)])
    started, refused = threading.Barrier(2, timeout=HANG_SECONDS), []

    def work(found):
        started.wait()
        try:
            fresh_database.write(lambda session, _: schedule(session, now, found))
        except RuleOverlap as overlap:
            refused.append(overlap)

    threads = [threading.Thread(target=work, args=(found,)) for found in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 1


def test_a_rule_scheduled_for_a_later_day_becomes_active_through_the_jobs(fresh_database, clock):
    """Without the job it could never be retired: only an active version can."""

    def prepare(session, now):
        found = approved(session, now)
        schedule(session, now, found)
        return found

    found = fresh_database.write(prepare)
    clock.now += timedelta(days=21)
    run_jobs(fresh_database)
    with fresh_database.reading() as session:
        assert state_of(session, found) == "active"
