"""The declaration of a subject: what it stands on, and what it brings.

Each folder of ``timebank`` that is a subject has a module ``subject.py`` with one value,
``SUBJECT``. ``timebank/subjects.py`` gathers them; no other module knows every subject. This
module holds only the shapes, and imports no subject.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
from types import ModuleType
from typing import Any, TypeVar

from sqlalchemy import Select, Table

from timebank.errors import TimebankError
from timebank.rights import Right
from timebank.values import By

Kind = TypeVar("Kind")

# Selects what waits for a member of staff; None if nothing of the kind ever waits for them.
Waiting = Callable[[By], Select[Any] | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A periodic job: ``timebank/jobs.py`` runs ``action(deed)`` every few minutes.

    It must be safe to run at any time, twice, and in two processes at once. ``is_more`` reads the
    receipt: if it is true, more is due and the job runs again at once.

    A job that waits for somebody outside must not hold a unit of work meanwhile: it has ``alone``
    in place of an action, and ``alone(database, by)`` opens its own.
    """

    name: str
    action: Callable[..., Any] | None = None
    is_more: Callable[[Any], bool] = lambda receipt: False
    alone: Callable[[Any, By], Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageKind:
    """One kind of message to people. Its words are in ``web/<subject>``.

    ``is_called``: staff call whom no other way reaches, because it would be missed.
    """

    name: str
    is_called: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkKind:
    """One kind of work on the worklist.

    How a case of the kind is shown, and which deeds end it, is declared in ``web/<subject>``.
    ``bind`` gives the values of the statement's own parameters, from the time and the working
    days of the community; ``NOW`` is always bound.
    **Units**: ``promised_days`` are working days; None means that each case has its own end.
    """

    name: str
    waiting: Waiting
    promised_days: int | None
    bind: Callable[[datetime, Any], Mapping[str, Any]] = lambda now, calendar: {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """What people of the sample community do on a day; ``run(life)`` draws whether they do.

    ``at`` orders the errands of a day; those of one time run in the order of the floors.
    """

    at: time
    run: Callable[..., None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What one subject declares. ``stands_on`` lists the subjects that it may import.

    ``own_holds`` are the kinds of transaction whose holds the subject ends itself when they
    expire; a job ends all others. ``facts`` and ``parameters`` are keys of the catalogues of
    ``policy``: what it supplies to the rules, and what it reads. ``effects`` tells, for each of its
    parameters, for whom a change of it changes something (``policy/rules/effects.py``).

    For the scenario player: ``settings`` prepare the stage of a story before its first step,
    ``verbs`` are its steps, ``checks`` read the results (``stories/stage.py``). For the sample
    community: ``founding`` creates its first day, ``errands`` run on each later day
    (``stories/life.py``).
    """

    name: str
    stands_on: tuple[str, ...]
    tables: tuple[Table, ...] = ()
    refusals: tuple[type[TimebankError], ...] = ()
    rights: tuple[Right, ...] = ()
    jobs: tuple[Job, ...] = ()
    own_holds: tuple[str, ...] = ()
    work: tuple[WorkKind, ...] = ()
    facts: tuple[str, ...] = ()
    parameters: tuple[str, ...] = ()
    effects: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    messages: tuple[MessageKind, ...] = ()
    settings: tuple[Callable[..., None], ...] = ()
    verbs: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    checks: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    founding: tuple[Callable[..., None], ...] = ()
    errands: tuple[Errand, ...] = ()

    @property
    def roles(self) -> frozenset[str]:
        """The roles that its rights name."""
        return frozenset(role for right in self.rights for role in right.roles)


def values_in(module: ModuleType, kind: type[Kind]) -> tuple[Kind, ...]:
    """Collect the values of one type in a module, such as its tables or its rights."""
    found: Iterator[Any] = iter(vars(module).values())
    return tuple(dict.fromkeys(value for value in found if isinstance(value, kind)))


def refusals_in(module: ModuleType) -> tuple[type[TimebankError], ...]:
    """Collect the refusals that a module defines itself, not those that it imports."""
    return tuple(
        value
        for value in vars(module).values()
        if isinstance(value, type)
        and issubclass(value, TimebankError)
        and value.__module__ == module.__name__
    )
