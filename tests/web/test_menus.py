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
    assert entries(village.visit().get("/").text) == [
        "/shelf", "/services", "/join", "/place", "/rules",
    ]  # fmt: skip


def test_a_keeper_sees_the_places_that_their_rights_open(village):
    page = village.visit("keeper").get("/work").text
    assert entries(page) == [
        "/work", "/work/people", "/store", "/work/kiosks", "/work/notices", "/work/manage",
    ]  # fmt: skip


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
        ("keeper", "/work/manage", "/work/manage"),
        ("coordinator", "/work/staff/invite", "/work/manage"),
        ("coordinator", "/work/settings/compare", "/work/manage"),
    ],
)
def test_the_place_of_the_current_page_is_marked(village, who, address, place):
    assert current(village.visit(who).get(address).text) == [place]


def test_what_is_seldom_changed_has_a_page_of_its_own(village):
    """Each part with a sentence, for whom it is: a keeper reads rules, and restores nothing."""
    keeper = village.visit("keeper").get("/work/manage").text
    coordinator = village.visit("coordinator").get("/work/manage").text
    for part in ("/work/settings", "/work/items", "/work/who-may"):
        assert f'href="{part}"' in keeper and f'href="{part}"' in coordinator
    for part in ("/work/staff", "/work/health", "/work/backups", "/work/restore"):
        assert f'href="{part}"' in coordinator and f'href="{part}"' not in keeper
