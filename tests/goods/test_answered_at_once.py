"""An announcement of what could never be taken is answered at once, and not at the counter."""

from datetime import timedelta

import pytest

from tests.factories import make_by
from tests.factories.people import a_request_id
from timebank.deeds.deed import Deed
from timebank.errors import TimebankError
from timebank.goods import actions, queries
from timebank.goods.rules import AnnouncedLine, JudgedLine
from timebank.values import local_day


def announce(session, shop, now, *, by=None, bring_in=None, **told):
    today = local_day(now)
    line = AnnouncedLine(shop.item(told.pop("item")) if "item" in told else None, 2, **told)
    return actions.announce_deposit(
        Deed(session, by or shop.keeper, now, a_request_id()), store_id=shop.store_id,
        lines=(AnnouncedLine(shop.item("肥皂"), 1), line),
        bring_on=None if bring_in is None else today + timedelta(days=bring_in),
    )  # fmt: skip


@pytest.mark.parametrize("left", [-1, -400])
def test_what_is_past_its_day_is_refused_at_once(session, shop, now, left):
    day = local_day(now) + timedelta(days=left)
    for told in ({"item": "饼干"}, {"described": "奶粉"}):
        with pytest.raises(TimebankError) as refused:
            announce(session, shop, now, best_before_on=day, **told)
        assert refused.value.code == "TOO_CLOSE_TO_EXPIRY"
        assert refused.value.facts == {"line": 1, "last_on": str(day)}


def test_the_day_on_which_it_comes_counts(session, shop, now):
    last_on = local_day(now) + timedelta(days=3)
    announced = announce(session, shop, now, item="饼干", best_before_on=last_on, bring_in=3)
    assert announced.state == "announced"
    with pytest.raises(TimebankError) as refused:
        announce(session, shop, now, item="饼干", best_before_on=last_on, bring_in=4)
    assert refused.value.code == "TOO_CLOSE_TO_EXPIRY"


@pytest.mark.parametrize(
    ("told", "code", "why"),
    [
        ({"item": "大米", "lacking": ("sealed",)}, "OPENED_FOOD", ["sealed"]),
        ({"item": "冬衣", "lacking": ("washed",)}, "NOT_ACCEPTED", ["washed"]),
        ({"described": "药", "refused_kind": "medicine"}, "NOT_ACCEPTED", ["medicine"]),
    ],
)
def test_what_nobody_takes_is_refused_at_once(session, shop, now, told, code, why):
    with pytest.raises(TimebankError) as refused:
        announce(session, shop, now, **told)
    assert (refused.value.code, refused.value.facts) == (code, {"line": 1, "why": why})


def test_why_a_line_went_back_is_kept(session, shop, now):
    lines = (
        JudgedLine(shop.item("冬衣"), 1, 1, lacking=("washed",)),
        JudgedLine(shop.item("肥皂"), 1, 1),
    )
    receipt = actions.receive_deposit(
        Deed(session, make_by("keeper"), now, a_request_id()), store_id=shop.store_id, lines=lines
    )
    told = queries.deposit(session, 1, receipt.deposit_id).lines
    assert [(line.refuse_code, line.refuse_why) for line in told] == [
        ("NOT_ACCEPTED", ("washed",)), (None, ()),
    ]  # fmt: skip
