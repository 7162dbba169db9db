"""How many days food must have left when it is taken in: less, if it keeps only briefly."""

from datetime import date, timedelta

import pytest

from tests.factories.people import a_request_id
from timebank.deeds.deed import Deed
from timebank.errors import BadInput
from timebank.goods import actions
from timebank.goods.rules import JudgedLine
from timebank.policy.actions import set_parameter
from timebank.values import local_day

# By name, shelf life in days: the least days left. Source: the preset ``demo``.
LEAST = {"面包": 1, "水果": 1, "鸡蛋": 10, "牛奶": 10, "大米": 10}


def bring(session, shop, name, days_left, now):
    line = JudgedLine(
        shop.item(name), 2, 2, best_before_on=local_day(now) + timedelta(days=days_left)
    )
    receipt = actions.receive_deposit(
        Deed(session, shop.keeper, now, a_request_id()), store_id=shop.store_id, lines=(line,)
    )
    return receipt.lines[0].accepted, receipt.lines[0].refuse_code


@pytest.mark.parametrize(("name", "least"), LEAST.items())
def test_food_is_taken_from_its_least_day_on(session, shop, now, name, least):
    assert bring(session, shop, name, least, now) == (2, None)
    assert bring(session, shop, name, least - 1, now) == (0, "TOO_CLOSE_TO_EXPIRY")


def test_an_old_row_with_one_number_still_holds_for_all_food(session, shop, town, now):
    later = now + timedelta(days=1)
    set_parameter(
        Deed(session, town.by, now, a_request_id()), key="goods.food_days_left_min", value=4,
        valid_from_on=local_day(later), source="以前的规则",
    )  # fmt: skip
    for name in ("面包", "大米"):
        assert bring(session, shop, name, 4, later) == (2, None)
        assert bring(session, shop, name, 3, later) == (0, "TOO_CLOSE_TO_EXPIRY")


@pytest.mark.parametrize("value", [[], [[5, 1]], [[0, 1], [0, 2]], [[0, -1]], "10", True, -1])
def test_a_table_that_leaves_food_out_is_refused(session, shop, town, now, value):
    with pytest.raises(BadInput) as refused:
        set_parameter(
            Deed(session, town.by, now, a_request_id()), key="goods.food_days_left_min",
            value=value, valid_from_on=date(2026, 1, 1), source="test",
        )  # fmt: skip
    assert refused.value.facts["field"] == "value"
