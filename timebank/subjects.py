"""All subjects, collected from the declarations in their folders.

Every folder of ``timebank`` with a module ``subject.py`` is found automatically. Each subject
comes after those that it stands on; otherwise the order is by name.
"""

import importlib
import pkgutil
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from graphlib import TopologicalSorter
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from timebank.rights import Right
from timebank.subject import MessageKind, Subject, WorkKind


@cache
def subjects() -> tuple[Subject, ...]:
    """List every declared subject, lowest floor first."""
    return in_order(
        importlib.import_module(f"timebank.{found.name}.subject").SUBJECT
        for found in pkgutil.iter_modules([str(Path(__file__).parent)])
        if found.ispkg and find_spec(f"timebank.{found.name}.subject")
    )


def every_right(declared: Iterable[Subject] | None = None) -> list[Right]:
    """List the rights of every subject, in the order of the subjects."""
    declared = subjects() if declared is None else declared
    return [right for subject in declared for right in subject.rights]


def work_kinds(declared: Iterable[Subject] | None = None) -> tuple[WorkKind, ...]:
    """List every kind of work, in the order of the subjects and as each subject lists them."""
    declared = subjects() if declared is None else declared
    return tuple(kind for subject in declared for kind in subject.work)


def message_kinds() -> tuple[MessageKind, ...]:
    """List every kind of message, in the order of the subjects."""
    return tuple(kind for subject in subjects() for kind in subject.messages)


def effects() -> Mapping[str, Callable[..., Any]]:
    """What each subject tells of a change of its parameters, by the key of the parameter."""
    return {key: tell for subject in subjects() for key, tell in subject.effects.items()}


def in_order(declared: Iterable[Subject]) -> tuple[Subject, ...]:
    """Sort subjects so that each follows those that it stands on. Raises on a cycle."""
    by_name = {subject.name: subject for subject in declared}
    sorter = TopologicalSorter(
        {name: set(by_name[name].stands_on) & by_name.keys() for name in sorted(by_name)}
    )
    sorter.prepare()
    ordered: list[Subject] = []
    while sorter.is_active():
        ready = sorted(sorter.get_ready())
        ordered.extend(by_name[name] for name in ready)
        sorter.done(*ready)
    return tuple(ordered)
