"""Signing in by card or by name, and the pages of one's own card."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from tests.databases import SqliteCopies
from tests.factories import people as make
from tests.factories.looks import audit_lines
from tests.factories.people import PASSWORD, PIN, Town
from tests.factories.served import app_over
from timebank.db import Database
from timebank.people import queries
from timebank.people.rules import print_card_no
from timebank.people.rules.throttles import PAIR, THROTTLES
from timebank.people.tables import card
from timebank.values import By

_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
_HIDDEN = re.compile(r'name="(request_id|card_id)"[^>]*value="([^"]+)"')


class Visit:
    """A browser: it keeps cookies and sends the hidden fields of the page it was shown."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client

    def get(self, path: str) -> TestResponse:
        return self.client.get(path)

    def send(self, path: str, **fields: Any) -> TestResponse:
        return self.post(path, self.client.get(path).get_data(as_text=True), **fields)

    def post(self, path: str, page: str, **fields: Any) -> TestResponse:
        hidden = dict(_HIDDEN.findall(page))
        token = _TOKEN.search(page)
        if token:
            hidden["csrf_token"] = token[1]
        return self.client.post(path, data={**hidden, **fields})


class Place:
    """A town behind a web server, with one resident who has a card, a PIN and a password."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.town: Town = database.write(lambda session, now: make.make_town(session))
        self.by: By = database.write(self._resident)
        self.card = self.living_card()
        self.app: Flask = app_over(database, self.town.community_id)

    def _resident(self, session: Session, now: Any) -> By:
        family = make.make_household(session, self.town, make.new_person("陈甲一"))
        by = make.make_user(session, self.town, family.person_ids[0], login_name="陈甲一")
        make.make_card(session, self.town, family.person_ids[0], PIN)
        return by

    def living_card(self) -> queries.Card:
        with self.database.reading() as session:
            assert self.by.person_id is not None
            card = queries.card_of_person(session, self.town.community_id, self.by.person_id)
        assert card is not None
        return card

    def visit(self) -> Visit:
        return Visit(self.app.test_client())

    def inside(self) -> Visit:
        visit = self.visit()
        answer = visit.send("/sign-in/name", login_name="陈甲一", password=PASSWORD)
        assert answer.status_code == 303
        return visit


@pytest.fixture
def place(sqlite_copies: SqliteCopies, clock: Any, info: dict[str, Any]) -> Iterator[Place]:
    """One engine only: the sign-in itself is tested on both in ``tests/people``."""
    url = sqlite_copies.fresh()
    database = Database(url, clock=clock, info=info)
    yield Place(database)
    database.close()
    sqlite_copies.drop(url)


def _text(answer: TestResponse) -> str:
    return answer.get_data(as_text=True)


def test_the_first_page_offers_two_ways_and_nothing_else(place: Place) -> None:
    answer = place.visit().get("/sign-in")
    assert answer.status_code == 200
    ways = re.findall(r'class="tile [^"]*" href="([^"]+)"', _text(answer))
    assert ways == ["/sign-in/card", "/sign-in/name"]
    assert "<input" not in _text(answer)


@pytest.mark.parametrize("typed", ["token", "number", "spaced"])
def test_a_card_and_its_pin_open_ones_own_pages(place: Place, typed: str) -> None:
    card = place.card
    said = {
        "token": card.token.lower(), "number": card.card_no, "spaced": print_card_no(card.card_no),
    }[typed]  # fmt: skip
    visit = place.visit()
    assert visit.send("/sign-in/card", card=said, pin=PIN).status_code == 303
    assert print_card_no(card.card_no) in _text(visit.get("/me/card"))


def test_after_the_sign_in_the_page_that_was_asked_for_comes(place: Place) -> None:
    visit = place.visit()
    led = visit.get("/me/card/pin")
    assert led.status_code == 303 and led.location == "/sign-in?next=/me/card/pin"
    ways = re.findall(r'class="tile [^"]*" href="([^"]+)"', _text(visit.get(led.location)))
    answer = visit.send(ways[1].replace("&amp;", "&"), login_name="陈甲一", password=PASSWORD)
    assert answer.location == "/me/card/pin"
    assert visit.get("/sign-in?next=/me/card").location == "/me/card"


@pytest.mark.parametrize(
    "next_page", ["https://elsewhere.example/", "//elsewhere.example", "\\\\x"]
)
def test_a_sign_in_leads_to_no_other_site(place: Place, next_page: str) -> None:
    visit = place.visit()
    page = _text(visit.client.get("/sign-in/name", query_string={"next": next_page}))
    answer = visit.client.post(
        "/sign-in/name",
        query_string={"next": next_page},
        data={
            "csrf_token": _TOKEN.search(page)[1],  # type: ignore[index]
            "login_name": "陈甲一",
            "password": PASSWORD,
        },
    )
    assert answer.status_code == 303 and answer.location.startswith("/")
    assert "elsewhere" not in answer.location


@pytest.mark.parametrize(
    ("path", "fields", "beside", "said"),
    [
        ("/sign-in/name", {"login_name": "陈甲一", "password": "x" * 9}, "password", "没有对上"),
        ("/sign-in/name", {"login_name": "", "password": "x"}, "login_name", "请填写用户名"),
        ("/sign-in/name", {"login_name": "陈", "password": ""}, "password", "请填写密码"),
        ("/sign-in/card", {"card": "123", "pin": "1"}, "card", "一共 9 位数字"),
        ("/sign-in/card", {"card": "6901234567892", "pin": "1"}, "card", "一共 9 位数字"),
        ("/sign-in/card", {"card": "", "pin": ""}, "card", "9 位数字"),
        ("/sign-in/card", {"card": "370394744", "pin": "1"}, "pin", "4 到 6 位数字"),
        ("/sign-in/card", {"card": "３７０－３９４　７４４", "pin": "0000"}, "pin", "没有对上"),
        ("/sign-in/card", {"card": "\u202d370394744\u202c", "pin": "0000"}, "pin", "没有对上"),
    ],
)
def test_what_went_wrong_is_said_beside_its_field(
    place: Place, path: str, fields: dict[str, str], beside: str, said: str
) -> None:
    answer = place.visit().send(path, **fields)
    assert answer.status_code in (403, 422)
    error = re.search(rf'id="{beside}-error">(.*?)</p>', _text(answer), re.DOTALL)
    assert error and said in error[1]
    assert 'aria-invalid="true"' in _text(answer)


def test_a_secret_that_was_typed_is_never_sent_back(place: Place) -> None:
    for path, fields in (
        ("/sign-in/name", {"login_name": "陈甲一", "password": "secret lantern"}),
        ("/sign-in/card", {"card": place.card.card_no, "pin": "98989"}),
    ):
        page = _text(place.visit().send(path, **fields))
        assert "secret lantern" not in page and "98989" not in page
    page = _text(place.inside().send("/me/card/pin", pin="98989", again="98988"))
    assert "98989" not in page


def test_after_too_many_tries_the_page_says_when_to_come_back(place: Place, clock: Any) -> None:
    visit = place.visit()
    for _ in range(THROTTLES[PAIR].free):
        visit.send("/sign-in/card", card=place.card.card_no, pin="0000")
    answer = visit.send("/sign-in/card", card=place.card.card_no, pin=PIN)
    assert answer.status_code == 429
    assert "6月10日 10:00" in _text(answer) and "柜台" in _text(answer)
    clock.move(seconds=THROTTLES[PAIR].first_seconds)
    assert visit.send("/sign-in/card", card=place.card.card_no, pin=PIN).status_code == 303


def test_a_card_that_was_stopped_says_so_kindly(place: Place) -> None:
    place.inside().send("/me/card/lost")
    answer = place.visit().send("/sign-in/card", card=place.card.token, pin=PIN)
    assert answer.status_code == 403 and "挂失" in _text(answer)


def test_the_card_drives_the_screen(place: Place) -> None:
    inside = place.inside()
    answer = inside.send("/me/card/wishes", language="en", large_text="y")
    assert answer.status_code == 303
    card = place.living_card()
    assert (card.language, card.large_text) == ("en", True)
    visit = place.visit()
    visit.send("/sign-in/card", card=place.card.token, pin=PIN)
    page = _text(visit.get("/me/card"))
    assert '<html lang="en" data-text="large"' in page and "My card" in page


def test_a_wish_that_is_not_offered_is_refused(place: Place) -> None:
    answer = place.inside().send("/me/card/wishes", language="tlh")
    assert answer.status_code == 422
    assert place.living_card().language == "zh"


def test_one_sees_ones_own_card_with_code_and_number(place: Place) -> None:
    page = _text(place.inside().get("/me/card"))
    assert print_card_no(place.card.card_no) in page
    assert 'class="qr-code"' in page and "陈甲一" in page
    # The token is only in the picture: not in an address, not in the text.
    assert place.card.token not in page


def test_the_code_on_the_page_is_the_card(place: Place) -> None:
    """The QR code is decoded from the drawing itself, as a scanner would."""
    zxingcpp = pytest.importorskip("zxingcpp")
    from PIL import Image, ImageDraw

    page = _text(place.inside().get("/me/card"))
    side = int(re.search(r'class="qr-code" viewBox="0 0 (\d+)', page)[1])  # type: ignore[index]
    path = re.search(r'class="qr-ink" d="([^"]+)"', page)[1]  # type: ignore[index]
    picture = Image.new("L", (side * 8, side * 8), 255)
    pen = ImageDraw.Draw(picture)
    for x, y in re.findall(r"M([\d.]+),([\d.]+)H", path):
        pen.rectangle([float(x) * 8, float(y) * 8, float(x) * 8 + 7, float(y) * 8 + 7], fill=0)
    (read,) = zxingcpp.read_barcodes(picture)
    assert read.text == place.card.token


def test_reporting_a_card_lost_asks_once_more_and_stops_it(place: Place) -> None:
    inside = place.inside()
    asked = _text(inside.get("/me/card/lost"))
    assert print_card_no(place.card.card_no) in asked
    first = inside.post("/me/card/lost", asked)
    again = inside.post("/me/card/lost", asked)
    assert (first.status_code, again.status_code) == (303, 303)
    page = _text(inside.get("/me/card"))
    assert "没有可用的服务卡" in page and "柜台" in page
    for path in ("/me/card/lost", "/me/card/pin", "/me/card/ask-pin", "/me/card/wishes"):
        assert inside.get(path).location == "/me/card"


def test_a_household_asks_for_the_pin_at_kiosks_and_ends_it_again(place: Place) -> None:
    inside = place.inside()
    assert "现在刷卡就能用" in _text(inside.get("/me/card"))
    assert inside.send("/me/card/ask-pin", do="ask").status_code == 303
    page = _text(inside.get("/me/card"))
    assert "记下了" in page and "现在要输密码" in page
    with place.database.reading() as session:
        assert place.by.household_id is not None
        assert queries.pin_wish_of(session, place.town.community_id, place.by.household_id)
    assert "捡到卡的人" in _text(inside.get("/me/card/ask-pin"))
    assert inside.send("/me/card/ask-pin", do="end").status_code == 303
    assert "现在刷卡就能用" in _text(inside.get("/me/card"))


def test_a_card_without_a_pin_gets_one_first(place: Place) -> None:
    place.database.write(lambda session, now: session.execute(update(card).values(pin_hash=None)))
    inside = place.inside()
    assert "先设一个数字密码" in _text(inside.get("/me/card/ask-pin"))


def test_who_came_in_by_the_lost_card_is_signed_out(place: Place) -> None:
    visit = place.visit()
    visit.send("/sign-in/card", card=place.card.token, pin=PIN)
    assert visit.send("/me/card/lost").status_code == 303
    led = visit.get("/me/card")
    assert led.location.startswith("/sign-in")
    assert "挂失" in _text(visit.get(led.location))


@pytest.mark.parametrize("card_id", ["0", "", "x", "9" * 30])
def test_nobody_stops_the_card_of_another(place: Place, card_id: str) -> None:
    other = place.database.write(
        lambda session, now: make.make_card(
            session, place.town, make.make_person(session, place.town)
        )
    )
    inside = place.inside()
    for told in (card_id, str(other.id)):
        answer = inside.send("/me/card/lost", card_id=told)
        assert answer.status_code == 404
    with place.database.reading() as session:
        assert queries.card(session, place.town.community_id, other.id).revoked_at is None
    assert place.living_card().id == place.card.id


def test_a_new_pin_opens_and_the_old_one_no_more(place: Place) -> None:
    inside = place.inside()
    assert inside.send("/me/card/pin", old=PIN, pin="2718", again="2718").status_code == 303
    assert place.visit().send("/sign-in/card", card=place.card.token, pin=PIN).status_code == 403
    assert place.visit().send("/sign-in/card", card=place.card.token, pin="2718").status_code == 303


@pytest.mark.parametrize(
    ("pin", "again", "beside", "said"),
    [
        ("1234", "1234", "pin", "太容易猜到"),
        ("12", "12", "pin", "4 到 6 位"),
        ("2718", "2719", "again", "不一样"),
        ("", "", "pin", "请输入"),
    ],
)
def test_a_pin_that_will_not_do_is_refused_beside_its_field(
    place: Place, pin: str, again: str, beside: str, said: str
) -> None:
    answer = place.inside().send("/me/card/pin", pin=pin, again=again)
    assert answer.status_code == 422
    error = re.search(rf'id="{beside}-error">(.*?)</p>', _text(answer), re.DOTALL)
    assert error and said in error[1]


def test_signing_out_closes_every_page(place: Place) -> None:
    inside = place.inside()
    page = _text(inside.get("/me/card/pin"))
    answer = inside.post("/sign-out", page)
    assert answer.status_code == 303 and "已退出" in _text(inside.get(answer.location))
    assert inside.get("/me/card").status_code == 303
    with place.database.reading() as session:
        names = [line.name for line in audit_lines(session, place.town.community_id)]
    assert names[0] == "sign_out"


def test_signing_out_twice_does_no_harm(place: Place) -> None:
    visit = place.visit()
    page = _text(visit.get("/sign-in/name"))
    assert visit.post("/sign-out", page).status_code == 303


def test_a_long_silence_ends_the_visit_and_says_why(place: Place, clock: Any) -> None:
    inside = place.inside()
    clock.now += timedelta(hours=2)
    led = inside.get("/me/card")
    assert led.status_code == 303 and "ended=idle" in led.location
    assert "自动退出" in _text(inside.get(led.location))
    with place.database.reading() as session:
        line = audit_lines(session, place.town.community_id)[0]
    assert (line.name, line.facts) == ("sign_out", '{"why":"idle"}')


def test_a_form_without_its_token_is_not_taken(place: Place) -> None:
    answer = place.visit().client.post(
        "/sign-in/name", data={"login_name": "陈甲一", "password": PASSWORD}
    )
    assert answer.status_code == 400


def test_a_user_without_a_card_is_told_how_to_get_one(place: Place) -> None:
    place.database.write(
        lambda session, now: make.make_user(
            session, place.town, make.make_person(session, place.town), login_name="lin"
        )
    )
    visit = place.visit()
    visit.send("/sign-in/name", login_name="LIN", password=PASSWORD)
    assert "没有可用的服务卡" in _text(visit.get("/me/card"))


def test_a_stranger_sees_no_card_page(place: Place) -> None:
    for path in ("/me/card", "/me/card/lost", "/me/card/pin", "/me/card/wishes"):
        assert place.visit().get(path).location == f"/sign-in?next={path}"
