"""The lists of staff filter, sort and turn their pages by the address, and so do their sheets."""

import csv
import io
import re

import pytest

from tests.factories import people as make
from timebank.values import Role


def rows_of(visit, name, query):
    """What the sheet of the same address has."""
    form = visit.get(f"/work/sheets/{name}?{query}").form_with(("kind", "csv"))
    sent = visit.client.post(form.action, data=dict([*form.fields, ("kind", "csv")]))
    text = sent.get_data().decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline="")))[1:]


def test_staff_are_filtered_by_role_and_sorted_by_name(village):
    visit = village.visit("coordinator")
    page = visit.get("/work/staff?role=keeper").text
    shown = page.split('id="holders"')[1]
    assert "赵庚七" in shown and "何甲九" not in shown
    assert [row[0] for row in rows_of(visit, "staff", "role=keeper")] == ["赵庚七"]
    assert "没有找到" in visit.get("/work/staff?role=cashier").text
    by_name = visit.get("/work/staff?sort=name").text.split('id="holders"')[1]
    names = re.findall(r'href="/work/staff/\d+">([^<]+)<', by_name)
    assert names == ["何甲九", "梁辛八", "罗乙十", "赵庚七"]  # As they are spoken.


def test_a_long_list_of_staff_turns_its_pages(office, monkeypatch):
    for _ in range(3):
        office.do(make.staff, office.town, Role("keeper"))
    monkeypatch.setattr("web.people.staff.STAFF_A_PAGE", 2)
    visit, address, seen = office.enter("coordinator"), "/work/staff?role=keeper", []
    while address:
        text = visit.get(address).text
        seen += re.findall(r'href="/work/staff/(\d+)"', text)
        more = re.search(r'href="([^"]+)" rel="next"', text)
        address = more and more[1].replace("&amp;", "&")
    assert len(seen) == len(set(seen)) == 4


def test_places_and_services_are_filtered(village):
    visit = village.visit("coordinator")
    grid = re.search(r'<option value="(\d+)">第1网格', visit.get("/work/places").text)[1]
    page = visit.get(f"/work/places?grid={grid}").text
    assert "1号楼" in page and len(rows_of(visit, "places", f"grid={grid}")) < 7
    assert "没有找到" in visit.get("/work/places?state=ended").text
    assert rows_of(visit, "places", "state=ended") == []
    kinds = re.findall(r'<option value="(\w+)">', visit.get("/work/services").text)
    found = rows_of(visit, "services", f"kind={kinds[0]}")
    assert 0 < len(found) < len(rows_of(visit, "services", ""))
    assert {row[0] for row in found} == {found[0][0]}
    assert "没有找到" in visit.get("/work/services?state=ended").text


def test_firms_and_kiosks_are_filtered(village):
    visit = village.visit("coordinator")
    assert visit.get("/work/firms?state=without&sort=trade").status == 200
    assert "没有找到" in visit.get("/work/kiosks?state=frozen").text
    assert rows_of(visit, "kiosks", "state=frozen") == []


@pytest.mark.parametrize("name", ["staff", "firms", "places", "services", "kiosks"])
def test_a_changed_address_is_read_as_nothing(village, name):
    query = "role=x&state=x&sort=x&kind=x&grid=x&page=9999999"
    assert village.visit("coordinator").get(f"/work/{name}?{query}").status == 200


def test_people_are_sorted_before_their_pages_are_cut(village, monkeypatch):
    monkeypatch.setattr("web.people.work.FOUND_MAX", 2)
    town = village.sample.shop.town
    for name in ("陈甲一", "林甲二"):
        village.database.write(lambda session, now, n=name: make.make_person(session, town, n))
    visit = village.visit("coordinator")
    page = visit.get("/work/people")
    form = next(one for one in page.forms if any(name == "q" for name, _ in one.fields))
    sent = [(name, "甲" if name == "q" else value) for name, value in form.fields]
    address = visit.send(form, sent).location
    seen = []
    for number in (1, 2, 3):
        text = visit.get(f"{address}&page={number}&sort=-home").text
        found = re.findall(r'data-label="户号"><span>([^<]+)<', text)
        seen += ["" if home == "—" else home for home in found]
    assert seen == sorted(seen, reverse=True) and len(seen) > 3
