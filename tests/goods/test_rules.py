"""Judge lines, value them, and choose the lot to issue first: pure."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from timebank.errors import BadInput
from timebank.goods.refusals import NotAccepted, OpenedFood, TooCloseToExpiry
from timebank.goods.rules import (
    ItemTraits,
    JudgedLine,
    LotPieces,
    Verdict,
    first_expired_first,
    is_expired,
    is_in_store_ean,
    is_near_expiry,
    judge,
    near_expiry_since,
    needs_cleaning,
    pick_pieces,
    receipt_no,
    value_yuan,
)
from timebank.policy.rules import Parameter, Parameters

ON = date(2025, 6, 12)
RICE = ItemTraits("food", 3000, needs_cleaning=False)
COAT = ItemTraits("clothes", 30000, needs_cleaning=True)
SHELF_LIVES = [[0, 4], [16, 5], [30, 10], [90, 15], [180, 20], [365, 45]]
ACCEPTANCE = {
    "food": {"sealed": True, "label_readable": True, "expiry_visible": True},
    "clothes": {"worst_condition_percent": 40, "washed": True, "needs_cleaning": True},
}
PARAMETERS = Parameters.of(
    [
        Parameter(key, value, "", date(2020, 1, 1), "test")
        for key, value in {
            "goods.food_days_left_min": 10,
            "goods.condition_percents": {"new": 100, "nine_tenths": 60, "eight_tenths": 40},
            "goods.near_expiry": SHELF_LIVES,
            "goods.refused_kinds": ["medicine", "opened_food"],
            "goods.acceptance": ACCEPTANCE,
        }.items()
    ],
    ON,
)


def judged(item, line):
    return judge(line, item, on=ON, parameters=PARAMETERS, number=3)


def food(days_left, **told):
    return JudgedLine(1, 2, 2, best_before_on=ON + timedelta(days=days_left), **told)


def test_food_with_ten_days_left_is_good_and_with_nine_is_not():
    assert judged(RICE, food(10)).accepted == 2
    refused = judged(RICE, food(9))
    assert (refused.accepted, refused.refused) == (0, 2)
    assert refused.refuse_code == TooCloseToExpiry.code


def test_opened_food_goes_back_however_fresh_it_is():
    assert judged(RICE, food(200, opened=True)).refuse_code == OpenedFood.code
    milk_powder = JudgedLine(None, 1, 0, described="奶粉", opened=True)
    assert judged(None, milk_powder).refuse_code == OpenedFood.code


def test_an_opened_box_of_anything_else_is_the_keepers_to_judge():
    assert judged(COAT, JudgedLine(1, 1, 1, opened=True)).accepted == 1


def test_what_is_worse_than_eight_tenths_goes_back():
    assert judged(COAT, JudgedLine(1, 1, 1, "worse")).refuse_code == NotAccepted.code
    assert judged(COAT, JudgedLine(1, 1, 1, "eight_tenths")).accepted == 1


def test_the_keeper_may_refuse_a_part_with_his_reason():
    verdict = judged(COAT, JudgedLine(1, 3, 2, refuse_code="OTHER", refuse_note=" 有破洞 "))
    assert (verdict.accepted, verdict.refused, verdict.refuse_note) == (2, 1, "有破洞")
    assert verdict.value_yuan == 600


def test_a_reason_for_nothing_refused_is_dropped():
    verdict = judged(COAT, JudgedLine(1, 1, 1, refuse_code="NOT_ACCEPTED", refuse_note="x"))
    assert (verdict.refuse_code, verdict.refuse_note) == (None, "")


@pytest.mark.parametrize(
    ("item", "line", "field"),
    [
        (COAT, JudgedLine(1, 0, 0), "pieces"),
        (COAT, JudgedLine(1, 1000, 1), "pieces"),
        (COAT, JudgedLine(1, 1, 2), "accepted"),
        (COAT, JudgedLine(1, 1, -1), "accepted"),
        (COAT, JudgedLine(1, 1, 1, "old"), "condition"),
        (COAT, JudgedLine(1, 1, 0), "refuse_code"),
        (COAT, JudgedLine(1, 1, 0, refuse_code="BECAUSE"), "refuse_code"),
        (COAT, JudgedLine(1, 1, 0, refuse_code="OTHER", refuse_note=" "), "refuse_note"),
        (RICE, JudgedLine(1, 1, 1), "best_before_on"),
        (None, JudgedLine(None, 1, 1, described="药"), "item_id"),
        (None, JudgedLine(None, 1, 0, refuse_code="NOT_ACCEPTED"), "described"),
    ],
)
def test_a_line_of_a_wrong_shape_names_its_field(item, line, field):
    with pytest.raises(BadInput) as refused:
        judged(item, line)
    assert refused.value.facts["field"] == f"lines.3.{field}"


@given(
    brought=st.integers(1, 999),
    share=st.floats(0, 1),
    days=st.integers(-400, 400),
    opened=st.booleans(),
    condition=st.sampled_from(("new", "nine_tenths", "eight_tenths", "worse")),
    item=st.sampled_from((RICE, COAT)),
)
def test_nothing_vanishes_between_counter_and_shelf(brought, share, days, opened, condition, item):
    line = JudgedLine(
        1, brought, int(brought * share), condition, ON + timedelta(days=days),
        opened=opened, refuse_code="NOT_ACCEPTED",
    )  # fmt: skip
    verdict = judged(item, line)
    assert verdict.accepted + verdict.refused == brought
    assert (verdict.refuse_code is None) == (verdict.refused == 0)
    assert verdict.accepted == 0 or verdict.value_yuan <= brought * item.reference_fen // 100
    if item is RICE and verdict.accepted:
        assert days >= 10 and not opened


@pytest.mark.parametrize(
    ("pieces", "fen", "percent", "yuan"),
    [
        (1, 20000, 60, 120),
        (2, 3000, 100, 60),
        (1, 30000, 40, 120),
        (1, 750, 60, 5),
        (1, 120, 40, 0),
    ],
)
def test_a_value_is_price_times_condition_in_whole_yuan(pieces, fen, percent, yuan):
    assert value_yuan(pieces, fen, percent) == yuan


@pytest.mark.parametrize(
    ("shelf_life", "days"),
    [(1095, 45), (365, 45), (364, 20), (180, 20), (179, 15), (90, 15), (89, 10), (30, 10),
     (29, 5), (16, 5), (15, 4), (5, 4)],
)  # fmt: skip
def test_the_window_before_the_last_day_follows_the_shelf_life(shelf_life, days):
    since = near_expiry_since(ON, shelf_life, PARAMETERS)
    assert since == ON - timedelta(days=days)
    near = [
        is_near_expiry(ON, on=day, shelf_life_days=shelf_life, parameters=PARAMETERS)
        for day in (since - timedelta(days=1), since, ON, ON + timedelta(days=1))
    ]
    assert near == [False, True, True, False]


def test_what_never_expires_is_never_near_it():
    assert not is_near_expiry(None, on=ON, shelf_life_days=None, parameters=PARAMETERS)
    assert not is_expired(None, ON)


def test_the_last_day_printed_is_usable_and_the_next_is_not():
    assert not is_expired(ON, ON)
    assert is_expired(ON, ON + timedelta(days=1))


def test_clothes_toys_and_bedding_are_cleaned_first():
    kinds = ("clothes", "toys", "bedding", "food", "books", "mobility")
    assert [needs_cleaning(kind) for kind in kinds] == [True, True, True, False, False, False]


def test_a_receipt_number_has_store_year_and_six_digits():
    assert receipt_no("S1", 2025, 123) == "S1-2025-000123"


@pytest.mark.parametrize(
    ("code", "is_good"),
    [
        ("2000000000015", True),
        ("2000000000305", True),
        ("2000000000016", False),  # A wrong check digit.
        ("6901234567892", False),  # A maker's own code.
        ("200000000001", False),
        ("２０００００００００１５", False),
        ("2000000000o15", False),
    ],
)
def test_a_barcode_is_an_ean_of_the_in_store_range(code, is_good):
    assert is_in_store_ean(code) == is_good


lots = st.lists(
    st.builds(
        LotPieces,
        lot_id=st.integers(1, 10**6),
        item_id=st.just(1),
        available=st.integers(0, 9),
        best_before_on=st.none() | st.dates(date(2025, 1, 1), date(2026, 1, 1)),
        received_on=st.dates(date(2024, 1, 1), date(2025, 1, 1)),
    ),
    max_size=8,
    unique_by=lambda lot: lot.lot_id,
)


@given(lots=lots, pieces=st.integers(0, 60))
def test_picking_takes_all_that_fits_and_the_earliest_last_day_first(lots, pieces):
    picks = pick_pieces(lots, pieces)
    assert sum(pick.pieces for pick in picks) == min(pieces, sum(lot.available for lot in lots))
    assert all(0 < pick.pieces <= pick.lot.available for pick in picks)
    days = [pick.lot.best_before_on or date.max for pick in picks]
    assert days == sorted(days)
    # A lot is opened only once all before it are empty.
    order = [lot for lot in first_expired_first(lots) if lot.available]
    assert [pick.lot for pick in picks] == order[: len(picks)]
    assert all(pick.pieces == pick.lot.available for pick in picks[:-1])


@pytest.mark.parametrize(
    ("item", "told", "code", "why"),
    [
        (RICE, {"lacking": ("sealed",)}, OpenedFood.code, ("sealed",)),
        (RICE, {"lacking": ("expiry_visible",)}, NotAccepted.code, ("expiry_visible",)),
        (
            RICE, {"lacking": ("label_readable", "sealed")},
            OpenedFood.code, ("sealed", "label_readable"),
        ),
        (COAT, {"lacking": ("washed",)}, NotAccepted.code, ("washed",)),
        (COAT, {"refused_kind": "medicine"}, NotAccepted.code, ("medicine",)),
        (RICE, {"refused_kind": "opened_food"}, OpenedFood.code, ("opened_food",)),
        (COAT, {"condition": "worse"}, NotAccepted.code, ("condition",)),
    ],
)  # fmt: skip
def test_what_lacks_a_requirement_or_is_never_taken_goes_back_with_its_reason(
    item, told, code, why
):
    """No day is asked of food that goes back anyway."""
    verdict = judged(item, JudgedLine(1, 2, 2, **told))
    assert (verdict.accepted, verdict.refused) == (0, 2)
    assert (verdict.refuse_code, verdict.refuse_why) == (code, why)


def test_what_is_not_on_the_list_is_refused_by_its_kind_alone():
    assert judged(None, JudgedLine(None, 1, 0, described="药", refused_kind="medicine")) == Verdict(
        accepted=0, refused=1, refuse_code=NotAccepted.code, refuse_why=("medicine",)
    )


@pytest.mark.parametrize(
    ("item", "told"),
    [
        (RICE, {"lacking": ("washed",), "best_before_on": ON + timedelta(days=30)}),
        (COAT, {"lacking": ("sealed",)}),
        (COAT, {"refused_kind": "alcohol"}),
    ],
)
def test_what_the_rules_do_not_ask_for_is_no_reason(item, told):
    assert judged(item, JudgedLine(1, 2, 2, **told)).accepted == 2


def test_the_kind_says_how_worn_goods_may_be_and_whether_they_are_cleaned():
    strict = {"clothes": {"worst_condition_percent": 60, "needs_cleaning": False}}
    rows = dict(PARAMETERS.rows)
    rows["goods.acceptance"] = Parameter("goods.acceptance", strict, "", ON, "test")
    worn = JudgedLine(1, 1, 1, "eight_tenths")
    refused = judge(worn, COAT, on=ON, parameters=Parameters(rows))
    assert (refused.refuse_code, refused.refuse_why) == (NotAccepted.code, ("condition",))
    taken = judge(JudgedLine(1, 1, 1, "nine_tenths"), COAT, on=ON, parameters=Parameters(rows))
    assert (taken.accepted, taken.waits_for_cleaning) == (1, False)
    assert judged(COAT, worn).waits_for_cleaning
