"""Sign-in: slow to guess, the same for unknown names, blocked after too many attempts."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories import people as make
from tests.factories.looks import audit_lines
from tests.factories.people import PASSWORD, PIN, Town, a_request_id
from timebank.db import Database
from timebank.deeds.deed import Deed
from timebank.errors import BadInput, TimebankError
from timebank.people import actions, passwords, queries
from timebank.people.refusals import CardRevoked, SignInFailed, TooManyTries
from timebank.people.rules import card_no
from timebank.people.rules.throttles import (
    PAIR,
    SOURCE,
    THROTTLES,
    TRIES_FORGOTTEN,
    TRIES_SWEPT,
    Origin,
)
from timebank.people.tables import sign_in_try
from timebank.values import By


class Door:
    """A town with one resident, who has a name, a password, a card and a PIN."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.town: Town = database.write(lambda session, now: make.make_town(session))
        self.by: By = database.write(lambda session, now: make.resident(session, self.town))
        self.card = database.write(self._card)
        self.login_name = f"user-{self.by.person_id}"

    def _card(self, session: Session, now: datetime) -> queries.Card:
        assert self.by.person_id is not None
        return make.make_card(session, self.town, self.by.person_id, PIN)

    def name(self, password: str = PASSWORD, **told: Any) -> By:
        return actions.sign_in(
            self.database,
            **{
                "community_id": self.town.community_id,
                "login_name": self.login_name,
                "password": password,
                "origin": Origin("192.0.2.1"),
                "now": self.database.clock(),
                **told,
            },
        ).by

    def pin(self, pin: str = PIN, **told: Any) -> By:
        return actions.sign_in_by_card(
            self.database,
            **{
                "community_id": self.town.community_id,
                "card": self.card.token,
                "pin": pin,
                "origin": Origin("192.0.2.1"),
                "now": self.database.clock(),
                **told,
            },
        ).by

    def fail(self, times: int, **told: Any) -> None:
        for _ in range(times):
            with pytest.raises(SignInFailed):
                self.name("wrong lantern", **told)

    def audit(self) -> list[str]:
        with self.database.reading() as session:
            lines = audit_lines(session, self.town.community_id)
        return [line.name for line in lines]


@pytest.fixture
def door(fresh_database: Database) -> Door:
    return Door(fresh_database)


def test_name_and_password_open_the_door(door: Door) -> None:
    assert door.name() == door.by
    assert door.name(login_name=f" {door.login_name.upper()} ") == door.by
    assert door.audit()[0] == "sign_in"


def test_card_and_pin_open_the_door_scanned_or_typed(door: Door) -> None:
    by = door.pin()
    assert (by.client, by.person_id, by.roles) == (
        f"card:{door.card.id}", door.by.person_id, frozenset(),
    )  # fmt: skip
    assert door.pin(card=f" {door.card.card_no[:3]} {door.card.card_no[3:]}") == by


@pytest.mark.parametrize("told", [{"password": "wrong"}, {"login_name": "nobody"}])
def test_a_wrong_name_and_a_wrong_password_sound_alike(door: Door, told: dict[str, str]) -> None:
    with pytest.raises(SignInFailed) as refused:
        door.name(**told)
    assert refused.value.facts == {}
    assert door.audit()[0] == "sign_in_refused"


