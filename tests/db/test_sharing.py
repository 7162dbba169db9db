"""One reading unit for one request: what is read is of one moment, until something is written."""

from sqlalchemy import insert, text

from timebank.db import Database
from timebank.deeds.tables import community

_NEW = insert(community).values(id=9, code="new", name_zh="新", name_en="New")


def test_what_is_read_within_one_request_is_one_unit(fresh_database: Database) -> None:
    with (
        fresh_database.sharing(),
        fresh_database.reading() as first,
        fresh_database.reading() as second,
    ):
        assert first is second


def test_outside_of_a_request_each_reading_is_its_own(fresh_database: Database) -> None:
    with fresh_database.reading() as first, fresh_database.reading() as second:
        assert first is not second


def test_what_is_read_after_a_write_sees_it(fresh_database: Database) -> None:
    count = text("SELECT count(*) FROM community")
    with fresh_database.sharing():
        with fresh_database.reading() as session:
            before = session.scalar(count)
        fresh_database.write(lambda session, now: session.execute(_NEW))
        with fresh_database.reading() as session:
            assert session.scalar(count) == before + 1


def test_what_was_kept_of_a_unit_is_forgotten_after_a_write(fresh_database: Database) -> None:
    with fresh_database.sharing():
        with fresh_database.reading() as session:
            session.info["kept"] = 1
        fresh_database.write(lambda session, now: None)
        with fresh_database.reading() as session:
            assert "kept" not in session.info
