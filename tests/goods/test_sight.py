"""Whoever announces for a donor may see them."""

import pytest

from tests.factories import make_by
from tests.factories import people as make
from tests.factories.people import a_request_id
from timebank.deeds.deed import Deed
from timebank.errors import NotFound
from timebank.goods import actions
from timebank.goods.rules import AnnouncedLine


def test_a_grid_worker_announces_for_donors_of_their_grid(session, shop, town, now):
    worker = make.grid_worker(session, town)
    here, there = (make.make_household(session, town, building=number) for number in (0, 1))
    told = {"store_id": shop.store_id, "lines": (AnnouncedLine(None, 1, "new", None, "伞"),)}
    deed = Deed(session, worker, now, a_request_id())
    actions.announce_deposit(deed, donor_person_id=here.person_ids[0], **told)
    with pytest.raises(NotFound):
        actions.announce_deposit(deed, donor_person_id=there.person_ids[0], **told)
    kiosk = Deed(session, make_by(channel="kiosk"), now, a_request_id())
    actions.announce_deposit(kiosk, donor_person_id=there.person_ids[0], **told)
