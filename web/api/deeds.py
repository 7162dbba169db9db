"""Deeds through the API: identified by the caller's key, done once, answered alike on each retry.

The action does the work; this module handles the key, the replay and the refusal.
"""

import re
from collections.abc import Callable
from typing import Any, TypeVar

from flask import Response, request

from timebank.deeds.refusals import RequestKeyNeeded
from timebank.deeds.running import DeedAnswer, answer
from timebank.errors import TimebankError
from web import units, words
from web.api.guards import asking
from web.errors import problem

Receipt = TypeVar("Receipt")

KEY_HEADER = "Idempotency-Key"
REPLAY_HEADER = "Idempotency-Replayed"
KEY_LENGTHS = (8, 80)
_KEY = re.compile(f"[\x21-\x7e]{{{KEY_LENGTHS[0]},{KEY_LENGTHS[1]}}}")


def request_key() -> str:
    """The caller's idempotency key. **Refuses**: ``RequestKeyNeeded``."""
    key = request.headers.get(KEY_HEADER, "")
    if not _KEY.fullmatch(key):
        least, most = KEY_LENGTHS
        why = "shape" if key else "missing"
        raise RequestKeyNeeded(header=KEY_HEADER, why=why, least=least, most=most)
    return key


def deed(action: Callable[..., Receipt], **content: Any) -> DeedAnswer[Receipt]:
    """Run one deed of the caller, or find its stored answer."""
    return answer(units.database(), action, by=asking(), request_id=request_key(), **content)


def replay_headers(answer: DeedAnswer[Any]) -> dict[str, str]:
    """Mark a replayed answer with a header."""
    return {REPLAY_HEADER: "true"} if answer.is_replay else {}


def refused(refusal: TimebankError, answer: DeedAnswer[Any], **more: object) -> Response:
    """Convert a refusal to a problem, together with what was filed all the same."""
    response = problem(
        refusal.status, words.told(refusal), code=refusal.code, facts=refusal.facts, **more
    )
    response.headers.update(replay_headers(answer))
    return response
