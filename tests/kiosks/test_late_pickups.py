"""A pick-up that a kiosk reports too late: the goods are gone, and the books say so."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier

import pytest

from tests.checking.planting import keys
from tests.factories import make_by
from tests.factories.aid import make_claim, make_claimant, pick_up, take_at_counter, took_before
from tests.factories.goods import make_stock, shelf_row
from tests.factories.kiosks import commit_stand, receive
from tests.factories.looks import audit_lines, open_reviews
from tests.factories.people import a_request_id
from tests.waiting import HANG_SECONDS
from timebank.aid import actions as aid_actions
from timebank.aid import queries as aid
from timebank.aid.refusals import WrongPickupCode
from timebank.checking.books import check_books
from timebank.checking.reading import Books
from timebank.deeds.deed import Deed
from timebank.deeds.refusals import SamePerson
from timebank.deeds.running import perform
from timebank.desk.shortfalls import SETTLE, WRITE_OFF, settle_shortfall, waiting_shortfalls
from timebank.errors import NotFound, TimebankError, WrongState
from timebank.goods.queries import lots_named
from timebank.kiosks import actions, wire
from timebank.ledger.queries import balance_of, sums_by_commodity
from timebank.values import pieces_of

SOAP = "洗衣液"
LATE = timedelta(days=4)  # Longer than a claim is kept.


@pytest.fixture
def lot_id(session, stand):
    return make_stock(session, stand.shop, SOAP, 3)


@pytest.fixture
def claimed(session, stand, lot_id, now):
    return make_claim(session, stand.shop, stand.volunteer, now=now, 洗衣液=2)


def lapse(session, now):
    by = make_by("coordinator", channel="job")
    return aid_actions.lapse_claims(Deed(session, by, now, a_request_id()))


def cancel(session, stand, claimed, now):
    aid_actions.cancel_claim(
        Deed(session, stand.volunteer, now, a_request_id()), claim_id=claimed.claim_id
    )


def fetched(stand, claimed, *, at, **changes):
    """The envelope of a pick-up by card, not received yet."""
    return stand.deed(wire.PickupCompleted(claimed.claim_id), at=at, **changes)


def arrive(session, stand, item, now):
    """Receive it; it cannot be posted by itself."""
    assert receive(session, stand, item, now=now).outcome == "review"
    return open_reviews(session, stand.shop.keeper)[-1]


def settle(session, by, review, now, *, how="post", note=""):
    return actions.settle_review(
        Deed(session, by, now, a_request_id()), review_id=review.review_id, how=how, note=note
    )


def standing(session, stand):
    """Pieces handed over, and the part that suspense covers."""
    commodity = pieces_of(stand.shop.item(SOAP))
    issued, aside = (balance_of(session, 1, kind, commodity) for kind in ("issued", "suspense"))
    assert set(sums_by_commodity(session, 1).values()) == {(0, 0)}
    faults = [
        one for found in check_books(Books(session.connection()), keys()) for one in found.faults
    ]
    assert not [one for one in faults if one.table != "seal_queue"]  # Nobody seals in these days.
    return issued.posted, aside.posted


def lacking(session, by=None):
    """The cases that wait for staff who keep the books."""
    return session.execute(waiting_shortfalls(by or make_by("accountant"))).all()


def test_a_lapsed_claim_whose_pieces_are_still_there_is_booked_as_it_was(
    session, stand, lot_id, claimed, now
):
    item = fetched(stand, claimed, at=now + timedelta(hours=1))
    lapse(session, now + LATE)
    review = arrive(session, stand, item, now + LATE)
    assert (review.reason, review.facts) == ("WRONG_STATE", {"kind": "claim", "state": "lapsed"})
    assert settle(session, stand.shop.keeper, review, now + LATE).lacking == 0
    kept = aid.claim(session, 1, claimed.claim_id)
    assert (kept.state, kept.held, kept.ended_at) == ("issued", 2, None)
    assert kept.issued_at == now + timedelta(hours=1)
    assert [(one.lot_id, one.pieces) for one in kept.lots] == [(lot_id, 2)]
    assert shelf_row(session, stand.shop, SOAP, now + LATE).available == 1
    assert standing(session, stand) == (2, 0) and lacking(session) == []


def test_what_went_to_others_meanwhile_stands_against_suspense(session, stand, claimed, now):
    item = fetched(stand, claimed, at=now)
    cancel(session, stand, claimed, now)
    other = make_claim(session, stand.shop, make_claimant(session, stand.shop.town), now=now,
                       洗衣液=3)  # fmt: skip
    review = arrive(session, stand, item, now)
    assert settle(session, stand.shop.keeper, review, now).lacking == 2
    kept = aid.claim(session, 1, claimed.claim_id)
    assert (kept.state, kept.held, kept.end_reason) == ("issued", 2, None)
    assert standing(session, stand) == (2, -2)
    assert [row.kind for row in lacking(session)] == ["shortfall"]
    # The reservation of the other household is unchanged.
    assert shelf_row(session, stand.shop, SOAP, now).held == 3
    assert pick_up(session, stand.shop, other, now=now).pieces == 3


def test_what_is_left_of_the_lot_is_taken_first(session, stand, claimed, now):
    item = fetched(stand, claimed, at=now)
    cancel(session, stand, claimed, now)
    other = make_claimant(session, stand.shop.town)
    take_at_counter(session, stand.shop, other, now=now, 洗衣液=2)
    review = arrive(session, stand, item, now)
    assert settle(session, stand.shop.keeper, review, now).lacking == 1
    assert standing(session, stand) == (4, -1)


def test_the_lack_is_settled_by_somebody_else(session, stand, claimed, now):
    item = fetched(stand, claimed, at=now)
    cancel(session, stand, claimed, now)
    other = make_claim(session, stand.shop, make_claimant(session, stand.shop.town), now=now,
                       洗衣液=3)  # fmt: skip
    review = arrive(session, stand, item, now)
    settle(session, stand.coordinator, review, now)
    (case,) = lacking(session)

    def close(by, how):
        settle_shortfall(Deed(session, by, now, a_request_id()), txn_id=case.id, how=how, note="x")

    with pytest.raises(SamePerson):
        close(stand.coordinator, WRITE_OFF)  # They reported it themselves.
    aid_actions.cancel_claim(
        Deed(session, stand.shop.keeper, now, a_request_id()), claim_id=other.claim_id
    )
    close(make_by("accountant"), SETTLE)
    assert standing(session, stand) == (2, 0) and lacking(session) == []


def test_somebody_else_writes_it_off_with_a_reason(session, stand, claimed, now):
    item = fetched(stand, claimed, at=now)
    cancel(session, stand, claimed, now)
    take_at_counter(session, stand.shop, make_claimant(session, stand.shop.town), now=now,
                    洗衣液=3)  # fmt: skip
    settle(session, stand.coordinator, arrive(session, stand, item, now), now)
    (case,) = lacking(session)
    settle_shortfall(
        Deed(session, make_by("accountant"), now, a_request_id()),
        txn_id=case.id,
        how=WRITE_OFF,
        note="x",
    )
    assert standing(session, stand) == (5, 0)


def test_it_counts_against_the_quota_by_the_day_it_was_fetched(session, stand, claimed, now):
    item = fetched(stand, claimed, at=now + timedelta(hours=1))
    lapse(session, now + LATE)
    household_id = stand.volunteer.household_id
    assert aid.quota(session, 1, household_id, now + LATE).used == 0
    settle(session, stand.shop.keeper, arrive(session, stand, item, now + LATE), now + LATE)
    a_year_on = now.replace(year=2026)
    used = [
        aid.quota(session, 1, household_id, a_year_on + timedelta(days=days)).used
        for days in (-1, 0)
    ]
    assert used == [2, 0]


def test_a_kiosk_with_a_stopped_clock_takes_nothing_out_of_the_quota(session, stand, claimed, now):
    item = fetched(stand, claimed, at=now - timedelta(days=900))
    cancel(session, stand, claimed, now)
    settle(session, stand.shop.keeper, arrive(session, stand, item, now), now)
    assert aid.claim(session, 1, claimed.claim_id).issued_at == now
    assert aid.quota(session, 1, stand.volunteer.household_id, now).used == 2


def test_whatever_the_rules_say_now_it_happened(session, stand, lot_id, now):
    poor = make_claimant(session, stand.shop.town, valid_until_on=date(2025, 6, 11))
    stand.volunteer = poor
    claimed = make_claim(session, stand.shop, poor, now=now, 洗衣液=2)
    body = wire.PickupCompleted(claimed.claim_id, claimed.pickup_code)
    item = stand.deed(body, at=now, actor=None)
    took_before(session, stand.shop.town, poor, now=now, taken={date(2025, 6, 9): 20})
    review = arrive(session, stand, item, now + timedelta(days=2))
    assert review.reason == "PROOF_EXPIRED"
    settle(session, stand.shop.keeper, review, now + timedelta(days=2))
    kept = aid.claim(session, 1, claimed.claim_id)
    assert (kept.state, kept.held) == ("issued", 2)
    assert aid.quota(session, 1, poor.household_id, now).used == 22


def test_sent_again_it_stays_what_it_is(session, stand, claimed, now):
    item = fetched(stand, claimed, at=now)
    cancel(session, stand, claimed, now)
    review = arrive(session, stand, item, now)
    settle(session, stand.shop.keeper, review, now)
    assert receive(session, stand, item, now=now).outcome == "duplicate"
    with pytest.raises(WrongState):
        settle(session, stand.coordinator, review, now)
    # A second envelope of the same hand-over does not hand over again.
    again = arrive(session, stand, fetched(stand, claimed, at=now), now)
    with pytest.raises(WrongState), session.begin_nested():
        settle(session, stand.shop.keeper, again, now)
    settle(session, stand.shop.keeper, again, now, how="keep", note="x")
    assert standing(session, stand) == (2, 0)


def test_what_was_fetched_at_the_counter_is_not_booked_twice(session, stand, claimed, now):
    item = fetched(stand, claimed, at=now, prev="1" * 64)
    pick_up(session, stand.shop, claimed, now=now)
    review = arrive(session, stand, item, now)
    with pytest.raises(WrongState) as refused, session.begin_nested():
        settle(session, stand.shop.keeper, review, now)
    assert refused.value.facts == {"kind": "claim", "state": "issued"}
    assert standing(session, stand) == (2, 0)


def test_nothing_is_booked_to_a_household_that_nothing_points_to(session, stand, claimed, now):
    wrong = "000000" if claimed.pickup_code != "000000" else "111111"
    item = stand.deed(wire.PickupCompleted(claimed.claim_id, wrong), at=now, actor=None)
    cancel(session, stand, claimed, now)
    review = arrive(session, stand, item, now)
    with pytest.raises(WrongPickupCode), session.begin_nested():
        settle(session, stand.shop.keeper, review, now)
    assert aid.claim(session, 1, claimed.claim_id).state == "cancelled"


def test_a_kiosk_of_another_shop_hands_over_nothing_of_this_one(session, stand, claimed, now):
    with pytest.raises(NotFound):
        aid_actions.record_issue(
            Deed(session, make_by(channel="kiosk"), now, a_request_id()),
            claim_id=claimed.claim_id,
            store_id=5,
            pickup_code=claimed.pickup_code,
            happened_at=now,
        )


def test_what_was_never_set_aside_is_not_booked(session, stand, now):
    claimed = make_claim(session, stand.shop, stand.volunteer, now=now, 洗衣液=2)
    assert claimed.state == "refused"
    review = arrive(session, stand, fetched(stand, claimed, at=now), now)
    with pytest.raises(WrongState) as refused, session.begin_nested():
        settle(session, stand.shop.keeper, review, now)
    assert refused.value.facts == {"kind": "claim", "state": "refused"}


def test_a_lot_that_was_taken_off_the_shelf_stays_so(session, stand, now):
    lot_id = make_stock(session, stand.shop, "饼干", 2, best_before_on=date(2025, 6, 10))
    claimed = make_claim(session, stand.shop, stand.volunteer, now=now, 饼干=2)
    item = fetched(stand, claimed, at=now)
    late = now + timedelta(days=1)
    aid_actions.sweep_expired(Deed(session, stand.shop.keeper, late, a_request_id()))
    assert aid.claim(session, 1, claimed.claim_id).end_reason == "EXPIRED_ON_SHELF"
    assert settle(session, stand.shop.keeper, arrive(session, stand, item, late), late).lacking == 2
    assert lots_named(session, 1, [lot_id])[lot_id].state == "disposal"


def test_the_last_pieces_finish_their_lots(session, stand, now):
    lot_ids = [make_stock(session, stand.shop, name, 2) for name in ("肥皂", SOAP)]
    claimed = make_claim(session, stand.shop, stand.volunteer, now=now, 肥皂=2, 洗衣液=2)
    item = fetched(stand, claimed, at=now)
    cancel(session, stand, claimed, now)
    settle(session, stand.shop.keeper, arrive(session, stand, item, now), now)
    assert {one.state for one in lots_named(session, 1, lot_ids).values()} == {"finished"}


def test_who_came_is_no_no_show(session, stand, claimed, now):
    """The demo preset suspends booking at the third no-show; a claim that was picked up is not
    counted.
    """
    household_id, late = stand.volunteer.household_id, now + LATE
    item = fetched(stand, claimed, at=now)
    lapse(session, late)
    assert len(aid.no_shows_of_household(session, 1, household_id)) == 1
    settle(session, stand.shop.keeper, arrive(session, stand, item, late), late)
    assert aid.no_shows_of_household(session, 1, household_id) == []
    make_stock(session, stand.shop, "肥皂", 9)
    closed = []
    for _ in range(3):
        make_claim(session, stand.shop, stand.volunteer, now=late, 肥皂=1)
        late += LATE
        closed.append(lapse(session, late).closed_household_ids)
    assert closed == [(), (), (household_id,)]


def test_the_trail_says_who_booked_it_and_what_had_become_of_it(session, stand, claimed, now):
    item = fetched(stand, claimed, at=now)
    cancel(session, stand, claimed, now)
    settle(session, stand.shop.keeper, arrive(session, stand, item, now), now)
    (line,) = [one for one in audit_lines(session, 1) if one.name == "record_issue"]
    assert (line.client, line.channel) == (stand.shop.keeper.client, "kiosk")
    told = {"claim_no": claimed.claim_no, "pieces": 2, "lacking": 0, "was": "cancelled"}
    assert json.loads(line.facts) == told


@pytest.mark.slow
def test_two_reviewers_at_once_book_it_once(fresh_database, clock):
    stand = commit_stand(fresh_database)

    def build(session, now):
        make_stock(session, stand.shop, SOAP, 2)
        claimed = make_claim(session, stand.shop, stand.volunteer, now=now, 洗衣液=2)
        item = fetched(stand, claimed, at=now)
        cancel(session, stand, claimed, now)
        return claimed, arrive(session, stand, item, now)

    claimed, review = fresh_database.write(build)
    reviewers, gate = (stand.shop.keeper, stand.coordinator), Barrier(2)

    def work(by):
        gate.wait(timeout=HANG_SECONDS)
        try:
            return perform(
                fresh_database, actions.settle_review, by=by, request_id=a_request_id(),
                review_id=review.review_id, how="post", note="",
            )  # fmt: skip
        except TimebankError as refusal:
            return refusal

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(work, reviewers))
    assert sorted(type(one).__name__ for one in answers) == ["ReviewSettled", "WrongState"]
    with fresh_database.reading() as session:
        assert aid.claim(session, 1, claimed.claim_id).state == "issued"
        assert standing(session, stand) == (2, 0)
