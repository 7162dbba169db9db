"""Somebody acts for another one by a mandate, or as a guardian: on the web, by phone, by card."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.factories import make_by
from tests.factories import people as make
from tests.factories.aid import lines_of
from tests.factories.goods import make_shop, make_stock
from timebank.aid import actions as aid
from timebank.deeds.deed import Deed
from timebank.deeds.refusals import SamePerson
from timebank.errors import BadInput, NotAllowed, NotFound, WrongState
from timebank.people import actions as people
from timebank.people.closeness import Involved, closeness
from timebank.people.queries import mandate_for, mandates_used
from timebank.people.refusals import CardUnknown, NoMandate
from timebank.values import local_day


class Street:
    """An old neighbour with a paper, somebody who helps them, two social workers, and a shop."""

    def __init__(self, session, now):
        self.session, self.now = session, now
        self.shop = make_shop(session)
        self.town = self.shop.town
        self.old = make.resident(session, self.town, born=1945)
        self.agent = make.resident(session, self.town, building=1)
        self.first, self.second = (make.social_worker(session, self.town) for _ in range(2))
        make.make_proof(session, self.town, self.old.household_id)
        make_stock(session, self.shop, "肥皂", 20, now=now)

    def do(self, action, by, **values):
        return action(Deed(self.session, by, self.now, make.a_request_id()), **values)

    def asked(self, whose=None, by=None, **values):
        today = local_day(self.now)
        usual = {"deeds": ("claim", "fetch"), "ground": "paper", "ground_note": "代办委托书 7 号"}
        usual |= {"until_on": today + timedelta(days=30), "agent_person_id": self.agent.person_id}
        whose = whose or self.old
        return self.do(
            people.ask_mandate, by or self.first, person_id=whose.person_id, **usual | values
        )

    def held(self, **values):
        asked = self.asked(**values)
        return self.do(people.confirm_mandate, self.second, mandate_id=asked.mandate_id)

    def claim(self, by, whose=None, **more):
        whose = whose or self.old
        return self.do(
            aid.claim_goods, by, household_id=whose.household_id, person_id=whose.person_id,
            store_id=self.shop.store_id, lines=lines_of(self.shop, 肥皂=1), **more,
        )  # fmt: skip

    def used(self, claim):
        found = mandates_used(self.session, 1, "claim", [claim.claim_id])
        return [(one.deed, one.agent_person_id) for one in found.get(claim.claim_id, [])]


@pytest.fixture
def street(session, now):
    return Street(session, now)


def test_an_agent_claims_for_whoever_gave_the_mandate_and_it_is_recorded(street):
    with pytest.raises(NotAllowed):
        street.claim(street.agent)
    street.held()
    claimed = street.claim(street.agent)
    assert claimed.state == "ready"
    assert street.used(claimed) == [("claim", street.agent.person_id)]


def test_one_of_staff_alone_gives_nobody_a_mandate(street):
    asked = street.asked()
    with pytest.raises(NotAllowed):
        street.claim(street.agent)
    with pytest.raises(SamePerson):
        street.do(people.confirm_mandate, street.first, mandate_id=asked.mandate_id)
    agent = replace(street.second, person_id=street.agent.person_id)
    with pytest.raises(NotAllowed):
        street.do(people.confirm_mandate, agent, mandate_id=asked.mandate_id)


@pytest.mark.parametrize("who", ["old", "agent"])
def test_either_side_ends_it_at_once(street, who):
    held = street.held()
    street.do(people.end_mandate, getattr(street, who), mandate_id=held.mandate_id, reason="")
    with pytest.raises(NotAllowed):
        street.claim(street.agent)
    with pytest.raises(WrongState):
        street.do(people.end_mandate, street.old, mandate_id=held.mandate_id, reason="")


def test_a_stranger_ends_nothing(street):
    held = street.held()
    stranger = make.resident(street.session, street.town)
    with pytest.raises(NotAllowed):
        street.do(people.end_mandate, stranger, mandate_id=held.mandate_id, reason="不要了不要了")


@pytest.mark.parametrize("role", ["resident", "auditor", "keeper"])
def test_only_staff_who_keep_mandates_enter_and_agree_to_one(street, role):
    by = getattr(make, role)(street.session, street.town)
    with pytest.raises(NotAllowed):
        street.asked(by=by)
    asked = street.asked()
    with pytest.raises(NotAllowed):
        street.do(people.confirm_mandate, by, mandate_id=asked.mandate_id)
    with pytest.raises(NotAllowed):
        street.do(people.end_mandate, by, mandate_id=asked.mandate_id, reason="写错了要停止")


def test_the_neighbour_community_finds_no_mandate_of_ours(street):
    asked = street.asked()
    elsewhere = make_by("social_worker", community_id=2, person_id=7)
    for action, more in ((people.confirm_mandate, {}), (people.end_mandate, {"reason": "停止它"})):
        with pytest.raises((NotFound, NotAllowed)):
            street.do(action, elsewhere, mandate_id=asked.mandate_id, **more)


def test_it_ends_by_itself_after_its_last_day(street):
    street.held(until_on=local_day(street.now))
    street.now += timedelta(days=1)
    with pytest.raises(NotAllowed):
        street.claim(street.agent)


def test_a_mandate_covers_only_its_deeds(street):
    street.held(deeds=("fetch",))
    with pytest.raises(NotAllowed):
        street.claim(street.agent)


def test_staff_enter_it_for_an_agent_on_the_phone_only_with_a_mandate(street):
    hotline = replace(make_by("hotline"), person_id=make.make_person(street.session, street.town))
    agent_id = street.agent.person_id
    with pytest.raises(NoMandate):
        street.claim(hotline, agent_person_id=agent_id)
    street.held()
    claimed = street.claim(hotline, agent_person_id=agent_id)
    assert street.used(claimed) == [("claim", agent_id)]


def test_an_agent_fetches_with_their_own_card(street):
    card = make.make_card(street.session, street.town, street.agent.person_id)
    claimed = street.claim(street.old)
    values = {"claim_id": claimed.claim_id, "card_token": card.token}
    with pytest.raises(CardUnknown):
        street.do(aid.issue_goods, street.shop.keeper, **values)
    street.held(deeds=("fetch",))
    street.do(aid.issue_goods, street.shop.keeper, **values)
    assert street.used(claimed) == [("fetch", street.agent.person_id)]


def test_one_gives_a_mandate_oneself_by_the_card_of_the_agent(street):
    card = make.make_card(street.session, street.town, street.agent.person_id)
    until_on = local_day(street.now) + timedelta(days=7)
    values = {"deeds": ("claim",), "until_on": until_on, "agent_card_no": card.card_no}
    assert street.do(people.give_mandate, street.old, **values).state == "held"
    assert street.claim(street.agent).state == "ready"
    with pytest.raises(WrongState):
        street.do(people.give_mandate, street.old, **values)
    with pytest.raises(BadInput):
        street.do(people.give_mandate, street.agent, **values)


def test_whoever_acts_for_somebody_is_close_to_them(street):
    street.held()
    home = Involved(person_ids=(street.old.person_id,))
    assert closeness(street.session, street.agent, home, now=street.now) == "relative"


def test_a_guardian_acts_until_the_minority_ends(street):
    born = street.now.year - 17
    child = make.resident(street.session, street.town, born=born)
    with pytest.raises(BadInput):
        street.asked(kind="guardian", until_on=None)
    street.held(whose=child, kind="guardian", until_on=None, deeds=())
    agent_id, today = street.agent.person_id, local_day(street.now)
    known = (street.session, 1, agent_id, [child.person_id])
    assert mandate_for(*known, deed="claim", on=today) is not None
    assert mandate_for(*known, deed="claim", on=today + timedelta(days=800)) is None
    with pytest.raises(NotAllowed):
        street.do(people.give_mandate, child, deeds=("claim",), until_on=today, agent_card_no="1")
