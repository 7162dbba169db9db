"""The menus: the entries of each audience in order, and which one belongs to the current page."""

import re

import pytest

ENTRY = re.compile(r'<li><a href="([^"]+)"( aria-current="page")?>')


def entries(page: str) -> list[str]:
    return [address for address, _here in ENTRY.findall(page)]


def current(page: str) -> list[str]:
    return [address for address, here in ENTRY.findall(page) if here]


def test_a_person_has_four_places_in_order(village):
    page = village.visit("claimant").get("/me/").text
    assert entries(page) == ["/me/", "/me/deposit", "/me/take", "/me/services"]


def test_the_public_menu_is_the_same_for_everybody(village):
    assert entries(village.visit().get("/").text) == ["/shelf", "/services", "/rules"]


def test_a_keeper_sees_the_places_that_their_rights_open(village):
    page = village.visit("keeper").get("/work").text
    assert entries(page) == ["/work", "/work/people", "/work/settings", "/store", "/work/kiosks"]


@pytest.mark.parametrize(
    ("who", "address", "place"),
    [
        ("claimant", "/me/deposit/announce", "/me/deposit"),
        ("claimant", "/me/claims", "/me/take"),
        ("keeper", "/work", "/work"),
        ("keeper", "/work/records/new", "/work"),
        ("keeper", "/store/shelf", "/store"),
        ("keeper", "/store/day", "/store"),
        ("keeper", "/work/kiosks", "/work/kiosks"),
    ],
)
def test_the_place_of_the_current_page_is_marked(village, who, address, place):
    assert current(village.visit(who).get(address).text) == [place]
