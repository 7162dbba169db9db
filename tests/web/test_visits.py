"""A copied cookie is worth nothing after a sign-out or a change; one sees and ends one's visits."""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tests.databases import SqliteCopies
from tests.factories import people as make
from tests.factories.people import PASSWORD, PIN, a_request_id
from tests.factories.policy import ask_for_no_second_factor
from tests.web.test_account import Place, Visit, _text
from timebank.db import Database
from timebank.deeds.deed import Deed
from timebank.people import actions, queries
from timebank.values import Role


@pytest.fixture
def place(sqlite_copies: SqliteCopies, clock: Any, info: dict[str, Any]) -> Iterator[Place]:
    url = sqlite_copies.fresh()
    database = Database(url, clock=clock, info=info)
    yield Place(database)
    database.close()
    sqlite_copies.drop(url)


def copied(place: Place, visit: Visit) -> FlaskClient:
    """Another browser with a copy of the cookie."""
    thief = place.app.test_client()
    cookie = visit.client.get_cookie("visit")
    assert cookie is not None
    thief.set_cookie("visit", cookie.value)
    return thief


def is_inside(client: FlaskClient) -> bool:
    return client.get("/me/card").status_code == 200


def act(place: Place, action: Any, **content: Any) -> None:
    place.database.write(
        lambda session, now: action(Deed(session, place.town.by, now, a_request_id()), **content)
    )


def change_own(place: Place) -> None:
    """Change the password with the old one, elsewhere."""
    told = {"password": "another lantern", "old_password": PASSWORD}

    def work(session: Session, now: datetime) -> None:
        deed = Deed(session, place.by, now, a_request_id())
        actions.change_password(deed, user_id=place.by.user_id or 0, **told)

    place.database.write(work)


def test_a_copied_cookie_does_not_outlive_the_sign_out(place: Place) -> None:
    inside = place.inside()
    thief = copied(place, inside)
    assert is_inside(thief)
    inside.post("/sign-out", _text(inside.get("/me/card/pin")))
    assert not is_inside(thief)


def test_a_cookie_that_was_idle_is_not_good_again(place: Place, clock: Any) -> None:
    inside = place.inside()
    thief = copied(place, inside)
    clock.move(hours=2)
    assert not is_inside(inside.client)
    clock.move(hours=-2)
    assert not is_inside(thief)


@pytest.mark.parametrize("change", ["own_pin", "password", "role", "closed"])
def test_a_change_ends_the_copies_of_a_cookie(place: Place, change: str) -> None:
    inside = place.inside()
    thief = copied(place, inside)
    user_id = place.by.user_id
    if change == "own_pin":
        assert inside.send("/me/card/pin", old=PIN, pin="2718", again="2718").status_code == 303
        assert is_inside(inside.client), "the browser of the change goes on with a new visit"
    elif change == "password":
        change_own(place)
    else:
        action, content = {
            "role": (actions.grant_role, {"user_id": user_id, "role": "hotline"}),
            "closed": (actions.close_user, {"user_id": user_id}),
        }[change]
        act(place, action, **content)
    if change != "own_pin":
        led = inside.get("/me/card")
        assert led.location.startswith("/sign-in")
    assert not is_inside(thief)


def test_a_lost_card_ends_the_visits_it_opened_everywhere(place: Place) -> None:
    by_card = place.visit()
    by_card.send("/sign-in/card", card=place.card.token, pin=PIN)
    thief = copied(place, by_card)
    named = place.inside()
    named.send("/me/card/lost")
    assert is_inside(named.client)
    assert not is_inside(by_card.client) and not is_inside(thief)


def test_an_api_token_ends_with_the_password(place: Place) -> None:
    client = place.app.test_client(use_cookies=False)
    told = {"login_name": "陈甲一", "password": PASSWORD}
    token = client.post("/api/v1/sign-in", json=told).json["token"]
    header = {"Authorization": f"Bearer {token}"}
    assert client.get("/api/v1/me/passbook", headers=header).status_code == 200
    page = _text(place.inside().get("/me/account"))
    assert "一个程序" in page
    change_own(place)
    assert client.get("/api/v1/me/passbook", headers=header).status_code == 401


def test_the_sign_in_page_says_why_the_visit_ended(place: Place) -> None:
    inside = place.inside()
    change_own(place)
    led = inside.get("/me/card")
    assert "ended=password" in led.location
    assert "密码换过了" in _text(inside.get(led.location))
    assert "请再登录一次" in _text(inside.get("/sign-in?ended=<script>"))


