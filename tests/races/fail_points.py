"""Points at which posting can be struck: before and after each of its steps.

A step is a function that looks up or locks rows, the decision, the writing, each single
statement that goes to the database, or the commit. They are found by watching one posting,
so that a new step is struck without anybody thinking of it.
"""

import inspect
import os
from contextlib import ExitStack, contextmanager
from unittest.mock import patch

from sqlalchemy import event

from tests.factories.ledger import START
from timebank.db import FIRST_TRY, Database
from timebank.ledger import rows, suspense, writing
from timebank.ledger.actions import post
from timebank.ledger.rules import LockedBooks

COMMUNITY_ID = 1


class Struck(Exception):
    """Something broke just here."""


def _raise(point):
    raise Struck(point)


class Points:
    """Every point that a posting passes, in order, and the one at which it is struck."""

    def __init__(self, strike_at=None, *, strike=_raise):
        self.passed = []
        self.strike_at, self._strike = strike_at, strike

    def reach(self, point):
        self.passed.append(point)
        if self.strike_at in (len(self.passed) - 1, point):
            self._strike(point)

    def around(self, name, step):
        """Make of a step one that tells when it is reached and when it is left."""

        def told(*args, **options):
            self.reach(f"before {name}")
            answer = step(*args, **options)
            self.reach(f"after {name}")
            return answer

        return told


def _steps():
    """Name the functions that posting consists of, and where each is looked up."""
    for name, step in inspect.getmembers(rows, inspect.isfunction):
        if step.__module__ == rows.__name__ and not name.startswith("_"):
            yield rows, name
    yield suspense, "accounts_for"
    yield writing, "write"
    yield LockedBooks, "decide"


@contextmanager
def watched(database, points):
    """Let a database and the steps of posting tell the points that they pass."""
    engine = database.engine

    def before(connection, cursor, statement, *rest):
        points.reach(f"before {_short(statement)}")

    def after(connection, cursor, statement, *rest):
        points.reach(f"after {_short(statement)}")

    with ExitStack() as stack:
        for place, name in _steps():
            stack.enter_context(
                patch.object(place, name, points.around(name, getattr(place, name)))
            )
        commit = points.around("commit", engine.dialect.do_commit)
        stack.enter_context(patch.object(engine.dialect, "do_commit", commit))
        for moment, listener in (("before", before), ("after", after)):
            event.listen(engine, f"{moment}_cursor_execute", listener)
            stack.callback(event.remove, engine, f"{moment}_cursor_execute", listener)
        yield


def _short(statement):
    """Tell a statement by its first words: INSERT INTO txn."""
    words = statement.split()
    if words[0] == "SELECT":
        return "SELECT FROM " + words[words.index("FROM") + 1] if "FROM" in words else "SELECT"
    return " ".join(words[: {"INSERT": 3, "UPDATE": 2}.get(words[0], 1)])


def look_up_and_post(requests):
    """Make the work that posts requests, and looks their keys up even on its first try."""

    def work(session, now):
        session.info[FIRST_TRY] = False
        return post(session, COMMUNITY_ID, requests, now=now)

    return work


def die_at(url, requests, point):
    """Post in a process of its own that is gone in the middle: nothing is closed, nothing said."""
    database = Database(url, clock=lambda: START)  # As whoever comes after it.
    with watched(database, Points(point, strike=lambda _: os._exit(9))):
        database.write(look_up_and_post(requests))
    os._exit(0)
