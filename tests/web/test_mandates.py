"""Who acts for whom on the pages: entered, confirmed, used, shown on the receipt, ended."""

from datetime import timedelta

import pytest

from tests.factories import people as make
from tests.factories.goods import make_stock
from timebank.people.queries import card_of_person, person_brief
from timebank.values import local_day


@pytest.fixture
def pair(office):
    """An old person with a paper, and a neighbour who signs in."""
    old, agent = (office.do(make.make_household, office.town) for _ in range(2))
    office.do(make.make_proof, office.town, old.household_id)
    office.do(make_stock, office.shop, "肥皂", 9)
    by = office.do(make.make_user, office.town, agent.person_ids[0])
    office.staff["agent"] = by
    return old, agent


def named(office, family):
    with office.database.reading() as session:
        return person_brief(session, office.town.community_id, family.person_ids[0])


def enter(office, pair, **more):
    old, agent = pair
    visit = office.enter("social_worker")
    page = visit.get(f"/work/people/{old.person_ids[0]}/mandates")
    until = (local_day(office.database.clock()) + timedelta(days=30)).isoformat()
    values = {
        "agent__person_id": agent.person_ids[0], "deeds": "claim", "until_on": until,
        "ground_note": "代办委托书 17 号", **more,
    }  # fmt: skip
    return visit, visit.press(page, "save", **values)


def test_two_of_staff_enter_it_and_the_agent_claims(office, pair):
    first, answer = enter(office, pair)
    waiting = first.follow(answer)
    assert "等另一位同事" in waiting.text and "代办委托书 17 号" in waiting.text
    second = office.enter("coordinator")
    held = second.follow(second.press(second.get(waiting.path), "do", "confirm"))
    assert "有效" in held.text
    agent = office.enter("agent")
    mine = agent.get("/me/mandates")
    assert named(office, pair[0]).name in mine.text and "替他领" in mine.text
    page = agent.get(f"/me/for/{waiting.path.rsplit('/', 1)[1]}/take")
    assert page.status == 200 and named(office, pair[0]).name in page.text
    ended = agent.follow(agent.press(mine, "end", waiting.path.rsplit("/", 1)[1]))
    assert "已经停掉" in ended.text
    assert agent.get(f"/me/for/{waiting.path.rsplit('/', 1)[1]}/take").status == 404


def test_what_is_missing_is_said_beside_the_field(office, pair):
    _visit, refused = enter(office, pair, until_on="")
    assert refused.status == 422 and "到哪一天为止" in refused.text
    assert "代办委托书 17 号" in refused.text


def test_one_gives_a_mandate_by_the_card_of_the_agent(office, pair):
    old = pair[0]
    office.do(make.make_card, office.town, old.person_ids[0])
    with office.database.reading() as session:
        card = card_of_person(session, office.town.community_id, old.person_ids[0])
    visit = office.enter("agent")
    page = visit.get("/me/mandates")
    until = (local_day(office.database.clock()) + timedelta(days=7)).isoformat()
    values = {"agent_card_no": card.card_no, "deeds": "fetch", "until_on": until}
    done = visit.follow(visit.press(page, "save", **values))
    assert "谁替我办" in done.text and named(office, old).name in done.text
