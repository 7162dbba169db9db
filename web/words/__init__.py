"""From a refusal to its text: why, what to bring, when to come, whom to ask.

The source sentences are Chinese, the English is in the catalogue. A refusal may have more or fewer
facts: the first sentence whose facts are all present is used. Each folder of the web declares its
texts; ``common`` has those that belong to no subject.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from timebank.errors import TimebankError
from timebank.policy.rules import papers_to_bring
from web import formats
from web.reader import gettext, language
from web.subjects import gathered
from web.wording import Words
from web.words import common
from web.words.faults import AWAY, CODES, NO_COMMUNITY, NO_RULES, STALE_FORM, STATUSES

_FACT = re.compile(r"%\((\w+)\)s")


@dataclass(frozen=True, slots=True)
class Explanation:
    """The text for a person: a heading, why, and what to do now."""

    heading: str
    why: str
    advice: str

    @property
    def sentence(self) -> str:
        """Everything but the heading, in one line."""
        gap = "" if language() == "zh" else " "
        return gap.join(part for part in (self.why, self.advice) if part)


def refusals() -> Mapping[str, Words]:
    """The texts of every refusal, by code."""
    return {**common.REFUSALS, **gathered().refusals}


def words_of(code: str) -> Words:
    """The texts of one refusal; for an unknown one, a general text."""
    own = gathered().refusals.get(code) or common.REFUSALS.get(code)
    return own or common.REFUSALS["REFUSED"]


def why_word(why: object) -> str | None:
    """A few words about what is wrong with a field."""
    word = common.WHYS.get(str(why)) or gathered().whys.get(str(why))
    return None if word is None else str(word)


def told(refusal: TimebankError) -> Explanation:
    """The text of a refusal in the reader's language."""
    return _say(words_of(refusal.code), dict(spoken_facts(refusal.facts)))


def sentence(refusal: TimebankError) -> str:
    """The same in one line: beside a field, in a list, in an answer of the API."""
    return told(refusal).sentence


def of_status(status: int) -> Explanation:
    """The text of a failure that is not a refusal."""
    if status in CODES:
        return _say(words_of(CODES[status]), {})
    usual = STATUSES[400] if status < 500 else STATUSES[500]
    return _say(STATUSES.get(status, usual), {})


def stale_form() -> Explanation:
    return _say(STALE_FORM, {})


def away() -> Explanation:
    """The text if the database or its disk cannot serve."""
    return _say(AWAY, {})


def no_community(why: str) -> Explanation:
    """The text if the server has no community to serve; ``why`` as in ``web.ground``."""
    return _say(NO_COMMUNITY[why], {})


def no_rules() -> Explanation:
    """The text if a parameter is not set yet."""
    return _say(NO_RULES, {})


def _say(words: Words, facts: dict[str, str]) -> Explanation:
    for why in words.why:
        text = str(why)
        if set(_FACT.findall(text)) <= facts.keys():
            return Explanation(
                str(words.heading), text % facts if facts else text, str(words.advice)
            )
    raise AssertionError(f"the last sentence under {words.heading} must need no fact")


def spoken_facts(facts: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """Format each fact for a person; facts for programs only are omitted."""
    for name, value in facts.items():
        spoken = _state(facts, value) if name == "state" else _spoken(name, value)
        if spoken:
            yield name, spoken


def _state(facts: Mapping[str, object], value: object) -> str | None:
    kind = facts.get("kind")
    word = gathered().state(None if kind is None else str(kind), str(value))
    return None if word is None else str(word)


def _named(name: str, value: str) -> str | None:
    """The word for a fact that is a name: a kind of thing, or a field of a form."""
    shared, own = {
        "kind": (common.KINDS, gathered().kinds),
        "field": (common.FIELDS, gathered().fields),
    }[name]
    word = shared.get(value) or own.get(value)
    return None if word is None else str(word)


def _spoken(name: str, value: object) -> str | None:
    if name == "why":
        return why_word(value)
    if name in ("kind", "field"):
        return _named(name, _plain(str(value)))
    if name == "missing":
        return _papers(value)
    if name.endswith("_on") and value:
        return formats.plain_day(_day(value), language())
    if (name.endswith("_at") or name == "until") and value:
        return formats.moment(_instant(value), language())
    if isinstance(value, int) and not isinstance(value, bool):
        return _counted(name, value)
    return str(value) if isinstance(value, str) else None


def _counted(name: str, value: int) -> str:
    for ending in ("minutes", "pieces", "fen"):
        if name.endswith(f"_{ending}"):
            return formats.FILTERS[ending](value, language())
    return formats.number(value, language())


def _plain(field: str) -> str:
    """``lines.2.best_before`` is the field ``best_before`` of a line."""
    return field.rsplit(".", 1)[-1]


def _papers(value: object) -> str:
    names = [value] if isinstance(value, str) else list(value)  # type: ignore[call-overload]
    if all(isinstance(name, dict) for name in names):  # Missing papers, from a rule.
        return papers_to_bring(names, language())
    papers = gathered().papers
    known = list(dict.fromkeys(str(papers.get(name, papers["other"])) for name in names))
    return gettext("、").join(known)


def _day(value: object) -> date:
    return value if isinstance(value, date) else date.fromisoformat(str(value))


def _instant(value: object) -> datetime:
    return value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
