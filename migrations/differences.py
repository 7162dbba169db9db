"""What differs between the schema of the migrations so far and that of the models.

Both are described by the catalogue of their engine. Not here: the statements that lead from one
to the other (``statements.py``).
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

_INDEX_ON = re.compile(r" ON (?:ONLY )?\"?(\w+)")


@dataclass(frozen=True)
class Thing:
    """One entry of a catalogue: ``column claim.note``, ``trigger txn_no_update of txn``."""

    kind: str
    table: str
    name: str

    def __str__(self) -> str:
        if self.kind == "table":
            return f"table {self.name}"
        return f"{self.kind} {self.name} of {self.table}"


@dataclass
class Difference:
    """What must be created, dropped or replaced on one engine."""

    before: set[Thing]
    after: set[Thing]
    changed: set[Thing]
    columns: dict[str, list[str]] = field(default_factory=dict)  # Of each table before.

    @property
    def gone(self) -> set[Thing]:
        """What is dropped for good; what goes along with its table is not named again."""
        gone = self.before - self.after
        tables = {thing.table for thing in gone if thing.kind == "table"}
        return {thing for thing in gone if thing.kind == "table" or thing.table not in tables}

    @property
    def new_tables(self) -> set[str]:
        return {thing.table for thing in self.after - self.before if thing.kind == "table"}

    def to_make(self, kind: str, table: str | None = None) -> list[Thing]:
        """Name what is new or changed of a kind, but not what comes with a new table."""
        found = (self.after - self.before) | self.changed
        return in_order(
            thing
            for thing in found
            if thing.kind == kind
            and thing.table not in self.new_tables
            and table in (None, thing.table)
        )

    def to_drop(self, kind: str) -> list[Thing]:
        """Name what is gone or changed of a kind."""
        return in_order(t for t in self.gone | self.changed if t.kind == kind)

    def __bool__(self) -> bool:
        return bool(self.before ^ self.after or self.changed)


def compare(before: Mapping[str, str], after: Mapping[str, str]) -> Difference:
    """Compare two descriptions of one engine (``catalogue.describe``)."""
    things = [
        {_thing(name, told): told for name, told in described.items() if _is_ours(name, described)}
        for described in (before, after)
    ]
    changed = {t for t in things[0].keys() & things[1].keys() if things[0][t] != things[1][t]}
    found = Difference(set(things[0]), set(things[1]), changed)
    for thing in things[0]:
        if thing.kind == "column":
            found.columns.setdefault(thing.table, []).append(thing.name)
    return found


def _thing(entry: str, told: str) -> Thing:
    kind, name = entry.split(" ", 1)
    if kind == "table":
        return Thing(kind, name, name)
    if kind == "column":
        return Thing(kind, *name.split("."))
    if kind == "index":
        found = _INDEX_ON.search(told)
        return Thing(kind, found[1] if found else "", name)
    own, table = name.rsplit(" of ", 1)
    return Thing(kind, table, own)


def _is_ours(entry: str, described: Mapping[str, str]) -> bool:
    """Leave out Alembic's own table, and the index that PostgreSQL makes for a constraint."""
    if "alembic_version" in entry:
        return False
    if not entry.startswith("index "):
        return True
    own = f"constraint {entry.removeprefix('index ')} of "
    return not any(name.startswith(own) for name in described)


def in_order(things: Iterable[Thing]) -> list[Thing]:
    return sorted(things, key=lambda thing: (thing.table, thing.name))
