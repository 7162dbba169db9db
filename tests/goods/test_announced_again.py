"""Whoever announces the same again is shown the first list, if their page asks for it."""

from datetime import timedelta

import pytest

from tests.factories.aid import make_resident
from tests.factories.people import a_request_id
from timebank.deeds.deed import Deed
from timebank.goods.actions import announce_deposit
from timebank.goods.refusals import JustAnnounced
from timebank.goods.rules import AGAIN_WITHIN, AnnouncedLine


@pytest.fixture
def announce(session, shop, town, now):
    by = make_resident(session, town)

    def announced(*, at=now, once=True, by=by, **pieces):
        lines = tuple(AnnouncedLine(shop.item(name), count) for name, count in pieces.items())
        deed = Deed(session, by, at, a_request_id())
        return announce_deposit(
            deed, store_id=shop.store_id, lines=lines, donor_person_id=by.person_id, once=once
        )

    return announced


def test_the_same_lines_in_any_order_are_the_same(announce, now):
    first = announce(肥皂=1, 毛巾=2)
    with pytest.raises(JustAnnounced) as asked:
        announce(at=now + AGAIN_WITHIN, 毛巾=2, 肥皂=1)
    assert asked.value.facts == {
        "deposit_id": first.deposit_id, "announced_at": now.isoformat()
    }  # fmt: skip
    assert announce(at=now + AGAIN_WITHIN + timedelta(seconds=1), 毛巾=2, 肥皂=1).code


def test_a_part_of_it_or_more_of_it_is_not_the_same(announce):
    announce(肥皂=1, 毛巾=2)
    for pieces in ({"肥皂": 1}, {"肥皂": 2, "毛巾": 2}, {"肥皂": 1, "毛巾": 2, "图书": 1}):
        assert announce(**pieces).code


def test_a_program_is_not_asked(announce):
    announce(肥皂=1)
    assert announce(once=False, 肥皂=1).code


def test_a_neighbour_is_not_asked(announce, session, town):
    announce(肥皂=1)
    assert announce(by=make_resident(session, town), 肥皂=1).code
