"""Guessing over the web: whose address and browser count, and what a refused person reads."""

import ipaddress
import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from tests.databases import SqliteCopies
from tests.factories.people import PASSWORD, PIN
from tests.web.test_account import Place, Visit, _text
from timebank.db import Database
from timebank.people.rules.throttles import CARD, PAIR, SOURCE, THROTTLES
from web.app import create_app

PROXY, CLIENT, OTHER = "10.0.0.1", "203.0.113.7", "198.51.100.9"
SIGN_IN = "/sign-in/name"
RIGHT = {"login_name": "陈甲一", "password": PASSWORD}
HIDDEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


@pytest.fixture
def place(sqlite_copies: SqliteCopies, clock: Any, info: dict[str, Any]) -> Iterator[Place]:
    url = sqlite_copies.fresh()
    database = Database(url, clock=clock, info=info)
    yield Place(database)
    database.close()
    sqlite_copies.drop(url)


def served(place: Place, **config: Any) -> Flask:
    told = {"DATABASE": place.database, "COMMUNITY_ID": place.town.community_id}
    return create_app({**told, **config})


class Guest(Visit):
    """A browser at an address, perhaps behind a proxy."""

    def __init__(self, app: Flask, peer: str, forwarded: str = "", *, is_https: bool = False):
        super().__init__(app.test_client())
        self.client.environ_base["REMOTE_ADDR"] = peer
        if forwarded:
            self.client.environ_base["HTTP_X_FORWARDED_FOR"] = forwarded
        if is_https:
            self.client.environ_base["HTTP_X_FORWARDED_PROTO"] = "https"

    def guess(self, name: str = "陈甲一") -> Any:
        return self.send(SIGN_IN, login_name=name, password="wrong lantern")


def close(guest: Guest) -> None:
    for number in range(THROTTLES[SOURCE].free):
        assert guest.guess(f"guess-{number}").status_code == 403


def test_behind_a_known_proxy_one_guesser_closes_their_own_address_only(place: Place) -> None:
    app = served(place, PROXIES=(ipaddress.ip_network(PROXY),))
    close(Guest(app, PROXY, CLIENT))
    assert Guest(app, PROXY, f"{OTHER}, {CLIENT}").send(SIGN_IN, **RIGHT).status_code == 429
    assert Guest(app, PROXY, OTHER).send(SIGN_IN, **RIGHT).status_code == 303


def test_a_forged_header_is_no_other_address(place: Place) -> None:
    app = served(place)
    for number in range(THROTTLES[SOURCE].free):
        Guest(app, CLIENT, f"10.1.1.{number}").guess(f"guess-{number}")
    assert Guest(app, CLIENT, "10.2.2.2").send(SIGN_IN, **RIGHT).status_code == 429


def test_the_api_counts_by_the_same_address(place: Place) -> None:
    app = served(place, PROXIES=(ipaddress.ip_network(PROXY),))
    close(Guest(app, PROXY, CLIENT))
    for address, status in ((CLIENT, 429), (OTHER, 200)):
        answer = Guest(app, PROXY, address).client.post("/api/v1/sign-in", json=RIGHT)
        assert answer.status_code == status, _text(answer)


def test_whoever_has_signed_in_here_before_comes_in_after_a_sign_out(place: Place) -> None:
    inside = Guest(place.app, CLIENT)
    assert inside.send(SIGN_IN, **RIGHT).status_code == 303
    inside.post("/sign-out", _text(inside.get("/me/card/pin")))
    close(Guest(place.app, CLIENT))
    assert Guest(place.app, CLIENT).send(SIGN_IN, **RIGHT).status_code == 429
    assert inside.send(SIGN_IN, **RIGHT).status_code == 303


