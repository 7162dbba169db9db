"""Sixteen connections over one permit: it is agreed to once, and lets one kiosk join."""

from sqlalchemy import func, select

from tests.factories import people as make
from tests.factories.goods import make_shop
from tests.factories.kiosks import permit_kiosk
from tests.factories.people import a_request_id
from tests.races.racing import RACERS, address, race
from timebank.deeds.deed import Deed
from timebank.deeds.running import perform
from timebank.errors import WrongState
from timebank.kiosks import actions, wire
from timebank.kiosks.refusals import PairingRefused
from timebank.kiosks.tables import device


def test_one_permit_lets_one_of_many_machines_join(fresh_database):
    def build(session, now):
        shop = make_shop(session)
        first = make.coordinator(session, shop.town)
        permit_kiosk(session, shop, first, now=now)
        return [
            actions.make_pairing_code(
                Deed(session, first, now, a_request_id()), store_id=shop.store_id
            ).code
            for _ in range(RACERS)
        ]

    codes = fresh_database.write(build)

    def work(own, number):
        own.info, own.clock = fresh_database.info, fresh_database.clock
        return own.write(
            lambda session, now: actions.pair_device(
                session, community_id=1, now=now, code=codes[number],
                public_key=wire.public_key(wire.new_key()),
            )
        )  # fmt: skip

    answers = race(address(fresh_database), work)
    joined = [one for one in answers if isinstance(one, wire.Paired)]
    refused = [one for one in answers if isinstance(one, PairingRefused)]
    assert (len(joined), len(refused)) == (1, RACERS - 1), answers
    with fresh_database.reading() as session:
        assert session.scalar(select(func.count()).select_from(device)) == 1


def test_many_who_agree_at_once_are_one_second_person(fresh_database):
    def build(session, now):
        shop = make_shop(session)
        first = make.coordinator(session, shop.town)
        asked = actions.ask_pairing(
            Deed(session, first, now, a_request_id()), store_id=shop.store_id
        )
        others = [make.approver(session, shop.town) for _ in range(RACERS)]
        return asked.permit_id, others

    permit_id, others = fresh_database.write(build)

    def work(own, number):
        own.info, own.clock = fresh_database.info, fresh_database.clock
        return perform(
            own, actions.confirm_pairing, by=others[number], request_id=a_request_id(),
            permit_id=permit_id,
        )  # fmt: skip

    answers = race(address(fresh_database), work)
    assert len([one for one in answers if isinstance(one, WrongState)]) == RACERS - 1, answers
