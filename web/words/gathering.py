"""Collect the texts of the rules for the catalogue; ``make words`` calls this.

They are plain strings in ``timebank/policy``, because the rules know no catalogue. The pages
translate them with ``gettext``.
"""

from collections.abc import Iterator
from typing import Any

from timebank.policy.rules.texts import REASONS, SENTENCE_WITHOUT_VALUE, SENTENCES

Found = tuple[int, str, str, list[str]]  # Line, name of the function, text, comments.


def rule_texts(fileobj: Any, *rest: Any, **options: Any) -> Iterator[Found]:
    """Yield each text to Babel, as an extraction method. **Source**: Babel's manual."""
    for text in (*SENTENCES.values(), SENTENCE_WITHOUT_VALUE, *REASONS.values()):
        yield 1, "gettext", text, []
