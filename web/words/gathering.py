"""The sentences of the rules for the catalogue: ``make words`` finds them by this.

They stand in ``timebank/policy`` as plain texts, since the rules know no catalogue; what draws
them says them by ``gettext``.
"""

from collections.abc import Iterator
from typing import Any

from timebank.policy.rules.texts import REASONS, SENTENCE_WITHOUT_VALUE, SENTENCES

Found = tuple[int, str, str, list[str]]  # Line, name of the function, text, comments.


def rule_texts(fileobj: Any, *rest: Any, **options: Any) -> Iterator[Found]:
    """Tell Babel each text, as an extraction method of its own. **Source**: Babel's manual."""
    for text in (*SENTENCES.values(), SENTENCE_WITHOUT_VALUE, *REASONS.values()):
        yield 1, "gettext", text, []
