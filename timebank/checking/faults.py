"""What a check finds: faults with the row they stand in, and counts of what was looked at."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong: table, key of the row without its community, and what it means."""

    table: str
    key: str
    what: str

    def __str__(self) -> str:
        return f"{self.table} {self.key}".rstrip() + f": {self.what}"


@dataclass
class Findings:
    """What one community's books came to. ``limits`` says what could not be looked at.

    ``is_unproved``: they have signatures, and no key was at hand to look at them with.
    """

    community: str
    faults: list[Fault] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    limits: list[str] = field(default_factory=list)
    is_unproved: bool = False

    def fault(self, table: str, key: object, what: str) -> None:
        self.faults.append(Fault(table, str(key), what))
