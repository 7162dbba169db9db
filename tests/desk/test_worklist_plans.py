"""No kind of work is looked for among all that ever was: what waits has an index of its own."""

import re

import pytest
from sqlalchemy import event

from tests.conftest import only_on
from tests.factories import make_by
from timebank import schema
from timebank.desk.queries import worklist
from timebank.people.rules import ROLE_NAMES
from timebank.subjects import work_kinds

# Read whole: a community has few of them, settled or not.
READ_WHOLE = ("import", "import_undo", "kiosk", "shortfall")
KINDS = [kind for kind in work_kinds() if kind.name not in READ_WHOLE]
OF_WHAT_WAITS = {
    index.name
    for table in schema.every_table().sorted_tables
    for index in table.indexes
    if index.dialect_options["sqlite"]["where"] is not None or "state" in index.columns
}
OF_WHAT_WAITS |= {"ix_kiosk_call_community_id_store_id_asked_at"}  # Calls of the last minutes.
OF_WHAT_WAITS |= {"sqlite_autoindex_kiosk_permit_2"}  # Permits by which no kiosk has joined.
ENTRANCE = re.compile(r"(SCAN|SEARCH) (?!anon_)(\w+)(?: USING (?:COVERING )?INDEX (\w+))?")


def entrances(session, kind, now):
    """How SQLite comes to the rows of each table of the list: verb, table, index."""
    by = make_by(*ROLE_NAMES, person_id=5, household_id=6)
    seen = []

    def note(conn, cursor, text, values, *rest):
        seen.append((text, values))

    connection = session.connection()
    event.listen(connection.engine, "before_cursor_execute", note)
    try:
        worklist(session, by, (kind,), now=now)
    finally:
        event.remove(connection.engine, "before_cursor_execute", note)
    text, values = seen[-1]
    steps = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", values)
    return [found.groups() for step in steps if (found := ENTRANCE.match(step.detail))]


@only_on("sqlite")
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_what_waits_is_found_by_an_index_of_what_waits(session, kind, now):
    found = entrances(session, kind, now)
    assert found[0][2] in OF_WHAT_WAITS, found
    assert not [table for verb, table, _ in found if verb == "SCAN"], found
