"""Collect the verbs and checks that the subjects declare for the player."""

from collections.abc import Iterable
from typing import Any

from timebank.subject import Subject


def declared_by_name(part: str, declared: Iterable[Subject]) -> dict[str, Any]:
    """Collect one part of the declarations, ``verbs`` or ``checks``, by name.

    Raises ``ValueError`` if two subjects declare the same name.
    """
    owners: dict[str, str] = {}
    gathered: dict[str, Any] = {}
    for subject in declared:
        for name, function in getattr(subject, part).items():
            if name in owners:
                raise ValueError(
                    f"{owners[name]} and {subject.name} both declare {name!r} in their {part}"
                )
            owners[name], gathered[name] = subject.name, function
    return gathered
