"""A kept total equals the sum of its rows after every change, on both engines."""

import threading
from datetime import date

import pytest
from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    ForeignKeyConstraint,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    func,
    literal,
    select,
    text,
)
from sqlalchemy.exc import DBAPIError

from tests.conftest import only_on
from tests.counts import repeats, seeded
from tests.waiting import HANG_SECONDS, wait_until
from timebank.db import Database, Summed, kept_total
from timebank.db.kept_totals import filling, recount, wrong_groups

models = MetaData()
content = Table(
    "content", models,
    Column("community_id", Integer, nullable=False),
    Column("id", Integer, nullable=False),
    Column("pieces", Integer, nullable=False),
    Column("weight", Integer, nullable=False),
    PrimaryKeyConstraint("community_id", "id"),
    CheckConstraint("pieces >= 0", name="pieces"),
    sqlite_strict=True,
)  # fmt: skip
box = Table(
    "box", models,
    Column("community_id", Integer, nullable=False),
    Column("id", Integer, nullable=False),
    Column("shelf_id", Integer, nullable=False),
    Column("until_on", Date),
    Column("state", String(8), nullable=False),
    PrimaryKeyConstraint("community_id", "id"),
    ForeignKeyConstraint(["community_id", "id"], ["content.community_id", "content.id"]),
    sqlite_strict=True,
)  # fmt: skip
total = kept_total(
    "box_total",
    Summed(
        of=box,
        beside=content,
        joined_by=("community_id", "id"),
        keys={
            "community_id": box.c.community_id,
            "shelf_id": box.c.shelf_id,
            "until_on": func.coalesce(box.c.until_on, literal(date.max)),
        },
        sums={"pieces": content.c.pieces, "weight": content.c.pieces * content.c.weight},
        where=(box.c.state != "gone") & (content.c.pieces > 0),
    ),
    rows="boxes",
)
BOXES, WRITERS = 12, 6


@pytest.fixture
def database(fresh_database):
    """A database with two tables more, and their kept total."""
    fresh_database.write(lambda session, now: models.create_all(session.connection()))
    return fresh_database


def wrong(database):
    with database.reading() as session:
        return wrong_groups(session.connection(), total)


def boxes_counted(database):
    with database.reading() as session:
        return session.scalar(select(func.coalesce(func.sum(total.c.boxes), 0)))


def insert_box(key):
    return (
        f"INSERT INTO content VALUES (1, {key}, {{pieces}}, {{weight}})",
        f"INSERT INTO box VALUES (1, {key}, {{shelf}}, {{until}}, '{{state}}')",
    )


CHANGES = (
    "UPDATE box SET shelf_id = {shelf} WHERE id = {key}",
    "UPDATE box SET until_on = {until} WHERE id = {key}",
    "UPDATE box SET state = '{state}' WHERE id = {key}",
    "UPDATE box SET state = '{state}', shelf_id = {shelf}, until_on = {until}",
    "UPDATE content SET pieces = {pieces} WHERE id = {key}",
    "UPDATE content SET pieces = pieces + 1, weight = {weight}",
    "DELETE FROM box WHERE id = {key}",
    "INSERT INTO box VALUES (1, {key}, {shelf}, {until}, '{state}') ON CONFLICT DO NOTHING",
)


def drawn(draw, statement):
    return statement.format(
        key=draw.randrange(BOXES), shelf=draw.randrange(3), weight=draw.randrange(4),
        until=draw.choice(("NULL", "'2025-06-01'", "'2025-07-01'")),
        state=draw.choice(("new", "clean", "gone")), pieces=draw.randrange(3),
    )  # fmt: skip


def run(database, *statements):
    database.write(lambda session, now: [session.execute(text(one)) for one in statements] and None)


def fill(database, pieces=1):
    for key in range(BOXES):
        told = {"shelf": 0, "until": "NULL", "state": "new", "pieces": pieces, "weight": 2}
        run(database, *(one.format(**told) for one in insert_box(key)))


def test_any_change_of_either_table_leaves_the_total_right(database):
    fill(database)
    counted = set()
    with seeded() as draw:
        for _ in range(repeats(120, 2000)):
            statement = drawn(draw, draw.choice(CHANGES))
            run(database, statement)
            assert not wrong(database), statement
            counted.add(boxes_counted(database))
    assert len(counted) > 3


@pytest.mark.parametrize("name", ["box_insert", "box_update", "box_delete", "content_update"])
def test_without_one_of_its_triggers_the_total_goes_wrong(database, engine_name, name):
    fill(database)
    where = "" if engine_name == "sqlite" else f" ON {name.partition('_')[0]}"
    run(database, f"DROP TRIGGER box_total_{name}{where}")
    assert not wrong(database)
    run(
        database,
        "INSERT INTO content VALUES (1, 50, 1, 1)",
        "INSERT INTO box VALUES (1, 50, 1, NULL, 'new')",
        "UPDATE box SET shelf_id = 2 WHERE id = 5",
        "UPDATE content SET pieces = 7 WHERE id = 5",
        "DELETE FROM box WHERE id = 6",
    )
    assert wrong(database)


