"""Numbers, days and sums as people read them."""

from datetime import UTC, date, datetime
from types import SimpleNamespace

import pytest

from web import formats

BAG = SimpleNamespace(unit_zh="袋", unit_en="bag")
BOX = SimpleNamespace(unit_zh="箱", unit_en="box")
JIN = {"unit_zh": "斤", "unit_en": "jin"}


@pytest.mark.parametrize(
    ("count", "zh", "en"),
    [
        (150, "2 小时 30 分", "2 h 30 min"),
        (120, "2 小时", "2 h"),
        (45, "45 分", "45 min"),
        (0, "0 分", "0 min"),
        (-90, "−1 小时 30 分", "−1 h 30 min"),
        (61_290, "1,021 小时 30 分", "1,021 h 30 min"),
    ],
)
def test_minutes_are_told_in_hours(count, zh, en):
    assert formats.minutes(count, "zh") == zh
    assert formats.minutes(count, "en") == en


@pytest.mark.parametrize(
    ("count", "told"), [(150, "+2:30"), (-90, "−1:30"), (0, "+0:00"), (5, "+0:05"), (-5, "−0:05")]
)
def test_a_line_of_the_statement_carries_its_sign(count, told):
    assert formats.signed_minutes(count, "zh") == told


def test_a_balance_has_no_plus():
    assert formats.clock_minutes(870, "zh") == "14:30"
    assert formats.clock_minutes(-30, "en") == "−0:30"


@pytest.mark.parametrize(
    ("count", "unit", "zh", "en"),
    [
        (3, BAG, "3 袋", "3 bags"),
        (1, BAG, "1 袋", "1 bag"),
        (0, BAG, "0 袋", "0 bags"),
        (2, BOX, "2 箱", "2 boxes"),
        (5, JIN, "5 斤", "5 jin"),
        (1530, None, "1,530 件", "1,530 pieces"),
    ],
)
def test_pieces_are_counted_in_their_own_unit(count, unit, zh, en):
    assert formats.pieces(count, "zh", unit) == zh
    assert formats.pieces(count, "en", unit) == en


def test_every_unit_of_the_catalogue_has_a_plural():
    import tomllib

    from tests.house.sources import ROOT

    told = (ROOT / "timebank/goods/data/items.toml").read_text("utf-8")
    units = {item["unit_en"] for item in tomllib.loads(told)["item"]}
    strange = {"copy": "copies", "loaf": "loaves", "box": "boxes", "jin": "jin"}
    for unit in units:
        wanted = strange.get(unit, f"{unit}s")
        assert formats.pieces(2, "en", {"unit_en": unit}) == f"2 {wanted}"


@pytest.mark.parametrize(
    ("count", "zh", "en"),
    [
        (120_000, "1,200.00 元", "1,200.00 yuan"),
        (5, "0.05 元", "0.05 yuan"),
        (-50, "−0.50 元", "−0.50 yuan"),
        (-1_234_567, "−12,345.67 元", "−12,345.67 yuan"),
    ],
)
def test_fen_are_told_in_yuan_to_the_fen(count, zh, en):
    assert formats.fen(count, "zh") == zh
    assert formats.fen(count, "en") == en


def test_days_read_as_in_each_language():
    on = date(2026, 11, 22)
    assert formats.day(on, "zh") == "2026年11月22日 星期日"
    assert formats.day(on, "en") == "Sun 22 Nov 2026"
    assert formats.plain_day(on, "zh") == "2026年11月22日"
    assert formats.short_day(on, "en") == "22 Nov"
    assert formats.line_day(date(2025, 6, 5), "zh") == "6-05"
    assert formats.month(on, "zh") == "2026年11月"
    assert formats.short_month(on, "en") == "Nov"


def test_an_instant_is_told_where_the_community_lives():
    late = datetime(2025, 6, 12, 17, 30, tzinfo=UTC)
    assert formats.moment(late, "zh") == "6月13日 01:30"
    assert formats.full_moment(late, "en") == "Fri 13 Jun 2025 01:30"
    assert formats.clock_time(late, "zh") == "01:30"


def test_a_name_is_told_in_the_readers_language():
    item = SimpleNamespace(name_zh="大米", name_en="Rice")
    assert formats.own_name(item, "zh") == "大米"
    assert formats.own_name(item, "en") == "Rice"
