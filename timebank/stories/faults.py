"""What is wrong with a story file, in one sentence; and the word that its writer may have meant."""

from collections.abc import Iterable
from difflib import get_close_matches


class StoryFault(Exception):
    """The story cannot be read or played; the message says where and why."""


def did_you_mean(word: object, known: Iterable[str]) -> str:
    """End a sentence about an unknown word with the closest known one, if one is close."""
    close = get_close_matches(str(word), sorted(known), n=1)
    return f"; did you mean {close[0]!r}?" if close else ""


def short(value: object) -> str:
    """Show a value of the file within a sentence."""
    if value is None:
        return "nothing"
    if isinstance(value, dict | list):
        return "words with values" if isinstance(value, dict) else "a list"
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:59]}…"
