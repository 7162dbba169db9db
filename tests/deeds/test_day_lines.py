"""Days of a year as people write them."""

from datetime import date

import pytest

from timebank.deeds.day_lines import read_days
from timebank.errors import BadInput


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("2月5日", [(2, 5)]),
        ("2027-02-05", [(2, 5)]),
        ("2-5", [(2, 5)]),
        ("2月5日至2月7日", [(2, 5), (2, 6), (2, 7)]),
        ("2027-02-05/2027-02-07", [(2, 5), (2, 6), (2, 7)]),
        ("2-5 - 2-6", [(2, 5), (2, 6)]),
        ("2月5日，2月5日\n\n5月1日", [(2, 5), (5, 1)]),
        (" ", []),
    ],
)
def test_a_line_is_a_day_or_a_span(text, days):
    assert read_days(text, 2027) == tuple(date(2027, *day) for day in days)


@pytest.mark.parametrize(
    "text", ["三月", "4月31日", "2月5日至2月1日", "1月1日至12月31日", "1-1/1-2/1-3", "99999-1-1"]
)
def test_what_is_no_day_is_named(text):
    with pytest.raises(BadInput) as refused:
        read_days(f"2月5日\n{text}", 2027)
    assert refused.value.facts["line"] == text
