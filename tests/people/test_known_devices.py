"""Strangers' guesses are limited, and keep nobody out who comes with a known device or a card."""

from typing import Any

import pytest
from sqlalchemy import select

from tests.factories import people as make
from tests.factories.looks import audit_lines
from tests.factories.people import PASSWORD, PIN, a_request_id
from tests.people.test_second_factor import Phone
from tests.people.test_sign_in import Door
from timebank.db import Database
from timebank.deeds.deed import Deed
from timebank.deeds.running import perform
from timebank.errors import NotFound, TimebankError
from timebank.people import actions, queries
from timebank.people.actions import SignedIn
from timebank.people.refusals import SignInClosed, SignInFailed, TooManyTries
from timebank.people.rules.throttles import (
    BROWSER_PEOPLE_MAX,
    CARD,
    CODE,
    DEVICE,
    DEVICES_MAX,
    NAME,
    PAIR,
    SCAN,
    SOURCE,
    THROTTLES,
    Origin,
)
from timebank.people.tables import known_device
from timebank.values import By

HOME, SHOP = "192.0.2.1", "198.51.100.1"
WRONG = {"name": "wrong lantern", "pin": "1357"}


class House(Door):
    """A door whose visitors come from somewhere, with or without a browser that is known."""

    def enter(self, way: str = "name", *, browser: str = "", at: str = HOME, **told: Any) -> By:
        """Sign in; the browser that is known from then on is in ``self.browser``."""
        self.browser = self.signed(way, browser=browser, at=at, **told).browser
        return self.by

    def signed(self, way: str, *, browser: str, at: str, **told: Any) -> SignedIn:
        common = {
            "community_id": self.town.community_id, "origin": Origin(at, browser),
            "now": self.database.clock(),
        }  # fmt: skip
        if way == "name":
            wanted = {"login_name": self.login_name, "password": PASSWORD, **told}
            return actions.sign_in(self.database, **{**common, **wanted})
        wanted = {"card": self.card.card_no, "pin": PIN, **told}
        return actions.sign_in_by_card(self.database, **{**common, **wanted})

    def guess(self, way: str = "name", *, browser: str = "", at: str = HOME, **told: Any) -> str:
        """Try a wrong secret; return the code of the refusal."""
        secret = {"name": "password", "pin": "pin"}[way]
        try:
            self.signed(way, browser=browser, at=at, **{secret: WRONG[way], **told})
        except TimebankError as refusal:
            return refusal.code
        raise AssertionError("a wrong secret opened the door")


@pytest.fixture
def house(fresh_database: Database) -> House:
    return House(fresh_database)


def hammer(house: House, clock: Any, way: str, times: int, **told: Any) -> set[str]:
    """Guess from ever new addresses, after each delay; return the refusals."""
    answers = set()
    for number in range(times):
        answers.add(house.guess(way, at=f"203.0.113.{number}", **told))
        clock.move(hours=1)
    return answers


def test_guesses_at_many_names_close_an_address_to_strangers_only(house: House) -> None:
    house.enter(at=SHOP)
    for number in range(THROTTLES[SOURCE].free):
        house.guess(at=SHOP, login_name=f"guess-{number}")
    with pytest.raises(TooManyTries):
        house.enter(at=SHOP)
    assert house.enter(at=SHOP, browser=house.browser) == house.by


def test_guesses_at_one_name_from_one_address_slow_down_nobody_elsewhere(house: House) -> None:
    for _ in range(3 * THROTTLES[PAIR].free):
        house.guess(at=SHOP)
    assert house.guess(at=SHOP) == "TOO_MANY_TRIES"
    assert house.enter(at=HOME) == house.by


@pytest.mark.parametrize("way", ["name", "pin"])
def test_hammering_an_account_from_everywhere_does_not_keep_its_known_device_out(
    house: House, clock: Any, way: str
) -> None:
    house.enter()
    most = THROTTLES[{"name": NAME, "pin": CARD}[way]].most or 0
    assert hammer(house, clock, way, most) == {"SIGN_IN_FAILED"}
    assert hammer(house, clock, way, 2) == {"SIGN_IN_CLOSED"}
    with pytest.raises(SignInClosed):
        house.enter(way, at="203.0.113.200")
    assert house.enter(way, browser=house.browser) == house.by


