"""One table from refusal to sentence: why, what to bring, when to come, whom to ask.

The source sentences are Chinese, English is in the catalogue. A refusal may know more or
fewer facts: of its sentences the first whose facts are all there is the one that is said.
``common`` and ``subjects`` hold the tables, ``facts`` the words that facts stand for.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from timebank.errors import TimebankError
from timebank.policy.rules import papers_to_bring
from web import formats
from web.reader import gettext, language
from web.words.common import COMMON
from web.words.entries import Words
from web.words.facts import FIELDS, KINDS, PAPERS, STATES, WHY
from web.words.faults import NO_RULES, STALE_FORM, STATUSES
from web.words.subjects import SUBJECTS

WORDS: Mapping[str, Words] = {**COMMON, **SUBJECTS}
_FACT = re.compile(r"%\((\w+)\)s")


@dataclass(frozen=True, slots=True)
class Told:
    """What a person reads: a heading, why, and what to do now."""

    heading: str
    why: str
    advice: str

    @property
    def sentence(self) -> str:
        """All of it but the heading, for a place that has one line."""
        gap = "" if language() == "zh" else " "
        return gap.join(part for part in (self.why, self.advice) if part)


def told(refusal: TimebankError) -> Told:
    """Say a refusal to the reader, in his language."""
    return _say(WORDS.get(refusal.code, WORDS["REFUSED"]), dict(spoken_facts(refusal.facts)))


def sentence(refusal: TimebankError) -> str:
    """The same in one line: beside a field, in a list, in an answer of the API."""
    return told(refusal).sentence


def of_status(status: int) -> Told:
    """Say a failure that is no refusal of the rules."""
    usual = STATUSES[400] if status < 500 else STATUSES[500]
    return _say(STATUSES.get(status, usual), {})


def stale_form() -> Told:
    return _say(STALE_FORM, {})


def no_rules() -> Told:
    """For a deed whose number nobody has set yet."""
    return _say(NO_RULES, {})


def _say(words: Words, facts: dict[str, str]) -> Told:
    for why in words.why:
        text = str(why)
        if set(_FACT.findall(text)) <= facts.keys():
            return Told(str(words.heading), text % facts if facts else text, str(words.advice))
    raise AssertionError(f"the last sentence under {words.heading} must need no fact")


def spoken_facts(facts: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """Put each fact as a person says it; a fact that is for machines only is left out."""
    for name, value in facts.items():
        spoken = _spoken(name, value)
        if spoken:
            yield name, spoken


_TABLES = {"kind": KINDS, "state": STATES, "why": WHY, "field": FIELDS}


def _spoken(name: str, value: object) -> str | None:
    if name in _TABLES:
        word = _TABLES[name].get(_plain(str(value)))
        return None if word is None else str(word)
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
    if all(isinstance(name, dict) for name in names):  # What a rule found missing.
        return papers_to_bring(names, language())
    known = list(dict.fromkeys(str(PAPERS.get(name, PAPERS["other"])) for name in names))
    return gettext("、").join(known)


def _day(value: object) -> date:
    return value if isinstance(value, date) else date.fromisoformat(str(value))


def _instant(value: object) -> datetime:
    return value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
