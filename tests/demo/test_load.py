"""The sample community is loaded through the actions, on both engines."""

from collections import Counter
from datetime import date

import pytest
from sqlalchemy import func, select

from timebank.db import Database
from timebank.deeds.tables import deed
from timebank.demo.load import load
from timebank.goods.queries import shelf
from timebank.hours.queries import minutes_by_month
from timebank.ledger.queries import sums_by_commodity
from timebank.people.actions import sign_in
from timebank.people.queries import staff
from timebank.people.rules.throttles import Origin
from timebank.people.sample.sign_ins import sign_ins
from timebank.values import local_instant

TODAY = date(2026, 11, 22)
DAYS = 21


@pytest.fixture
def community_id(fresh_database: Database) -> int:
    fresh_database.clock = lambda: local_instant(TODAY, 9)
    life = load(fresh_database, today=TODAY, days=DAYS, progress=lambda steps: None)
    return life.founder.community_id


def test_the_sample_lives_through_its_days(fresh_database: Database, community_id: int) -> None:
    with fresh_database.reading() as session:
        sums = sums_by_commodity(session, community_id)
        rows = shelf(session, community_id, fresh_database.clock())
        months = minutes_by_month(session, community_id, TODAY)
        deeds = Counter(
            dict(session.execute(select(deed.c.name, func.count()).group_by(deed.c.name)).all())
        )
        shown = sign_ins(session, community_id)
        roles = Counter(one.role for one in staff(session, community_id))
    assert set(sums.values()) == {(0, 0)}
    assert len(rows) == 30
    assert sum(row.on_hand for row in rows) > 0
    assert sum(minutes for _, minutes in months) > 0
    assert deeds["receive_deposit"] > 5
    assert deeds["issue_goods"] + deeds["issue_at_counter"] > 5
    assert roles["grid_worker"] == 6
    assert roles["keeper"] == 2
    for one in shown:
        by = sign_in(
            fresh_database,
            community_id=community_id,
            login_name=one.login_name,
            password=one.password,
            origin=Origin("test"),
            now=fresh_database.clock(),
        ).by
        assert by.community_id == community_id