def test_a_name_that_does_not_exist_is_refused_at_the_same_moments(
    house: House, clock: Any
) -> None:
    answers = []
    for name in (house.login_name, "nobody"):
        said = []
        for number in range(THROTTLES[NAME].free + 3):
            said.append(house.guess(at=f"203.0.113.{number}", login_name=name))
        clock.move(hours=1)
        answers.append([*said, house.guess(at="203.0.113.99", login_name=name)])
        clock.move(hours=1)
    assert answers[0] == answers[1]
    assert "TOO_MANY_TRIES" in answers[0]


@pytest.mark.parametrize("spelled", ["123 456 782", "123456782"])
def test_an_unknown_number_is_one_number_in_any_spelling(house: House, spelled: str) -> None:
    for _ in range(THROTTLES[PAIR].free):
        house.guess("pin", card="123456782")
    assert house.guess("pin", card=spelled) == "TOO_MANY_TRIES"


@pytest.mark.parametrize("way", ["name", "pin"])
def test_a_known_device_is_limited_in_wrong_secrets_and_then_known_no_more(
    house: House, clock: Any, way: str
) -> None:
    house.enter()
    told = {"browser": house.browser, "at": HOME}
    said = [house.guess(way, **told) for _ in range(THROTTLES[DEVICE].free + 1)]
    assert said == ["SIGN_IN_FAILED"] * THROTTLES[DEVICE].free + ["TOO_MANY_TRIES"]
    assert house.guess(way, at=SHOP) == "SIGN_IN_FAILED", "elsewhere nothing was counted"
    most = THROTTLES[DEVICE].most or 0
    for _ in range(most - THROTTLES[DEVICE].free):
        clock.move(hours=1)
        assert house.guess(way, **told) == "SIGN_IN_FAILED"
    house.guess(way, **told)
    with house.database.reading() as session:
        assert session.scalars(select(known_device.c.id)).all() == []
        lines = audit_lines(session, house.town.community_id, name="forget_worn_out_device")
    assert len(lines) == 1


def test_a_right_secret_clears_the_count_of_the_device(house: House) -> None:
    house.enter()
    for _ in range(4):
        for _ in range(THROTTLES[DEVICE].free - 1):
            house.guess(browser=house.browser)
        house.enter(browser=house.browser)


def test_a_device_known_to_one_person_is_strange_to_another(house: House) -> None:
    house.enter()
    other = House(house.database)
    for _ in range(THROTTLES[PAIR].free):
        other.guess(browser=house.browser)
    assert other.guess() == "TOO_MANY_TRIES", "counted as a stranger of this address"


def test_a_shared_computer_knows_each_and_a_copied_token_nobody(house: House) -> None:
    other = House(house.database)
    house.enter(at=SHOP)
    copied = house.browser
    other.enter(at=SHOP, browser=copied)
    shared = other.browser
    with house.database.reading() as session:
        for by in (house.by, other.by):
            known = queries.known_devices(session, by, browser=shared)
            assert [one.is_here for one in known] == [True]
            assert not queries.known_devices(session, by, browser=copied)[0].is_here
    for _ in range(THROTTLES[PAIR].free):
        house.guess(at=SHOP, browser=copied)
    assert house.guess(at=SHOP) == "TOO_MANY_TRIES", "the copy was counted as a stranger"
    assert house.enter(at=SHOP, browser=shared) == house.by


def test_a_scanned_card_passes_whatever_was_guessed_at_its_number(house: House, clock: Any) -> None:
    hammer(house, clock, "pin", (THROTTLES[CARD].most or 0) + 1)
    assert house.enter("pin", card=house.card.token) == house.by


