"""A password or PIN that strangers or neighbours try first is refused when it is set."""

from datetime import date

import pytest
from sqlalchemy import update

from tests.factories import people as make
from timebank.deeds.deed import Deed
from timebank.errors import BadInput
from timebank.people.actions import NewPerson, add_user, change_password, enrol_people, set_pin
from timebank.people.guessing import common_pins, common_words
from timebank.people.passwords import hash_secret
from timebank.people.rules.guessable import days_of_pin, is_common_pin, why_password
from timebank.people.tables import app_user

BORN = date(1952, 3, 8)
GOOD = ["paper lantern", "long enough", "correct horse battery", "灯笼 小桥 流水 豆浆", "demo-2026",
        "8位密码不好记", "lantern7river", "chenjia seven boats"]  # fmt: skip


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("password", "common"), ("Password2024!", "common"), ("P@ssw0rd1", "common"),
        ("woaini1314", "common"), ("1314woaini", "common"), ("5201314520", "common"),
        ("ｗｏａｉｎｉ１３１４", "common"), ("zhongguo666", "common"), ("iloveyou123", "common"),
        ("19880808", "common"), ("2008-08-08", "common"), ("chebei2026", "common"),
        ("12345678", "pattern"), ("87654321", "pattern"), ("88888888", "pattern"),
        ("abababab", "pattern"), ("qwertyuiop", "pattern"), ("1qaz2wsx", "pattern"),
        ("王芳王芳王芳王芳", "pattern"),
        ("wang.fang88", "own_data"), ("wangfang1988", "own_data"), ("123456782", "own_data"),
        ("王芳123456", "own_data"), ("fang-123456", "own_data"),
    ],
)  # fmt: skip
def test_what_everybody_tries_first_is_found(password, why):
    own = ["wang.fang", "王芳", "wangfang", "wf", "fang", "123456782"]
    assert why_password(password, common_words(), own) == why


@pytest.mark.parametrize("password", GOOD)
def test_unrelated_words_are_fine(password):
    assert why_password(password, common_words(), ["wang.fang", "王芳", "wangfang"]) is None


def test_the_lists_are_as_long_as_they_say():
    assert len(common_words()) > 400 and len(common_pins()) > 60
    assert {"woaini", "5201314", "password"} <= common_words() and "2580" in common_pins()


@pytest.mark.parametrize(
    "pin", ["123456", "000000", "111111", "654321", "123123", "520520", "2580", "1314", "121212",
            "12321", "7890", "8901", "159357"],
)  # fmt: skip
def test_a_pin_that_opens_most_locks_is_found(pin):
    assert is_common_pin(pin, common_pins())


@pytest.mark.parametrize("pin", ["2591", "7391", "2718", "480273", "60914"])
def test_other_pins_are_fine(pin):
    assert not is_common_pin(pin, common_pins())


@pytest.mark.parametrize("pin", ["0308", "0803", "1952", "520308", "080352", "030852", "195203"])
def test_a_pin_made_of_the_birth_date_is_found(pin):
    assert BORN in set(days_of_pin(pin, date(2025, 6, 10)))


@pytest.fixture
def holder(session, town, now):
    """A person with a card and a user."""
    deed = Deed(session, town.by, now, make.a_request_id())
    (person_id,) = enrol_people(deed, people=(NewPerson("王芳", birth_on=BORN),)).person_ids
    by = make.make_user(session, town, person_id, login_name="wang.fang")
    return by, make.make_card(session, town, person_id)


@pytest.mark.parametrize("pin", ["0308", "1952", "520308", "123456", "2580"])
def test_a_holder_sets_no_pin_that_neighbours_know(session, holder, now, pin):
    by, card = holder
    with pytest.raises(BadInput) as refused:
        set_pin(Deed(session, by, now, make.a_request_id()), card_id=card.id, pin=pin)
    assert refused.value.facts["why"] in ("birthday", "easy")
    set_pin(Deed(session, by, now, make.a_request_id()), card_id=card.id, pin="0309")


@pytest.mark.parametrize(
    ("password", "why"),
    [("woaini1314", "common"), ("wang.fang1", "own_data"), ("wangfang520", "own_data"),
     ("a lantern 19520308", "birthday"), ("boats 080352 river", "birthday")],
)  # fmt: skip
def test_a_password_is_checked_when_it_changes(session, holder, now, password, why):
    by, _ = holder
    told = {"user_id": by.user_id, "old_password": make.PASSWORD}
    with pytest.raises(BadInput) as refused:
        change_password(Deed(session, by, now, make.a_request_id()), password=password, **told)
    assert refused.value.facts == {"field": "password", "why": why}
    good = Deed(session, by, now, make.a_request_id())
    change_password(good, password="nine boats 19520309", **told)


def test_a_first_password_is_checked_too(session, town, now):
    person_id = make.make_person(session, town)
    told = {"person_id": person_id, "login_name": "li.na"}
    deed = Deed(session, town.by, now, make.a_request_id())
    with pytest.raises(BadInput, match="own_data"):
        add_user(deed, password="lina1234", **told)


def test_who_has_an_easy_one_keeps_it_until_they_change_it(session, holder, now):
    by, _ = holder
    kept = {"password_hash": hash_secret(session, "password")}
    session.execute(update(app_user).where(app_user.c.id == by.user_id).values(kept))
    told = {"user_id": by.user_id, "old_password": "password", "password": "paper boats"}
    change_password(Deed(session, by, now, make.a_request_id()), **told)


def test_the_birth_date_is_compared_without_opening_it(session, holder, now, monkeypatch):
    by, card = holder
    monkeypatch.setattr("timebank.vault.cipher.Vault.open", None)
    with pytest.raises(BadInput, match="birthday"):
        set_pin(Deed(session, by, now, make.a_request_id()), card_id=card.id, pin="0308")
