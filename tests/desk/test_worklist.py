"""The worklist: who sees what, in which order, how many."""

from datetime import date, timedelta

import pytest

from tests.factories import make_by
from tests.factories.aid import make_claim, make_claimant, make_resident
from tests.factories.goods import make_stock
from tests.factories.hours import (
    confirm,
    enter,
    make_cast,
    make_neighbour,
    make_volunteer,
    statements,
    told,
)
from tests.factories.people import a_request_id
from timebank.aid.actions import ask_for_person
from timebank.deeds.deed import Deed
from timebank.deeds.working_days import WorkingDays
from timebank.desk.queries import COUNTED_MAX, ROWS_A_PAGE, Key, counts, worklist
from timebank.desk.rules import promised_until
from timebank.goods.actions import announce_deposit
from timebank.goods.rules import AnnouncedLine
from timebank.hours.actions import check_in
from timebank.subjects import work_kinds
from timebank.values import By, Role

JUNE_9 = date(2025, 6, 9)


@pytest.fixture
def cast(session):
    return make_cast(session)


def kinds_of(session, by, now, **told):
    return [one.kind for one in worklist(session, by, work_kinds(), now=now, **told).rows]


def keys_of(session, by, now, **told):
    return [one.key for one in worklist(session, by, work_kinds(), now=now, **told).rows]


def refused_claim(session, shop, by, now):
    make_stock(session, shop, "毛巾", 9, now=now)
    claimed = make_claim(session, shop, by, now=now, 毛巾=1)
    ask_for_person(Deed(session, by, now, a_request_id()), claim_id=claimed.claim_id)
    return claimed.claim_id


def test_a_session_waits_for_the_organiser_and_not_for_its_volunteer(session, cast, now):
    (record_id,) = enter(session, cast, told(cast, on=JUNE_9), now=now)
    found = worklist(session, cast.organiser, work_kinds(), now=now).rows
    assert [(one.kind, one.id, one.count) for one in found] == [("record", record_id, 170)]
    assert found[0].masked_name.endswith("**") and found[0].what_en == "Keeping company"
    assert found[0].until_on == date(2025, 6, 24)  # Ten working days after a Tuesday.
    assert worklist(session, cast.volunteer, work_kinds(), now=now).rows == []


def test_what_somebody_confirmed_waits_for_him_no_more(session, cast, now):
    (record_id,) = enter(session, cast, told(cast, on=JUNE_9), now=now)
    confirm(session, cast.organiser, record_id, now=now)
    assert worklist(session, cast.organiser, work_kinds(), now=now).rows == []
    assert kinds_of(session, cast.coordinator, now) == []


def test_nobody_is_shown_his_own_hours_nor_those_of_his_household(session, cast, now):
    mine = By(
        1, "user:kin", person_id=cast.volunteer.person_id,
        household_id=cast.volunteer.household_id, roles=frozenset({Role("social_worker")}),
    )  # fmt: skip
    kin = By(
        1, "user:kin", household_id=cast.recipient.household_id,
        roles=frozenset({Role("social_worker")}),
    )  # fmt: skip
    enter(session, cast, told(cast, on=JUNE_9), now=now)
    assert worklist(session, mine, work_kinds(), now=now).rows == []
    assert worklist(session, kin, work_kinds(), now=now).rows == []


def test_who_wrote_down_the_recipients_word_is_not_asked_as_the_organiser(session, cast, now):
    (record_id,) = enter(session, cast, told(cast, on=JUNE_9), now=now)
    confirm(session, cast.organiser, record_id, as_="recipient", now=now)
    assert worklist(session, cast.organiser, work_kinds(), now=now).rows == []
    assert kinds_of(session, cast.coordinator, now) == ["record"]


def test_who_typed_in_a_group_activity_does_not_confirm_it(session, cast, now):
    enter(session, cast, told(cast, in_group=True, on=JUNE_9), now=now, by=cast.organiser)
    assert worklist(session, cast.organiser, work_kinds(), now=now).rows == []
    assert kinds_of(session, cast.coordinator, now) == ["record"]


def test_a_grid_worker_is_shown_his_grid(session, cast, now):
    enter(session, cast, told(cast, on=JUNE_9), now=now)  # Its recipient lives in the second grid.
    first, second = cast.town.grid_ids
    assert kinds_of(session, make_by("grid_worker", place_id=first), now) == []
    assert kinds_of(session, make_by("grid_worker", place_id=second), now) == ["record"]