def test_wrong_pins_for_a_scanned_card_are_limited(house: House, clock: Any) -> None:
    told = {"card": house.card.token}
    assert hammer(house, clock, "pin", THROTTLES[SCAN].most or 0, **told) == {"SIGN_IN_FAILED"}
    assert house.guess("pin", **told) == "SIGN_IN_CLOSED"
    assert house.enter("pin") == house.by


def test_a_new_secret_opens_what_was_closed(house: House, clock: Any) -> None:
    hammer(house, clock, "pin", (THROTTLES[CARD].most or 0) + 1)
    house.database.write(
        lambda session, now: actions.set_pin(
            Deed(session, house.by, now, a_request_id()),
            card_id=house.card.id, pin="2718", old_pin=PIN,
        )
    )  # fmt: skip
    assert house.enter("pin", pin="2718", at="203.0.113.0") == house.by


def test_whoever_changes_their_password_is_known_to_no_device(house: House) -> None:
    house.enter()
    told = {"user_id": house.by.user_id, "password": "another lantern", "old_password": PASSWORD}
    perform(house.database, actions.change_password, by=house.by, request_id=a_request_id(), **told)
    with house.database.reading() as session:
        assert queries.known_devices(session, house.by, browser="") == []


def test_one_forgets_ones_own_devices_and_no_others(house: House) -> None:
    house.enter()
    other = House(house.database)
    other.enter()
    with house.database.reading() as session:
        (mine,) = queries.known_devices(session, house.by, browser=house.browser)
        (theirs,) = queries.known_devices(session, other.by, browser="")
    for device_id, is_found in ((theirs.id, False), (mine.id, True), (mine.id, False)):
        told = {"by": house.by, "request_id": a_request_id(), "device_id": device_id}
        if is_found:
            assert perform(house.database, actions.forget_device, **told).device_id == mine.id
        else:
            with pytest.raises(NotFound):
                perform(house.database, actions.forget_device, **told)
    with house.database.reading() as session:
        assert len(queries.known_devices(session, other.by, browser="")) == 1


def test_no_list_of_devices_grows_without_end(house: House) -> None:
    for _ in range(DEVICES_MAX + 2):
        house.enter()
    with house.database.reading() as session:
        assert len(queries.known_devices(session, house.by, browser="")) == DEVICES_MAX
    browser = house.browser

    def arrive(session: Any, now: Any) -> None:
        nonlocal browser
        for _ in range(BROWSER_PEOPLE_MAX + 1):
            by = make.resident(session, house.town)
            browser = actions.open_visit.__globals__["new_visit"](
                Deed(session, by, now), browser=browser
            ).browser

    house.database.write(arrive)
    with house.database.reading() as session:
        assert len(session.scalars(select(known_device.c.id)).all()) <= (
            BROWSER_PEOPLE_MAX + DEVICES_MAX - 1
        )


@pytest.fixture
def phone(fresh_database: Database) -> Phone:
    made = Phone(fresh_database)
    made.draw()
    made.confirm()
    return made


def test_a_password_without_its_code_makes_no_device_known(phone: Phone) -> None:
    signed = phone.sign_in()
    assert (signed.lacks, signed.browser) == ("code", "")
    phone.prove(phone.code(1), signed)
    with phone.database.reading() as session:
        assert len(queries.known_devices(session, phone.by, browser="")) == 1


def test_guessing_the_codes_of_others_keeps_no_known_device_out(phone: Phone, clock: Any) -> None:
    told: dict[str, Any] = {"by": phone.by, "visit_id": phone.sign_in().visit_id}

    def prove(secret: str, origin: Origin) -> str:
        return actions.prove(phone.database, secret=secret, origin=origin, now=phone.now, **told)

    known = prove(phone.code(1), Origin(HOME))
    for number in range(THROTTLES[CODE].most or 0):
        clock.move(hours=1)
        with pytest.raises(SignInFailed):
            prove("000000", Origin(f"203.0.113.{number}"))
    with pytest.raises(SignInClosed):
        prove(phone.code(), Origin(SHOP))
    assert prove(phone.code(), Origin(SHOP, known))
