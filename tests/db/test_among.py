"""A list in one parameter: it finds the same rows as IN, with the same index."""

import pytest
from sqlalchemy import and_, select
from sqlalchemy.dialects import postgresql, sqlite

from timebank.db import among
from timebank.deeds.tables import community

_QUERY = select(community.c.id).where(and_(community.c.id > 0, among(community.c.id, "ids")))


@pytest.mark.parametrize("ids", [(), (1,), [1, 2, 404]])
def test_a_list_finds_what_stands_in_it(session, ids):
    found = set(session.scalars(_QUERY, {"ids": ids}))
    assert found == set(session.scalars(select(community.c.id).where(community.c.id.in_(ids))))
    assert (1 in found) == (1 in ids)


@pytest.mark.parametrize("dialect", [sqlite.dialect(), postgresql.dialect()])
def test_the_condition_is_not_compared_with_true(dialect):
    """``IN (…) = 1`` would read the whole table, because no index can be used."""
    written = str(_QUERY.compile(dialect=dialect)).rstrip()
    assert written.endswith(("json_each(?))", "ANY(%(ids)s::BIGINT[])"))
