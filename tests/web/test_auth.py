"""Who is signed in: guards, idle sessions, and no data left from the session before."""

from datetime import timedelta

import pytest
from flask import Flask, session

from tests.factories import people as make
from timebank.people.actions import open_visit
from timebank.rights import Right
from timebank.values import Role
from web.auth import (
    IDLE_RESIDENT,
    IDLE_STAFF,
    begin,
    current_by,
    my_name,
    needs,
    open_to_all,
    sign_out,
    signed_in,
)

SERVE = Right("test.serve", ("keeper", "coordinator"))


@pytest.fixture
def people(database):
    """A resident and a keeper with their users."""

    def work(unit, now):
        town = make.make_town(unit)
        family = make.make_household(
            unit, town, make.new_person("陈甲一"), make.new_person("赵乙二")
        )
        return {
            "resident": make.make_user(unit, town, family.person_ids[0]),
            "keeper": make.make_user(unit, town, family.person_ids[1], Role("keeper")),
        }

    return database.write(work)


@pytest.fixture
def pages(app: Flask, sign_in):
    """One page of each guard."""
    app.add_url_rule("/t/open", "t_open", open_to_all(lambda: "open"))
    app.add_url_rule("/t/mine", "t_mine", signed_in(lambda: f"{current_by().client} {my_name()}"))
    app.add_url_rule("/t/store", "t_store", needs(SERVE)(lambda: "store"))
    app.add_url_rule("/t/out", "t_out", open_to_all(lambda: sign_out() or "out"))
    return app


def body(answer) -> str:
    return answer.get_data(as_text=True)


def test_a_passer_by_sees_what_is_open_and_is_led_to_the_sign_in(pages, client):
    assert body(client.get("/t/open")) == "open"
    led = client.get("/t/mine?a=1")
    assert led.status_code == 303
    assert "/sign-in" in led.location and "next=" in led.location
    assert client.get("/t/store").status_code == 303


def test_a_resident_sees_his_own_and_not_the_store(pages, client, people, sign_in):
    sign_in(client, people["resident"])
    assert body(client.get("/t/mine")) == f"{people['resident'].client} 陈甲一"
    assert client.get("/t/store").status_code == 403


def test_a_keeper_sees_the_store(pages, client, people, sign_in):
    sign_in(client, people["keeper"])
    assert body(client.get("/t/store")) == "store"


def test_signing_out_ends_it(pages, client, people, sign_in):
    sign_in(client, people["resident"])
    client.get("/t/out")
    assert client.get("/t/mine").status_code == 303


@pytest.mark.parametrize(("who", "limit"), [("keeper", IDLE_STAFF), ("resident", IDLE_RESIDENT)])
def test_an_idle_visit_ends_and_a_busy_one_goes_on(
    pages, client, people, sign_in, clock, who, limit
):
    sign_in(client, people[who])
    for _ in range(3):
        clock.now += limit - timedelta(minutes=1)
        assert client.get("/t/mine").status_code == 200
    clock.now += limit + timedelta(seconds=31)
    led = client.get("/t/mine")
    assert led.status_code == 303
    assert "ended=idle" in led.location
    assert client.get("/t/mine").location.endswith("next=/t/mine")


def test_a_new_visit_keeps_nothing_of_the_one_before(pages, people, database):
    with pages.test_request_context("/"):
        session["left_by_the_last_one"] = "secret"
        begin(open_visit(database, by=people["resident"]))
        assert "left_by_the_last_one" not in session


def test_a_visit_of_another_community_is_nobody_here(pages, client, people, sign_in, database):
    sign_in(client, people["resident"])
    pages.extensions["timebank"].served_id = 2
    pages.extensions["timebank"]._served = None
    assert client.get("/t/mine").status_code == 303


def test_each_guard_says_what_it_is():
    assert open_to_all(lambda: "")._guard == "open_to_all"
    assert signed_in(lambda: "")._guard == "signed_in"
    assert needs(SERVE)(lambda: "")._guard == "needs test.serve"