def test_one_sees_ones_visits_and_ends_the_others(place: Place) -> None:
    here, there = place.inside(), place.inside()
    page = _text(here.get("/me/account"))
    assert page.count("就是这里") == 2 and page.count('name="end" value="') == 2
    answer = here.post("/me/account/visits", page, end="others")
    assert answer.status_code == 303
    assert is_inside(here.client) and not is_inside(there.client)
    led = there.get("/me/card")
    page = _text(here.get("/me/account"))
    assert 'value="others"' not in page and "ended=" not in page
    assert led.location.startswith("/sign-in")


def test_one_ends_a_single_visit(place: Place) -> None:
    here, there, third = place.inside(), place.inside(), place.inside()
    page = _text(here.get("/me/account"))
    others = re.findall(r'name="end" value="(\d+)"', page)
    assert len(others) == 2
    here.post("/me/account/visits", page, end=others[0])
    assert sorted(is_inside(one.client) for one in (there, third)) == [False, True]


@pytest.mark.parametrize("wanted", ["", "x", "-1", "9" * 40, "0", "😀"])
def test_nonsense_ends_no_visit(place: Place, wanted: str) -> None:
    here, there = place.inside(), place.inside()
    page = _text(here.get("/me/account"))
    assert here.post("/me/account/visits", page, end=wanted).status_code == 303
    assert is_inside(here.client) and is_inside(there.client)


def test_last_seen_is_written_every_few_minutes_and_never_on_each_page(
    place: Place, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside = place.inside()
    written: list[Any] = []
    write = Database.write

    def counting(database: Database, work: Any, **told: Any) -> Any:
        written.append(work)
        return write(database, work, **told)

    monkeypatch.setattr(Database, "write", counting)
    for _ in range(5):
        clock.move(seconds=50)
        inside.get("/me/card")
    assert written == []
    clock.move(seconds=50)
    inside.get("/me/card")
    inside.get("/me/card")
    assert len(written) == 1
    with place.database.reading() as session:
        (listed,) = queries.open_visits(session, place.by, now=clock())
    assert listed.last_seen_at == clock()


def test_one_sees_who_opened_ones_data_and_why(place: Place) -> None:
    worker = place.database.write(lambda session, now: make.social_worker(session, place.town))
    inside = place.inside()
    assert "还没有人打开看过" in _text(inside.get("/me/account"))
    actions.reveal(
        place.database, by=worker, person_id=place.by.person_id or 0, columns=("phone", "door"),
        reason="电话通知取物品",
    )  # fmt: skip
    with place.database.reading() as session:
        name = queries.person_brief(session, place.town.community_id, worker.person_id or 0).name
    page = _text(inside.get("/me/account"))
    assert name in page and "门牌、电话" in page and "电话通知取物品" in page


def test_an_auditor_opens_a_donors_name_with_a_reason(place: Place) -> None:
    place.database.write(
        lambda session, now: make.make_user(
            session, place.town, make.make_person(session, place.town, "钟丁二"),
            Role("auditor"), login_name="zhong",
        )
    )  # fmt: skip
    place.database.write(lambda session, now: ask_for_no_second_factor(session, now, place.town.by))
    visit = place.visit()
    visit.send("/sign-in/name", login_name="zhong", password=PASSWORD)
    path = f"/work/people/{place.by.person_id}"
    page = _text(visit.get(path))
    assert "陈**" in page and "陈甲一" not in page and f"{path}/name" in page
    assert visit.get(f"{path}/sealed").status_code == 403
    refused = visit.send(f"{path}/name", reason="")
    assert refused.status_code == 422 and "陈甲一" not in _text(refused)
    assert "陈甲一" in _text(visit.send(f"{path}/name", reason="核对第 12 号收据"))
    assert "陈甲一" not in _text(visit.get(path))
    assert "核对第 12 号收据" in _text(place.inside().get("/me/account"))


def test_a_resident_and_a_keeper_open_no_name(place: Place) -> None:
    place.database.write(
        lambda session, now: make.make_user(
            session, place.town, make.make_person(session, place.town),
            Role("keeper"), login_name="zhao",
        )
    )  # fmt: skip
    visit = place.visit()
    visit.send("/sign-in/name", login_name="zhao", password=PASSWORD)
    path = f"/work/people/{place.by.person_id}/name"
    assert visit.get(path).status_code == 403
    assert place.inside().get(path).status_code == 403
