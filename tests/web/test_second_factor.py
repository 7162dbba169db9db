"""The pages of the second factor, of proving oneself again, and of one's own password."""

import re
from collections.abc import Iterator
from typing import Any

import pyotp
import pytest

from tests.databases import SqliteCopies
from tests.factories import people as make
from tests.factories.people import PASSWORD, PIN
from tests.factories.policy import ask_for_no_second_factor
from tests.web.test_account import Place, Visit, _text
from timebank.db import Database
from timebank.people.rules.throttles import PAIR, THROTTLES
from timebank.people.rules.visits import RECOVERY_CODES
from timebank.values import Role

FACTOR = "/me/account/factor"


@pytest.fixture
def place(sqlite_copies: SqliteCopies, clock: Any, info: dict[str, Any]) -> Iterator[Place]:
    url = sqlite_copies.fresh()
    database = Database(url, clock=clock, info=info)
    yield Place(database)
    database.close()
    sqlite_copies.drop(url)


def secret_of(page: str) -> str:
    found = re.search(r"<figcaption>([A-Z2-7 ]{39})</figcaption>", page)
    assert found, page
    return found[1].replace(" ", "")


def code_of(secret: str, place: Place) -> str:
    return pyotp.TOTP(secret).at(place.database.clock())


def set_up(place: Place, visit: Visit, path: str = FACTOR) -> tuple[str, list[str]]:
    """Set a second factor up on its page; return the secret and the recovery codes."""
    led = visit.send(path)
    assert led.status_code == 303
    secret = secret_of(_text(visit.get(path)))
    answer = visit.send(path, code=code_of(secret, place))
    assert answer.status_code == 200
    codes = re.findall(r"[0-9A-Z]{5}-[0-9A-Z]{5}", _text(answer))
    assert "/sign-out" in _text(answer) or "sign-in" in path
    assert len(codes) == RECOVERY_CODES
    return secret, codes


def by_name(place: Place, name: str = "陈甲一", **told: str) -> tuple[Visit, Any]:
    visit = place.visit()
    return visit, visit.send("/sign-in/name", login_name=name, password=PASSWORD, **told)


def hire(place: Place, *roles: str, name: str = "he") -> None:
    place.database.write(
        lambda session, now: make.make_user(
            session, place.town, make.make_person(session, place.town),
            *(Role(role) for role in roles), login_name=name,
        )
    )  # fmt: skip


def test_whoever_set_one_up_is_asked_for_its_code(place: Place, clock: Any) -> None:
    inside = place.inside()
    secret, _ = set_up(place, inside)
    assert inside.get("/me/account").status_code == 200, "the browser of the set-up goes on"
    clock.move(seconds=30)
    visit, led = by_name(place)
    assert led.location.startswith("/sign-in/code")
    for path in ("/me/card", "/me/account", FACTOR, "/sign-in/set-up"):
        assert visit.get(path).location.startswith("/sign-in/code"), path
    assert visit.client.get("/api/v1/me/passbook").status_code == 401
    wrong = visit.send("/sign-in/code", code="000000")
    assert wrong.status_code == 403 and "不对，或者已经用过" in _text(wrong)
    assert visit.send("/sign-in/code", code=code_of(secret, place)).location == "/me/"
    assert visit.get("/me/card").status_code == 200
    again, _ = by_name(place)
    assert again.send("/sign-in/code", code=code_of(secret, place)).status_code == 403


def test_the_page_that_was_asked_for_comes_after_the_code(place: Place) -> None:
    _, codes = set_up(place, place.inside())
    visit = place.visit()
    told = {"login_name": "陈甲一", "password": PASSWORD}
    led = visit.send("/sign-in/name?next=/me/card", **told)
    assert "next=" in led.location
    assert visit.send(led.location, code=codes[0]).location == "/me/card"


def test_half_a_sign_in_can_be_left(place: Place) -> None:
    set_up(place, place.inside())
    visit, _ = by_name(place)
    assert visit.get("/sign-in").status_code == 200
    visit.post("/sign-out", _text(visit.get("/sign-in/code")))
    assert visit.get("/sign-in/code").location.startswith("/sign-in?")


def test_a_passer_by_sees_no_step(place: Place) -> None:
    for path in ("/sign-in/code", "/sign-in/set-up", FACTOR, "/me/account/prove"):
        assert place.visit().get(path).location.startswith("/sign-in?"), path
    assert place.inside().get("/sign-in/code").location.startswith("/sign-in?")


def test_the_recovery_codes_are_shown_once(place: Place) -> None:
    inside = place.inside()
    secret, codes = set_up(place, inside)
    for path in (FACTOR, "/me/account"):
        page = _text(inside.get(path))
        assert codes[0] not in page and secret not in page


def test_a_coordinator_sets_one_up_before_any_page_opens(place: Place) -> None:
    hire(place, "coordinator")
    visit, led = by_name(place, "he")
    assert led.location.startswith("/sign-in/set-up")
    for path in ("/work", "/me/account", FACTOR, "/sign-in/code"):
        assert visit.get(path).location.startswith("/sign-in/set-up"), path
    set_up(place, visit, "/sign-in/set-up")
    assert visit.get("/work").status_code == 200
    visit, led = by_name(place, "he")
    assert led.location.startswith("/sign-in/code")


def test_a_keeper_signs_in_as_before(place: Place) -> None:
    hire(place, "keeper")
    _, led = by_name(place, "he")
    assert led.location == "/store"


