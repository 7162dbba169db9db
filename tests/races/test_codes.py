"""Sixteen wrong pick-up codes at once: five are checked, the others must wait."""

import threading
from collections import Counter

import pytest

from tests.factories.kiosks import commit_stand, web_for
from tests.kiosks.test_http import call
from tests.races.racing import RACERS, address, race
from tests.waiting import HANG_SECONDS
from timebank.aid import actions as aid
from timebank.aid.rules import KIOSK_WRONG_CODES_MAX, WRONG_CODES_MAX
from timebank.deeds import running
from timebank.deeds.running import perform
from timebank.errors import TimebankError
from timebank.kiosks import wire

pytestmark = pytest.mark.slow

WRONG, WAIT = "WRONG_PICKUP_CODE", "TOO_MANY_TRIES"
FREE = KIOSK_WRONG_CODES_MAX - 5  # Wrong codes of a kiosk before the burst.


def together():
    """Let each refusal that leaves its unit of work wait until all sixteen were checked.

    So the worst order of the attempts is the one that is tried.
    """
    checked = threading.Barrier(RACERS, timeout=HANG_SECONDS)

    def hold(own):
        write = own.write

        def held(work, **options):
            try:
                return write(work, **options)
            except TimebankError:
                checked.wait()
                raise

        own.write = held

    return hold


def try_codes(database, stand):
    hold = together()

    def attempt(own, number):
        hold(own)
        own.info.update(database.info)
        return perform(
            own, aid.find_by_code, by=stand.shop.keeper, request_id=f"r{number}",
            store_id=stand.shop.store_id, pickup_code=f"9{number:05d}",
        )  # fmt: skip

    return Counter(refusal.code for refusal in race(address(database), attempt))


def test_a_burst_at_the_counter_is_counted_whole(fresh_database):
    stand = commit_stand(fresh_database)
    wanted = {WRONG: WRONG_CODES_MAX, WAIT: RACERS - WRONG_CODES_MAX}
    assert try_codes(fresh_database, stand) == wanted


def test_a_burst_through_a_kiosk_is_counted_whole(fresh_database):
    stand = commit_stand(fresh_database)
    client = web_for(fresh_database).test_client()
    bodies = [wire.canonical(wire.CardAsked(pickup_code=f"9{n:05d}")) for n in range(RACERS)]
    early = [wire.canonical(wire.CardAsked(pickup_code=f"8{n:05d}")) for n in range(FREE)]
    left = KIOSK_WRONG_CODES_MAX - FREE
    assert {call(client, stand, "card", body).status_code for body in early} == {200}

    hold = together()

    def attempt(own, number):
        hold(own)
        own.info.update(fresh_database.info)
        own.clock = fresh_database.clock
        mine = web_for(own).test_client()
        return call(mine, stand, "card", bodies[number]).status_code

    found = Counter(race(address(fresh_database), attempt))
    assert found == {200: left, 429: RACERS - left}
    assert call(client, stand, "card", bodies[0]).status_code == 429


def test_without_the_order_of_attempts_more_are_checked(fresh_database, monkeypatch):
    """The negative control: each attempt reads the refusals before the others are stored."""
    stand = commit_stand(fresh_database)
    monkeypatch.setattr(running, "is_counted", lambda action: False)
    assert try_codes(fresh_database, stand) == {WRONG: RACERS}
