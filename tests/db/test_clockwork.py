"""A reservation that nobody fetched lapses by itself, once, whoever runs the clock."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.databases import SqliteCopies
from timebank import clockwork
from timebank.aid.queries import no_shows_of_household
from timebank.db import Database
from timebank.demo.player import play_story, read_story
from timebank.demo.player.stage import COMMUNITY_CODE
from timebank.goods.queries import shelf
from timebank.people.queries import community_by_code, household_by_no

STORY = Path(__file__).parents[1] / "stories" / "s12_reservation.yaml"


def test_a_reservation_lapses_by_itself_and_only_once(fresh_database: Database) -> None:
    story = read_story(STORY)
    held = replace(story, steps=story.steps[:2])
    assert [one.faults for one in play_story(fresh_database, held)] == [(), ()]
    begun = fresh_database.clock()

    fresh_database.clock = lambda: begun + timedelta(hours=71)
    clockwork.tick(fresh_database)
    assert _available(fresh_database) == 4

    fresh_database.clock = lambda: begun + timedelta(hours=73)
    clockwork.tick(fresh_database)
    clockwork.tick(fresh_database)
    assert _available(fresh_database) == 6
    assert _no_shows(fresh_database) == 1


def test_a_tick_lets_sqlite_learn_how_full_its_tables_are(
    sqlite_copies: SqliteCopies, info: dict[str, Any]
) -> None:
    database = Database(sqlite_copies.fresh(), info=info)
    play_story(database, read_story(STORY))
    assert _tables_known(database) == set()
    clockwork.tick(database)
    assert {"account", "claim", "posting"} <= _tables_known(database)
    database.close()


def _tables_known(database: Database) -> set[str]:
    """The tables whose fill SQLite has counted, for the choice of an index."""
    with database.engine.connect() as connection:
        known = connection.exec_driver_sql("SELECT name FROM sqlite_master")
        if "sqlite_stat1" not in set(known.scalars()):
            return set()
        return set(connection.exec_driver_sql("SELECT tbl FROM sqlite_stat1").scalars())


def _available(database: Database) -> int:
    with database.reading() as session:
        community = community_by_code(session, COMMUNITY_CODE)
        assert community is not None
        rows = shelf(session, community.id, database.clock())
    return sum(row.available for row in rows)


def _no_shows(database: Database) -> int:
    with database.reading() as session:
        community = community_by_code(session, COMMUNITY_CODE)
        assert community is not None
        home = household_by_no(session, community.id, "H-0001")
        assert home is not None
        return len(no_shows_of_household(session, community.id, home.id))
