"""The stable name of an action: it stays when the Python function is renamed or moved.

The name is stored with every deed and is part of its fingerprint. So never change the name of
an action: a kiosk that sends a deed again after an upgrade would be refused.
"""

from collections.abc import Callable
from typing import Any, TypeVar

_Function = TypeVar("_Function", bound=Callable[..., Any])
_NAME, _COUNTS = "action_name", "action_counts_refusals"


def action(name: str, *, counts_refusals: bool = False) -> Callable[[_Function], _Function]:
    """Give a function ``f(deed, *, …) -> Receipt`` the name under which it is performed.

    ``counts_refusals``: the action limits how often a secret may be guessed, by its own stored
    refusals. Such attempts run one after the other, so that a burst is counted whole.
    """

    def named(function: _Function) -> _Function:
        setattr(function, _NAME, name)
        setattr(function, _COUNTS, counts_refusals)
        return function

    return named


def name_of(function: Callable[..., Any]) -> str:
    """Read the name of an action. Raises ``TypeError`` for any other function."""
    name: str | None = getattr(function, _NAME, None)
    if name is None:
        raise TypeError(f"{function!r} is not an action: decorate it with @action(name)")
    return name


def is_counted(function: Callable[..., Any]) -> bool:
    """Tell whether the refusals of an action are counted before the next attempt."""
    return bool(getattr(function, _COUNTS, False))
