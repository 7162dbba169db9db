"""What the database itself refuses, whoever writes it."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from tests.factories.aid import make_claim, make_claimant, make_resident, take_at_counter
from tests.factories.goods import make_stock
from tests.factories.people import a_request_id
from timebank.aid import actions
from timebank.aid.tables import (
    claim,
    claim_hold,
    claim_line,
    claim_notice,
    no_show,
    withdrawal,
)
from timebank.deeds.deed import Deed
from timebank.values import new_id


@pytest.fixture
def by(session, shop, town):
    make_stock(session, shop, "肥皂", 20)
    return make_claimant(session, town)


@pytest.fixture
def ready(session, shop, by, now):
    return make_claim(session, shop, by, now=now, 肥皂=3)


def refuses_update(session, table, **changes):
    with pytest.raises(IntegrityError), session.begin_nested():
        session.execute(update(table).values(**changes))


def refuses_copy(session, table, **changes):
    row = session.execute(select(table)).mappings().first()
    with pytest.raises(IntegrityError), session.begin_nested():
        session.execute(insert(table).values(**{**row, **changes}))


@pytest.mark.parametrize(
    "changes",
    [
        {"approved_pieces": 4},
        {"held_pieces": 4},
        {"held_pieces": 0},  # Ready without reserved pieces.
        {"asked_pieces": 0},
        {"pickup_sealed": None},  # Ready without a code to show.
        {"pickup_digest": None},  # A code that is shown and not found.
        {"hold_until_at": None},
        {"state": "lost"},
        {"state": "refused"},  # Refused without a reason.
        {"state": "issued"},  # Without a time and a decision.
        {"state": "cancelled"},  # Without a reason.
        {"end_reason": "BORED"},
        {"reviewed_by": "user:1"},  # A person's decision without a reason.
        {"decision_id": 5},
        {"person_id": 5},
        {"household_id": 5},
        {"store_id": 5},
    ],
)
def test_a_claim_that_cannot_be_is_refused(session, ready, changes):
    refuses_update(session, claim, **changes)


def test_two_waiting_claims_of_a_store_do_not_share_a_code(session, shop, by, ready, now):
    other = make_claim(session, shop, by, now=now, 肥皂=1)
    digest = session.scalar(select(claim.c.pickup_digest).where(claim.c.id == ready.claim_id))
    same = update(claim).where(claim.c.id == other.claim_id).values(pickup_digest=digest)
    with pytest.raises(IntegrityError), session.begin_nested():
        session.execute(same)
    actions.cancel_claim(Deed(session, by, now, a_request_id()), claim_id=ready.claim_id)
    session.execute(same)


def test_two_waiting_claims_do_not_share_a_code(session, shop, by, now, ready):
    other = make_claim(session, shop, by, now=now, 肥皂=1)
    codes = [one.claim_id for one in (ready, other)]
    with pytest.raises(IntegrityError), session.begin_nested():
        same = {"pickup_digest": b"d" * 32}
        session.execute(update(claim).where(claim.c.id.in_(codes)).values(same))


def test_two_claims_do_not_share_a_number(session, ready):
    refuses_copy(session, claim, id=new_id(), pickup_digest=b"d" * 32)


@pytest.mark.parametrize(
    "changes",
    [
        {"approved_pieces": 2},  # Cut without a reason.
        {"cut_code": "OUT_OF_STOCK"},  # A reason without a cut.
        {"approved_pieces": 4},
        {"asked_pieces": 0},
        {"item_id": 5},
    ],
)
def test_a_line_that_does_not_add_up_is_refused(session, ready, changes):
    refuses_update(session, claim_line, **changes)


def test_an_unknown_reason_for_a_cut_is_refused(session, ready):
    refuses_update(session, claim_line, approved_pieces=2, cut_code="MOOD")


def test_an_item_stands_on_one_line_of_a_claim(session, ready):
    refuses_copy(session, claim_line, line=1)


def test_a_line_of_the_books_serves_one_claim(session, ready):
    refuses_copy(session, claim_hold, number=1)
    refuses_update(session, claim_hold, pieces=0)
    refuses_update(session, claim_hold, lot_id=5)


@pytest.fixture
def taken(session, shop, by, now):
    take_at_counter(session, shop, by, now=now, 肥皂=2)


@pytest.mark.parametrize(
    "changes",
    [
        {},  # One claim counted twice.
        {"claim_id": None},  # Issued by no claim.
        {"source": "elsewhere"},
        {"source": "elsewhere", "claim_id": None},  # Without a note about the source.
        {"source": "dream", "claim_id": None, "note": "x"},
        {"pieces": 0},
    ],
)
def test_a_withdrawal_that_cannot_be_is_refused(session, taken, changes):
    refuses_copy(session, withdrawal, id=new_id(), **changes)


def test_pieces_never_count_on_another_households_quota(session, shop, town, by, taken, now):
    other = make_resident(session, town)
    make_claim(session, shop, other, now=now, 肥皂=1)
    refused_id = session.scalar(select(claim.c.id).where(claim.c.state == "refused"))
    refuses_copy(session, withdrawal, id=new_id(), claim_id=refused_id)


@pytest.fixture
def history(session, shop, by, taken, ready, now, by_job):
    late = now + timedelta(days=4)
    actions.lapse_claims(Deed(session, by_job, late, a_request_id()))
    session.execute(
        insert(claim_notice).values(
            community_id=1, id=new_id(), household_id=by.household_id, claim_id=ready.claim_id,
            code="EXPIRED_ON_SHELF", facts="{}", told_at=now,
        )
    )  # fmt: skip


@pytest.mark.parametrize("table", [withdrawal, no_show, claim_notice])
def test_history_is_never_changed(session, history, table):
    for statement in (update(table).values(household_id=5), delete(table)):
        with pytest.raises(DBAPIError, match="never changed"), session.begin_nested():
            session.execute(statement)


def test_one_claim_leaves_one_no_show(session, history):
    refuses_copy(session, no_show)