def test_one_sees_ones_devices_and_forgets_one(place: Place) -> None:
    here, there = Guest(place.app, CLIENT), Guest(place.app, CLIENT)
    for visit in (there, here):
        visit.send(SIGN_IN, **RIGHT)
    page = _text(here.get("/me/account"))
    ids = re.findall(r'name="forget" value="(\d+)"', page)
    assert len(ids) == 2
    assert here.post("/me/account/devices", page, forget=ids[1]).status_code == 303
    page = _text(here.get("/me/account"))
    assert re.findall(r'name="forget" value="(\d+)"', page) == ids[:1]
    for unknown in (ids[1], "x", "1"):
        page = _text(here.get("/me/account"))
        assert here.post("/me/account/devices", page, forget=unknown).status_code == 404
    close(Guest(place.app, CLIENT))
    assert there.send(SIGN_IN, **RIGHT).status_code == 429


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_refusal_says_why_until_when_and_what_to_do(place: Place, lang: str) -> None:
    guest = Guest(place.app, CLIENT)
    guest.client.set_cookie("language", lang)
    for _ in range(THROTTLES[PAIR].free):
        guest.guess()
    answer = guest.guess()
    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == str(THROTTLES[PAIR].first_seconds)
    parts = {
        "zh": ("试错的次数", "6月10日 10:00", "以前登录过的手机", "社区柜台"),
        "en": ("wrong attempts", "10 Jun 10:00", "signed in before", "community counter"),
    }[lang]
    assert all(part in _text(answer) for part in parts), _text(answer)
    told = guest.client.post("/api/v1/sign-in", json=RIGHT)
    assert (told.status_code, told.headers["Retry-After"]) == (429, "30")


def test_a_name_that_does_not_exist_is_refused_in_the_same_words(place: Place) -> None:
    answers = []
    for name in ("陈甲一", "nobody"):
        guest = Guest(place.app, f"203.0.113.{len(name)}")
        said = [guest.guess(name) for _ in range(THROTTLES[PAIR].free + 1)]
        main = [re.sub(r'value="[^"]*"', "", _text(one)).split("<main")[1] for one in said]
        answers.append([(one.status_code, text) for one, text in zip(said, main, strict=True)])
    assert answers[0] == answers[1]


def test_a_closed_account_says_how_it_opens(place: Place, clock: Any) -> None:
    for number in range(THROTTLES[CARD].most or 0):
        guest = Guest(place.app, f"203.0.113.{number}")
        guest.send("/sign-in/card", card=place.card.card_no, pin="0000")
        clock.move(hours=1)
    answer = guest.send("/sign-in/card", card=place.card.card_no, pin=PIN)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, str(24 * 3600))
    assert "换了新密码" in _text(answer) and "扫卡" in _text(answer)
    assert guest.send("/sign-in/card", card=place.card.token, pin=PIN).status_code == 303


@pytest.mark.parametrize("is_https", [False, True])
def test_every_cookie_is_for_this_site_and_behind_https_for_https_only(
    place: Place, is_https: bool
) -> None:
    app = served(place, PROXIES=(ipaddress.ip_network(PROXY),), HTTPS=is_https)
    guest = Guest(app, PROXY, CLIENT, is_https=is_https)
    host = {"base_url": "https://localhost"} if is_https else {}
    page = guest.client.get(SIGN_IN, **host)
    form = {**RIGHT, "csrf_token": HIDDEN.findall(_text(page))[0]}
    referer = {"Referer": "https://localhost/"}
    answers = [page, guest.client.post(SIGN_IN, data=form, headers=referer, **host)]
    answers += [guest.client.get(f"/{one}", **host) for one in (
        "language/en", "text/large", "contrast/high"
    )]  # fmt: skip
    cookies = [one for answer in answers for one in answer.headers.getlist("Set-Cookie")]
    names = {one.partition("=")[0].removeprefix("__Host-") for one in cookies}
    assert names == {"visit", "known", "language", "text", "contrast"}
    for cookie in cookies:
        assert "HttpOnly" in cookie and "SameSite=Lax" in cookie and "Path=/" in cookie
        assert "Domain" not in cookie
        assert cookie.startswith("__Host-") == ("Secure" in cookie) == is_https
    said = answers[0].headers.get("Strict-Transport-Security")
    assert (said is not None) == is_https
    assert guest.client.get("/me/", **host).status_code == 200
