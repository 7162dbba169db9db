"""Frequent statements are planned once: see ``timebank/db/states.py`` for what prevents it."""

import importlib
import pkgutil
import re

import pytest
from sqlalchemy import CompoundSelect, Select, bindparam, select
from sqlalchemy.dialects import sqlite

import timebank
from tests.house.sources import nothing
from timebank.goods.tables import deposit

# What SQLite looks at whenever a parameter is bound, and then plans the statement again.
_PLANNED_AGAIN = re.compile(r"LIMIT \?(?! \+)|(?:WHERE|AND|OR|ON) \(?\w+\.(?:state|status) = \?")


def statements():
    """List the statements that modules build once, by the name of the module."""
    for found in pkgutil.walk_packages(timebank.__path__, "timebank."):
        for name, value in vars(importlib.import_module(found.name)).items():
            if isinstance(value, Select | CompoundSelect):
                yield f"{found.name}.{name}", value


def planned_again(found):
    for name, statement in found:
        written = " ".join(str(statement.compile(dialect=sqlite.dialect())).split())
        if match := _PLANNED_AGAIN.search(written):
            yield f"{name}: {match[0]}"


def test_a_statement_that_is_built_once_is_planned_once():
    nothing(list(planned_again(statements())))


@pytest.mark.parametrize(
    "fault",
    [
        select(deposit.c.id).limit(bindparam("most")),
        select(deposit.c.id).where(deposit.c.id == 1, deposit.c.state == "received"),
    ],
)
def test_a_planted_statement_is_found(fault):
    assert list(planned_again([("planted", fault)]))
