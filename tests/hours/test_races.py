"""Two concurrent deeds over real connections, one waiting for the other, on both engines.

The first deed is done and not committed when the second one starts. On PostgreSQL the test waits
until the second is blocked by a lock; on SQLite it waits at ``BEGIN IMMEDIATE``. Each negative
control removes one lock, and then the same race must go wrong. SQLite has none to remove: its
write lock covers the whole unit of work (see ``tests/ledger``).
"""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import select, text

from tests.factories import make_by
from tests.factories.hours import at, confirm, confirm_both, enter, make_cast, told
from tests.factories.people import a_request_id
from tests.waiting import HANG_SECONDS, wait_until
from timebank.deeds.deed import Deed
from timebank.errors import TimebankError
from timebank.hours import actions
from timebank.hours.actions import confirm as confirming
from timebank.hours.actions import credit as crediting
from timebank.hours.queries import passbook, records_of_person
from timebank.hours.refusals import AlreadyCheckedIn, TimeOverlap
from timebank.hours.tables import service_record
from timebank.ledger.queries import balances_of

TONIGHT = at("21:00")
CAP = 240
on_postgresql = pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
_BLOCKED = text(
    "SELECT pg_stat_clear_snapshot(), (SELECT count(*) FROM pg_stat_activity"
    " WHERE datname = current_database() AND wait_event_type = 'Lock')"
)


@pytest.fixture
def database(fresh_database, clock):
    clock.now = TONIGHT
    return fresh_database


@pytest.fixture
def cast(database):
    return database.write(lambda session, now: make_cast(session))


def _until_blocked(session) -> None:
    """Wait until another connection is blocked by our locks."""
    if session.get_bind().dialect.name == "sqlite":
        time.sleep(0.2)
        return
    wait_until(
        lambda: session.execute(_BLOCKED).one()[1],
        "nobody waits for us: the second deed went past the lock",
    )


def race(database, first: Callable, second: Callable):
    """Start the second deed while the first is done but not committed; return both results."""
    with ThreadPoolExecutor(1) as pool:

        def lead(session, now):
            done = first(session)
            following = pool.submit(database.write, lambda s, now: second(s))
            _until_blocked(session)
            return done, following

        done, following = database.write(lead)
        return done, following.result(timeout=HANG_SECONDS)


def _posted(database, cast):
    with database.reading() as session:
        return passbook(session, 1, cast.volunteer.person_id)


def _day_with_90_minutes_left(database, cast):
    """Credit 150 minutes, and leave two sessions of two hours for the organiser to confirm."""

    def work(session, now):
        morning, *rest = enter(
            session,
            cast,
            told(cast, "09:00", "11:30"),
            told(cast, "14:00", "16:00"),
            told(cast, "17:00", "19:00"),
            now=TONIGHT,
        )
        confirm_both(session, cast, morning, now=TONIGHT)
        confirm(session, cast.recipient, *rest, as_="recipient", now=TONIGHT)
        return rest

    return database.write(work)


def _confirm_both_at_once(database, cast):
    one, other = _day_with_90_minutes_left(database, cast)
    return race(
        database,
        lambda session: confirm(session, cast.organiser, one, now=TONIGHT),
        lambda session: confirm(session, cast.coordinator, other, now=TONIGHT),
    )


def test_two_confirmations_at_once_do_not_both_use_what_the_day_has_left(database, cast):
    first, second = _confirm_both_at_once(database, cast)
    assert [first.credited[0].credited_minutes, second.credited[0].credited_minutes] == [90, 0]
    assert _posted(database, cast).posted_minutes == CAP


@on_postgresql
def test_without_the_lock_of_the_balances_the_days_cap_breaks(database, cast, monkeypatch):
    monkeypatch.setattr(
        crediting, "take_balances", lambda session, *asked: balances_of(session, *asked)
    )
    _confirm_both_at_once(database, cast)
    assert _posted(database, cast).posted_minutes > CAP