def test_it_is_taken_off_with_a_code(place: Place) -> None:
    inside = place.inside()
    _, codes = set_up(place, inside)
    assert inside.send(FACTOR, code="000000").status_code == 403
    assert inside.send(FACTOR, code=codes[0]).status_code == 303
    _, led = by_name(place)
    assert led.location == "/me/"


@pytest.mark.parametrize("path", ["/sealed", "/card"])
def test_before_what_weighs_one_is_asked_again(place: Place, clock: Any, path: str) -> None:
    hire(place, "social_worker")
    visit, _ = by_name(place, "he")
    address = f"/work/people/{place.by.person_id}{path}"
    page = _text(visit.get(address))
    clock.move(minutes=11)
    led = visit.get(address)
    assert led.location == f"/me/account/prove?next={address}"
    wrong = visit.send(led.location, secret="not this one")
    assert wrong.status_code == 403 and "密码不对" in _text(wrong)
    assert visit.get(address).status_code == 303
    late = visit.post(address, page, do="stop", why="lost", columns="phone", reason="call her")
    assert late.status_code in (200, 303) and "/prove" not in (late.location or "")
    assert visit.send(led.location, secret=PASSWORD).location == address
    assert visit.get(address).status_code == 200


def test_a_form_that_lay_open_for_long_is_not_done(place: Place, clock: Any) -> None:
    hire(place, "social_worker")
    visit, _ = by_name(place, "he")
    address = f"/work/people/{place.by.person_id}/card"
    page = _text(visit.get(address))
    for _ in range(2):
        clock.move(minutes=13)
        visit.get("/work")
    late = visit.post(address, page, do="stop", why="lost")
    assert late.location.startswith("/me/account/prove")
    assert place.living_card().id == place.card.id


def test_who_has_a_second_factor_is_asked_for_a_code(place: Place, clock: Any) -> None:
    inside = place.inside()
    secret, _ = set_up(place, inside)
    clock.move(minutes=11)
    led = inside.get(FACTOR)
    assert led.location.startswith("/me/account/prove")
    assert inside.send(led.location, secret=PASSWORD).status_code == 422
    assert inside.send(led.location, code=code_of(secret, place)).location == FACTOR


def test_a_copied_cookie_sets_up_no_second_factor_later(place: Place, clock: Any) -> None:
    inside = place.inside()
    clock.move(minutes=11)
    assert inside.get(FACTOR).location.startswith("/me/account/prove")


def test_the_password_changes_against_the_old_one(place: Place) -> None:
    inside, other = place.inside(), place.inside()
    new = {"password": "another lantern", "again": "another lantern"}
    wrong = inside.send("/me/account/password", old="not this one", **new)
    assert wrong.status_code == 403 and "现在的密码不对" in _text(wrong)
    assert "another lantern" not in _text(wrong)
    assert inside.send("/me/account/password", old=PASSWORD, **new).status_code == 303
    assert inside.get("/me/card").status_code == 200
    assert other.get("/me/card").status_code == 303
    assert by_name(place)[1].status_code == 403


@pytest.mark.parametrize(
    ("password", "again", "said"),
    [("short", "short", "太短"), ("another lantern", "other", "不一样"), ("", "", "新的密码")],
)
def test_a_password_that_will_not_do_is_refused(
    place: Place, password: str, again: str, said: str
) -> None:
    told = {"old": PASSWORD, "password": password, "again": again}
    answer = place.inside().send("/me/account/password", **told)
    assert answer.status_code == 422 and said in _text(answer)


@pytest.mark.parametrize(
    ("path", "wrong"),
    [
        ("/me/account/password", {"password": "another lantern", "again": "another lantern"}),
        ("/me/card/pin", {"pin": "2718", "again": "2718"}),
    ],
)
def test_the_old_secret_is_not_guessed_within_a_visit(
    place: Place, path: str, wrong: dict[str, str]
) -> None:
    inside = place.inside()
    for _ in range(THROTTLES[PAIR].free):
        assert inside.send(path, old="0000", **wrong).status_code == 403
    right = {"/me/account/password": PASSWORD, "/me/card/pin": PIN}[path]
    assert inside.send(path, old=right, **wrong).status_code == 429


def test_who_came_with_a_card_has_no_password_page(place: Place) -> None:
    visit = place.visit()
    visit.send("/sign-in/card", card=place.card.token, pin=PIN)
    page = _text(visit.get("/me/account"))
    assert "/me/account/password" not in page and FACTOR not in page and "用卡登录" in page
    for path in ("/me/account/password", FACTOR):
        assert visit.get(path).location == "/me/account"


def test_a_program_sends_the_code_with_the_password(place: Place, clock: Any) -> None:
    secret, _ = set_up(place, place.inside())
    clock.move(seconds=30)
    client = place.app.test_client(use_cookies=False)
    told = {"login_name": "陈甲一", "password": PASSWORD}
    refused = client.post("/api/v1/sign-in", json=told)
    assert (refused.status_code, refused.json["code"]) == (403, "SECOND_FACTOR_NEEDED")
    assert client.post("/api/v1/sign-in", json={**told, "code": "000000"}).status_code == 403
    right = client.post("/api/v1/sign-in", json={**told, "code": code_of(secret, place)})
    header = {"Authorization": f"Bearer {right.json['token']}"}
    assert client.get("/api/v1/me/passbook", headers=header).status_code == 200


def test_the_sign_in_page_says_when_no_role_needs_one(place: Place) -> None:
    assert "没有要求工作人员" not in _text(place.visit().get("/sign-in"))
    place.database.write(lambda session, now: ask_for_no_second_factor(session, now, place.town.by))
    assert "没有要求工作人员" in _text(place.visit().get("/sign-in"))
