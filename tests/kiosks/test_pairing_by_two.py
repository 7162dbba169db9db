"""A kiosk joins a shop if two people agree: who may ask, agree and withdraw, and for how long."""

from datetime import timedelta

import pytest
from sqlalchemy import insert, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from tests.factories import people as make
from tests.factories.goods import make_donation_point, make_shop
from tests.factories.looks import audit_lines
from tests.factories.people import a_request_id
from timebank.deeds.deed import Deed
from timebank.deeds.refusals import SamePerson
from timebank.errors import NotAllowed, NotFound, WrongState
from timebank.kiosks import actions, queries, rules, wire
from timebank.kiosks.refusals import PairingNotAgreed, PairingRefused
from timebank.kiosks.tables import pairing, permit
from timebank.values import Role


@pytest.fixture
def shop(session, town):
    return make_shop(session, town)


@pytest.fixture
def first(session, town):
    return make.coordinator(session, town)


@pytest.fixture
def second(session, town):
    return make.approver(session, town)


@pytest.fixture
def run(session, now):
    """Do a deed as somebody, at ``now`` or so much later."""

    def do(action, by, later=timedelta(), **content):
        return action(Deed(session, by, now + later, a_request_id()), **content)

    return do


@pytest.fixture
def asked(run, first, shop):
    return run(actions.ask_pairing, first, store_id=shop.store_id).permit_id


def pair(session, now, code, key=None):
    return actions.pair_device(
        session,
        community_id=1,
        now=now,
        code=code,
        public_key=wire.public_key(key or wire.new_key()),
    )


def test_two_people_let_a_kiosk_join_and_both_are_remembered(
    session, run, first, second, shop, now
):
    asked = run(actions.ask_pairing, first, store_id=shop.store_id)
    run(actions.confirm_pairing, second, permit_id=asked.permit_id)
    code = run(actions.make_pairing_code, first, store_id=shop.store_id).code
    device_id = int(pair(session, now, code).device)
    kept = queries.permits_of_devices(session, 1)[device_id]
    assert (kept.asked_by_person_id, kept.id) == (first.person_id, asked.permit_id)
    assert kept.asked_by and kept.confirmed_by and kept.asked_by != kept.confirmed_by
    names = {line.name for line in audit_lines(session, 1, subject_kind="store")}
    assert {"ask_pairing", "confirm_pairing", "make_pairing_code"} <= names


def test_there_is_no_code_before_a_second_person_agrees(run, first, second, shop, asked):
    with pytest.raises(PairingNotAgreed):
        run(actions.make_pairing_code, first, store_id=shop.store_id)
    run(actions.confirm_pairing, second, permit_id=asked)
    assert run(actions.make_pairing_code, first, store_id=shop.store_id).code


def test_what_two_agreed_on_for_one_shop_opens_no_other(session, town, run, first, second, asked):
    run(actions.confirm_pairing, second, permit_id=asked)
    other_id = make_donation_point(session, town)
    with pytest.raises(PairingNotAgreed):
        run(actions.make_pairing_code, first, store_id=other_id)


def test_whoever_asked_and_who_lives_with_them_do_not_agree(session, town, run, shop):
    family = make.make_household(session, town, make.new_person(), make.new_person())
    here, mate = (
        make.make_user(session, town, person_id, Role("coordinator"))
        for person_id in family.person_ids
    )
    permit_id = run(actions.ask_pairing, here, store_id=shop.store_id).permit_id
    for by, why in ((here, "self"), (mate, "household")):
        with pytest.raises(SamePerson) as refused:
            run(actions.confirm_pairing, by, permit_id=permit_id)
        assert refused.value.facts == {"why": why}


def test_only_coordinators_ask_and_only_they_or_an_approver_agree(session, town, run, shop, asked):
    for by in (make.stranger(session, town), shop.keeper, make.auditor(session, town)):
        for action, content in (
            (actions.ask_pairing, {"store_id": shop.store_id}),
            (actions.confirm_pairing, {"permit_id": asked}),
            (actions.withdraw_pairing, {"permit_id": asked}),
        ):
            with pytest.raises(NotAllowed):
                run(action, by, **content)
    with pytest.raises(NotAllowed):
        run(actions.ask_pairing, make.approver(session, town), store_id=shop.store_id)


def test_a_machine_neither_asks_nor_agrees(session, town, run, shop, asked):
    job = make.by_founder()
    for action, content in (
        (actions.ask_pairing, {"store_id": shop.store_id}),
        (actions.confirm_pairing, {"permit_id": asked}),
        (actions.withdraw_pairing, {"permit_id": asked}),
    ):
        with pytest.raises(NotAllowed):
            run(action, job, **content)


