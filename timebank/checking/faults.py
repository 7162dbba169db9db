"""The result of a check: faults with their row, and the number of rows checked."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: the table, the key of the row without its community, and a sentence."""

    table: str
    key: str
    what: str

    def __str__(self) -> str:
        return f"{self.table} {self.key}".rstrip() + f": {self.what}"


@dataclass
class Findings:
    """The result for the books of one community. ``limits`` lists what could not be checked.

    ``is_unproved``: there are signatures, but no key was given to verify them.
    """

    community: str
    faults: list[Fault] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    limits: list[str] = field(default_factory=list)
    is_unproved: bool = False

    def fault(self, table: str, key: object, what: str) -> None:
        self.faults.append(Fault(table, str(key), what))
