"""Whoever searches with few letters reaches everybody who was found, page by page."""

import re

import pytest

from tests.factories import people as make

NAMES = [f"林{first}{second}" for first in "甲乙丙丁戊" for second in "一二三"]


@pytest.fixture
def lins(office, monkeypatch):
    monkeypatch.setattr("web.people.work.FOUND_MAX", 4)
    return {office.do(make.make_person, office.town, name) for name in NAMES}


def seek(visit, text):
    form = next(one for one in visit.get("/work/people").forms if one.action == "/work/people")
    kept = [field for field in form.fields if field[0] != "q"]
    return visit.follow(visit.send(form, [*kept, ("q", text)]))


def shown(page):
    return [int(id_) for id_ in re.findall(r'href="/work/people/(\d+)"', page.text)]


def onward(page, rel):
    link = re.search(rf'href="([^"]+)" rel="{rel}"', page.text)
    return link and link[1].replace("&amp;", "&")


def test_everybody_is_on_one_page_in_one_order(office, lins):
    visit = office.enter("coordinator")
    first = seek(visit, "林")
    assert len(shown(first)) == 4 and "不止这 4 位" in first.text
    address = re.search(r'href="([^"]+page=1)"', first.text)[1].replace("&amp;", "&")
    found, pages = [], 0
    while address:
        page = visit.get(address)
        found, pages = [*found, *shown(page)], pages + 1
        assert len(shown(page)) <= 4
        address = onward(page, "next")
    assert pages == 4 and len(found) == len(set(found)) and set(found) >= lins
    back = visit.get(onward(page, "prev"))
    assert shown(back) == found[8:12]


def test_a_page_beyond_the_last_has_nobody(office, lins):
    visit = office.enter("coordinator")
    first = seek(visit, "林")
    address = re.search(r'href="([^"]+page=1)"', first.text)[1].replace("&amp;", "&")
    for number in ("99", "-1", "x", "9" * 30):
        assert visit.get(address.replace("page=1", f"page={number}")).status == 200


def test_few_who_are_found_need_no_pages(office, lins):
    visit = office.enter("coordinator")
    page = seek(visit, "林戊三")
    assert len(shown(page)) == 1 and "不止这" not in page.text and "page=1" not in page.text
