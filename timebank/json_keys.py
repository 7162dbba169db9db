"""A JSON text in which a key stands twice says two things: readers would disagree. Pure."""

import json
from typing import Any


class _Repeated(Exception):
    pass


def _once(pairs: list[tuple[str, Any]]) -> None:
    names = [name for name, _ in pairs]
    if len(set(names)) < len(names):
        raise _Repeated(next(name for name in names if names.count(name) > 1))


def repeated_key(text: bytes) -> str | None:
    """The first key that stands twice in one object, at any depth; None if every key stands once.

    Raises ``ValueError`` or ``RecursionError`` for what is not JSON.
    """
    try:
        json.loads(text.decode(), object_pairs_hook=_once)
    except _Repeated as repeated:
        return str(repeated)
    return None
