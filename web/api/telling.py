"""Reasons and refusals in the reader's language, for answers that contain them."""

from collections.abc import Mapping
from typing import Any

from timebank.aid.rules import Refusal
from timebank.errors import refusal_of
from web.errors import plain_facts
from web.words import sentence


def reason(code: str, facts: Mapping[str, Any]) -> dict[str, Any]:
    """A reason: the code, the facts, and a sentence."""
    words = sentence(refusal_of(code, dict(facts)))
    return {"code": code, "facts": plain_facts(facts), "message": words}


def reason_of(refusal: Refusal | None) -> dict[str, Any] | None:
    """The reason of a refusal that a claim has stored."""
    return None if refusal is None else reason(refusal.code, refusal.facts)


def fields_of(value: Any) -> dict[str, Any]:
    """The fields of a frozen value, to add to them."""
    return {name: getattr(value, name) for name in value.__slots__}
