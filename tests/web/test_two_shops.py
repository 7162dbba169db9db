"""Somebody who keeps two shops: each page acts for the shop that its address and heading name."""

import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.factories import people as make
from tests.factories.aid import make_claim, make_claimant
from tests.factories.goods import make_stock
from tests.factories.looks import deposits_received
from tests.factories.people import LONG_AGO, PASSWORD, a_request_id
from timebank.deeds.deed import Deed
from timebank.goods.actions import NewStore, add_stores, announce_deposit
from timebank.goods.queries import stores
from timebank.goods.rules import AnnouncedLine
from timebank.people.actions import NewPlace, add_places
from timebank.values import Role

PAGES = ("/store/intake", "/store/issue", "/store/counter", "/store/shelf", "/store/day",
         "/store/opening")  # fmt: skip
NAME = "东门店"


@pytest.fixture
def second(office):
    """Open a second shop; the keeper keeps both."""

    def build(session):
        town = office.town
        deed = Deed(session, town.by, LONG_AGO, a_request_id())
        told = NewPlace("store", 3, NAME, "East gate shop")
        place_id = add_places(deed, places=(told,)).place_ids[0]
        deed = Deed(session, town.by, LONG_AGO, a_request_id())
        store_id = add_stores(deed, stores=(NewStore(place_id, "S2"),)).store_ids[0]
        both = Role("keeper", town.store_place_id), Role("keeper", place_id)
        office.staff["keeper"] = make.staff(session, town, *both)
        return store_id

    return office.do(build)


def shops_named(page):
    """The shops in the addresses of forms and links, where they name one."""
    told = re.findall(r'(?:href|action)="(/store[^"]*)"', page.text)
    return [parse_qs(urlsplit(one.replace("&amp;", "&")).query).get("store") for one in told]


@pytest.mark.parametrize("path", PAGES)
def test_the_heading_and_every_link_name_the_shop(office, second, path):
    page = office.enter("keeper").get(f"{path}?store={second}")
    assert page.status == 200
    assert NAME in re.search(r"<h1[^>]*>(.*?)</h1>", page.text, re.DOTALL)[1]
    assert {str(second)} == {one[0] for one in shops_named(page) if one is not None}
    unnamed = [
        one.replace("&amp;", "&")
        for one in re.findall(r'(?:href|action)="(/store[^"]*)"', page.text)
        if "store=" not in one
    ]
    assert set(unnamed) <= {"/store", "/store/shelf"}  # The menu, and the filter with its field.
    assert 'name="store"' in page.text or "/store/shelf" not in unnamed


def test_a_deposit_stays_in_the_shop_of_its_form(office, second):
    visit = office.enter("keeper")
    towel = str(office.shop.item("毛巾"))
    page = visit.get(f"/store/intake?store={second}")
    form = page.form_with(("check", "1"))
    fields = [pair for pair in form.fields if pair[0] != "add_item"]
    page = visit.send(form, [*fields, ("add_item", towel), ("add", "1")])
    check = visit.press(page, "check")
    assert NAME in check.text
    receipt = visit.follow(visit.press(check, "receive"))
    assert NAME in receipt.text and f"/store/intake?store={second}" in receipt.text
    with office.database.reading() as session:
        (found,) = deposits_received(session, office.town.community_id)
    assert found.store_id == second


def test_an_announcement_opens_in_its_own_shop(office, second):
    def announce(session):
        by = office.staff["resident"]
        deed = Deed(session, by, office.database.clock(), a_request_id())
        lines = (AnnouncedLine(office.shop.item("毛巾"), 4),)
        told = {"donor_person_id": by.person_id, "lines": lines}
        return announce_deposit(deed, store_id=second, **told).deposit_id

    page = office.enter("keeper").get(f"/store/intake?deposit={office.do(announce)}")
    assert NAME in page.text
    assert page.form_with(("check", "1")).action == f"/store/intake?store={second}"


def test_after_the_sign_in_the_whole_address_comes_back(office, second, clock):
    visit = office.enter("keeper")
    page = visit.get(f"/store/counter?store={second}")
    clock.now += timedelta(minutes=16)
    form = page.form_with(("find", "person"))
    led = visit.send(form, form.fields)
    assert led.status == 303
    onward = parse_qs(urlsplit(led.location).query)["next"][0]
    assert onward == f"/store/counter?store={second}"
    led = visit.get(f"/store/counter?store={second}&person=1&x=a%26b")
    onward = parse_qs(urlsplit(led.location).query)["next"][0]
    assert onward == f"/store/counter?store={second}&person=1&x=a%26b"
    asked = urlsplit(led.location).query.split("&ended=")[0]
    sign_in = visit.get(f"/sign-in/name?{asked}")
    form = next(one for one in sign_in.forms if one.action.startswith("/sign-in/name"))
    told = {"login_name": f"user-{office.staff['keeper'].person_id}", "password": PASSWORD}
    entered = visit.send(form, [*[f for f in form.fields if f[0] not in told], *told.items()])
    assert entered.location == onward


def test_a_slip_leads_back_to_its_shop(office):
    def build(session):
        now = office.database.clock()
        by = make_claimant(session, office.town)
        make_stock(session, office.shop, "毛巾", 2, now=now)
        return make_claim(session, office.shop, by, now=now, 毛巾=1)

    claimed = office.do(build)
    page = office.enter("keeper").get(f"/store/slips/{claimed.claim_id}")
    assert f"/store/issue?store={office.shop.store_id}" in page.text


@pytest.mark.parametrize("onward", ["//evil.example/x", "https://evil.example", "/\\evil.example"])
def test_no_address_leads_to_another_site(office, onward):
    visit = office.enter("keeper")
    assert visit.client.get("/sign-in", query_string={"next": onward}).location == "/store"


def test_what_only_takes_forms_leads_back_to_the_page_that_sent_it(office, clock):
    visit = office.enter("keeper")
    page = visit.get("/me/account")
    form = next(one for one in page.forms if one.action == "/me/account/visits")
    clock.now += timedelta(minutes=16)
    for sender, onward in (
        ("http://localhost/me/account?a=1", "/me/account?a=1"),
        ("http://evil.example/me/account", "/"),
        ("", "/"),
    ):
        headers = {"Referer": sender} if sender else {}
        led = visit.client.post(form.action, data=dict(form.fields), headers=headers)
        assert parse_qs(urlsplit(led.location).query)["next"] == [onward]


def test_both_shops_are_known(office, second):
    with office.database.reading() as session:
        assert len(stores(session, office.town.community_id)) == 2
