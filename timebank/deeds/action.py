"""The stable name of an action: it stays when the Python function is renamed or moved.

The name is stored with every deed and is part of its fingerprint. So never change the name of
an action: a kiosk that sends a deed again after an upgrade would be refused.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from timebank.deeds.deed import Deed

_Function = TypeVar("_Function", bound=Callable[..., Any])
_NAME, _COUNTS, _CODE = "action_name", "action_counts_refusals", "action_code"
_PRIVATE = "action_is_private"


@dataclass(frozen=True, slots=True)
class OneTimeCode:
    """A field of a receipt that must not be stored with the deed: a pick-up or pairing code.

    ``again(deed, receipt)`` finds the code for a replay, as long as somebody may use it; otherwise
    the field is empty.
    """

    field: str
    again: Callable[[Deed, Any], str | None]

    def without(self, receipt: Any) -> Any:
        """The receipt as it is stored."""
        return replace(receipt, **{self.field: ""})

    def told_again(self, deed: Deed, receipt: Any) -> Any:
        """The receipt of a replay."""
        return replace(receipt, **{self.field: self.again(deed, receipt)})


def action(
    name: str,
    *,
    counts_refusals: bool = False,
    code: OneTimeCode | None = None,
    is_private: bool = False,
) -> Callable[[_Function], _Function]:
    """Give a function ``f(deed, *, …) -> Receipt`` the name under which it is performed.

    ``counts_refusals``: the action limits how often a secret may be guessed, by its own stored
    refusals. Such attempts run one after the other, so that a burst is counted whole.
    ``code``: the field of its receipt that is not stored.
    ``is_private``: its receipts and refusals may name papers of a household, and are stored sealed.
    """

    def named(function: _Function) -> _Function:
        setattr(function, _NAME, name)
        setattr(function, _COUNTS, counts_refusals)
        setattr(function, _CODE, code)
        setattr(function, _PRIVATE, is_private)
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


def is_private(function: Callable[..., Any]) -> bool:
    """Tell whether the answers of an action are stored sealed."""
    return bool(getattr(function, _PRIVATE, False))


def code_of(function: Callable[..., Any]) -> OneTimeCode | None:
    """The code in the receipt of an action, if there is one."""
    found: OneTimeCode | None = getattr(function, _CODE, None)
    return found
