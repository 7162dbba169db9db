"""What a new community lacks stays above the worklist of its coordinators until it is done."""

from dataclasses import astuple

import pytest
from sqlalchemy import insert, update

from tests.factories import people as make
from tests.factories.empty import TODAY, empty_database
from tests.factories.kiosks import make_device
from tests.founding.test_set_up import save_all
from timebank.checking.backups import note_made
from timebank.deeds.deed import Deed
from timebank.founding import set_up
from timebank.founding.actions import founder_of
from timebank.founding.entering import enter_first, slip_code
from timebank.founding.queries import first_slips, what_lacks
from timebank.people.actions import NewPerson, add_user, close_user, end_role, enrol_people
from timebank.people.queries import staff
from timebank.people.tables import second_factor
from timebank.values import Role, local_instant

LIST = "开门以前还缺"
NOW = local_instant(TODAY, 9)


@pytest.fixture
def fresh(tmp_path):
    """A community that was founded a moment ago, with its founder."""
    with empty_database(tmp_path) as database:
        save_all(database)
        by = founder_of(set_up.found_from_draft(database))
        with database.reading() as session:
            codes = [slip_code(session, one) for one, _name in first_slips(session, now=NOW)]
        for code, name in zip(codes, ("chen", "lin2"), strict=True):
            enter_first(
                database, community_id=by.community_id, typed=code, login_name=name,
                password=make.PASSWORD, source="10.0.0.1",
            )  # fmt: skip
        yield database, by


def lacks(database, by):
    with database.reading() as session:
        return what_lacks(session, by.community_id, now=database.clock())


def hire(database, by, role):
    """Let one more person of staff in; return the user."""

    def work(session, now):
        deed = Deed(session, by, now)
        (person_id,) = enrol_people(deed, people=(NewPerson(name="黄丙三"),)).person_ids
        return add_user(
            deed, person_id=person_id, login_name=f"{role}-two", password=make.PASSWORD,
            roles=(Role(role),),
        ).user_id  # fmt: skip

    return database.write(work)


def test_before_anybody_has_come_in_their_second_factor_lacks(tmp_path):
    with empty_database(tmp_path) as database:
        save_all(database)
        assert lacks(database, founder_of(set_up.found_from_draft(database))).second_factor


def test_a_new_community_lacks_all_but_its_first_two(fresh):
    assert astuple(lacks(*fresh)) == (True, True, True, True)


def test_a_keeper_and_a_second_coordinator_are_no_longer_lacking(fresh):
    database, by = fresh
    keeper_id = hire(database, by, "keeper")
    assert not lacks(*fresh).keeper and lacks(*fresh).second_coordinator
    hire(database, by, "coordinator")
    assert not lacks(*fresh).second_coordinator
    database.write(lambda session, now: close_user(Deed(session, by, now), user_id=keeper_id))
    assert lacks(*fresh).keeper


def test_a_role_that_has_ended_counts_no_more(fresh):
    database, by = fresh
    hire(database, by, "coordinator")
    with database.reading() as session:
        role_id = next(
            one.role_id for one in staff(session, by.community_id) if one.role == "coordinator"
        )
    database.write(lambda session, now: end_role(Deed(session, by, now), role_id=role_id))
    assert lacks(*fresh).second_coordinator


def test_the_second_factor_lacks_until_everybody_who_needs_one_has_confirmed_it(fresh):
    database, by = fresh
    hire(database, by, "keeper")  # A keeper needs none.
    with database.reading() as session:
        users = {one.user_id for one in staff(session, by.community_id) if one.role != "keeper"}

    def confirm(session, now, user_id, confirmed_at):
        row = {"community_id": by.community_id, "user_id": user_id, "secret_sealed": b"x"}
        told = {"drawn_at": now, "confirmed_at": confirmed_at, "last_step": 0}
        session.execute(insert(second_factor).values(row | told))

    first, second = users
    database.write(lambda session, now: confirm(session, now, first, now))
    assert lacks(*fresh).second_factor
    database.write(lambda session, now: confirm(session, now, second, None))
    assert lacks(*fresh).second_factor  # A drawn one proves nothing yet.
    database.write(
        lambda session, now: session.execute(update(second_factor).values(confirmed_at=now))
    )
    assert not lacks(*fresh).second_factor


def test_a_kiosk_lacks_until_one_is_paired(office):
    coordinator = office.staff["coordinator"]
    assert lacks(office.database, coordinator).kiosk
    office.do(make_device, office.shop, coordinator, now=office.database.clock())
    assert not lacks(office.database, coordinator).kiosk


def test_the_list_is_for_coordinators_alone_and_ends_when_nothing_lacks(office, tmp_path):
    office.app.config["DATA"] = tmp_path
    coordinator = office.enter("coordinator")
    page = coordinator.get("/work").text
    assert LIST in page and "/work/backups" in page and "/work/kiosks" in page
    assert LIST not in office.enter("social_worker").get("/work").text
    note_made(tmp_path, tmp_path / "elsewhere.sqlite")
    office.do(make_device, office.shop, office.staff["coordinator"], now=office.database.clock())
    assert "可以开门了" in coordinator.get("/work").text  # A second coordinator can wait.
    office.do(make.coordinator, office.town)
    with office.statements() as first:
        assert "可以开门了" not in coordinator.get("/work").text
    with office.statements() as second:
        coordinator.get("/work")
    assert len(second) < len(first)  # Nobody asks any more.