def test_a_group_without_rows_has_no_row(database):
    fill(database)
    run(database, "UPDATE box SET state = 'gone' WHERE id > 0")
    assert boxes_counted(database) == 1
    run(database, "UPDATE content SET pieces = 0")
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(total)) == 0


def test_without_a_last_day_rows_are_one_group(database):
    fill(database)
    with database.reading() as session:
        [row] = session.execute(select(total)).all()
    assert tuple(row) == (1, 0, date.max, BOXES, BOXES, 2 * BOXES)


@only_on("postgresql")
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE box_total SET pieces = 9",
        "DELETE FROM box_total",
        "INSERT INTO box_total VALUES (2, 0, '2025-01-01', 1, 1, 1)",
        "TRUNCATE box_total",
    ],
)
def test_nobody_else_writes_it(database, statement):
    fill(database)
    with pytest.raises(DBAPIError, match="only triggers write the kept total box_total"):
        run(database, statement)


def test_a_total_that_was_changed_is_found_and_summed_again(database, engine_name):
    fill(database)
    if engine_name == "postgresql":
        run(database, "ALTER TABLE box_total DISABLE TRIGGER USER")
    run(
        database,
        "UPDATE box_total SET pieces = pieces + 1",
        "INSERT INTO box_total VALUES (2, 0, '2025-01-01', 1, 1, 1)",
    )
    if engine_name == "postgresql":
        run(database, "ALTER TABLE box_total ENABLE TRIGGER USER")
    assert wrong(database) == 2
    database.write(lambda session, now: recount(session.connection(), total))
    assert not wrong(database)
    run(database, "UPDATE content SET pieces = 5 WHERE id = 1")
    assert not wrong(database)


def test_a_new_total_is_filled_from_what_is_there(database, engine_name):
    fill(database, pieces=3)
    if engine_name == "postgresql":
        run(database, "ALTER TABLE box_total DISABLE TRIGGER USER")
    run(database, "DELETE FROM box_total")
    assert wrong(database) == 1
    run(database, *filling(total, engine_name))
    assert not wrong(database)


def race(database, work):
    """Run ``work(database, number)`` in threads with databases of their own."""
    url = database.engine.url
    if url.drivername.startswith("postgresql"):  # By itself it looks for deadlocks each second.
        url = url.update_query_dict({"options": "-c deadlock_timeout=20ms"})
    url = url.render_as_string(hide_password=False)
    start, faults = threading.Barrier(WRITERS, timeout=HANG_SECONDS), []

    def turn(number):
        own = Database(url)
        try:
            start.wait()
            work(own, number)
        except Exception as fault:
            faults.append(fault)
        finally:
            own.close()

    threads = [threading.Thread(target=turn, args=(number,)) for number in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(HANG_SECONDS)
    assert not faults


@pytest.mark.slow
def test_many_writers_at_once_leave_the_total_right(database):
    fill(database)
    with seeded() as draw:
        one_row = [change for change in CHANGES if "{key}" in change]
        orders = [
            [[drawn(draw, draw.choice(one_row)) for _ in "ab"] for _ in range(repeats(15, 200))]
            for _ in range(WRITERS)
        ]

        def work(own, number):
            for statements in orders[number]:
                run(own, *statements)

        race(database, work)
        assert not wrong(database)


def wait_for_a_lock(database):
    """Wait until another connection waits for a row of this one."""
    asked = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
    asked += " AND datname = current_database()"

    def is_waiting():
        with database.engine.connect() as connection:
            return connection.execute(text(asked)).scalar()

    wait_until(is_waiting, "nobody waits")


def move_while_it_is_filled(database):
    """Move a box to another shelf while somebody else has filled it and not committed yet."""
    mover = threading.Thread(
        target=run, args=(database, "UPDATE box SET shelf_id = 1 WHERE id = 0")
    )
    with database.engine.begin() as filler:
        filler.execute(text("UPDATE content SET pieces = pieces + 5 WHERE id = 0"))
        mover.start()
        wait_for_a_lock(database)
    mover.join(HANG_SECONDS)


@only_on("postgresql")
def test_a_row_that_is_filled_while_it_moves_takes_everything_along(database):
    fill(database)
    move_while_it_is_filled(database)
    assert not wrong(database)
    with database.reading() as session:
        assert session.scalar(select(total.c.pieces).where(total.c.shelf_id == 1)) == 6


@only_on("postgresql")
def test_without_the_lock_what_was_filled_meanwhile_stays_behind(database):
    fill(database)
    with database.engine.begin() as connection:
        asked = "SELECT pg_get_functiondef('box_total_box_update'::regproc)"
        body = connection.execute(text(asked)).scalar_one()
        unlocked = "\n".join(line for line in body.splitlines() if "FOR NO KEY UPDATE" not in line)
        assert unlocked != body
        connection.exec_driver_sql(unlocked.replace("%", "%%"))
    move_while_it_is_filled(database)
    assert wrong(database)
