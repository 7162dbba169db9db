"""Two concurrent claims draw the same code: one keeps it, the other draws again."""

import secrets
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier, BrokenBarrierError, local

import pytest
from sqlalchemy.exc import IntegrityError

from tests.factories import make_by
from tests.factories.aid import make_claim, make_resident
from tests.factories.goods import make_shop, make_stock
from tests.factories.people import a_request_id
from timebank.aid import actions
from timebank.aid.queries import claim
from timebank.db import units
from timebank.deeds.deed import Deed
from timebank.deeds.running import perform
from timebank.goods.actions import announce_deposit
from timebank.goods.rules import AnnouncedLine

ITEMS = ("肥皂", "毛巾")  # Different lots, so that neither waits for the other.


@pytest.fixture
def shop(fresh_database):
    return fresh_database.write(lambda session, now: make_shop(session))


@pytest.fixture
def same_first_code(monkeypatch):
    """Let the first draw in each thread be a seven, both at the same moment."""
    both_drew, drawn, real = Barrier(2), local(), secrets.randbelow

    def draw(limit):
        if limit != 1_000_000 or hasattr(drawn, "once"):
            return real(limit)
        drawn.once = True
        # On SQLite the other cannot begin yet, so there is no deadlock.
        with suppress(BrokenBarrierError):
            both_drew.wait(timeout=0.5)
        return 7

    monkeypatch.setattr(secrets, "randbelow", draw)


def both(work):
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(work, range(2)))


def claims_in_review(database, shop):
    """Two households without papers that asked for a review."""

    def build(session, now):
        found = []
        for name in ITEMS:
            make_stock(session, shop, name, 5)
            by = make_resident(session, shop.town)
            claimed = make_claim(session, shop, by, now=now, **{name: 1})
            actions.ask_for_person(
                Deed(session, by, now, a_request_id()), claim_id=claimed.claim_id
            )
            found.append(claimed.claim_id)
        return found

    return database.write(build)


def approve_both(database, claim_ids):
    by = make_by("approver")
    return both(
        lambda at: perform(
            database, actions.decide_review, by=by, request_id=a_request_id(),
            claim_id=claim_ids[at], approve=True, reason="病后体弱",
        )
    )  # fmt: skip


def test_two_claims_approved_at_once_never_share_a_pick_up_code(fresh_database, shop, request):
    claim_ids = claims_in_review(fresh_database, shop)
    request.getfixturevalue("same_first_code")
    codes = {one.pickup_code for one in approve_both(fresh_database, claim_ids)}
    assert "000007" in codes and len(codes) == 2
    with fresh_database.reading() as session:
        kept = {claim(session, 1, one).pickup_code for one in claim_ids}
    assert kept == codes


def test_two_gifts_announced_at_once_never_share_a_code(fresh_database, shop, same_first_code):
    people = fresh_database.write(
        lambda session, now: [make_resident(session, shop.town) for _ in range(2)]
    )
    told = both(
        lambda at: perform(
            fresh_database, announce_deposit, by=people[at], request_id=a_request_id(),
            store_id=shop.store_id, donor_person_id=people[at].person_id,
            lines=(AnnouncedLine(shop.item("肥皂"), 1),),
        )
    )  # fmt: skip
    codes = {one.code for one in told}
    assert "000007" in codes and len(codes) == 2


def test_without_the_second_try_the_loser_is_left_with_a_fault(
    fresh_database, shop, engine_name, request, monkeypatch
):
    """The negative control: SQLite has one writer at a time, so there nobody loses."""
    claim_ids = claims_in_review(fresh_database, shop)
    monkeypatch.setattr(units, "_is_retryable", lambda *told, **named: False)
    request.getfixturevalue("same_first_code")
    if engine_name == "postgresql":
        with pytest.raises(IntegrityError, match="uq_claim_pickup"):
            approve_both(fresh_database, claim_ids)
    else:
        assert len({one.pickup_code for one in approve_both(fresh_database, claim_ids)}) == 2