def test_a_forgotten_check_out_waits_after_half_a_day(session, cast, now):
    by = cast.volunteer
    check_in(
        Deed(session, by, now, a_request_id()),
        person_id=by.person_id,
        service_id=cast.service_ids["company"],
    )
    assert kinds_of(session, cast.organiser, now + timedelta(hours=12)) == []
    assert kinds_of(session, cast.organiser, now + timedelta(hours=13)) == ["shift"]


def test_a_review_waits_for_an_approver_of_another_household(session, shop, cast, now):
    neighbour = make_resident(session, cast.town)
    claim_id = refused_claim(session, shop, neighbour, now)
    assert keys_of(session, make_by("approver"), now) == [Key("review", claim_id)]
    assert kinds_of(session, make_by("social_worker"), now) == []
    of_same_house = make_by("approver", household_id=neighbour.household_id)
    assert kinds_of(session, of_same_house, now) == []
    asker = By(1, neighbour.client, roles=frozenset({Role("approver")}))
    assert kinds_of(session, asker, now) == []


def test_goods_set_aside_wait_for_the_keeper_of_their_store_until_their_hour(
    session, shop, cast, now
):
    by = make_claimant(session, cast.town)
    make_stock(session, shop, "毛巾", 2, now=now)
    claimed = make_claim(session, shop, by, now=now, 毛巾=2)
    (one,) = worklist(session, shop.keeper, work_kinds(), now=now).rows
    assert one.key == Key("pickup", claimed.claim_id) and one.count == 2
    assert one.until_at == claimed.hold_until_at
    assert kinds_of(session, shop.keeper, now + timedelta(hours=72)) == []
    elsewhere = make_by("keeper", place_id=cast.town.grid_ids[0])
    assert kinds_of(session, elsewhere, now) == []
    assert kinds_of(session, make_by("coordinator"), now) == []  # Coordinators hand nothing over.


def test_clothes_wait_for_cleaning_and_what_was_left_at_a_kiosk_for_the_keeper(
    session, shop, cast, now
):
    make_stock(session, shop, "冬衣", 3, now=now, cleaned=False)
    line = AnnouncedLine(shop.item("毛巾"), 4)
    announce_deposit(
        Deed(session, By(1, "device:1", channel="kiosk", device_id=1), now, a_request_id()),
        store_id=shop.store_id,
        lines=(line,),
    )
    found = worklist(session, shop.keeper, work_kinds(), now=now).rows
    assert sorted((one.kind, one.count) for one in found) == [("cleaning", 3), ("intake", 4)]


def test_the_oldest_promise_stands_first(session, shop, cast, now):
    enter(session, cast, told(cast, on=date(2025, 5, 9)), now=now - timedelta(days=30))
    make_stock(session, shop, "冬衣", 1, now=now - timedelta(days=9), cleaned=False)
    by = make_claimant(session, cast.town)
    make_stock(session, shop, "毛巾", 1, now=now)
    make_claim(session, shop, by, now=now, 毛巾=1)
    assert kinds_of(session, shop.keeper, now) == ["cleaning", "pickup"]
    both = make_by("keeper", "social_worker")
    found = worklist(session, both, work_kinds(), now=now).rows
    assert [one.until_on for one in found] == sorted(one.until_on for one in found)
    assert [one.kind for one in found] == ["record", "cleaning", "pickup"]


def test_a_filter_keeps_one_kind_and_the_case_that_is_open(session, shop, cast, now):
    make_stock(session, shop, "冬衣", 1, now=now, cleaned=False)
    (record_id,) = enter(session, cast, told(cast, on=JUNE_9), now=now)
    both = make_by("keeper", "social_worker")
    assert kinds_of(session, both, now, kind="cleaning") == ["cleaning"]
    key = Key("record", record_id)
    assert set(kinds_of(session, both, now, kind="cleaning", key=key)) == {"cleaning", "record"}
    assert worklist(session, both, work_kinds(), now=now, kind="cleaning").counts == {
        "cleaning": 1,
        "record": 1,
    }


def enter_many(session, cast, now, count, *, after=0):
    """Enter short sessions of one volunteer; return their keys, in the order of the list."""
    records = [
        told(cast, *(f"{9 + at // 12:02d}:{at % 12 * 5 + end:02d}" for end in (0, 4)), on=JUNE_9)
        for at in range(after, after + count)
    ]
    return sorted(Key("record", id_) for id_ in enter(session, cast, *records, now=now))


