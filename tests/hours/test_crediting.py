"""From confirmed minutes to the books: ceiling, pool, corrections, opening hours."""

from datetime import date, timedelta

import pytest

from tests.factories.hours import (
    JUNE_10,
    at,
    confirm_both,
    enter,
    make_cast,
    make_volunteer,
    open_hours,
    register,
    told,
)
from tests.factories.people import LONG_AGO, a_request_id, make_household, new_person
from timebank.deeds.deed import Deed
from timebank.errors import BadInput, NotFound, WrongState
from timebank.hours import actions
from timebank.hours.actions import NewVolunteer
from timebank.hours.queries import passbook, record, volunteer_of, volunteers
from timebank.hours.refusals import SelfConfirm
from timebank.ledger.actions import ensure_account, post_one
from timebank.ledger.queries import balance_of, find_account, sums_by_commodity
from timebank.ledger.refusals import AboveCeiling, AlreadyReversed, InsufficientBalance
from timebank.ledger.rules import Move
from timebank.values import MINUTES, SERVED

HOUR = 60
TONIGHT = at("21:00")


@pytest.fixture
def cast(session):
    return make_cast(session)


@pytest.fixture
def pool(session):
    return lambda: balance_of(session, 1, "pool", MINUTES).posted


def _book(session, cast):
    return passbook(session, 1, cast.volunteer.person_id)


def _credited(session, cast, start="09:00", end="11:50", *, on=JUNE_10):
    (record_id,) = enter(session, cast, told(cast, start, end, on=on), now=at("21:00", on))
    confirm_both(session, cast, record_id, now=at("21:00", on))
    return record_id


def _reverse(session, cast, record_id, reason="登记有误", by=None):
    return actions.reverse_credit(
        Deed(session, by or cast.coordinator, at("22:00"), a_request_id()),
        record_id=record_id,
        reason=reason,
    )


def test_what_the_account_cannot_take_goes_to_the_pool_and_counts_for_life(session, cast, pool):
    open_hours(session, cast, minutes=1499 * HOUR, served_minutes=1712 * HOUR, now=at("08:00"))
    record_id = _credited(session, cast, "09:00", "12:00")
    book = _book(session, cast)
    assert book.posted_minutes == 1500 * HOUR
    assert book.cumulative_minutes == 1715 * HOUR
    assert pool() == 2 * HOUR
    kept = record(session, 1, record_id)
    assert (kept.credited_minutes, kept.pool_minutes) == (180, 120)
    assert set(sums_by_commodity(session, 1).values()) == {(0, 0)}


def test_with_a_full_account_all_goes_to_the_pool(session, cast, pool):
    open_hours(session, cast, minutes=1500 * HOUR, served_minutes=1500 * HOUR, now=at("08:00"))
    _credited(session, cast, "09:00", "10:00")
    assert pool() == HOUR
    assert _book(session, cast).cumulative_minutes == 1501 * HOUR


def test_a_batch_fills_the_account_to_the_ceiling_and_no_further(session, cast, pool):
    open_hours(session, cast, minutes=1499 * HOUR, served_minutes=0, now=at("08:00"))
    entered = enter(
        session, cast, told(cast, "09:00", "09:40"), told(cast, "10:00", "11:00"), now=TONIGHT
    )
    done = confirm_both(session, cast, *entered, now=TONIGHT)
    assert [one.pool_minutes for one in done.credited] == [0, 30]
    assert (_book(session, cast).posted_minutes, pool()) == (1500 * HOUR, 30)


def test_the_cap_is_of_the_local_day_on_which_a_session_starts(session, cast):
    day = JUNE_10 - timedelta(days=1)
    _credited(session, cast, "08:00", "12:00", on=day)
    over_midnight = told(cast, "23:00", "23:30", on=day)
    (late,) = enter(session, cast, over_midnight, now=TONIGHT)
    confirm_both(session, cast, late, now=TONIGHT)
    assert record(session, 1, late).over_cap_minutes == 30
    next_day = _credited(session, cast, "00:30", "01:00")
    assert record(session, 1, next_day).credited_minutes == 30


def test_hours_taken_back_leave_balance_and_served_hours(session, cast, pool):
    record_id = _credited(session, cast)
    done = _reverse(session, cast, record_id)
    kept = record(session, 1, record_id)
    assert (kept.state, kept.reason, kept.reversal_txn_id) == (
        "reversed", "登记有误", done.txn_id,
    )  # fmt: skip
    assert kept.credited_minutes == 150  # The record keeps what was credited.
    book = _book(session, cast)
    assert (book.posted_minutes, book.cumulative_minutes, book.real_minutes) == (0, 0, 0)
    assert set(sums_by_commodity(session, 1).values()) == {(0, 0)}


def test_overflow_taken_back_leaves_the_pool_too(session, cast, pool):
    open_hours(session, cast, minutes=1499 * HOUR, served_minutes=0, now=at("08:00"))
    record_id = _credited(session, cast, "09:00", "12:00")
    _reverse(session, cast, record_id)
    assert pool() == 0
    assert _book(session, cast).posted_minutes == 1499 * HOUR


def test_hours_are_taken_back_once(session, cast):
    record_id = _credited(session, cast)
    _reverse(session, cast, record_id)
    with pytest.raises(WrongState):
        _reverse(session, cast, record_id)
    with pytest.raises(AlreadyReversed):
        post_one(
            Deed(session, cast.coordinator, TONIGHT, "again"),
            kind="credit_reversal",
            reverses_id=record(session, 1, record_id).txn_id,
        )


