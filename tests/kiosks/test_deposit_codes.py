"""Finding an announced deposit by its code at a kiosk: only there, only this store's, throttled."""

from datetime import timedelta

import pytest

from tests.factories.kiosks import commit_stand
from tests.factories.people import a_request_id
from timebank.aid.rules import KIOSK_WRONG_CODES_MAX
from timebank.deeds.deed import Deed
from timebank.deeds.running import perform
from timebank.errors import BadInput, NotAllowed, NotFound, WrongState
from timebank.goods.actions import announce_deposit, bring_deposit
from timebank.goods.refusals import PreDepositLapsed
from timebank.goods.rules import AnnouncedLine
from timebank.kiosks.actions import by_device, find_announced
from timebank.kiosks.refusals import WrongDepositCode
from timebank.people.refusals import TooManyTries


@pytest.fixture
def stand(fresh_database):
    return commit_stand(fresh_database)


@pytest.fixture
def code(fresh_database, stand):
    def announce(session, now):
        return announce_deposit(
            Deed(session, stand.volunteer, now, a_request_id()),
            store_id=stand.shop.store_id,
            donor_person_id=stand.volunteer.person_id,
            lines=(AnnouncedLine(stand.shop.item("大米"), 2),),
        ).code

    return fresh_database.write(announce)


def find(database, stand, typed, *, by=None, store_id=None):
    return perform(
        database, find_announced, by=by or by_device(stand.device), request_id=a_request_id(),
        store_id=store_id or stand.shop.store_id, deposit_code=typed,
    )  # fmt: skip


def bring(database, stand, deposit_id, *, by=None, store_id=None):
    return perform(
        database, bring_deposit, by=by or by_device(stand.device), request_id=a_request_id(),
        store_id=store_id or stand.shop.store_id, deposit_id=deposit_id,
    )  # fmt: skip


def test_only_a_kiosk_takes_in_what_was_announced_for_its_own_store(fresh_database, stand, code):
    deposit_id = find(fresh_database, stand, code).deposit_id
    with pytest.raises(NotFound):
        bring(fresh_database, stand, deposit_id, store_id=stand.shop.store_id + 1)
    for by in (stand.volunteer, stand.shop.keeper):
        with pytest.raises(NotAllowed):
            bring(fresh_database, stand, deposit_id, by=by)
    assert bring(fresh_database, stand, deposit_id).state == "brought"
    with pytest.raises(WrongState):
        bring(fresh_database, stand, deposit_id)


def test_after_its_last_day_nothing_is_taken_in(fresh_database, stand, code, clock):
    deposit_id = find(fresh_database, stand, code).deposit_id
    clock.move(hours=24 * 60)
    with pytest.raises(PreDepositLapsed):
        bring(fresh_database, stand, deposit_id)


def test_only_a_kiosk_asks_and_only_for_its_own_store(fresh_database, stand, code):
    assert find(fresh_database, stand, code).deposit_id
    with pytest.raises(WrongDepositCode):
        find(fresh_database, stand, code, store_id=stand.shop.store_id + 1)
    for by in (stand.volunteer, stand.shop.keeper):
        with pytest.raises(NotAllowed):
            find(fresh_database, stand, code, by=by)
    with pytest.raises(BadInput):
        find(fresh_database, stand, "12345")


def test_whoever_guesses_on_and_on_is_asked_to_wait(fresh_database, stand, code, clock):
    wrong = [f"{n:06d}" for n in range(99) if f"{n:06d}" != code][:KIOSK_WRONG_CODES_MAX]
    for typed in wrong:
        with pytest.raises(WrongDepositCode):
            find(fresh_database, stand, typed)
    with pytest.raises(TooManyTries):
        find(fresh_database, stand, code)
    clock.now += timedelta(minutes=16)
    assert find(fresh_database, stand, code).deposit_id
