"""Deeds through the API: named by the caller, done once, answered alike ever after.

What is done is the action's affair; here is only the name, the replay and the refusal.
"""

import re
from collections.abc import Callable
from typing import Any, TypeVar

from flask import Response, request

from timebank.deeds.running import Answer, answer
from timebank.errors import RequestKeyNeeded, TimebankError
from web import units, words
from web.api.guards import asking
from web.errors import problem

Receipt = TypeVar("Receipt")

KEY_HEADER = "Idempotency-Key"
REPLAY_HEADER = "Idempotency-Replayed"
KEY_LENGTHS = (8, 80)
_KEY = re.compile(f"[\x21-\x7e]{{{KEY_LENGTHS[0]},{KEY_LENGTHS[1]}}}")


def request_key() -> str:
    """The caller's name of this deed. **Refuses**: ``RequestKeyNeeded``."""
    key = request.headers.get(KEY_HEADER, "")
    if not _KEY.fullmatch(key):
        least, most = KEY_LENGTHS
        why = "shape" if key else "missing"
        raise RequestKeyNeeded(header=KEY_HEADER, why=why, least=least, most=most)
    return key


def deed(action: Callable[..., Receipt], **content: Any) -> Answer[Receipt]:
    """Do one deed of who asks, or find what it came to before."""
    return answer(units.database(), action, by=asking(), request_id=request_key(), **content)


def replay_headers(told: Answer[Any]) -> dict[str, str]:
    """Say by a header that the answer is the first one again."""
    return {REPLAY_HEADER: "true"} if told.is_replay else {}


def refused(refusal: TimebankError, told: Answer[Any], **more: object) -> Response:
    """Tell a refusal as a problem, together with what was filed all the same."""
    response = problem(
        refusal.status, words.told(refusal), code=refusal.code, facts=refusal.facts, **more
    )
    response.headers.update(replay_headers(told))
    return response
