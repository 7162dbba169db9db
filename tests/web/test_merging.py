"""Two records of one person on the pages: asked about, answered, shown, and taken apart."""

from dataclasses import replace

import pytest

from tests.factories import people as make
from timebank.people.queries import person_brief

WHY = "看了身份证，是同一个人"


@pytest.fixture
def pair(office):
    """One person in two households, first the one that is kept."""
    new = replace(make.new_person("陈甲一"), id_no="", is_other_person=True)
    made = [office.do(make.make_household, office.town, replace(new, phone="")) for _ in range(2)]
    return [family.person_ids[0] for family in made]


def number_of(office, person_id):
    with office.database.reading() as session:
        return person_brief(session, office.town.community_id, person_id).household_no


def ask(office, pair):
    kept, gone = pair
    visit = office.enter("social_worker")
    page = visit.get(f"/work/people/{gone}/same")
    found = visit.press(page, "find", "other", other__text=number_of(office, kept))
    assert "留下的一份" in found.text and "并进去的一份" in found.text
    return visit.follow(visit.press(found, "save", reason=WHY))


def test_two_of_staff_merge_and_part_two_records(office, pair):
    kept, gone = pair
    waiting = ask(office, pair)
    assert "等另一位同事" in waiting.text and WHY in waiting.text
    second = office.enter("coordinator")
    page = second.get(waiting.path)
    done = second.follow(second.press(page, "do", "one_person"))
    assert "合成一份了" in done.text and "前可以拆开" in done.text
    moved = second.get(f"/work/people/{gone}")
    assert moved.status == 303 and moved.location.endswith(f"/work/people/{kept}")
    assert "并进来一份登记" in second.follow(moved).text
    asked = second.follow(second.press(done, "do", "undo", undo__reason="打电话问过，是两个人"))
    first = office.enter("approver")
    parted = first.follow(first.press(first.get(asked.path), "do", "one_person"))
    assert "已经拆开" in parted.text
    assert first.get(f"/work/people/{gone}").status == 200


def test_whoever_says_two_people_is_not_asked_again(office, pair):
    page = ask(office, pair)
    second = office.enter("coordinator")
    said = second.follow(second.press(second.get(page.path), "do", "two_people"))
    assert "是两个人" in said.text
    again = second.get(f"/work/people/{pair[0]}/same")
    found = second.press(again, "find", "other", other__text=number_of(office, pair[1]))
    refused = second.press(found, "save", reason=WHY)
    assert refused.status == 409 and "已经核对过，是两个人" in refused.text


def test_without_the_other_record_the_page_says_so(office, pair):
    visit = office.enter("social_worker")
    page = visit.get(f"/work/people/{pair[0]}/same")
    refused = visit.press(page, "save", reason=WHY)
    assert refused.status == 422 and "请先找到另一份登记" in refused.text
