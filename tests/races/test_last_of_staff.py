"""Staff at the same moment: the last ones who decide stay, and a second person is one person."""

import threading
from contextlib import suppress

import pytest
from sqlalchemy import func, select

from tests.factories import people as make
from tests.factories.people import a_request_id
from tests.races.racing import RACERS, address, race
from tests.races.unguarded import take_out_begin_immediate
from timebank.deeds.running import perform
from timebank.errors import WrongState
from timebank.people import actions
from timebank.people.actions import roles
from timebank.people.passwords import is_secret_of
from timebank.people.refusals import LastOfStaff
from timebank.people.tables import app_user, staff_role
from timebank.values import Role


def coordinators(session, now):
    """As many as there are racers, and one more who is left."""
    town = make.make_town(session)
    return [make.coordinator(session, town) for _ in range(RACERS + 1)]


def close_each_other(database, heads):
    """Each closes the next one in a ring, all at once."""

    def work(own, number):
        own.info, own.clock = database.info, database.clock
        told = {"by": heads[number], "user_id": heads[(number + 1) % len(heads)].user_id}
        return perform(own, actions.close_user, request_id=a_request_id(), **told)

    return race(address(database), work)


def left(database):
    query = select(func.count(func.distinct(staff_role.c.user_id))).where(
        staff_role.c.ended_at.is_(None)
    )
    with database.reading() as session:
        return session.scalar(query)


def test_two_coordinators_are_left_however_many_are_ended_at_once(fresh_database):
    heads = fresh_database.write(coordinators)
    answers = close_each_other(fresh_database, heads)
    assert left(fresh_database) == 2, answers
    assert sum(isinstance(one, LastOfStaff) for one in answers) == 1


def test_without_the_lock_nobody_would_be_left(fresh_database, monkeypatch):
    heads = fresh_database.write(coordinators)
    all_have_read = threading.Barrier(RACERS, timeout=2)
    monkeypatch.setattr(roles, "_locked_deciders", _unlocked(all_have_read))
    take_out_begin_immediate(monkeypatch)
    answers = close_each_other(fresh_database, heads)
    assert left(fresh_database) < 2, answers


def _unlocked(all_have_read):
    """The mutant: read who is left without a lock, and wait until all have read."""

    def read(deed):
        rows = deed.session.execute(
            select(staff_role.c.id, staff_role.c.user_id, staff_role.c.name).where(
                staff_role.c.ended_at.is_(None)
            )
        )
        seen = tuple(roles.StaffRole(*row) for row in rows)
        with suppress(threading.BrokenBarrierError):
            all_have_read.wait()
        return seen

    return read


def test_one_of_many_confirms_a_role(fresh_database):
    def build(session, now):
        town = make.make_town(session)
        people = [make.approver(session, town) for _ in range(RACERS)]
        return make.coordinator(session, town), make.keeper(session, town), people

    head, keeper, people = fresh_database.write(build)
    told = {"by": head, "request_id": a_request_id(), "user_id": keeper.user_id, "role": "cashier"}
    offered = perform(fresh_database, actions.grant_role, **told).invitation_id

    def work(own, number):
        own.info, own.clock = fresh_database.info, fresh_database.clock
        told = {"by": people[number], "invitation_id": offered}
        return perform(own, actions.confirm_invitation, request_id=a_request_id(), **told)

    answers = race(address(fresh_database), work)
    assert sum(isinstance(one, WrongState) for one in answers) == RACERS - 1, answers
    with fresh_database.reading() as session:
        of_keeper = staff_role.c.user_id == keeper.user_id
        held = session.scalars(select(staff_role.c.name).where(of_keeper)).all()
    assert sorted(held) == ["cashier", "keeper"]


def test_one_of_many_sets_a_password(fresh_database):
    def build(session, now):
        town = make.make_town(session)
        people = [make.approver(session, town) for _ in range(RACERS)]
        holder = make.staff(session, town, Role("cashier"))
        return make.coordinator(session, town), holder, people

    head, holder, people = fresh_database.write(build)
    told = {"by": head, "request_id": a_request_id(), "user_id": holder.user_id}
    asked = perform(fresh_database, actions.ask_password_reset, **told).password_reset_id
    words = [f"paper boat number {number}" for number in range(RACERS)]

    def work(own, number):
        own.info, own.clock = fresh_database.info, fresh_database.clock
        typed = {"password": words[number], "password_again": words[number]}
        told = {"by": people[number], "password_reset_id": asked, **typed}
        return perform(own, actions.reset_password, request_id=a_request_id(), **told)

    answers = race(address(fresh_database), work)
    (winner,) = [at for at, one in enumerate(answers) if isinstance(one, actions.PasswordReset)]
    with fresh_database.reading() as session:
        kept = session.scalar(
            select(app_user.c.password_hash).where(app_user.c.id == holder.user_id)
        )
    assert is_secret_of(kept, words[winner])


@pytest.mark.parametrize("first", ["end_role", "close_user"])
def test_ending_and_closing_wait_for_each_other(fresh_database, first):
    """One is ended by role, the other is closed: of three who decide, two stay."""

    def build(session, now):
        town = make.make_town(session)
        return [make.coordinator(session, town) for _ in range(3)]

    heads = fresh_database.write(build)
    with fresh_database.reading() as session:
        of_second = staff_role.c.user_id == heads[1].user_id
        role_id = session.scalar(select(staff_role.c.id).where(of_second))
    deeds = [
        (actions.end_role, {"by": heads[0], "role_id": role_id}),
        (actions.close_user, {"by": heads[1], "user_id": heads[2].user_id}),
    ]
    deeds = deeds if first == "end_role" else deeds[::-1]

    def work(own, number):
        own.info, own.clock = fresh_database.info, fresh_database.clock
        if number >= len(deeds):
            return None
        action, told = deeds[number]
        return perform(own, action, request_id=a_request_id(), **told)

    answers = race(address(fresh_database), work)
    assert left(fresh_database) == 2
    assert sum(isinstance(one, LastOfStaff) for one in answers) == 1, answers
