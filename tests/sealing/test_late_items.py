"""What arrives after its day was closed is posted when it arrives, and listed as late."""

from datetime import date, timedelta

from sqlalchemy import text

from tests.factories.ledger import make_account, make_issue
from timebank.ledger.actions import post
from timebank.ledger.queries import balances_of
from timebank.ledger.rules import Move, Request
from timebank.sealing.history import end_of_day, late_items, trial_balance
from timebank.values import local_instant, to_us

DAY = date(2025, 6, 10)
EVENING = local_instant(DAY, 18)


def book(session, community_id, key, *, happened, posted, kind="hours"):
    source, account = make_issue(session), make_account(session)
    line = Move(source, account, 30)
    request = Request("device:7", key, kind, (line,), to_us(happened))
    return post(session, community_id, [request], now=posted)[0].txn_id, account


def ids(items):
    return [item.txn_id for item in items]


def test_a_late_upload_is_listed_under_the_day_on_which_it_happened(session, community_id):
    next_day = EVENING + timedelta(days=1)
    book(session, community_id, "in-time", happened=EVENING, posted=EVENING)
    late, account = book(session, community_id, "late", happened=EVENING, posted=next_day)
    found = late_items(session, community_id, DAY)
    assert ids(found) == [late]
    assert (found[0].effective_at, found[0].posted_at) == (EVENING, next_day)
    assert (found[0].kind, found[0].client) == ("hours", "device:7")
    assert ids(late_items(session, community_id, DAY + timedelta(days=1))) == []
    # It counts from the day on which it arrived: nothing of the closed day is rewritten.
    closed = trial_balance(session, community_id, end_of_day(DAY))
    assert {line.kind: line.posted for line in closed}["person"] == 30  # The one in time.
    assert balances_of(session, community_id, [account])[account].posted == 30


def test_late_counts_from_the_closing_of_the_day(session, community_id):
    before, after = EVENING - timedelta(hours=1), EVENING + timedelta(hours=1)
    book(session, community_id, "in-time", happened=before, posted=EVENING)
    late, _ = book(session, community_id, "late", happened=before, posted=after)
    book(session, community_id, "next", happened=after, posted=after + timedelta(days=1))
    assert ids(late_items(session, community_id, DAY, closed_at=EVENING)) == [late]


def test_a_day_that_closes_the_next_morning_waits_for_the_night(session, community_id):
    morning = local_instant(DAY + timedelta(days=1), 9)
    book(session, community_id, "night", happened=EVENING, posted=morning - timedelta(hours=1))
    late, _ = book(
        session, community_id, "late", happened=EVENING, posted=morning + timedelta(hours=1)
    )
    assert ids(late_items(session, community_id, DAY, closed_at=morning)) == [late]


def test_the_day_is_the_local_one(session, community_id):
    posted = EVENING + timedelta(days=3)
    first, _ = book(session, community_id, "first", happened=local_instant(DAY), posted=posted)
    last, _ = book(session, community_id, "last", happened=end_of_day(DAY), posted=posted)
    tick = timedelta(microseconds=1)
    book(session, community_id, "eve", happened=local_instant(DAY) - tick, posted=posted)
    book(session, community_id, "after", happened=end_of_day(DAY) + tick, posted=posted)
    assert set(ids(late_items(session, community_id, DAY))) == {first, last}


def test_what_was_refused_is_no_late_item(session, community_id):
    account = make_account(session)
    line = Move(account, make_issue(session), 30)
    request = Request("device:7", "empty", "hours", (line,), to_us(EVENING))
    outcome = post(session, community_id, [request], now=EVENING + timedelta(days=1))[0]
    assert outcome.refusal is not None
    assert late_items(session, community_id, DAY) == []


def test_a_neighbours_late_item_is_not_ours(session, community_id, neighbour_id):
    book(session, community_id, "late", happened=EVENING, posted=EVENING + timedelta(days=1))
    assert late_items(session, neighbour_id, DAY) == []


def test_late_items_have_a_small_index_of_their_own(session):
    """It holds what happened before it was posted, and not each transaction."""
    if session.get_bind().dialect.name == "sqlite":
        query = "SELECT sql FROM sqlite_master WHERE name = 'ix_txn_late'"
    else:
        query = "SELECT indexdef FROM pg_indexes WHERE indexname = 'ix_txn_late'"
    assert "effective_us < posted_us" in session.scalar(text(query))
