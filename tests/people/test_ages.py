"""The group of an age stands in clear, and is right on the day on which it changes."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select, update

from tests.factories import people as make
from timebank.deeds.deed import Deed
from timebank.people import queries
from timebank.people.actions import NewPerson, enrol_people, move_age_groups
from timebank.people.rules.ages import AGE_GROUPS, age_group, group_on, moved
from timebank.people.tables import person
from timebank.values import local_instant

TODAY = date(2025, 6, 10)


@pytest.mark.parametrize(
    ("born", "on", "group", "changes_on"),
    [
        (date(2011, 6, 11), TODAY, "0-13", date(2025, 6, 11)),
        (date(2011, 6, 10), TODAY, "14-17", date(2029, 6, 10)),
        (date(1965, 6, 11), TODAY, "18-59", date(2025, 6, 11)),
        (date(1965, 6, 10), TODAY, "60-64", date(2030, 6, 10)),
        (date(1945, 6, 10), TODAY, "80+", None),
        (date(1960, 2, 29), date(2025, 2, 28), "60-64", date(2025, 3, 1)),
        (date(1960, 2, 29), date(2025, 3, 1), "65-69", date(2030, 3, 1)),
        (date(2025, 6, 10), TODAY, "0-13", date(2039, 6, 10)),
    ],
)
def test_a_group_ends_on_a_birthday(born, on, group, changes_on):
    assert age_group(born, on) == (group, changes_on)


def test_what_was_stored_long_ago_gives_the_group_of_every_later_day():
    born = date(1950, 3, 31)
    group, changes_on = age_group(born, born)
    for years in range(100):
        for day in (date(1950 + years, 3, 30), date(1950 + years, 3, 31)):
            if day >= born:
                assert group_on(group, changes_on, day) == age_group(born, day)[0]
                assert moved(group, changes_on, day) == age_group(born, day)
    assert group_on(None, None, TODAY) is None


def enrol(session, town, **born):
    people = tuple(NewPerson(name, birth_on=day) for name, day in born.items())
    by = Deed(session, town.by, local_instant(TODAY), make.a_request_id())
    return enrol_people(by, people=people).person_ids


def stored(session, person_id):
    row = session.execute(
        select(person.c.age_group, person.c.age_changes_on).where(person.c.id == person_id)
    ).one()
    return tuple(row)


def test_nothing_but_the_group_and_the_day_of_the_next_one_stands_in_clear(session, town, vault):
    (person_id,) = enrol(session, town, 陈甲一=date(1965, 6, 12))
    row = session.execute(select(person).where(person.c.id == person_id)).one()
    assert not any(value == date(1965, 6, 12) for value in row)
    assert stored(session, person_id) == ("18-59", date(2025, 6, 12))
    assert vault.open(row.birth_sealed, "person.birth") == "1965-06-12"
    assert bytes(row.birth_digest) == vault.digest("person.birth", "1965-06-12")


def test_a_reader_gets_the_new_group_before_the_job_has_run(session, town):
    (person_id,) = enrol(session, town, 陈甲一=date(1965, 6, 12))
    brief = queries.person_brief(session, 1, person_id)
    eve = date(2025, 6, 11)
    assert [brief.age_group_on(day) for day in (eve, eve + timedelta(days=1))] == [
        "18-59", "60-64",
    ]  # fmt: skip


def test_the_job_moves_who_is_due_on_that_local_day_and_nobody_else(session, town):
    sixty, later, unknown = enrol(
        session, town, 陈甲一=date(1965, 6, 12), 林乙二=date(1965, 6, 13), 王丙三=None
    )
    # Midnight in the community is four in the afternoon in UTC.
    eve = local_instant(date(2025, 6, 12)) - timedelta(microseconds=1)
    assert run_job(session, town, eve).people == 0
    assert run_job(session, town, eve + timedelta(microseconds=1)).people == 1
    assert stored(session, sixty) == ("60-64", date(2030, 6, 12))
    assert stored(session, later) == ("18-59", date(2025, 6, 13))
    assert stored(session, unknown) == (None, None)


def test_the_job_catches_up_after_years_and_does_nothing_twice(session, town):
    (person_id,) = enrol(session, town, 陈甲一=date(1960, 2, 29))
    far = local_instant(date(2040, 2, 29))
    assert run_job(session, town, far).people == 1
    assert stored(session, person_id) == ("80+", None)
    assert run_job(session, town, far).people == 0


def test_a_day_that_cannot_be_read_moves_by_what_is_stored(session, town):
    (person_id,) = enrol(session, town, 陈甲一=date(1965, 6, 12))
    session.execute(update(person).where(person.c.id == person_id).values(birth_sealed=b"\x02x"))
    assert run_job(session, town, local_instant(date(2025, 6, 12))).people == 1
    assert stored(session, person_id) == ("60-64", date(2030, 6, 12))


def run_job(session, town, now):
    return move_age_groups(Deed(session, town.by, now, make.a_request_id()))


def test_the_eldest_of_a_household_comes_first(session, town):
    people = [
        NewPerson("小", birth_on=date(2015, 1, 1)), NewPerson("无"),
        NewPerson("母", birth_on=date(1980, 1, 1)), NewPerson("父", birth_on=date(1979, 1, 1)),
        NewPerson("祖", birth_on=date(1940, 1, 1)),
    ]  # fmt: skip
    family = make.make_household(session, town, *people)
    found = queries.household(session, 1, family.household_id)
    assert "".join(one.name for one in found.members) == "祖父母小无"


def test_the_database_knows_no_other_group(session, town):
    (person_id,) = enrol(session, town, 陈甲一=date(1965, 6, 12))
    for group in AGE_GROUPS:
        session.execute(update(person).where(person.c.id == person_id).values(age_group=group))
    with pytest.raises(Exception, match="age_group"), session.begin_nested():
        session.execute(update(person).values(age_group="66"))
