"""The findings of a check: faults with their row, and counts of what was checked."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: table, key of the row without its community, and what is wrong."""

    table: str
    key: str
    what: str

    def __str__(self) -> str:
        return f"{self.table} {self.key}".rstrip() + f": {self.what}"


@dataclass
class Findings:
    """The findings for one community. ``limits`` lists what could not be checked.

    ``is_unproved``: there are signatures, but no key to verify them with.
    """

    community: str
    faults: list[Fault] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    limits: list[str] = field(default_factory=list)
    is_unproved: bool = False

    def fault(self, table: str, key: object, what: str) -> None:
        self.faults.append(Fault(table, str(key), what))
