"""Values built from rows by the names of the columns, in whatever order they stand."""

from dataclasses import dataclass

import pytest
from sqlalchemy import select

from timebank.db import built
from timebank.deeds.tables import community


@dataclass(frozen=True)
class _Named:
    id: int
    code: str
    name_en: str = "nameless"


@pytest.mark.parametrize("names", [("id", "code"), ("code", "id"), ("name_en", "id", "code")])
def test_each_column_gives_the_field_of_its_name(session, names):
    rows = session.execute(select(*(community.c[name] for name in names)).order_by(community.c.id))
    found = built(_Named, rows)
    told = found[0]
    assert (told.id, told.code) == (1, "ours")
    assert (told.name_en == "nameless") == ("name_en" not in names)
    assert len(found) == 2


@pytest.mark.parametrize("names", [("id",), ("id", "code", "name_zh"), ("code", "name_en")])
def test_a_missing_field_or_a_column_without_one_is_an_error(session, names):
    with pytest.raises(TypeError):
        built(_Named, session.execute(select(*(community.c[name] for name in names))))
