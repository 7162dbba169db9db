"""A password that is reset at the counter: two of staff, the holder's hand, a word to them."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from tests.factories import people as make
from timebank.deeds.deed import Deed
from timebank.deeds.refusals import SamePerson
from timebank.deeds.running import perform
from timebank.deeds.tables import audit_line
from timebank.deeds.tables import deed as deed_table
from timebank.errors import BadInput, NotAllowed, NotFound, WrongState
from timebank.people import actions, queries
from timebank.people.actions.visits import new_visit
from timebank.people.closeness import Involved, require_other
from timebank.people.passwords import is_secret_of
from timebank.people.refusals import PasswordResetToday
from timebank.people.tables import app_user, password_reset, visit
from timebank.values import Role

OLD, NEW = make.PASSWORD, "nine paper boats"
TYPED = {"password": NEW, "password_again": NEW}


@pytest.fixture
def town(session):
    return make.make_town(session)


@pytest.fixture
def holder(session, town):
    """A cashier who lives elsewhere."""
    return make.staff(session, town, Role("cashier"))


@pytest.fixture
def first(session, town):
    return make.coordinator(session, town)


@pytest.fixture
def second(session, town):
    return make.approver(session, town)


@pytest.fixture
def run(session, now):
    """Do a deed as somebody, at ``now`` or so much later."""

    def do(action, by, later=timedelta(), **content):
        return action(Deed(session, by, now + later, make.a_request_id()), **content)

    return do


@pytest.fixture
def asked(run, first, holder):
    return run(actions.ask_password_reset, first, user_id=holder.user_id).password_reset_id


def password_is(session, by, password):
    kept = session.scalar(select(app_user.c.password_hash).where(app_user.c.id == by.user_id))
    return is_secret_of(kept, password)


def test_two_of_staff_let_the_holder_set_a_password(session, run, asked, second, holder):
    assert password_is(session, holder, OLD)
    run(actions.reset_password, second, password_reset_id=asked, **TYPED)
    assert password_is(session, holder, NEW)
    told = queries.unread_password_reset(session, 1, holder.person_id)
    assert told is not None and told.asked_by != told.done_by
    run(actions.read_password_reset, holder, password_reset_id=asked)
    assert queries.unread_password_reset(session, 1, holder.person_id) is None
    assert password_is(session, holder, NEW)


def test_whoever_did_not_ask_for_it_stops_the_password(session, run, asked, second, holder, now):
    run(actions.reset_password, second, password_reset_id=asked, **TYPED)
    opened = new_visit(Deed(session, holder, now))
    run(actions.read_password_reset, holder, password_reset_id=asked, is_own=False)
    assert not password_is(session, holder, NEW) and not password_is(session, holder, OLD)
    why = session.scalar(select(visit.c.ended_why).where(visit.c.id == opened.visit_id))
    assert why == "password"
    with pytest.raises(WrongState):
        run(actions.read_password_reset, holder, password_reset_id=asked)


def test_a_reset_ends_the_visits_of_the_holder(session, run, asked, second, holder, now):
    opened = new_visit(Deed(session, holder, now))
    run(actions.reset_password, second, password_reset_id=asked, **TYPED)
    why = session.scalar(select(visit.c.ended_why).where(visit.c.id == opened.visit_id))
    assert why == "password"


def test_the_one_who_asked_does_not_set_it(session, run, asked, first, holder):
    with pytest.raises(SamePerson):
        run(actions.reset_password, first, password_reset_id=asked, **TYPED)
    assert password_is(session, holder, OLD)


def test_a_housemate_of_the_one_who_asked_does_not_set_it(session, town, run, holder):
    family = make.make_household(session, town, make.new_person(), make.new_person())
    couple = [make.make_user(session, town, one, Role("coordinator")) for one in family.person_ids]
    reset_id = run(actions.ask_password_reset, couple[0], user_id=holder.user_id).password_reset_id
    with pytest.raises(SamePerson):
        run(actions.reset_password, couple[1], password_reset_id=reset_id, **TYPED)


def test_nobody_does_it_for_themselves_or_their_household(session, town, run, second):
    family = make.make_household(session, town, make.new_person(), make.new_person())
    heads = [make.make_user(session, town, one, Role("coordinator")) for one in family.person_ids]
    for holder in heads:
        with pytest.raises(NotAllowed):
            run(actions.ask_password_reset, heads[0], user_id=holder.user_id)
        reset_id = run(actions.ask_password_reset, second, user_id=holder.user_id).password_reset_id
        with pytest.raises(NotAllowed):
            run(actions.reset_password, heads[0], password_reset_id=reset_id, **TYPED)


@pytest.mark.parametrize("role", ["keeper", "grid_worker", "hotline", "cashier", "auditor", None])
def test_others_ask_for_nobody_and_set_nothing(role, session, town, run, asked, holder):
    by = make.staff(session, town, Role(role)) if role else make.resident(session, town)
    with pytest.raises(NotAllowed):
        run(actions.ask_password_reset, by, user_id=holder.user_id)
    with pytest.raises(NotAllowed):
        run(actions.reset_password, by, password_reset_id=asked, **TYPED)


def test_a_machine_resets_nothing(town, run, asked, holder):
    with pytest.raises(NotAllowed):
        run(actions.reset_password, town.by, password_reset_id=asked, **TYPED)


def test_it_lapses_with_the_day_and_is_done_once(run, asked, first, second, holder):
    with pytest.raises(WrongState):
        run(actions.ask_password_reset, second, user_id=holder.user_id)
    told = {"password_reset_id": asked, **TYPED}
    with pytest.raises(WrongState):
        run(actions.reset_password, second, timedelta(hours=14), **told)
    run(actions.reset_password, second, timedelta(hours=13), **told)
    with pytest.raises(WrongState):
        run(actions.reset_password, second, timedelta(hours=13), **told)


@pytest.mark.parametrize("typed", [("short", "short"), (NEW, "other boats"), ("password1",) * 2])
def test_a_password_typed_wrongly_changes_nothing(typed, session, run, asked, second, holder):
    told = dict(zip(("password", "password_again"), typed, strict=True))
    with pytest.raises(BadInput):
        run(actions.reset_password, second, password_reset_id=asked, **told)
    assert password_is(session, holder, OLD)


def test_who_left_gets_no_password(run, asked, first, second, holder):
    run(actions.close_user, first, user_id=holder.user_id)
    with pytest.raises(WrongState):
        run(actions.reset_password, second, password_reset_id=asked, **TYPED)
    with pytest.raises(WrongState):
        run(actions.ask_password_reset, first, user_id=holder.user_id)
    with pytest.raises(NotFound):
        run(actions.ask_password_reset, first, user_id=404)


def test_another_community_finds_nothing(session, run, asked, holder):
    away = make.neighbour(session)
    with pytest.raises(NotFound):
        run(actions.ask_password_reset, away, user_id=holder.user_id)
    with pytest.raises(NotFound):
        run(actions.reset_password, away, password_reset_id=asked, **TYPED)


def test_only_the_holder_says_that_they_have_read_it(run, asked, first, second):
    run(actions.reset_password, second, password_reset_id=asked, **TYPED)
    with pytest.raises(NotAllowed):
        run(actions.read_password_reset, first, password_reset_id=asked)


def test_nothing_is_read_before_it_was_done(run, asked, holder):
    with pytest.raises(WrongState):
        run(actions.read_password_reset, holder, password_reset_id=asked, is_own=False)


@pytest.mark.parametrize("who", ["first", "holder"])
def test_the_database_refuses_one_person_for_two(who, session, asked, first, holder, now):
    by = {"first": first, "holder": holder}[who]
    with pytest.raises(IntegrityError, match="two_of_staff"), session.begin_nested():
        session.execute(
            update(password_reset)
            .where(password_reset.c.id == asked)
            .values(set_by_person_id=by.person_id, set_at=now)
        )
    done = select(func.count()).where(password_reset.c.set_at.is_not(None))
    assert session.scalar(done) == 0


@pytest.mark.parametrize("part", ["first", "second", "third"])
def test_whoever_had_a_part_signs_nothing_with_the_holder_that_day(
    part, session, town, run, asked, first, second, holder, now
):
    run(actions.reset_password, second, password_reset_id=asked, **TYPED)
    third = make.approver(session, town)
    by = {"first": first, "second": second, "third": third}[part]
    involved = Involved((holder.client,))
    require_other(Deed(session, by, now + timedelta(days=1)), involved)
    require_other(Deed(session, by, now), Involved((make.keeper(session, town).client,)))
    if part == "third":
        require_other(Deed(session, by, now), involved)
        return
    with pytest.raises(PasswordResetToday) as refused:
        require_other(Deed(session, by, now), involved)
    assert refused.value.facts["free_on"] == "2025-06-11"


def test_whoever_had_a_part_does_nothing_for_the_household_that_day(session, town, run, first, now):
    home = make.resident(session, town)
    run(actions.ask_password_reset, first, user_id=home.user_id)
    with pytest.raises(PasswordResetToday):
        queries.require_no_part_today(session, first, [home.household_id], now)
    with pytest.raises(PasswordResetToday):
        queries.require_no_part_today(session, first, [], now, person_ids=[home.person_id])
    queries.require_no_part_today(session, first, [None], now, person_ids=[None])


def test_it_waits_on_the_worklist_of_a_second_person(session, asked, first, second, holder, now):
    def waiting(by):
        rows = queries.waiting_password_resets(by)
        return [] if rows is None else [row.id for row in session.execute(rows, {"now": now})]

    assert [waiting(by) for by in (first, second, holder)] == [[], [asked], []]


def test_no_password_is_kept_with_the_request(fresh_database):
    def build(session, now):
        town = make.make_town(session)
        return (
            make.staff(session, town, Role("cashier")),
            make.coordinator(session, town),
            make.approver(session, town),
        )

    holder, first, second = fresh_database.write(build)
    asked = perform(
        fresh_database, actions.ask_password_reset, by=first, request_id="1",
        user_id=holder.user_id,
    )  # fmt: skip
    perform(
        fresh_database, actions.reset_password, by=second, request_id="2",
        password_reset_id=asked.password_reset_id, **TYPED,
    )  # fmt: skip
    with fresh_database.reading() as session:
        rows = [
            str(row) for of in (deed_table, audit_line, password_reset)
            for row in session.execute(select(of))
        ]  # fmt: skip
    assert rows and not any(NEW in row for row in rows)
