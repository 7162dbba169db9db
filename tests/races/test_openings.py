"""Sixteen connections over the last opening of sealed data that one person has left today."""

from sqlalchemy import func, select

from tests.factories import people as make
from tests.factories.openings import BUDGET, REASON, open_as
from tests.races.racing import RACERS, address, race
from timebank.people.actions import Revealed, reveal
from timebank.people.refusals import OpeningsUsedUp
from timebank.people.tables import opening_alarm


def test_openings_at_the_same_moment_are_counted_one_by_one(fresh_database):
    def build(session, now):
        town = make.make_town(session)
        worker = make.grid_worker(session, town)
        person_id = make.make_household(session, town).person_ids[0]
        open_as(session, worker, now, person_id, times=BUDGET - 1)
        return worker, person_id

    worker, person_id = fresh_database.write(build)

    def work(own, number):
        own.info, own.clock = fresh_database.info, fresh_database.clock
        return reveal(own, by=worker, person_id=person_id, columns=("phone",), reason=REASON)

    answers = race(address(fresh_database), work)
    opened = [one for one in answers if isinstance(one, Revealed)]
    refused = [one for one in answers if isinstance(one, OpeningsUsedUp)]
    assert (len(opened), len(refused)) == (1, RACERS - 1), answers
    with fresh_database.reading() as session:
        assert session.scalar(select(func.count()).select_from(opening_alarm)) == 1
