"""An expired reservation lapses by a job, once, whichever process runs it."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.databases import SqliteCopies
from tests.factories.ledger import make_account, make_request, post_now
from tests.factories.recount import open_holds
from timebank import jobs
from timebank.aid.queries import no_shows_of_household
from timebank.db import Database
from timebank.deeds.action import action
from timebank.deeds.queries import community_by_code
from timebank.demo.player import play_story, read_story
from timebank.demo.player.play import COMMUNITY_CODE
from timebank.goods.queries import shelf
from timebank.ledger.rules import PlaceHold
from timebank.people.queries import household_by_no
from timebank.subject import Job
from timebank.subjects import subjects
from timebank.values import to_us

STORY = Path(__file__).parents[1] / "stories" / "s12_reservation.yaml"


def test_a_reservation_lapses_by_itself_and_only_once(fresh_database: Database) -> None:
    story = read_story(STORY)
    held = replace(story, steps=story.steps[:2])
    assert [one.faults for one in play_story(fresh_database, held)] == [(), ()]
    begun = fresh_database.clock()

    fresh_database.clock = lambda: begun + timedelta(hours=71)
    jobs.run_jobs(fresh_database)
    assert _available(fresh_database) == 4

    fresh_database.clock = lambda: begun + timedelta(hours=73)
    jobs.run_jobs(fresh_database)
    jobs.run_jobs(fresh_database)
    assert _available(fresh_database) == 6
    assert _no_shows(fresh_database) == 1


def test_a_hold_that_is_nobodys_claim_ends_and_a_claims_waits_for_its_own_deed(
    fresh_database: Database,
) -> None:
    story = read_story(STORY)
    play_story(fresh_database, replace(story, steps=story.steps[:2]))
    begun = fresh_database.clock()
    with fresh_database.reading() as session:
        community = community_by_code(session, COMMUNITY_CODE)
    assert community is not None
    community_id = community.id

    def lay(session: Any, now: Any) -> list[int]:
        made = {"community_id": community_id}
        anna = make_account(session, filled=60, **made)
        bert = make_account(session, **made)
        line = PlaceHold(anna, bert, 40, to_us(begun + timedelta(hours=1)))
        post_now(session, make_request(line), **made)
        return [hold[0] for hold in open_holds(session, community_id, source_account_id=anna)]

    (ours,) = fresh_database.write(lay)
    fresh_database.clock = lambda: begun + timedelta(hours=73)
    *_, end_holds = jobs.jobs_of(subjects())
    jobs.run_jobs(fresh_database, [end_holds])  # No claim lapses tonight.
    with fresh_database.reading() as session:
        left = [hold[0] for hold in open_holds(session, community_id)]
    assert left and ours not in left


def test_a_deed_that_goes_wrong_keeps_no_other_from_its_turn(
    fresh_database: Database,
) -> None:
    """And all that is due is done, however much it is."""

    @action("broken")
    def broken(deed: Any) -> None:
        raise ZeroDivisionError("nothing to share")

    def lay(session: Any, now: Any) -> None:
        anna, bert = make_account(session, filled=60), make_account(session)
        lines = [PlaceHold(anna, bert, 1, to_us(now + timedelta(hours=1))) for _ in range(5)]
        post_now(session, *(make_request(line) for line in lines))

    fresh_database.write(lay)
    begun = fresh_database.clock()
    fresh_database.clock = lambda: begun + timedelta(hours=2)
    (end_holds,) = jobs.jobs_of((), holds_at_once=2)
    with pytest.raises(ExceptionGroup) as told:
        jobs.run_jobs(fresh_database, [Job(name="broken", action=broken), end_holds])
    faults = told.value.exceptions
    assert {type(fault) for fault in faults} == {ZeroDivisionError}
    named = sorted(fault.__notes__ for fault in faults)
    assert named == [["broken in community 1"], ["broken in community 2"]]
    with fresh_database.reading() as session:
        assert open_holds(session, 1) == []


def test_a_tick_lets_sqlite_learn_how_full_its_tables_are(
    sqlite_copies: SqliteCopies, info: dict[str, Any]
) -> None:
    database = Database(sqlite_copies.fresh(), info=info)
    play_story(database, read_story(STORY))
    assert _tables_known(database) == set()
    jobs.run_jobs(database)
    assert {"account", "claim", "posting"} <= _tables_known(database)
    database.close()


def _tables_known(database: Database) -> set[str]:
    """The tables for which SQLite has statistics."""
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
