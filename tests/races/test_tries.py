"""Sixteen wrong secrets at once: each attempt is counted once, and five are checked."""

from collections import Counter

import pytest
from sqlalchemy import select

from tests.factories.kiosks import commit_stand, web_for
from tests.factories.people import PIN, a_request_id
from tests.kiosks.test_http import call
from tests.people.test_known_devices import HOME, House
from tests.people.test_second_factor import Phone
from tests.races.racing import RACERS, address, race
from timebank.deeds.deed import Deed
from timebank.kiosks import wire
from timebank.people import actions
from timebank.people.rules.throttles import (
    CARD,
    CODE,
    DEVICE,
    NAME,
    PAIR,
    SOURCE,
    THROTTLES,
    Origin,
)
from timebank.people.tables import sign_in_try

pytestmark = pytest.mark.slow

FREE = THROTTLES[PAIR].free
WANTED = {"SIGN_IN_FAILED": FREE, "TOO_MANY_TRIES": RACERS - FREE}


def counted(database):
    """The failures of each kind of count, those with none left out."""
    with database.reading() as session:
        rows = session.execute(select(sign_in_try.c.kind, sign_in_try.c.failures)).all()
    return sorted((row.kind, row.failures) for row in rows if row.failures)


def burst(database, attempt):
    """Let sixteen connections attempt it at once; count the refusals."""

    def one(own, number):
        own.info.update(database.info)
        own.clock = database.clock
        return attempt(own, number)

    return Counter(refusal.code for refusal in race(address(database), one))


@pytest.mark.parametrize(("way", "kind"), [("name", NAME), ("pin", CARD)])
def test_wrong_passwords_and_pins_are_each_counted_once(fresh_database, way, kind):
    house = House(fresh_database)
    house.database.write(lambda session, now: session.execute(sign_in_try.delete()))

    def attempt(own, number):
        told = {"community_id": house.town.community_id, "origin": Origin(HOME), "now": own.clock()}
        if way == "name":
            login = {"login_name": house.login_name, "password": f"wrong {number}"}
            return actions.sign_in(own, **login, **told)
        return actions.sign_in_by_card(own, card=house.card.card_no, pin="1357", **told)

    assert burst(fresh_database, attempt) == WANTED
    assert counted(fresh_database) == sorted([(kind, FREE), (PAIR, FREE), (SOURCE, FREE)])


def test_wrong_passwords_on_a_known_device_are_each_counted_once(fresh_database):
    house = House(fresh_database)
    house.enter()
    origin = Origin(HOME, house.browser)

    def attempt(own, number):
        return actions.sign_in(
            own, community_id=house.town.community_id, login_name=house.login_name,
            password="wrong lantern", origin=origin, now=own.clock(),
        )  # fmt: skip

    assert burst(fresh_database, attempt) == WANTED
    assert counted(fresh_database) == [(DEVICE, FREE)]


def test_one_guess_at_each_of_many_names_loses_no_count_of_the_address(fresh_database):
    house = House(fresh_database)

    def attempt(own, number):
        return actions.sign_in(
            own, community_id=house.town.community_id, login_name=f"guess-{number}",
            password="wrong lantern", origin=Origin(HOME), now=own.clock(),
        )  # fmt: skip

    assert burst(fresh_database, attempt) == {"SIGN_IN_FAILED": RACERS}
    ones = [(kind, 1) for kind in (NAME, PAIR) for _ in range(RACERS)]
    assert counted(fresh_database) == sorted([*ones, (SOURCE, RACERS)])


def test_wrong_codes_of_a_second_factor_are_each_counted_once(fresh_database):
    phone = Phone(fresh_database)
    phone.draw()
    phone.confirm()
    visit_id = phone.sign_in().visit_id

    def attempt(own, number):
        told = {"secret": f"{number:06d}", "origin": Origin(HOME), "now": own.clock()}
        return actions.prove(own, by=phone.by, visit_id=visit_id, **told)

    assert burst(fresh_database, attempt) == WANTED
    assert counted(fresh_database) == sorted([(CODE, FREE), (PAIR, FREE), (SOURCE, FREE)])


@pytest.mark.parametrize("is_scanned", [False, True])
def test_wrong_pins_at_a_kiosk_are_each_counted_once(fresh_database, is_scanned):
    stand = commit_stand(fresh_database)
    fresh_database.write(
        lambda session, now: actions.set_pin(
            Deed(session, stand.volunteer, now, a_request_id()), card_id=stand.card.id, pin=PIN
        )
    )
    ref = wire.card_ref(stand.device.secret, stand.card.token)
    told = {"ref": ref} if is_scanned else {"card_no": stand.card.card_no}
    body = wire.canonical(wire.CardAsked(pin="1357", **told))

    def attempt(own, number):
        own.info.update(fresh_database.info)
        own.clock = fresh_database.clock
        return call(web_for(own).test_client(), stand, "card", body).json["code"]

    assert Counter(race(address(fresh_database), attempt)) == WANTED
    kinds = ("scan", SOURCE) if is_scanned else (CARD, PAIR, SOURCE)
    assert counted(fresh_database) == sorted((kind, FREE) for kind in kinds)