def test_the_neighbour_community_reaches_nothing_of_it(session, run, shop, asked, now):
    by = make.neighbour(session)
    with pytest.raises(NotFound):
        run(actions.ask_pairing, by, store_id=shop.store_id)
    for action in (actions.confirm_pairing, actions.withdraw_pairing):
        with pytest.raises(NotFound):
            run(action, by, permit_id=asked)
    assert queries.open_permits(session, by.community_id, now=now) == []


def test_one_shop_waits_for_one_answer_at_a_time(run, first, second, shop, asked):
    for state in ("asked", "agreed"):
        with pytest.raises(WrongState) as refused:
            run(actions.ask_pairing, first, store_id=shop.store_id)
        assert refused.value.facts["state"] == state
        if state == "asked":
            run(actions.confirm_pairing, second, permit_id=asked)


def test_a_permit_lets_one_kiosk_join_whatever_codes_were_made(
    session, run, first, second, shop, asked, now
):
    run(actions.confirm_pairing, second, permit_id=asked)
    codes = [run(actions.make_pairing_code, first, store_id=shop.store_id).code for _ in "ab"]
    pair(session, now, codes[0])
    with pytest.raises(PairingRefused):
        pair(session, now, codes[1])
    with pytest.raises(PairingNotAgreed):
        run(actions.make_pairing_code, first, store_id=shop.store_id)
    for action in (actions.confirm_pairing, actions.withdraw_pairing):
        with pytest.raises(WrongState) as refused:
            run(action, second, permit_id=asked)
        assert refused.value.facts["state"] == "used"


@pytest.mark.parametrize("who", ["first", "second"])
def test_a_withdrawn_permit_opens_nothing_also_by_a_code_in_hand(
    session, run, first, second, shop, asked, now, who
):
    run(actions.confirm_pairing, second, permit_id=asked)
    code = run(actions.make_pairing_code, first, store_id=shop.store_id).code
    run(actions.withdraw_pairing, {"first": first, "second": second}[who], permit_id=asked)
    with pytest.raises(PairingRefused):
        pair(session, now, code)
    with pytest.raises(PairingNotAgreed):
        run(actions.make_pairing_code, first, store_id=shop.store_id)
    with pytest.raises(WrongState):
        run(actions.confirm_pairing, second, permit_id=asked)


@pytest.mark.parametrize("is_agreed", [True, False])
def test_after_three_days_it_is_asked_again(run, first, second, shop, asked, is_agreed):
    if is_agreed:
        run(actions.confirm_pairing, second, permit_id=asked)
    late = rules.PERMIT_LASTS
    with pytest.raises(WrongState):
        run(actions.confirm_pairing, second, late, permit_id=asked)
    with pytest.raises(PairingNotAgreed):
        run(actions.make_pairing_code, first, late, store_id=shop.store_id)
    assert run(actions.ask_pairing, first, late, store_id=shop.store_id).permit_id != asked


def test_a_code_of_a_version_before_permits_joins_no_kiosk(
    session, run, first, second, shop, asked, now
):
    run(actions.confirm_pairing, second, permit_id=asked)
    code = run(actions.make_pairing_code, first, store_id=shop.store_id).code
    session.execute(update(pairing).values(permit_id=None))
    with pytest.raises(PairingRefused):
        pair(session, now, code)


def test_the_database_knows_nobody_who_agreed_with_themselves(session, first, shop, now):
    row = {
        "community_id": 1, "id": 5, "store_id": shop.store_id,
        "asked_by_person_id": first.person_id, "asked_at": now,
        "until_at": now + rules.PERMIT_LASTS,
    }  # fmt: skip
    own = {"confirmed_by_person_id": first.person_id, "confirmed_at": now}
    with pytest.raises(IntegrityError), session.begin_nested():
        session.execute(insert(permit), row | own)
    session.execute(insert(permit), row)
    with pytest.raises(DBAPIError), session.begin_nested():
        session.execute(update(permit).values(asked_by_person_id=first.person_id + 1))


def waiting(session, by, now):
    statement = queries.waiting_pairings(by)
    if statement is None:
        return []
    return [row.id for row in session.execute(statement, {"now": now})]


def test_it_waits_for_whoever_can_agree(session, town, run, first, second, shop, asked, now):
    family = make.make_household(session, town, make.new_person(), make.new_person())
    here, mate = (
        make.make_user(session, town, person_id, Role("coordinator"))
        for person_id in family.person_ids
    )
    assert waiting(session, second, now) == waiting(session, here, now) == [asked]
    assert waiting(session, first, now) == waiting(session, shop.keeper, now) == []
    assert waiting(session, second, now + rules.PERMIT_LASTS) == []
    run(actions.withdraw_pairing, first, permit_id=asked)
    assert waiting(session, second, now) == []
    own = run(actions.ask_pairing, here, store_id=shop.store_id).permit_id
    assert (waiting(session, mate, now), waiting(session, second, now)) == ([], [own])
    run(actions.confirm_pairing, second, permit_id=own)
    assert waiting(session, first, now) == []
