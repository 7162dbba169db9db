"""An entry consists of integers only; other numbers are not converted."""

from types import SimpleNamespace

import pytest

from timebank.checking.entries import Unwritable, account_entry

ACCOUNT = {
    "community_id": 1, "id": 2, "commodity_id": 3, "owner_id": 4,
    "floor": 0, "ceiling": None, "kind": "person",
}  # fmt: skip


def written(**changed):
    return account_entry(SimpleNamespace(**{**ACCOUNT, **changed}), "minutes")


@pytest.mark.parametrize("column", ["id", "owner_id", "floor"])
@pytest.mark.parametrize("number", [4.5, 4.0, "4"])
def test_what_is_no_whole_number_makes_no_entry(column, number):
    assert written(**{column: 4})
    with pytest.raises(Unwritable, match="not whole"):
        written(**{column: number})