def _both_sides_at_once(database, cast):
    (entered,) = database.write(lambda session, now: enter(session, cast, told(cast), now=TONIGHT))
    return race(
        database,
        lambda session: confirm(session, cast.organiser, entered, now=TONIGHT),
        lambda session: confirm(session, cast.recipient, entered, as_="recipient", now=TONIGHT),
    )


def test_recipient_and_organiser_at_once_credit_the_hours_once(database, cast):
    first, second = _both_sides_at_once(database, cast)
    assert (len(first.credited), len(second.credited)) == (0, 1)
    assert _posted(database, cast).posted_minutes == 150


def test_two_taps_on_two_kiosks_start_one_shift(database, cast):
    def start(session, instant):
        try:
            return actions.check_in(
                Deed(session, make_by(channel="kiosk"), TONIGHT, a_request_id()),
                person_id=cast.volunteer.person_id,
                service_id=cast.service_ids["company"],
                at=instant,
            )
        except AlreadyCheckedIn as refused:
            return refused

    first, second = race(database, lambda s: start(s, at("09:00")), lambda s: start(s, at("09:01")))
    assert second.again
    assert second.record_id == first.record_id
    third = database.write(lambda s, now: start(s, at("09:30")))
    assert isinstance(third, AlreadyCheckedIn)


def test_two_overlapping_sessions_entered_at_once_are_one(database, cast):
    def tell(session, start, end):
        try:
            return enter(session, cast, told(cast, start, end), now=TONIGHT)
        except TimeOverlap as refused:
            return refused

    first, second = race(
        database, lambda s: tell(s, "09:00", "11:00"), lambda s: tell(s, "10:00", "12:00")
    )
    assert len(first) == 1
    assert isinstance(second, TimeOverlap)


def test_many_organisers_at_once_stay_under_the_cap(database, cast):
    entered = database.write(
        lambda session, now: enter(
            session,
            cast,
            *[told(cast, f"{hour:02}:00", f"{hour + 1:02}:00", in_group=True)
              for hour in range(8, 16)],
            now=TONIGHT,
        )
    )  # fmt: skip
    ready = Barrier(len(entered))

    def work(record_id):
        ready.wait()
        return database.write(
            lambda session, now: confirm(session, cast.organiser, record_id, now=TONIGHT)
        )

    with ThreadPoolExecutor(len(entered)) as pool:
        done = list(pool.map(work, entered))
    assert sum(one.credited[0].credited_minutes for one in done) == CAP
    book = _posted(database, cast)
    assert (book.posted_minutes, book.cumulative_minutes, book.real_minutes) == (CAP, CAP, 480)
    with database.reading() as session:
        assert len(records_of_person(session, 1, cast.volunteer.person_id)) == 8


@on_postgresql
def test_without_the_lock_of_the_record_two_words_at_once_credit_nothing(
    database, cast, monkeypatch
):
    def read(session, community_id, record_ids):
        return session.execute(
            select(service_record).where(
                service_record.c.community_id == community_id,
                service_record.c.id.in_(record_ids),
            )
        ).all()

    monkeypatch.setattr(confirming, "take_records", read)
    (entered,) = database.write(lambda session, now: enter(session, cast, told(cast), now=TONIGHT))
    with ThreadPoolExecutor(1) as pool:

        def lead(session, now):
            confirm(session, cast.organiser, entered, now=TONIGHT)
            beside = pool.submit(
                database.write,
                lambda s, now: confirm(s, cast.recipient, entered, as_="recipient", now=TONIGHT),
            )
            return beside.result(timeout=HANG_SECONDS)

        assert not database.write(lead).credited
    assert _posted(database, cast).posted_minutes == 0


def test_a_refusal_leaves_nothing_behind(database, cast):
    overlapping = told(cast), told(cast, "10:00", "12:00")
    with pytest.raises(TimebankError):
        database.write(lambda session, now: enter(session, cast, *overlapping, now=TONIGHT))
    with database.reading() as session:
        assert records_of_person(session, 1, cast.volunteer.person_id) == []
