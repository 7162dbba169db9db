"""Several counters at once: a record is merged once, and no claim is lost between homes."""

from dataclasses import replace

import pytest

from tests.factories import make_by
from tests.factories import people as make
from tests.factories.aid import lines_of, make_claimant, took_before
from tests.factories.goods import make_shop, make_stock
from tests.factories.people import a_request_id
from tests.households.test_races import at_once
from timebank.aid import actions as aid
from timebank.aid.queries import quota
from timebank.aid.refusals import ClaimsOpen
from timebank.deeds.running import perform
from timebank.errors import TimebankError, WrongState
from timebank.households.actions import answer_merge, ask_merge
from timebank.people.queries import household
from timebank.values import local_day

pytestmark = pytest.mark.slow
WHY = "同一位居民登记了两次"


class Twice:
    """Somebody who is enrolled three times, two social workers, and a shop."""

    def __init__(self, database, clock):
        self.database, self.clock = database, clock
        database.write(self._prepare)

    def _prepare(self, session, now):
        self.shop = make_shop(session)
        town = self.shop.town
        make_stock(session, self.shop, "肥皂", 60)
        self.workers = [make.social_worker(session, town) for _ in range(2)]
        self.gone = make_claimant(session, town)
        families = [
            make.make_household(session, town, replace(make.new_person(), id_no=""))
            for _ in range(2)
        ]
        self.kept = [
            make_by(person_id=one.person_ids[0], household_id=one.household_id) for one in families
        ]
        took_before(session, town, self.gone, now=now, taken={local_day(now): 3})

    def perform(self, action, by, **values):
        return perform(self.database, action, by=by, request_id=a_request_id(), **values)

    def ask(self, gone, kept):
        return self.perform(
            ask_merge, self.workers[0], person_id=gone.person_id, into_person_id=kept.person_id,
            reason=WHY,
        )  # fmt: skip

    def merge(self, asked):
        values = {"merge_id": asked.merge_id, "answer": "one_person"}
        return self.perform(answer_merge, self.workers[1], **values)


@pytest.fixture
def twice(fresh_database, clock):
    return Twice(fresh_database, clock)


def test_one_question_is_answered_once(twice):
    asked = twice.ask(twice.gone, twice.kept[0])
    answers = at_once(4, lambda _: twice.merge(asked))
    refused = [one for one in answers if isinstance(one, TimebankError)]
    assert len(refused) == 3 and {type(one) for one in refused} == {WrongState}
    with twice.database.reading() as session:
        assert quota(session, 1, twice.kept[0].household_id, twice.clock.now).used == 3


def test_a_record_has_one_question_at_a_time(twice):
    answers = at_once(2, lambda number: twice.ask(twice.gone, twice.kept[number]))
    assert sum(isinstance(one, WrongState) for one in answers) == 1


def test_a_claim_and_a_merge_never_pass_each_other(twice):
    """Either the claim is there first and the merge waits, or the claim finds nobody at home."""
    asked = twice.ask(twice.gone, twice.kept[0])

    def work(number):
        if number == 0:
            return twice.merge(asked)
        return twice.perform(
            aid.claim_goods, twice.gone, household_id=twice.gone.household_id,
            person_id=twice.gone.person_id, store_id=twice.shop.store_id,
            lines=lines_of(twice.shop, 肥皂=1),
        )  # fmt: skip

    merged, *claims = at_once(3, work)
    with twice.database.reading() as session:
        home = household(session, 1, twice.gone.household_id)
    if isinstance(merged, TimebankError):
        assert isinstance(merged, ClaimsOpen) and len(home.members) == 1
    else:
        assert home.members == () and {type(one) for one in claims} == {WrongState}
