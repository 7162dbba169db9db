"""What the subjects declare to the player under a name: their verbs and their checks."""

from collections.abc import Iterable
from typing import Any

from timebank.subject import Subject


def declared_by_name(part: str, declared: Iterable[Subject]) -> dict[str, Any]:
    """Gather one part of the declarations, ``verbs`` or ``checks``, under the names in it.

    Raises ``ValueError`` where two subjects declare one name.
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