def test_an_unknown_name_costs_one_hash_as_a_known_one_does(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_at = []
    verify = PasswordHasher.verify

    def counting(hasher: PasswordHasher, secret_hash: str, secret: str) -> bool:
        looked_at.append(secret_hash)
        return verify(hasher, secret_hash, secret)

    monkeypatch.setattr(PasswordHasher, "verify", counting)
    door.fail(1)
    door.fail(1, login_name="nobody")
    with pytest.raises(SignInFailed):
        door.pin("0000", card=card_no(87654321))
    costs = {secret_hash.split("$")[3] for secret_hash in looked_at}
    assert len(looked_at) == 3 and len(costs) == 1


def test_another_community_does_not_know_the_name(door: Door) -> None:
    with pytest.raises(SignInFailed):
        door.name(community_id=door.town.community_id + 1)


def test_a_wrong_pin_does_not_open(door: Door) -> None:
    with pytest.raises(SignInFailed):
        door.pin("0000")


@pytest.mark.parametrize("pin", ["", "258", "2580000", "²580", "258o", "٢٥٨٠", "2580x"])
def test_what_is_no_pin_counts_as_no_attempt(door: Door, pin: str) -> None:
    for _ in range(THROTTLES[PAIR].free + 1):
        with pytest.raises(BadInput):
            door.pin(pin)
    door.pin(PIN)


@pytest.mark.parametrize("card", ["", "12345678", "123456789", "GZT1:0", "abc"])
def test_what_is_no_card_counts_as_no_attempt(door: Door, card: str) -> None:
    for _ in range(THROTTLES[PAIR].free + 1):
        with pytest.raises(BadInput):
            door.pin(PIN, card=card)
    door.pin(PIN)


@pytest.mark.parametrize("gap", ["", " ", "　", "\u2011", "－", "\u200b", "\ufeff"])
def test_a_pin_is_the_same_in_every_form(door: Door, gap: str) -> None:
    wide = PIN.translate({48 + n: 0xFF10 + n for n in range(10)})
    door.pin(f"{PIN[:2]}{gap}{wide[2:]}")


def test_a_card_without_pin_does_not_open(door: Door) -> None:
    def issue(session: Session, now: datetime) -> queries.Card:
        return make.make_card(session, door.town, make.make_person(session, door.town))

    card = door.database.write(issue)
    for pin in ("0000", PIN):
        with pytest.raises(SignInFailed):
            door.pin(pin, card=card.token)


def test_a_revoked_card_says_so_only_to_who_knows_the_pin(door: Door) -> None:
    door.database.write(
        lambda session, now: actions.revoke_card(
            Deed(session, door.by, now, a_request_id()), card_id=door.card.id
        )
    )
    with pytest.raises(SignInFailed):
        door.pin("0000")
    with pytest.raises(CardRevoked):
        door.pin()


def test_after_too_many_tries_the_door_is_closed_even_to_the_right_password(
    door: Door, clock: Any
) -> None:
    door.fail(THROTTLES[PAIR].free)
    until = clock() + timedelta(seconds=THROTTLES[PAIR].first_seconds)
    with pytest.raises(TooManyTries) as refused:
        door.name()
    assert refused.value.facts == {"until_at": until.isoformat()}
    clock.move(seconds=THROTTLES[PAIR].first_seconds)
    assert door.name() == door.by


def test_the_wait_grows_with_each_failure_and_is_forgotten_after_success(
    door: Door, clock: Any
) -> None:
    door.fail(THROTTLES[PAIR].free)
    clock.move(seconds=30)
    door.fail(1)
    clock.move(seconds=59)
    with pytest.raises(TooManyTries):
        door.name()
    clock.move(seconds=1)
    door.name()
    door.fail(THROTTLES[PAIR].free - 1)
    door.name()


def test_failures_are_forgotten_after_a_day(door: Door, clock: Any) -> None:
    door.fail(THROTTLES[PAIR].free)
    clock.now += TRIES_FORGOTTEN + timedelta(seconds=1)
    door.fail(THROTTLES[PAIR].free - 1)
    assert door.name() == door.by


@pytest.mark.parametrize("guessed", ["card_no", "token"])
def test_a_printed_number_and_the_scanned_code_are_closed_each_by_itself(
    door: Door, guessed: str
) -> None:
    """Whoever read a number over a shoulder keeps nobody with the card from their passbook."""
    for _ in range(THROTTLES[PAIR].free):
        with pytest.raises(SignInFailed):
            door.pin("0000", card=getattr(door.card, guessed))
    with pytest.raises(TooManyTries):
        door.pin(card=getattr(door.card, guessed))
    other = {"card_no": "token", "token": "card_no"}[guessed]
    assert door.pin(card=getattr(door.card, other)).person_id == door.by.person_id
    assert door.name() == door.by


def test_an_address_that_tries_many_names_is_closed_too(door: Door) -> None:
    for number in range(THROTTLES[SOURCE].free):
        door.fail(1, login_name=f"guess-{number}")
    with pytest.raises(TooManyTries):
        door.name()
    assert door.name(origin=Origin("192.0.2.2")) == door.by


def test_one_own_card_does_not_open_the_way_to_try_all_others(door: Door) -> None:
    for number in range(THROTTLES[SOURCE].free - 1):
        door.fail(1, login_name=f"guess-{number}")
        door.name()
    door.fail(1, login_name="one more")
    with pytest.raises(TooManyTries):
        door.name()


def test_sixteen_tries_at_once_are_sixteen_tries(door: Door) -> None:
    """Attempts are counted before they are checked, so concurrency does not bypass the throttle."""

    def attempt(number: int) -> str:
        try:
            door.name("wrong lantern")
        except TimebankError as refusal:
            return refusal.code
        return "opened"

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(attempt, range(16)))
    assert answers.count("SIGN_IN_FAILED") == THROTTLES[PAIR].free
    assert answers.count("TOO_MANY_TRIES") == 16 - THROTTLES[PAIR].free


