"""A card that is issued or replaced: two people, the holder's word, and nobody alone."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from tests.factories import people as make
from tests.factories.looks import audit_lines
from tests.factories.people import a_request_id
from timebank.deeds.deed import Deed
from timebank.deeds.refusals import SamePerson
from timebank.errors import BadInput, NotAllowed, NotFound, WrongState
from timebank.people import actions, queries
from timebank.people.actions.visits import new_visit
from timebank.people.refusals import (
    CardIssuedToday,
    CardRevoked,
    SignInFailed,
    TooManyTries,
)
from timebank.people.rules.throttles import Origin
from timebank.people.tables import card, card_issue, visit
from timebank.values import Role


@pytest.fixture
def holder(session, town):
    return make.resident(session, town)


@pytest.fixture
def first(session, town):
    return make.keeper(session, town)


@pytest.fixture
def second(session, town):
    return make.keeper(session, town)


@pytest.fixture
def run(session, now):
    """Do a deed as somebody, at ``now`` or so much later."""

    def do(action, by, later=timedelta(), **content):
        return action(Deed(session, by, now + later, a_request_id()), **content)

    return do


@pytest.fixture
def asked(run, first, holder):
    return run(actions.ask_card, first, person_id=holder.person_id).card_issue_id


def living(session, holder):
    return queries.card_of_person(session, holder.community_id, holder.person_id)


def test_two_of_staff_make_a_first_card(session, run, first, second, holder):
    content = {"person_id": holder.person_id, "language": "en", "large_text": True}
    asked = run(actions.ask_card, first, **content)
    assert living(session, holder) is None
    issued = run(actions.give_card, second, card_issue_id=asked.card_issue_id)
    made = living(session, holder)
    assert made.id == issued.card_id and issued.replaced_card_id is None
    assert (made.language, made.large_text, made.has_pin) == ("en", True, False)


def test_a_new_card_stops_the_old_one_keeps_its_pin_and_ends_its_visits(
    session, town, run, first, second, holder, now
):
    old = make.make_card(session, town, holder.person_id, pin="7391")
    by_card = queries.by_of_card(session, town.community_id, old.id)
    opened = new_visit(Deed(session, by_card, now, a_request_id()))
    asked = run(actions.ask_card, first, person_id=holder.person_id)
    issued = run(actions.give_card, second, card_issue_id=asked.card_issue_id)
    assert issued.replaced_card_id == old.id and living(session, holder).has_pin
    assert session.scalar(select(visit.c.ended_why).where(visit.c.id == opened.visit_id)) == "card"


@pytest.mark.parametrize("name", ["issue_card", "issue_cards"])
def test_nobody_of_staff_makes_a_card_alone(name, session, town, run, holder):
    content = {
        "issue_card": {"person_id": holder.person_id},
        "issue_cards": {"person_ids": (holder.person_id,)},
    }[name]
    for by in (make.keeper(session, town), make.coordinator(session, town)):
        with pytest.raises(NotAllowed):
            run(getattr(actions, name), by, **content)
    assert living(session, holder) is None


def test_the_one_who_asked_does_not_give_it(session, run, first, holder, asked):
    with pytest.raises(SamePerson):
        run(actions.give_card, first, card_issue_id=asked)
    assert living(session, holder) is None


def test_a_second_sign_in_of_the_one_who_asked_is_the_same_person(session, town, run, holder):
    staff_id = make.make_person(session, town)
    by_name = make.make_user(session, town, staff_id, Role("coordinator"))
    make.make_card(session, town, staff_id, pin="8164")
    asked = run(actions.ask_card, by_name, person_id=holder.person_id)
    own = queries.card_of_person(session, town.community_id, staff_id)
    by_card = queries.by_of_card(session, town.community_id, own.id)
    with pytest.raises((SamePerson, NotAllowed)):
        run(actions.give_card, by_card, card_issue_id=asked.card_issue_id)


def test_a_housemate_of_the_one_who_asked_does_not_give_it(session, town, run, holder):
    family = make.make_household(session, town, make.new_person(), make.new_person())
    couple = [make.make_user(session, town, one, Role("keeper")) for one in family.person_ids]
    asked = run(actions.ask_card, couple[0], person_id=holder.person_id)
    with pytest.raises(SamePerson):
        run(actions.give_card, couple[1], card_issue_id=asked.card_issue_id)


def test_nobody_makes_a_card_for_themselves_or_their_household(session, town, run, second):
    family = make.make_household(session, town, make.new_person(), make.new_person())
    keeper = make.make_user(session, town, family.person_ids[0], Role("keeper"))
    for person_id in family.person_ids:
        with pytest.raises(NotAllowed):
            run(actions.ask_card, keeper, person_id=person_id)
        asked = run(actions.ask_card, second, person_id=person_id)
        with pytest.raises(NotAllowed):
            run(actions.give_card, keeper, card_issue_id=asked.card_issue_id)


def test_who_does_not_reach_the_holder_has_no_part(session, town, run, holder, first):
    far = make.resident(session, town, building=1)
    worker = make.grid_worker(session, town)
    asked = run(actions.ask_card, first, person_id=far.person_id)
    for name, content in (
        ("ask_card", {"person_id": far.person_id}),
        ("give_card", {"card_issue_id": asked.card_issue_id}),
    ):
        with pytest.raises(NotFound):
            run(getattr(actions, name), worker, **content)
        with pytest.raises(NotAllowed):
            run(getattr(actions, name), holder, **content)
    run(actions.ask_card, worker, person_id=holder.person_id)


def test_it_is_asked_once_lapses_with_the_day_and_is_given_once(run, first, second, holder, asked):
    with pytest.raises(WrongState):
        run(actions.ask_card, second, person_id=holder.person_id)
    with pytest.raises(WrongState):
        run(actions.give_card, second, timedelta(hours=14), card_issue_id=asked)
    run(actions.give_card, second, timedelta(hours=13), card_issue_id=asked)
    with pytest.raises(WrongState):
        run(actions.give_card, second, timedelta(hours=13), card_issue_id=asked)
    with pytest.raises(NotFound):
        run(actions.give_card, second, card_issue_id=404)
    with pytest.raises(BadInput):
        run(actions.ask_card, first, person_id=holder.person_id, language="tlh")


@pytest.mark.parametrize("who", ["first", "holder"])
def test_the_database_refuses_one_person_for_two(who, session, town, first, holder, asked, now):
    made = make.make_card(session, town, holder.person_id)
    person_id = {"first": first, "holder": holder}[who].person_id
    rule = {"first": "two_people", "holder": "by_pin"}[who]
    cells = {"given_by_person_id": person_id, "given_at": now, "card_id": made.id}
    with pytest.raises(IntegrityError, match=rule), session.begin_nested():
        session.execute(update(card_issue).where(card_issue.c.id == asked).values(**cells))
    assert session.scalar(select(func.count()).where(card_issue.c.given_at.is_not(None))) == 0


@pytest.mark.parametrize("part", ["first", "second", "third"])
def test_whoever_had_a_part_does_nothing_for_the_household_that_day(
    part, session, town, run, first, second, holder, now, asked
):
    run(actions.give_card, second, card_issue_id=asked)
    by = {"first": first, "second": second, "third": make.keeper(session, town)}[part]
    other = make.make_household(session, town).household_id
    queries.require_no_part_today(session, by, [other, None], now)
    queries.require_no_part_today(session, by, [holder.household_id], now + timedelta(days=1))
    if part == "third":
        queries.require_no_part_today(session, by, [holder.household_id], now)
        return
    with pytest.raises(CardIssuedToday) as refused:
        queries.require_no_part_today(session, by, [holder.household_id], now)
    assert refused.value.facts["free_on"] == "2025-06-11"


def test_the_holder_reads_who_made_it_and_nobody_else_says_so(
    session, run, first, second, holder, asked
):
    assert queries.unread_card_issue(session, holder.community_id, holder.person_id) is None
    run(actions.give_card, second, card_issue_id=asked)
    told = queries.unread_card_issue(session, holder.community_id, holder.person_id)
    assert told.asked_by and told.done_by and told.asked_by != told.done_by
    with pytest.raises(NotAllowed):
        run(actions.read_card_issue, first, card_issue_id=asked)
    run(actions.read_card_issue, holder, card_issue_id=asked)
    assert queries.unread_card_issue(session, holder.community_id, holder.person_id) is None


def test_one_person_still_stops_a_lost_card_at_once(session, run, first, second, holder, asked):
    issued = run(actions.give_card, second, card_issue_id=asked)
    run(actions.revoke_card, first, card_id=issued.card_id)
    assert living(session, holder) is None


class Counter:
    """A counter over a database of its own: attempts at a PIN are units of work of their own."""

    def __init__(self, database):
        self.database = database
        self.town = self.do(make.make_town)
        self.holder = self.do(make.resident, self.town)
        self.first, self.second = (self.do(make.keeper, self.town) for _ in "12")

    def do(self, build, *told, **content):
        return self.database.write(lambda session, now: build(session, *told, **content))

    def deed(self, action, by, **content):
        return self.database.write(
            lambda session, now: action(Deed(session, by, now, a_request_id()), **content)
        )

    def ask(self, by=None):
        told = {"person_id": self.holder.person_id}
        return self.deed(actions.ask_card, by or self.first, **told).card_issue_id

    def give(self, issue_id, by=None):
        return self.deed(actions.give_card, by or self.first, card_issue_id=issue_id)

    def prove(self, issue_id, pin, by=None, later=timedelta()):
        actions.prove_holder(
            self.database, by=by or self.first, card_issue_id=issue_id, pin=pin,
            origin=Origin("counter"), now=self.database.clock() + later,
        )  # fmt: skip

    def show(self, issue_id, by):
        return actions.show_code(self.database, by=by, card_issue_id=issue_id)


@pytest.fixture
def counter(fresh_database):
    return Counter(fresh_database)


@pytest.mark.parametrize("is_lost", [False, True])
def test_one_of_staff_and_the_pin_of_the_holder_make_a_card(counter, is_lost):
    old = counter.do(make.make_card, counter.town, counter.holder.person_id, pin="7391")
    if is_lost:
        counter.deed(actions.revoke_card, counter.first, card_id=old.id)
    issue_id = counter.ask()
    counter.prove(issue_id, "7391")
    counter.give(issue_id)
    with counter.database.reading() as session:
        told = queries.card_issue_named(session, counter.town.community_id, issue_id)
    assert told.by_pin and told.done_by_person_id == counter.holder.person_id


@pytest.mark.parametrize("pin", ["7391", None])
def test_a_wrong_pin_makes_no_card_and_is_counted(counter, pin):
    counter.do(make.make_card, counter.town, counter.holder.person_id, pin=pin)
    issue_id = counter.ask()
    with pytest.raises(SignInFailed):
        counter.prove(issue_id, "8164")
    with pytest.raises(SamePerson):
        counter.give(issue_id)
    with pytest.raises(TooManyTries):
        for _ in range(12):
            with pytest.raises(SignInFailed):
                counter.prove(issue_id, "8164")


def test_the_pin_of_another_day_or_for_another_colleague_is_worth_nothing(counter):
    counter.do(make.make_card, counter.town, counter.holder.person_id, pin="7391")
    issue_id = counter.ask()
    with pytest.raises(NotAllowed):
        counter.prove(issue_id, "7391", by=counter.second)
    with pytest.raises(WrongState):
        counter.prove(issue_id, "7391", later=timedelta(days=1))
    counter.prove(issue_id, "7391", later=-timedelta(minutes=11))
    with pytest.raises(SamePerson):
        counter.give(issue_id)


def test_only_the_two_print_the_card_and_the_holder_sees_it(counter):
    issue_id = counter.ask()
    with pytest.raises(WrongState):
        counter.show(issue_id, counter.first)
    counter.give(issue_id, counter.second)
    third = counter.do(make.keeper, counter.town)
    with pytest.raises(NotAllowed):
        counter.show(issue_id, third)
    assert counter.show(issue_id, counter.second).startswith("GZT")
    with counter.database.reading() as session:
        seen = queries.openings_about(session, counter.town.community_id, counter.holder.person_id)
        lines = audit_lines(session, counter.town.community_id)
        token = queries.card_of_person(
            session, counter.town.community_id, counter.holder.person_id
        ).token
    assert [one.columns for one in seen] == [("card",)]
    assert token not in str(lines)


def test_a_card_is_not_printed_later_or_after_it_was_stopped(counter):
    issue_id = counter.ask()
    issued = counter.give(issue_id, counter.second)
    counter.do(
        lambda session: session.execute(
            update(card_issue)
            .where(card_issue.c.id == issue_id)
            .values(given_at=counter.database.clock() - timedelta(minutes=31))
        )
    )
    with pytest.raises(WrongState):
        counter.show(issue_id, counter.first)
    other = counter.ask()
    made = counter.give(other, counter.second)
    counter.deed(actions.revoke_card, counter.holder, card_id=made.card_id)
    with pytest.raises(CardRevoked):
        counter.show(other, counter.first)
    assert issued.card_id != made.card_id


def test_a_card_issue_is_never_somebody_elses(session, asked, second, now):
    with pytest.raises(Exception, match="history is never changed"), session.begin_nested():
        session.execute(
            update(card_issue)
            .where(card_issue.c.id == asked)
            .values(asked_by_person_id=second.person_id)
        )
    assert session.scalar(select(func.count()).select_from(card)) == 0
