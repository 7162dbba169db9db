"""What a kind of goods must meet to be taken in, and the kinds that are never taken.

Pure. The requirements and the kinds are dated parameters of the community. Not here: the days left
and the worth of a line (``rules``).
"""

from collections.abc import Iterable
from dataclasses import dataclass

from timebank.errors import TimebankError, refusal_of
from timebank.goods.refusals import NotAccepted, OpenedFood
from timebank.policy.rules import Parameters

# Demands that nobody is asked about: the rules read them themselves.
NEEDS_CLEANING, WORST_CONDITION = "needs_cleaning", "worst_condition_percent"
SEALED, OPENED_KIND = "sealed", "opened_food"
CONDITION = "condition"  # Why goods are refused that are more worn than their kind allows.


@dataclass(frozen=True, slots=True)
class Refused:
    """The code of a refusal, and what was found wrong: requirements, or a kind never taken."""

    code: str
    why: tuple[str, ...] = ()

    def error(self, line: int) -> TimebankError:
        """Create the refusal of an announced line."""
        return refusal_of(self.code, {"line": line, "why": list(self.why)})


def asked_of(kind: str, parameters: Parameters, also: Iterable[str] = ()) -> tuple[str, ...]:
    """The requirements that somebody has to look at, such as *sealed*.

    Those of its kind, and those that the catalogue asks of the item (``also``).
    """
    demands = parameters.demands("goods.acceptance", kind)
    of_kind = [name for name, value in demands.items() if value is True and name != NEEDS_CLEANING]
    return tuple(dict.fromkeys((*of_kind, *also)))


def never_taken(parameters: Parameters) -> tuple[str, ...]:
    """The kinds of goods that are always refused."""
    return parameters.codes("goods.refused_kinds")


def refused_for(
    kind: str | None,
    *,
    lacking: Iterable[str],
    refused_kind: str | None,
    parameters: Parameters,
    also: Iterable[str] = (),
) -> Refused | None:
    """Why goods cannot be taken that lack requirements, or are of a kind that is never taken.

    What neither the parameters nor the entry of the item (``also``) ask for is no reason. ``kind``
    is None for what the catalogue does not know.
    """
    if refused_kind and refused_kind in never_taken(parameters):
        code = OpenedFood.code if refused_kind == OPENED_KIND else NotAccepted.code
        return Refused(code, (refused_kind,))
    asked = asked_of(kind, parameters, also) if kind else ()
    found = set(lacking)
    missing = tuple(name for name in asked if name in found)
    if not missing:
        return None
    return Refused(OpenedFood.code if SEALED in missing else NotAccepted.code, missing)


def is_too_worn(kind: str, percent: int, parameters: Parameters) -> bool:
    """Tell whether goods of this condition are worth less than their kind allows."""
    return percent < parameters.demands("goods.acceptance", kind).get(WORST_CONDITION, 0)


def is_cleaned_first(kind: str, usual: bool, parameters: Parameters) -> bool:
    """Tell whether a kind is cleaned before it is issued; ``usual`` is what the catalogue says."""
    return bool(parameters.demands("goods.acceptance", kind).get(NEEDS_CLEANING, usual))
