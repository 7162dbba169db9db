"""Constant statements that are handed to the driver: the same answers and the same errors."""

import contextlib
from datetime import UTC, datetime

import pytest
from sqlalchemy import Connection, bindparam, event, func, insert, select, update
from sqlalchemy.exc import IntegrityError, StatementError

from timebank.db import direct
from timebank.deeds.tables import audit_line, community
from timebank.people.tables import person

_NAMED = select(community).where(community.c.code == bindparam("code"))
_CHANGE = (
    update(community).where(community.c.id == bindparam("of")).values(name_en=bindparam("called"))
)
_NEW = insert(community)


@pytest.fixture
def handed(monkeypatch):
    """The statements that went straight to the driver."""
    seen = []
    hand_over = direct.DirectConnection._hand_over

    def note(self, prepared, arguments):
        seen.append(prepared.sql)
        return hand_over(self, prepared, arguments)

    monkeypatch.setattr(direct.DirectConnection, "_hand_over", note)
    return seen


def _row(number):
    return {"id": number, "code": f"c{number}", "name_zh": "新", "name_en": "New"}


def test_the_second_time_a_statement_goes_straight_to_the_driver(fresh_database, handed):
    with fresh_database.reading() as session:
        answers = [session.execute(_NAMED, {"code": "ours"}).all() for _ in range(3)]
    assert len(handed) >= 2
    assert answers[0] == answers[1] == answers[2]
    row = answers[2][0]
    assert row.code == row._mapping["code"] == row._mapping[community.c.code] == "ours"


def test_what_is_built_for_one_call_takes_the_long_way(fresh_database, handed):
    with fresh_database.reading() as session:
        for _ in range(3):
            session.scalar(select(func.count()).select_from(community))
    assert not handed


def test_a_list_of_other_length_is_another_statement(fresh_database, handed):
    """SQLAlchemy writes another IN for each length, so it is never kept."""
    among = select(community.c.code).where(community.c.id.in_(bindparam("ids", expanding=True)))
    with fresh_database.reading() as session:
        found = [len(session.scalars(among, {"ids": ids}).all()) for ids in ([1], [1, 2], [])]
    assert found == [1, 2, 0]
    assert not handed


def test_a_list_that_stands_in_the_statement_is_written_out(fresh_database, handed):
    """Its values never change, so the SQL does not: also empty, and beside other values."""
    with fresh_database.reading() as session:
        for ids, known in (([1], 1), ([1, 2], 2), ([], 0)):
            fixed = select(community.c.code).where(
                community.c.id.in_(ids), community.c.code != bindparam("code")
            )
            answers = [
                sorted(session.scalars(fixed, {"code": code}).all())
                for code in ("none", "ours", "none", "ours")
            ]
            assert answers[0] == answers[2] and answers[1] == answers[3]
            assert len(answers[0]) == known and "ours" not in answers[1]
    assert len(handed) == 9


def test_the_values_of_a_list_are_converted(session, handed):
    at = [datetime(2025, 6, day, 2, 0, tzinfo=UTC) for day in (10, 11, 12)]
    for number, when in enumerate(at, start=1):
        session.execute(insert(audit_line), {**_line(number), "at": when, "facts": "{}"})
    on = select(audit_line.c.id).where(audit_line.c.at.in_(at[:2])).order_by(audit_line.c.id)
    handed.clear()
    assert [session.scalars(on).all() for _ in range(3)] == [[1, 2]] * 3
    assert len(handed) == 2


def test_types_are_converted_both_ways(session, handed, by_coordinator, clock):
    statement = select(audit_line.c.at, audit_line.c.facts).where(
        audit_line.c.id == bindparam("of")
    )
    write = insert(audit_line)
    at = datetime(2025, 6, 10, 2, 0, tzinfo=UTC)
    for number in (1, 2, 3):
        session.execute(write, {**_line(number), "at": at, "facts": str(number)})
    found = [session.execute(statement, {"of": number}).one() for number in (1, 2, 3)]
    assert [tuple(row) for row in found] == [(at, str(number)) for number in (1, 2, 3)]
    assert len(handed) == 4


def _line(number):
    return {
        "community_id": 1, "id": number, "client": "web", "channel": "web", "user_id": None,
        "person_id": None, "name": "test", "subject_kind": "person", "subject_id": 1,
    }  # fmt: skip


def test_the_count_of_changed_rows_is_told(session, handed):
    for number in (7, 8):
        session.execute(_NEW, _row(number))
    told = [{"of": 7, "called": "A"}, {"of": 8, "called": "B"}, {"of": 99, "called": "C"}]
    counts = [session.execute(_CHANGE, one).rowcount for one in told]
    assert counts == [1, 1, 0]
    assert session.execute(_CHANGE, told[:2]).rowcount in (2, -1)
    assert set(session.scalars(select(community.c.name_en))) >= {"A", "B"}
    assert any("UPDATE" in sql for sql in handed)


def test_many_rows_are_written_at_once(session, handed):
    for first in (10, 20, 30):
        session.execute(_NEW, [_row(first), _row(first + 1)])
    assert set(session.scalars(select(community.c.id))) >= {10, 11, 20, 21, 30, 31}
    assert handed


def test_fewer_columns_are_another_statement(session, handed):
    """A column that is left out takes its default; it is not written as NULL."""
    write = insert(person)
    for names in [("community_id", "id", "name"), ("community_id", "id")] * 3:
        with contextlib.suppress(IntegrityError), session.begin_nested():
            session.execute(write, dict.fromkeys(names, 1))
    written = {sql.split(") VALUES")[0] for sql in handed}
    assert len(written) == 2


def test_a_broken_constraint_is_the_error_it_always_was(fresh_database, handed):
    def twice(session, now):
        for _ in range(3):
            session.execute(_NEW, _row(9))

    for _ in range(3):
        with pytest.raises(IntegrityError) as caught:
            fresh_database.write(twice)
    assert handed
    assert "新" not in str(caught.value)  # Values may be names of people.
    fresh_database.write(lambda session, now: session.execute(_NEW, _row(9)))


def test_a_missing_value_is_named(fresh_database, handed):
    with fresh_database.reading() as session:
        for _ in range(3):
            session.execute(_NAMED, {"code": "ours"})
        with pytest.raises(StatementError, match="'code'"):
            session.execute(_NAMED, {})


def test_who_listens_hears_every_statement(fresh_database, handed):
    heard = []

    def listen(conn: Connection, cursor, statement, *rest):
        heard.append(statement)

    event.listen(fresh_database.engine, "before_cursor_execute", listen)
    with fresh_database.reading() as session:
        for _ in range(3):
            session.execute(_NAMED, {"code": "ours"})
    assert sum("community" in statement for statement in heard) == 3
    assert not handed