def test_the_throttle_survives_a_restart_and_names_nobody(door: Door, clock: Any) -> None:
    door.fail(THROTTLES[PAIR].free)
    with door.database.reading() as session:
        rows = session.execute(select(sign_in_try)).all()
    assert {row.kind for row in rows} == {"name", "pair", "source"}
    assert all(door.login_name.encode() not in bytes(row.subject) for row in rows)
    url = door.database.engine.url.render_as_string(hide_password=False)
    restarted = Database(url, clock=clock, info=door.database.info)
    door.database = restarted
    with pytest.raises(TooManyTries):
        door.name()
    restarted.close()


def test_old_tries_are_swept_out(door: Door, clock: Any) -> None:
    door.fail(3, login_name="nobody")
    clock.now += TRIES_SWEPT + timedelta(days=1)
    door.name()
    with door.database.reading() as session:
        failures = session.scalars(select(sign_in_try.c.failures)).all()
    assert sum(failures) == 0 and len(failures) == 3


@pytest.mark.parametrize("why", ["asked", "idle"])
def test_signing_out_is_written_down(door: Door, why: str) -> None:
    by = door.name()
    actions.sign_out(door.database, by=by, visit_id=0, why=why)
    with door.database.reading() as session:
        line = audit_lines(session, door.town.community_id)[0]
    assert (line.name, line.client, line.subject_id) == (
        "sign_out", door.by.client, door.by.user_id,
    )  # fmt: skip
    assert why in line.facts


def test_the_full_profile_is_what_a_community_gets() -> None:
    """64 MiB per guess. The small profile is for tests and sample data and must be requested."""
    assert "m=65536,t=3,p=4" in passwords.hasher("full").hash("x")
    session = Session()
    assert passwords.profile_of(session) == "full"
    session.info[passwords.PROFILE] = "small"
    assert "m=1024,t=1,p=1" in passwords.hash_secret(session, "x")


def test_a_hash_that_is_none_opens_nothing() -> None:
    assert not passwords.is_secret_of("not a hash", "x")
    for guess in ("", "nobody", passwords.nobody_hash("small")):
        assert not passwords.is_secret_of(passwords.nobody_hash("small"), guess)


@pytest.mark.parametrize("back", [timedelta(hours=2), timedelta(days=3650)])
def test_a_clock_that_is_set_back_keeps_out_nobody_who_never_failed(
    door: Door, clock: Any, back: timedelta
) -> None:
    door.name()
    clock.now -= back
    assert door.name() == door.by