def test_a_long_list_is_read_page_by_page_to_its_end(session, cast, shop, now):
    keys = enter_many(session, cast, now, 2 * ROWS_A_PAGE + 3)
    make_stock(session, shop, "冬衣", 1, now=now - timedelta(days=30), cleaned=False)
    (lot,) = keys_of(session, shop.keeper, now)
    both = make_by("keeper", "social_worker")
    pages = [worklist(session, both, work_kinds(), now=now, page=number) for number in (1, 2, 3, 4)]
    assert [one.key for found in pages for one in found.rows] == [lot, *keys]
    assert [len(found.rows) for found in pages] == [ROWS_A_PAGE, ROWS_A_PAGE, 4, 0]
    assert [found.is_more for found in pages] == [True, True, False, False]
    exact = {"record": len(keys), "cleaning": 1}
    assert [found.counts for found in pages] == [exact] * 4


def test_a_page_that_ends_with_the_list_has_no_next_one(session, cast, now):
    keys = enter_many(session, cast, now, ROWS_A_PAGE)
    found = worklist(session, cast.organiser, work_kinds(), now=now)
    assert ([one.key for one in found.rows], found.is_more) == (keys, False)
    keys += enter_many(session, cast, now + timedelta(minutes=1), 1, after=ROWS_A_PAGE)
    found = worklist(session, cast.organiser, work_kinds(), now=now)
    assert ([one.key for one in found.rows], found.is_more) == (keys[:-1], True)


def test_what_waits_longest_is_on_the_first_page(session, cast, now):
    enter_many(session, cast, now, ROWS_A_PAGE + 1)
    earlier = now - timedelta(minutes=1)
    (first,) = enter_many(session, cast, earlier, 1, after=ROWS_A_PAGE + 1)
    assert keys_of(session, cast.organiser, now)[0] == first


def test_the_case_asked_for_is_found_on_any_page(session, cast, now):
    first, *_, last = enter_many(session, cast, now, ROWS_A_PAGE + 3)
    for page, key, place in ((1, last, -1), (2, first, 0)):
        found = worklist(session, cast.organiser, work_kinds(), now=now, key=key, page=page)
        assert found.rows[place].key == key == found.find(key).key
    found = worklist(session, cast.organiser, work_kinds(), now=now, key=first)
    assert len(found.rows) == ROWS_A_PAGE


def test_a_count_ends_at_its_limit(session, cast, now):
    enter_many(session, cast, now, COUNTED_MAX + 3)
    assert counts(session, cast.organiser, work_kinds(), now=now) == {"record": COUNTED_MAX}
    found = worklist(session, cast.organiser, work_kinds(), now=now, kind="shift")
    assert (found.rows, found.counts) == ([], {"record": COUNTED_MAX})
    found = worklist(
        session, cast.organiser, work_kinds(), now=now, page=COUNTED_MAX // ROWS_A_PAGE + 1
    )
    assert (len(found.rows), found.counts) == (3, {"record": COUNTED_MAX})


def test_another_community_sees_nothing_of_it(session, shop, cast, now, by_neighbour):
    enter(session, cast, told(cast, on=JUNE_9), now=now)
    make_stock(session, shop, "冬衣", 1, now=now, cleaned=False)
    (record_id,) = keys_of(session, cast.organiser, now)
    found = worklist(session, by_neighbour, work_kinds(), now=now, key=record_id)
    assert found.rows == [] and found.counts == {}


def test_a_resident_and_an_auditor_have_nothing_to_do(session, cast, now, by_stranger, by_auditor):
    enter(session, cast, told(cast, on=JUNE_9), now=now)
    for by in (by_stranger, by_auditor):
        assert worklist(session, by, work_kinds(), now=now).rows == []
        assert counts(session, by, work_kinds(), now=now) == {}


def test_a_longer_list_sends_no_more_statements(session, shop, cast, now):
    both = make_by("keeper", "social_worker", "approver")

    def read():
        with statements(session) as sent:
            worklist(session, both, work_kinds(), now=now)
            counts(session, both, work_kinds(), now=now)
        return len(sent)

    enter(session, cast, told(cast, on=JUNE_9), now=now)
    once = read()
    for _ in range(4):
        other = make_volunteer(session, cast.town)
        helped = make_neighbour(session, cast.town)
        record = told(
            cast, on=JUNE_9, person_id=other.person_id, recipient_person_id=helped.person_id
        )
        enter(session, cast, record, now=now, by=cast.coordinator)
        make_stock(session, shop, "冬衣", 1, now=now, cleaned=False)
    assert read() == once == 4


def test_each_kind_of_promise_has_its_last_day(now):
    promised = {kind.name: kind.promised_days for kind in work_kinds()}
    days = WorkingDays()
    assert promised_until(promised["cleaning"], now, now, calendar=days).on == date(2025, 6, 13)
    until = now + timedelta(days=3)
    assert promised_until(promised["pickup"], now, until, calendar=days).on == date(2025, 6, 13)
