"""Events that could not be posted wait for the keeper, who settles each once, with a note."""

import pytest

from tests.factories import make_by
from tests.factories.aid import make_claim
from tests.factories.goods import make_stock
from tests.factories.kiosks import receive
from tests.factories.looks import open_reviews
from tests.factories.people import neighbour, stranger
from timebank.aid import queries as aid
from timebank.deeds.deed import Deed
from timebank.errors import BadInput, NotAllowed, NotFound, WrongState
from timebank.goods import queries as goods
from timebank.hours import actions as hours
from timebank.kiosks import actions, queries, wire
from timebank.values import to_us


@pytest.fixture
def waiting(session, stand, now):
    """A deposit that went to review because its chain was broken."""
    receive(session, stand, stand.deed(stand.rice(3), at=now, prev="1" * 64), now=now)
    (review,) = open_reviews(session, stand.shop.keeper)
    return review


def settle(session, by, review, now, *, how="post", note=""):
    return actions.settle_review(
        Deed(session, by, now, f"{how}-{review.review_id}"),
        review_id=review.review_id,
        how=how,
        note=note,
    )


def test_a_review_says_what_was_handed_over_and_masks_the_name(session, stand, waiting):
    assert waiting.slip_no == "S1-K1-00001"
    assert waiting.reason == "CHAIN_BROKEN"
    assert waiting.type == "deposit.recorded"
    assert waiting.body["lines"][0]["pieces"] == 3
    assert waiting.person_id == stand.volunteer.person_id
    assert "*" in waiting.masked_name


def test_the_keeper_posts_it_after_all(session, stand, waiting, now):
    settle(session, stand.shop.keeper, waiting, now)
    assert goods.announced_deposits(session, 1)[0].pieces == 3
    assert open_reviews(session, stand.shop.keeper) == []


def test_the_keeper_keeps_the_fact_with_a_word_why(session, stand, waiting, now):
    with pytest.raises(BadInput):
        settle(session, stand.shop.keeper, waiting, now, how="keep", note="  ")
    settle(session, stand.shop.keeper, waiting, now, how="keep", note="测试时扫的")
    assert goods.announced_deposits(session, 1) == []
    assert open_reviews(session, stand.shop.keeper) == []


def test_it_is_settled_once(session, stand, waiting, now):
    settle(session, stand.shop.keeper, waiting, now)
    with pytest.raises(WrongState):
        settle(session, stand.coordinator, waiting, now, how="keep", note="x")


def test_posting_refuses_what_the_rules_still_refuse_and_leaves_it_open(session, stand, now):
    receive(session, stand, stand.deed(wire.ShiftEnded(), at=now), now=now)
    (review,) = open_reviews(session, stand.shop.keeper)
    assert review.reason == "NOT_CHECKED_IN"
    with pytest.raises(Exception, match="NOT_CHECKED_IN"), session.begin_nested():
        settle(session, stand.shop.keeper, review, now)
    assert len(open_reviews(session, stand.shop.keeper)) == 1


def test_a_review_posts_once_its_cause_is_gone(session, stand, now, clock):
    end_at = clock.move(minutes=60)
    end = stand.deed(wire.ShiftEnded(to_us(now)), at=end_at)
    receive(session, stand, end, now=end_at)
    (review,) = open_reviews(session, stand.shop.keeper)
    hours.check_in(
        Deed(session, stand.volunteer, end_at, "in"),
        at=now,
        person_id=stand.volunteer.person_id,
        service_id=stand.service_id,
    )
    settle(session, stand.shop.keeper, review, clock.move(minutes=5))
    assert open_reviews(session, stand.shop.keeper) == []


def test_an_unknown_way_and_an_unknown_review_are_refused(session, stand, waiting, now):
    with pytest.raises(BadInput):
        settle(session, stand.shop.keeper, waiting, now, how="delete", note="x")
    with pytest.raises(NotFound):
        actions.settle_review(
            Deed(session, stand.shop.keeper, now, "x"), review_id=7, how="keep", note="x"
        )


def test_strangers_other_keepers_and_neighbours_neither_see_nor_settle(
    session, stand, waiting, now
):
    town = stand.shop.town
    elsewhere = make_by("keeper", place_id=4)
    for by, refusal in ((stranger(session, town), NotAllowed), (elsewhere, NotFound)):
        assert open_reviews(session, by) == []
        with pytest.raises(refusal):
            settle(session, by, waiting, now)
    foreign = neighbour(session)
    assert open_reviews(session, foreign) == []
    with pytest.raises(NotFound):
        settle(session, foreign, waiting, now)


def test_bytes_that_were_set_aside_can_be_settled_too(session, stand, now):
    receive(session, stand, stand.deed(stand.rice(), at=now), now=now)
    stand.seq, stand.prev = 0, wire.NO_PREVIOUS
    receive(session, stand, stand.deed(stand.rice(5), at=now), now=now)
    (fork,) = open_reviews(session, stand.shop.keeper)
    assert queries.review_of(session, stand.shop.keeper, fork.review_id) == fork
    settle(session, stand.shop.keeper, fork, now)
    assert sorted(one.pieces for one in goods.announced_deposits(session, 1)) == [2, 5]


def test_a_damaged_one_can_only_be_kept_as_a_fact(session, stand, now):
    item = stand.deed(stand.rice(), at=now)
    bad = wire.BatchItem(1, 1, wire.to_text(b"{}"), item.sig)
    receive(session, stand, bad, now=now)
    (review,) = open_reviews(session, stand.shop.keeper)
    with pytest.raises(Exception, match="BAD_SIGNATURE"), session.begin_nested():
        settle(session, stand.shop.keeper, review, now)
    settle(session, stand.shop.keeper, review, now, how="keep", note="坏了")


def test_nobody_settles_what_he_or_his_household_did_at_the_kiosk(session, stand, waiting, now):
    kin = make_by("keeper", household_id=stand.volunteer.household_id)
    himself = make_by("coordinator", person_id=stand.volunteer.person_id)
    for by in (kin, himself):
        for how in ("post", "keep"):
            with pytest.raises(NotAllowed) as refusal:
                settle(session, by, waiting, now, how=how, note="x")
            assert refusal.value.facts["why"] == "own_case"
    assert len(open_reviews(session, stand.shop.keeper)) == 1
    settle(session, stand.shop.keeper, waiting, now)


def test_nobody_settles_what_was_fetched_for_his_household_by_code(session, stand, now):
    make_stock(session, stand.shop, "洗衣液", 5)
    claimed = make_claim(session, stand.shop, stand.volunteer, now=now, 洗衣液=2)
    body = wire.PickupCompleted(claimed.claim_id, claimed.pickup_code)
    late = stand.deed(body, at=now, actor=None, prev="1" * 64)
    assert receive(session, stand, late, now=now).reason == "CHAIN_BROKEN"
    (review,) = open_reviews(session, stand.shop.keeper)
    kin = make_by("keeper", household_id=stand.volunteer.household_id)
    with pytest.raises(NotAllowed):
        settle(session, kin, review, now)
    settle(session, stand.shop.keeper, review, now)
    assert aid.claim(session, 1, claimed.claim_id).state == "issued"
