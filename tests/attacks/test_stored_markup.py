"""Whatever stands in the database, a page shows it as text: each column that people fill in has
markup in every row, and every actor opens every page."""

import pytest
from sqlalchemy import text

from tests.attacks.attacker import Attacker
from tests.attacks.hostile import TAG
from tests.attacks.target import Target
from tests.factories.matrix import ACTORS
from tests.house.sources import nothing
from timebank.schema import every_table

MARKUP = f'"><{TAG}>'
# What people fill in, or what comes from a file that people wrote.
TYPED = {
    "community": ("name_zh", "name_en"),
    "place": ("name_zh", "name_en"),
    "organisation": ("name", "trade"),
    "item": ("name_zh", "name_en", "unit_zh", "unit_en"),
    "service": ("name_zh", "name_en"),
    "person": ("name",),
    "volunteer": ("team",),
    "known_device": ("words",),
    "announced_line": ("described",),
    "deposit_line": ("described", "refuse_note", "refuse_why"),
    "claim": ("review_reason",),
    "claim_visit": ("why",),
    "service_record": ("place", "note", "reason"),
    "service_overlap": ("note",),
    "kiosk_settlement": ("note",),
    "opening_alarm": ("note",),
    "hours_opening": ("note",),
    "withdrawal": ("note",),
    "store_special_day": ("note",),
    "cash_count": ("note",),
    "found_count": ("note",),
    "day_count": ("note",),
    "parameter": ("source", "note"),
    "calendar_year": ("source",),
}


@pytest.fixture
def marked(target: Target) -> Target:
    """The target after somebody wrote markup past every form and every trigger."""
    with target.database.engine.execution_options(writes=True).begin() as connection:
        triggers = connection.scalars(text("SELECT name FROM sqlite_master WHERE type='trigger'"))
        for name in triggers.all():
            connection.execute(text(f'DROP TRIGGER "{name}"'))
        connection.execute(text("PRAGMA ignore_check_constraints = ON"))
        for table, columns in TYPED.items():
            for column in columns:
                written = text(f"UPDATE {table} SET {column} = coalesce({column}, '') || :markup")
                connection.execute(written, {"markup": MARKUP})
        connection.execute(text("PRAGMA ignore_check_constraints = OFF"))
    return target


def test_the_columns_are_those_of_the_database():
    tables = every_table().tables
    nothing([f"{t}.{c}" for t, cs in TYPED.items() for c in cs if c not in tables[t].c])


@pytest.mark.parametrize("actor", ACTORS)
def test_markup_that_stands_in_the_database_is_shown_as_text(marked, actor):
    attacker = Attacker(marked, actor).explore()
    shown = sorted({fault for fault in attacker.faults if "markup" in fault})
    nothing(shown)
    assert attacker.requests > 3
