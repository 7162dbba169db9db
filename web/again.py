"""The question to whoever sends the same things twice within some minutes.

The action decides whether the question is due: it refuses, and the page puts it. Whoever sends it
once more means it.
"""

from datetime import datetime
from typing import Any

from flask import request

from timebank.errors import TimebankError
from web import units
from web.units import DeedForm

_DRAWN = frozenset({"csrf_token", "request_id"})  # The page of the question has its own.
_AGAIN = "again"


def is_first_time() -> bool:
    """Tell whether the question was not answered yet."""
    return _AGAIN not in request.form


def question(form: DeedForm, due: type[TimebankError], template: str, **content: Any) -> Any:
    """Draw the question with what was filled in; None if the form was not refused with ``due``.

    ``content`` is what the template needs, such as the address of the form.
    """
    refusal = getattr(form, "refusal", None)
    if not isinstance(refusal, due):
        return None
    kept = [pair for pair in request.form.items(multi=True) if pair[0] not in _DRAWN]
    facts = {name: _instant_in(name, fact) for name, fact in refusal.facts.items()}
    return units.draw(template, form=form, told=facts, kept=[*kept, (_AGAIN, "1")], **content)


def _instant_in(name: str, fact: Any) -> Any:
    """A fact of a refusal as the template shows it."""
    return datetime.fromisoformat(fact) if name.endswith("_at") else fact
