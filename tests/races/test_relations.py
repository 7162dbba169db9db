"""Sixteen connections that record the same two people as relatives: one row, one answer."""

from sqlalchemy import func, select

from tests.factories import people as make
from tests.factories.people import a_request_id
from tests.races.racing import RACERS, address, race
from timebank.deeds.running import perform
from timebank.errors import WrongState
from timebank.people.actions import RelationRecorded, record_relation
from timebank.people.tables import relation
from timebank.values import local_day


def test_a_pair_is_recorded_once_whoever_is_first(fresh_database):
    def build(session, now):
        town = make.make_town(session)
        people = [make.make_household(session, town).person_ids[0] for _ in range(2)]
        return make.social_worker(session, town), people

    clerk, people = fresh_database.write(build)

    def work(own, number):
        own.info, own.clock = fresh_database.info, fresh_database.clock
        one, other = people if number % 2 else reversed(people)
        return perform(
            own, record_relation, by=clerk, request_id=a_request_id(), person_id=one,
            other_person_id=other, kind="other", from_on=local_day(own.clock()),
        )  # fmt: skip

    answers = race(address(fresh_database), work)
    made = [one for one in answers if isinstance(one, RelationRecorded)]
    refused = [one for one in answers if isinstance(one, WrongState)]
    assert (len(made), len(refused)) == (1, RACERS - 1), answers
    with fresh_database.reading() as session:
        assert session.scalar(select(func.count()).select_from(relation)) == 1
