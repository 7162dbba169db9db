"""The question to whoever claims the same things twice within some minutes.

The pages for a household and for the counter both put it; the action decides whether it is due.
"""

from datetime import datetime
from typing import Any

from flask import request

from timebank.aid.refusals import JustClaimed
from web import units
from web.forms import WorkForm

_DRAWN = frozenset({"csrf_token", "request_id"})  # The page of the question has its own.
_AGAIN = "again"


def claims_once() -> bool:
    """Tell whether the question was not answered yet."""
    return _AGAIN not in request.form


def question(form: WorkForm, **content: Any) -> Any:
    """Draw the question with what was chosen; None if nothing is to be asked.

    ``content`` is the layout, the address of the form, and how to look at the earlier claim.
    """
    refusal = getattr(form, "refusal", None)
    if not isinstance(refusal, JustClaimed):
        return None
    kept = [pair for pair in request.form.items(multi=True) if pair[0] not in _DRAWN]
    asked_at = datetime.fromisoformat(str(refusal.facts["asked_at"]))
    return units.draw(
        "aid/ask_again.html", form=form, told=refusal.facts, asked_at=asked_at,
        kept=[*kept, (_AGAIN, "1")], **content,
    )  # fmt: skip
