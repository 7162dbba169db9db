"""For whom a change of a parameter changes something: said before it is confirmed. Pure."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from timebank.policy.rules.parameters import Parameter, Parameters

LISTED_MAX = 100  # The count is whole; a list of names ends here.


@dataclass(frozen=True, slots=True)
class Affected:
    """A person or a household, with a number before and after where there is one."""

    person_id: int | None = None
    household_id: int | None = None
    before: int | None = None
    after: int | None = None


@dataclass(frozen=True, slots=True)
class Effect:
    """How many are affected in one way; ``affected`` names the first ``LISTED_MAX`` of them.

    **Shape**: ``kind`` is the code of a sentence, such as ``over_cap``. What has no name, such as a
    lot, is only counted.
    """

    kind: str
    count: int
    affected: tuple[Affected, ...] = ()


@dataclass(frozen=True, slots=True)
class ParameterChange:
    """The parameters of a day as they are, and as they would be; read at ``now``."""

    key: str
    on: date
    now: datetime
    before: Parameters
    after: Parameters


# Reads what a change of one parameter means: ``tell(session, community_id, change)``.
Tell = Callable[[Any, int, ParameterChange], tuple[Effect, ...]]


def changed(history: Iterable[Parameter], row: Parameter, *, now: datetime) -> ParameterChange:
    """What a new row would change on its first day."""
    history = [known for known in history if _is_other(known, row)]
    day = row.valid_from_on
    return ParameterChange(
        key=row.key, on=day, now=now, before=Parameters.of(history, day),
        after=Parameters.of([*history, row], day),
    )  # fmt: skip


def _is_other(known: Parameter, row: Parameter) -> bool:
    return (known.key, known.valid_from_on) != (row.key, row.valid_from_on)


def effect(kind: str, affected: Iterable[Affected]) -> Effect:
    """One way of being affected, with the first names."""
    everybody = tuple(affected)
    return Effect(kind, len(everybody), everybody[:LISTED_MAX])


def told(*effects: Effect) -> tuple[Effect, ...]:
    """Leave out what nobody is affected by."""
    return tuple(one for one in effects if one.count)
