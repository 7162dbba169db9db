"""The catalogue is kept by two people, from a day on, and what was there before stays readable."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import insert, update
from sqlalchemy.exc import IntegrityError

from tests.factories import people as make
from tests.factories.goods import make_stock, shelf_row
from tests.factories.people import a_request_id
from timebank.deeds.deed import Deed
from timebank.deeds.refusals import SamePerson
from timebank.errors import BadInput, NotAllowed, NotFound, WrongState
from timebank.goods import actions, queries
from timebank.goods.actions import ItemFields
from timebank.goods.refusals import ItemRetired
from timebank.goods.rules import AnnouncedLine, JudgedLine
from timebank.goods.tables import item_change
from timebank.values import local_day

TEA = ItemFields(
    name_zh="红茶 200g", name_en="Black tea 200 g", unit_zh="罐", unit_en="tin", item_kind="food",
    reference_fen=2500, shelf_life_days=540, is_loan=False, storage="cool", asks=("sealed",),
)  # fmt: skip


class Desk:
    """A keeper who proposes, two coordinators and an approver, over one shop."""

    def __init__(self, session, shop, now):
        self.session, self.shop, self.now = session, shop, now
        self.keeper = make.keeper(session, shop.town)
        self.head = make.coordinator(session, shop.town)
        self.approver = make.approver(session, shop.town)

    def do(self, action, by=None, now=None, **content):
        return action(
            Deed(self.session, by or self.head, now or self.now, a_request_id()), **content
        )

    def change(self, name="肥皂", *, by=None, days=0, **fields):
        since_on = local_day(self.now) + timedelta(days=days)
        return self.do(
            actions.propose_item_change, by, item_id=self.shop.item(name),
            fields=ItemFields(**fields), since_on=since_on,
        )  # fmt: skip

    def end(self, name="肥皂", *, by=None, days=0, resumes=False, note="没有人要"):
        since_on = local_day(self.now) + timedelta(days=days)
        return self.do(
            actions.propose_item_end, by, item_id=self.shop.item(name), since_on=since_on,
            note=note, resumes=resumes,
        )  # fmt: skip

    def agree(self, filed, by=None, now=None):
        told = {"item_change_id": filed.item_change_id}
        return self.do(actions.agree_item_change, by or self.approver, now, **told)

    def drop(self, filed, by=None):
        return self.do(actions.drop_item_change, by, item_change_id=filed.item_change_id)

    def receive(self, name="肥皂", now=None, **line):
        judged = JudgedLine(self.shop.item(name), 10, 10, **line)
        told = {"store_id": self.shop.store_id, "lines": (judged,)}
        return self.do(actions.receive_deposit, self.shop.keeper, now, **told)

    def announce(self, name="肥皂", **more):
        told = {"store_id": self.shop.store_id, "lines": (AnnouncedLine(self.shop.item(name), 1),)}
        return self.do(actions.announce_deposit, self.shop.keeper, **told, **more)

    def item(self, name="肥皂"):
        (found,) = queries.items(self.session, 1, [self.shop.item(name)])
        return found


@pytest.fixture
def desk(session, shop, now):
    return Desk(session, shop, now)


def test_a_new_item_takes_two_people_and_gets_the_next_code(desk, session):
    for proposer in (desk.keeper, desk.head):
        told = TEA if proposer is desk.keeper else replace(TEA, name_zh="绿茶 200g")
        filed = desk.do(actions.propose_item, proposer, fields=told)
        assert (filed.state, filed.item_id) == ("asked", None)
        with pytest.raises((SamePerson, NotAllowed)):
            desk.agree(filed, proposer)
        done = desk.agree(filed)
        (tea,) = queries.items(session, 1, [done.item_id])
        assert done.state == "done" and tea.name_zh == told.name_zh
        assert tea.storage == "cool" and tea.asked == ("sealed",) and tea.reference_fen == 2500
        assert queries.item_by_code(session, 1, tea.barcode) == tea


def test_a_new_item_can_be_taken_in_at_once(desk, session):
    done = desk.agree(desk.do(actions.propose_item, fields=TEA))
    desk.shop.items["红茶"] = done.item_id
    receipt = desk.receive("红茶", best_before_on=date(2026, 6, 1))
    assert receipt.value_yuan == 250


@pytest.mark.parametrize(
    ("change", "field", "why"),
    [
        ({"name_zh": "肥　皂"}, "name_zh", "name_taken"),
        ({"name_zh": " "}, "name_zh", "missing"),
        ({"name_zh": None}, "name_zh", "missing"),
        ({"name_en": "x" * 81}, "name_en", "length"),
        ({"unit_zh": ""}, "unit_zh", "missing"),
        ({"item_kind": "weapon", "shelf_life_days": None}, "item_kind", "unknown"),
        ({"item_kind": "books"}, "shelf_life_days", "food_only"),
        ({"shelf_life_days": None}, "shelf_life_days", "food_only"),
        ({"shelf_life_days": 0}, "shelf_life_days", "range"),
        ({"reference_fen": -1}, "reference_fen", "range"),
        ({"reference_fen": 1_000_001}, "reference_fen", "range"),
        ({"storage": "roof"}, "storage", "unknown"),
    ],
)
def test_a_faulty_item_names_its_field(desk, change, field, why):
    with pytest.raises(BadInput) as refused:
        desk.do(actions.propose_item, fields=replace(TEA, **change))
    assert refused.value.facts == {"field": field, "why": why}


def test_the_same_item_is_not_proposed_twice(desk):
    first = desk.do(actions.propose_item, desk.keeper, fields=TEA)
    with pytest.raises(BadInput):
        desk.do(actions.propose_item, fields=replace(TEA, name_zh="红茶200Ｇ"))
    desk.drop(first, desk.keeper)
    again = desk.do(actions.propose_item, fields=TEA)
    desk.agree(again)
    with pytest.raises(BadInput):
        desk.do(actions.propose_item, fields=TEA)


def test_a_name_that_was_taken_meanwhile_is_seen_when_somebody_agrees(desk, session):
    desk.end()
    filed = desk.do(actions.propose_item, fields=replace(TEA, name_zh=desk.item().name_zh))
    with pytest.raises(BadInput):
        desk.end(resumes=True)
    desk.agree(filed)
    with pytest.raises(BadInput):
        desk.end(resumes=True)


def test_a_price_takes_two_people_whoever_proposes_it(desk):
    for proposer, price in ((desk.keeper, 500), (desk.head, 600)):
        filed = desk.change(by=proposer, reference_fen=price)
        assert filed.state == "asked" and desk.item().reference_fen != price
        with pytest.raises((SamePerson, NotAllowed)):
            desk.agree(filed, proposer)
        assert desk.agree(filed).state == "done" and desk.item().reference_fen == price


def test_another_member_of_the_household_is_no_second_person(desk, session):
    first = make.new_person()
    family = make.make_household(session, desk.shop.town, first, make.new_person())
    roles = (make.Role("coordinator"),)
    one, two = (make.make_user(session, desk.shop.town, who, *roles) for who in family.person_ids)
    filed = desk.change(by=one, reference_fen=700)
    with pytest.raises(SamePerson):
        desk.agree(filed, two)


def test_the_database_keeps_a_price_from_one_person_alone(desk, session):
    row = {
        "community_id": 1, "id": 5, "item_id": desk.shop.item("肥皂"), "kind": "change",
        "since_on": local_day(desk.now), "note": "", "reference_fen": 9, "state": "agreed",
        "asked_by_person_id": desk.head.person_id, "asked_at": desk.now, "settled_at": desk.now,
    }  # fmt: skip
    with pytest.raises(IntegrityError), session.begin_nested():
        session.execute(insert(item_change), row)
    filed = desk.change(reference_fen=9)
    one = item_change.c.id == filed.item_change_id
    with pytest.raises(Exception, match="history is never changed"), session.begin_nested():
        session.execute(update(item_change).where(one).values(reference_fen=10))


def test_a_coordinator_alone_mends_a_word_and_a_keeper_proposes_it(desk):
    assert desk.change(name_en="Soap bar").state == "done"
    assert desk.item().name_en == "Soap bar"
    filed = desk.change(by=desk.keeper, storage="cool")
    assert filed.state == "asked" and desk.item().storage == "dry"
    desk.agree(filed, desk.head)
    assert desk.item().storage == "cool"


def test_a_change_begins_on_its_day_and_values_gifts_from_then_on(desk, session):
    filed = desk.agree(desk.change(days=3, reference_fen=1000))
    assert filed.state == "agreed"
    old = desk.item().reference_fen
    assert desk.receive().value_yuan == old // 10
    desk.do(actions.take_up_item_changes)
    assert desk.item().reference_fen == old
    later = desk.now + timedelta(days=3)
    assert desk.receive(now=later).value_yuan == 100  # Also where the job has not run yet.
    assert desk.item().reference_fen == 1000
    (told,) = queries.item_changes(session, 1, desk.shop.item("肥皂"), most=5)
    assert told.state == "done" and told.before == {"reference_fen": old}


def test_the_job_takes_up_what_is_due_once(desk):
    desk.agree(desk.change(days=2, reference_fen=1000))
    later = desk.now + timedelta(days=2)
    assert len(desk.do(actions.take_up_item_changes, now=later).item_change_ids) == 1
    assert desk.item().reference_fen == 1000
    assert desk.do(actions.take_up_item_changes, now=later).item_change_ids == ()


def test_one_proposal_at_a_time(desk):
    filed = desk.change(reference_fen=900)
    for attempt in (lambda: desk.change(name_en="Bar"), desk.end):
        with pytest.raises(WrongState):
            attempt()
    desk.drop(filed)
    with pytest.raises(WrongState):
        desk.agree(filed)
    assert desk.change(name_en="Bar").state == "done"


def test_only_whoever_proposed_or_decides_takes_a_proposal_back(desk, session):
    filed = desk.change(by=desk.keeper, reference_fen=900)
    with pytest.raises(NotAllowed):
        desk.drop(filed, make.keeper(session, desk.shop.town))
    assert desk.drop(filed, desk.keeper).state == "dropped"
    assert (
        desk.drop(desk.change(by=desk.keeper, reference_fen=900), desk.approver).state == "dropped"
    )


@pytest.mark.parametrize(
    ("fields", "field", "why"),
    [
        ({}, "name_zh", "unchanged"),
        ({"name_en": "Soap"}, "name_zh", "unchanged"),
        ({"unit_zh": "箱"}, "unit_zh", "fixed"),
        ({"item_kind": "other"}, "item_kind", "fixed"),
        ({"is_loan": True}, "is_loan", "fixed"),
        ({"shelf_life_days": 30}, "shelf_life_days", "food_only"),
        ({"name_zh": "食 盐"}, "name_zh", "name_taken"),
        ({"days": -1, "name_en": "Bar"}, "since_on", "past"),
        ({"days": 401, "name_en": "Bar"}, "since_on", "range"),
    ],
)
def test_a_faulty_change_names_its_field(desk, fields, field, why):
    with pytest.raises(BadInput) as refused:
        desk.change(**fields)
    assert refused.value.facts == {"field": field, "why": why}


def test_a_retired_item_is_not_announced_or_taken_in_but_keeps_its_stock(desk, session):
    make_stock(session, desk.shop, "肥皂", 5)
    assert desk.end().state == "done"
    for attempt in (desk.announce, desk.receive):
        with pytest.raises(ItemRetired):
            attempt()
    assert shelf_row(session, desk.shop, "肥皂", desk.now).available == 5
    desk.do(actions.receive_deposit, desk.shop.keeper, store_id=desk.shop.store_id, lines=(
        JudgedLine(desk.shop.item("肥皂"), 2, 0, refuse_code="OTHER", refuse_note="不再收了"),
    ))  # fmt: skip


def test_a_retired_item_leaves_the_shelf_with_its_last_piece(desk, session):
    rows = queries.shelf(session, 1, desk.now)
    desk.end()
    assert len(queries.shelf(session, 1, desk.now)) == len(rows) - 1
    assert len(queries.items(session, 1)) == 30


def test_the_end_is_known_before_its_day(desk):
    desk.end(days=5)
    desk.announce()
    with pytest.raises(ItemRetired):
        desk.announce(bring_on=local_day(desk.now) + timedelta(days=5))
    desk.receive(now=desk.now + timedelta(days=4))
    with pytest.raises(ItemRetired):
        desk.receive(now=desk.now + timedelta(days=5))


def test_a_keepers_end_waits_and_a_retired_item_comes_back(desk):
    filed = desk.end(by=desk.keeper)
    desk.announce()
    desk.agree(filed, desk.head)
    with pytest.raises(WrongState):
        desk.end()
    desk.end(resumes=True)
    desk.announce()
    with pytest.raises(WrongState):
        desk.end(resumes=True)
    with pytest.raises(BadInput):
        desk.end(note=" ")


def test_what_an_item_asks_is_asked_at_intake(desk):
    desk.change(asks=("label_readable",))
    receipt = desk.receive(lacking=("label_readable",))
    assert (receipt.accepted, receipt.lines[0].refuse_code) == (0, "NOT_ACCEPTED")
    assert desk.receive("食盐", best_before_on=date(2027, 1, 1), lacking=("washed",)).accepted == 10


@pytest.mark.parametrize("persona", [make.stranger, make.auditor, make.social_worker])
def test_others_change_nothing(desk, session, persona):
    by = persona(session, desk.shop.town)
    filed = desk.change(by=desk.keeper, reference_fen=900)
    for attempt in (
        lambda: desk.do(actions.propose_item, by, fields=TEA),
        lambda: desk.change(by=by, name_en="Bar"),
        lambda: desk.end(by=by),
        lambda: desk.agree(filed, by),
        lambda: desk.drop(filed, by),
        lambda: desk.do(actions.take_up_item_changes, by),
    ):
        with pytest.raises(NotAllowed):
            attempt()


def test_a_keeper_or_a_machine_agrees_to_nothing(desk, session):
    filed = desk.change(by=desk.keeper, reference_fen=900)
    with pytest.raises(NotAllowed):
        desk.agree(filed, make.keeper(session, desk.shop.town))
    with pytest.raises(NotAllowed):
        desk.do(actions.propose_item, desk.shop.town.by, fields=TEA)


def test_the_neighbour_community_finds_nothing_of_ours(desk, session):
    neighbour = make.neighbour(session)
    filed = desk.change(by=desk.keeper, reference_fen=900)
    for attempt in (
        lambda: desk.change(by=neighbour, name_en="Bar"),
        lambda: desk.end(by=neighbour),
        lambda: desk.agree(filed, neighbour),
        lambda: desk.drop(filed, neighbour),
    ):
        with pytest.raises(NotFound):
            attempt()
    with pytest.raises(NotFound):
        queries.item_change_named(session, 2, filed.item_change_id)
    assert queries.open_item_changes(session, 2) == []
