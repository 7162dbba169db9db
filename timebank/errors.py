"""The base class of refusals, and the refusals that every subject may raise.

A refusal has a stable code, an HTTP status, and facts, but no text. It means that the rules of the
community do not allow a deed. The web composes the text from the code and the facts. Each subject
has its own refusals in ``refusals.py``. Bugs are not refusals: they are ordinary exceptions that
nobody catches.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any


class TimebankError(Exception):
    """A refusal with a stable ``code`` and the ``facts`` that explain it.

    ``status`` is the HTTP status; the default 409 means that the rules do not allow the deed now.
    """

    code = "REFUSED"
    status = 409
    # What is written beside the stored refusal, in its unit of work: ``trace(session, now)``.
    trace: Callable[[Any, datetime], None] | None = None

    def __init__(self, **facts: object) -> None:
        super().__init__(self.code, facts)
        self.facts = facts

    def __str__(self) -> str:
        facts = ", ".join(f"{name}={value}" for name, value in self.facts.items())
        return f"{self.code}({facts})"


def every_refusal(base: type[TimebankError] = TimebankError) -> Iterator[type[TimebankError]]:
    """Yield each refusal class, for tables and tests that need all of them."""
    for kind in base.__subclasses__():
        yield kind
        yield from every_refusal(kind)


def refusal_of(code: str, facts: dict[str, object]) -> TimebankError:
    """Recreate the refusal that was stored under ``code``."""
    kind = next((kind for kind in every_refusal() if kind.code == code), TimebankError)
    refusal = kind(**facts)
    # A kiosk does not import every subject: the code stays true without its class.
    refusal.code = code
    return refusal


# Every subject may raise these. Its own refusals are in its ``refusals.py``.
class NotFound(TimebankError):
    """This community has no such record."""

    code = "NOT_FOUND"
    status = 404


class NotAllowed(TimebankError):
    """The roles of the person do not allow this deed here."""

    code = "NOT_ALLOWED"
    status = 403


class BadInput(TimebankError):
    """A value is invalid; ``field`` and ``why`` say which and how."""

    code = "BAD_INPUT"
    status = 422


class WrongState(TimebankError):
    """The case is in another state now: ``state``."""

    code = "WRONG_STATE"
