"""Tokens: issued for a password, valid for an hour, checked against the account each time."""

import pytest
from itsdangerous import URLSafeSerializer

from tests.databases import NEIGHBOUR_ID
from tests.factories import people
from tests.factories.api import Machine
from timebank.deeds.deed import Deed
from timebank.people.actions import close_user, open_visit
from web.app import create_app

# The sign-in itself is tested on both engines in ``tests/people``.
pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True, scope="session")

READING = ("/me/passbook", "/me/may-take", "/me/claims", "/me/claims/1", "/me/deposits")
FILING = ("/me/claims", "/me/deposits")


def refused(answer):
    assert answer.content_type == "application/problem+json"
    return answer.status_code, answer.json["code"]


def test_a_password_gives_a_token_for_an_hour(hall, machine):
    told = machine.sign_in().json
    assert (told["token_type"], told["expires_at"]) == ("Bearer", "2025-06-10T03:00:00+00:00")
    assert told["person_id"] == str(machine.by.person_id)
    assert told["household_id"] == str(machine.by.household_id)
    assert machine.get("/me/passbook").status_code == 200
    hall.database.clock.move(minutes=59)
    assert machine.get("/me/passbook").status_code == 200
    hall.database.clock.move(minutes=1)
    assert refused(machine.get("/me/passbook")) == (401, "SIGN_IN_NEEDED")


def test_a_wrong_password_and_an_unknown_name_are_refused_alike(hall, machine):
    wrong = machine.sign_in("not this one")
    assert refused(wrong) == (403, "SIGN_IN_FAILED")
    stranger = hall.passer_by()
    unknown = stranger.sign_in()
    assert unknown.json == wrong.json
    assert "Set-Cookie" not in machine.sign_in().headers


def test_guessing_closes_the_door(hall, machine):
    answers = [machine.sign_in("not this one") for _ in range(12)]
    assert refused(answers[-1]) == (429, "TOO_MANY_TRIES")
    assert answers[-1].json["facts"]["until_at"] > "2025-06-10"
    assert machine.sign_in().status_code == 429


def test_what_is_mine_needs_a_sign_in(hall):
    anybody = hall.passer_by()
    answers = [anybody.get(path) for path in READING]
    answers += [anybody.post(path, hall.rice()) for path in FILING]
    for answer in answers:
        assert refused(answer) == (401, "SIGN_IN_NEEDED")
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_what_is_no_token_of_ours_opens_nothing(hall, machine):
    good = machine.token
    payload, _, seal = good.rpartition(".")
    forged = URLSafeSerializer(b"another key", salt="api-token").dumps(
        {"community": 1, "client": machine.by.client, "until_us": 2**62}
    )
    for token in ("", "x", payload, f"{payload}.{seal[:-2]}AA", f"{seal}.{payload}", forged,
                  good * 4, "\xff" * 20, "null", "." * 300):  # fmt: skip
        machine.token = token
        header = {"Authorization": f"Bearer {token}"}
        answer = machine.client().get("/api/v1/me/passbook", headers=header)
        assert refused(answer) == (401, "SIGN_IN_NEEDED"), token
    for header in ("Basic dXNlcjpwYXNz", good, "Bearer", ""):
        answer = machine.client().get("/api/v1/me/passbook", headers={"Authorization": header})
        assert refused(answer) == (401, "SIGN_IN_NEEDED"), header


def test_a_closed_account_reads_nothing_more(hall, machine):
    hall.database.write(
        lambda session, now: close_user(
            Deed(session, hall.shop.town.by, now, "x"), user_id=machine.by.user_id
        )
    )
    assert refused(machine.get("/me/passbook")) == (401, "SIGN_IN_NEEDED")
    assert refused(machine.post("/me/claims", hall.rice())) == (401, "SIGN_IN_NEEDED")


def test_a_visit_may_read_but_files_nothing(hall, machine):
    """Another site can make a browser send its cookie, but never a token."""
    browser = hall.app.test_client()
    page = browser.get("/sign-in/name").get_data(as_text=True)
    csrf = page.partition('name="csrf_token"')[2].partition('value="')[2].partition('"')[0]
    answer = browser.post(
        "/sign-in/name",
        data={
            "csrf_token": csrf,
            "login_name": f"user-{machine.by.person_id}",
            "password": people.PASSWORD,
        },
    )
    assert answer.status_code == 303
    assert browser.get("/api/v1/me/passbook").status_code == 200
    headers = {"Idempotency-Key": "groceries-1"}
    for path in FILING:
        answer = browser.post(f"/api/v1{path}", json=hall.rice(), headers=headers)
        assert refused(answer) == (401, "SIGN_IN_NEEDED")
    bad = {"Authorization": "Bearer x"}
    assert browser.get("/api/v1/me/passbook", headers=bad).status_code == 401


def test_the_neighbour_community_opens_nothing_of_ours(hall, machine):
    filed = machine.post("/me/claims", hall.rice()).json
    by = hall.database.write(lambda session, now: people.neighbour(session))
    app = create_app({"DATABASE": hall.database, "COMMUNITY_ID": NEIGHBOUR_ID})
    mighty = Machine(app, by)
    # The roles need a second factor, which is tried in ``tests/web/test_second_factor.py``.
    mighty.token = open_visit(hall.database, by=by, kind="api").token
    assert mighty.get("/me/passbook").status_code == 200
    assert refused(mighty.get(f"/me/claims/{filed['claim_id']}"))[0] == 404
    assert refused(mighty.post("/me/deposits", hall.rice())) == (404, "NOT_FOUND")
    assert mighty.get("/shelf").json["stores"] == []
    over_here = Machine(hall.app, by, mighty.token)
    assert refused(over_here.get("/me/passbook")) == (401, "SIGN_IN_NEEDED")


def test_private_answers_are_kept_by_nobody(hall, machine):
    for path in ("/me/passbook", "/me/may-take", "/me/claims"):
        assert machine.get(path).headers["Cache-Control"] == "no-store"
    assert machine.sign_in().headers["Cache-Control"] == "no-store"
