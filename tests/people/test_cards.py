"""Cards: one valid card per person, revocable at once, replaced with the balance unchanged."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories import people as make
from tests.factories.people import Town, a_request_id
from timebank.db import Database
from timebank.deeds.deed import Deed
from timebank.deeds.running import perform
from timebank.errors import BadInput, NotFound, WrongState
from timebank.people import actions, queries
from timebank.people.refusals import CardRevoked
from timebank.people.rules import read_card_no, read_card_token
from timebank.people.tables import card as card_table


@pytest.fixture
def person_id(session: Session, town: Town) -> int:
    return make.make_household(session, town, make.new_person("陈甲一")).person_ids[0]


def test_a_card_is_found_by_its_token_and_by_its_number(
    session: Session, town: Town, person_id: int
) -> None:
    card = make.make_card(session, town, person_id)
    assert read_card_token(card.token) and read_card_no(card.card_no)
    holder = queries.card_holder(session, town.community_id, f" {card.token.lower()} ")
    assert holder is not None
    assert (holder.person_id, holder.masked_name, holder.revoked) == (person_id, "陈**", False)
    assert queries.card_holder(session, town.community_id, card.card_no) == holder
    assert queries.card_holder(session, town.community_id + 1, card.token) is None
    for other in ("6901234567892", "", "GZT1:0000000000", "000000000"):
        assert queries.card_holder(session, town.community_id, other) is None


def test_a_new_card_stops_the_old_one(session: Session, town: Town, person_id: int) -> None:
    old = make.make_card(session, town, person_id)
    new = make.make_card(session, town, person_id)
    assert old.token != new.token and old.card_no != new.card_no
    holder = queries.card_holder(session, town.community_id, old.token)
    assert holder is not None and holder.revoked
    living = queries.card_of_person(session, town.community_id, person_id)
    assert living is not None and living.id == new.id


def test_the_holder_reports_his_card_lost(session: Session, town: Town, now: datetime) -> None:
    by = make.resident(session, town)
    assert by.person_id is not None
    card = make.make_card(session, town, by.person_id)
    told = {"card_id": card.id}
    actions.revoke_card(Deed(session, by, now, a_request_id()), **told)
    assert queries.card_of_person(session, town.community_id, by.person_id) is None
    assert queries.by_of_card(session, town.community_id, card.id) is None
    with pytest.raises(CardRevoked):
        actions.revoke_card(Deed(session, by, now, a_request_id()), **told)
    with pytest.raises(CardRevoked):
        actions.set_pin(Deed(session, by, now, a_request_id()), pin="2591", **told)


def test_a_card_carries_language_and_large_text(
    session: Session, town: Town, now: datetime
) -> None:
    by = make.resident(session, town)
    assert by.person_id is not None
    card = make.make_card(session, town, by.person_id)
    assert (card.language, card.large_text, card.has_pin) == ("zh", False, False)
    told = {"card_id": card.id}
    actions.set_card_preferences(
        Deed(session, by, now, a_request_id()), language="en", large_text=True, **told
    )
    actions.set_pin(Deed(session, by, now, a_request_id()), pin="2591", **told)
    changed = queries.card(session, town.community_id, card.id)
    assert (changed.language, changed.large_text, changed.has_pin) == ("en", True, True)
    with pytest.raises(BadInput):
        actions.set_card_preferences(
            Deed(session, by, now, a_request_id()), language="tlh", large_text=True, **told
        )
    with pytest.raises(BadInput):
        actions.set_pin(Deed(session, by, now, a_request_id()), pin="1234", **told)


def test_many_first_cards_are_issued_at_once(session: Session, town: Town, now: datetime) -> None:
    people = tuple(make.new_person() for _ in range(6))
    person_ids = make.make_household(session, town, *people).person_ids
    told = {"person_ids": person_ids}
    issued = actions.issue_cards(Deed(session, town.by, now, a_request_id()), **told)
    assert [card.person_id for card in issued.cards] == list(person_ids)
    living = queries.living_cards(session, town.community_id)
    assert {one.holder.card_id for one in living} == {card.card_id for card in issued.cards}
    assert all(read_card_token(one.token) for one in living)
    assert [holder.card_no for holder in queries.card_holders(session, town.community_id)]
    with pytest.raises(WrongState):
        actions.issue_cards(Deed(session, town.by, now, a_request_id()), **told)
    with pytest.raises(BadInput):
        actions.issue_cards(Deed(session, town.by, now, a_request_id()), person_ids=(1, 1))
    with pytest.raises(NotFound):
        actions.issue_cards(Deed(session, town.by, now, a_request_id()), person_ids=(404,))


@pytest.mark.parametrize("lost_first", [True, False])
def test_a_new_card_keeps_the_pin_that_its_holder_knows(
    lost_first: bool, session: Session, town: Town, person_id: int, now: datetime
) -> None:
    old = make.make_card(session, town, person_id, pin="2591")
    keeper = make.keeper(session, town)
    if lost_first:
        actions.revoke_card(Deed(session, keeper, now, a_request_id()), card_id=old.id)
    asked = actions.ask_card(Deed(session, keeper, now, a_request_id()), person_id=person_id)
    issued = actions.give_card(
        Deed(session, make.keeper(session, town), now, a_request_id()),
        card_issue_id=asked.card_issue_id,
    )
    assert queries.card(session, town.community_id, issued.card_id).has_pin


@pytest.mark.parametrize(("what", "value"), [("language", "tlh"), ("pin", "1111")])
def test_a_card_with_bad_wishes_is_not_issued(
    what: str, value: str, session: Session, town: Town, person_id: int, now: datetime
) -> None:
    told = {"person_id": person_id}
    with pytest.raises(BadInput):
        actions.issue_card(Deed(session, town.by, now, a_request_id()), **told, **{what: value})  # type: ignore[arg-type]


def test_an_unknown_reason_does_not_stop_a_card(
    session: Session, town: Town, person_id: int, now: datetime
) -> None:
    card = make.make_card(session, town, person_id)
    with pytest.raises(BadInput):
        actions.revoke_card(
            Deed(session, town.by, now, a_request_id()), card_id=card.id, why="mood"
        )


def test_a_stranger_hears_the_same_of_every_card(
    session: Session, town: Town, person_id: int, now: datetime
) -> None:
    card = make.make_card(session, town, person_id)
    by = make.stranger(session, town)
    answers = set()
    for card_id in (card.id, 404):
        with pytest.raises(NotFound) as refused:
            actions.revoke_card(Deed(session, by, now, a_request_id()), card_id=card_id)
        answers.add(str(refused.value))
    assert len(answers) == 1


def test_an_unknown_card_is_not_found_at_the_counter(
    session: Session, town: Town, now: datetime
) -> None:
    with pytest.raises(NotFound):
        actions.revoke_card(Deed(session, town.by, now, a_request_id()), card_id=404)
    with pytest.raises(NotFound):
        queries.card(session, town.community_id, 404)


def test_two_counters_at_once_leave_one_card_that_works(fresh_database: Database) -> None:
    town = fresh_database.write(lambda session, now: make.make_town(session))
    family = fresh_database.write(lambda session, now: make.make_household(session, town))

    def issue(number: int) -> None:
        perform(
            fresh_database, actions.issue_card, by=town.by, request_id=f"counter-{number}",
            person_id=family.person_ids[0],
        )  # fmt: skip

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(issue, range(8)))
    with fresh_database.reading() as session:
        revoked = session.scalars(select(card_table.c.revoked_at)).all()
    assert len(revoked) == 8 and revoked.count(None) == 1


def test_a_card_issued_twice_by_one_request_is_one_card(fresh_database: Database) -> None:
    town = fresh_database.write(lambda session, now: make.make_town(session))
    family = fresh_database.write(lambda session, now: make.make_household(session, town))
    issued = {
        perform(
            fresh_database,
            actions.issue_card,
            by=town.by,
            request_id="one",
            person_id=family.person_ids[0],
            pin="2591",
        )
        for _ in range(2)
    }
    assert len(issued) == 1
