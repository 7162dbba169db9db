"""The operator frees somebody: what is freed, what stays, and what is written down."""

from typing import Any

import pytest

from tests.factories.looks import audit_lines
from tests.people.test_known_devices import HOME, SHOP, House, hammer
from timebank.db import Database
from timebank.people import actions
from timebank.people.refusals import SignInClosed, TooManyTries
from timebank.people.rules.throttles import CARD, PAIR, SOURCE, THROTTLES


@pytest.fixture
def house(fresh_database: Database) -> House:
    return House(fresh_database)


@pytest.mark.parametrize("by", ["login_name", "card_no", "person_id"])
def test_a_person_is_freed_at_their_name_and_card(house: House, clock: Any, by: str) -> None:
    hammer(house, clock, "pin", THROTTLES[CARD].most or 0)
    for _ in range(THROTTLES[PAIR].free):
        house.guess(at=SHOP)
    with pytest.raises(TooManyTries):
        house.enter(at=SHOP)
    with pytest.raises(SignInClosed):
        house.enter("pin", at=HOME)
    told: dict[str, Any] = {
        "login_name": house.login_name.upper(), "card_no": house.card.card_no,
        "person_id": house.by.person_id,
    }  # fmt: skip
    done = actions.unlock(house.database, community_id=house.town.community_id, **{by: told[by]})
    assert done is not None and done.person_id == house.by.person_id
    assert (done.freed["name"], done.freed["card"]) == (2, 1 + (THROTTLES[CARD].most or 0))
    assert house.enter(at=SHOP) == house.by
    assert house.enter("pin", at=SHOP).person_id == house.by.person_id
    with house.database.reading() as session:
        (line,) = audit_lines(session, house.town.community_id, name="unlock")
    assert (line.client, line.subject_id) == ("job:operator", house.by.person_id)
    assert '"card":' in line.facts


def test_nobody_else_is_freed_and_an_unknown_name_is_told(house: House) -> None:
    other = House(house.database)
    for _ in range(THROTTLES[PAIR].free):
        other.guess(at=SHOP)
    told: dict[str, Any] = {"community_id": house.town.community_id}
    done = actions.unlock(house.database, login_name=house.login_name, **told)
    assert done is not None and not any(done.freed.values())
    assert other.guess(at=SHOP) == "TOO_MANY_TRIES"
    for nobody in ({"login_name": "nobody"}, {"card_no": "123456782"}, {"person_id": 1}, {}):
        assert actions.unlock(house.database, **nobody, **told) is None
    elsewhere = told["community_id"] + 10_000
    assert not actions.unlock(house.database, community_id=elsewhere, login_name=house.login_name)


def test_an_address_is_freed_and_its_guesses_at_accounts_stay(house: House) -> None:
    for _ in range(THROTTLES[PAIR].free):
        house.guess(at=SHOP)
    for number in range(THROTTLES[SOURCE].free - THROTTLES[PAIR].free):
        house.guess(at=SHOP, login_name=f"guess-{number}")
    other = House(house.database)
    assert other.guess(at=SHOP) == "TOO_MANY_TRIES"
    told = {"community_id": house.town.community_id, "source": SHOP}
    assert actions.unlock_address(house.database, **told) == 1
    assert other.enter(at=SHOP) == other.by
    assert house.guess(at=SHOP) == "TOO_MANY_TRIES"
    assert actions.unlock_address(house.database, **{**told, "source": HOME}) == 0