def test_what_was_never_credited_is_not_taken_back(session, cast):
    (record_id,) = enter(session, cast, told(cast), now=TONIGHT)
    with pytest.raises(WrongState):
        _reverse(session, cast, record_id)


def test_taking_back_needs_a_reason(session, cast):
    with pytest.raises(BadInput):
        _reverse(session, cast, _credited(session, cast), reason=" ")


def test_hours_that_are_spent_cannot_be_taken_back(session, cast):
    record_id = _credited(session, cast)
    mine = find_account(session, 1, "person", MINUTES, owner_id=cast.volunteer.person_id)
    pool_id = ensure_account(session, 1, "pool", MINUTES, floor=0)
    post_one(
        Deed(session, cast.coordinator, TONIGHT, "gift"),
        kind="gift",
        lines=[Move(mine, pool_id, 60)],
    )
    with pytest.raises(InsufficientBalance) as refused:
        _reverse(session, cast, record_id)
    assert refused.value.facts == {"short_by": 60}


def test_a_coordinator_does_not_touch_his_own_hours(session, cast):
    record_id = _credited(session, cast)
    me = cast.volunteer
    as_coordinator = type(me)(1, "test:self", person_id=me.person_id, roles=cast.coordinator.roles)
    with pytest.raises(SelfConfirm):
        _reverse(session, cast, record_id, by=as_coordinator)
    with pytest.raises(SelfConfirm):
        actions.open_balance(
            Deed(session, as_coordinator, TONIGHT, a_request_id()),
            person_id=me.person_id,
            minutes=60,
            served_minutes=60,
            note="旧本",
        )


def test_time_taken_back_is_free_for_what_really_happened(session, cast):
    _reverse(session, cast, _credited(session, cast))
    again = _credited(session, cast, "09:00", "13:00")
    assert record(session, 1, again).credited_minutes == 240


def _open(session, cast, **changed):
    content = {
        "person_id": cast.volunteer.person_id, "minutes": 60, "served_minutes": 60, "note": "旧本",
    }  # fmt: skip
    return actions.open_balance(
        Deed(session, cast.coordinator, TONIGHT, a_request_id()), **{**content, **changed}
    )


def test_old_hours_are_carried_over_once(session, cast):
    _open(session, cast, minutes=720, served_minutes=2160)
    book = _book(session, cast)
    assert (book.posted_minutes, book.cumulative_minutes) == (720, 2160)
    with pytest.raises(WrongState):
        _open(session, cast)


def test_a_neighbour_who_never_served_may_bring_hours_along(session, cast):
    person_id = cast.recipient.person_id
    _open(session, cast, person_id=person_id, minutes=360, served_minutes=0)
    assert passbook(session, 1, person_id).posted_minutes == 360


@pytest.mark.parametrize(
    "wrong", [{"minutes": -1}, {"minutes": 0, "served_minutes": 0}, {"note": " "}]
)
def test_what_is_carried_over_is_some_hours_with_a_note(session, cast, wrong):
    with pytest.raises(BadInput):
        _open(session, cast, **wrong)


def test_no_more_is_carried_over_than_an_account_may_hold(session, cast):
    with pytest.raises(AboveCeiling):
        _open(session, cast, minutes=1500 * HOUR + 1)


def test_volunteers_get_numbers_that_tell_nothing_about_them(session, cast):
    family = make_household(session, cast.town, new_person(), new_person())
    numbers = register(session, cast.town, *family.person_ids)
    assert numbers == ("V-0002", "V-0003")
    found = volunteer_of(session, 1, family.person_ids[1])
    assert (found.volunteer_no, found.since_on) == ("V-0003", date(2024, 1, 2))
    assert volunteer_of(session, 1, cast.recipient.person_id) is None


def test_the_register_is_read_page_by_page(session, cast):
    make_volunteer(session, cast.town)
    first = volunteers(session, 1, limit=1)
    second = volunteers(session, 1, limit=1, after_no=first[0].volunteer_no)
    assert [one.volunteer_no for one in (*first, *second)] == ["V-0001", "V-0002"]


def _register(session, cast, *person_ids):
    return actions.register_volunteers(
        Deed(session, cast.coordinator, LONG_AGO, a_request_id()),
        volunteers=tuple(NewVolunteer(i, date(2024, 1, 2), "巡楼队") for i in person_ids),
    )


def test_nobody_is_registered_twice(session, cast):
    with pytest.raises(WrongState):
        _register(session, cast, cast.volunteer.person_id)
    with pytest.raises(BadInput):
        _register(session, cast, cast.recipient.person_id, cast.recipient.person_id)
    with pytest.raises(BadInput):
        _register(session, cast)


def test_only_people_of_this_community_are_registered(session, cast):
    with pytest.raises(NotFound):
        _register(session, cast, 12345)


def test_a_volunteer_has_his_two_accounts_from_the_first_day(session, cast):
    _register(session, cast, cast.recipient.person_id)
    for commodity in (MINUTES, SERVED):
        assert find_account(session, 1, "person", commodity, owner_id=cast.recipient.person_id)


def test_a_service_has_a_category_and_a_code_of_its_own(session, cast):
    for category, code, field in (
        ("elders", "company", "code"),
        ("banking", "new", "category"),
    ):
        with pytest.raises(BadInput) as refused:
            actions.add_services(
                Deed(session, cast.coordinator, LONG_AGO, a_request_id()),
                services=(actions.NewService(code, category, "陪伴", "Company"),),
            )
        assert refused.value.facts["field"] == field
