"""Every refusal has one code, a status, words in both languages, and a test that raises it."""

import re

from flask import Flask

from tests.house.sources import ROOT, nothing, sources
from tests.house.test_translations import catalogue
from timebank.errors import TimebankError, every_refusal
from timebank.subjects import subjects
from web.words import refusals

CODE_SHAPE = re.compile(r"[A-Z][A-Z_]+[A-Z]")


def words_faults(kinds: list[type], known: set[str], english: set[str]) -> list[str]:
    """List refusals without a sentence, and sentences without a refusal."""
    codes = {kind.code for kind in kinds}
    found = [f"{code} has no words in web" for code in sorted(codes - known)]
    found += [f"{code} has words in web and is no refusal" for code in sorted(known - codes)]
    for code in sorted(codes & known):
        words = refusals()[code]
        for text in (words.heading, words.advice, *words.why):
            if _source(text) not in english:
                found.append(f"{code} has no English: {_source(text)}")
    return found


def _source(text: object) -> str:
    """The Chinese source of a lazy string."""
    arguments = getattr(text, "_args", ())
    return str(arguments[0]) if arguments else str(text)


def unmet(kinds: list[type], texts: list[str]) -> list[str]:
    """List the refusals that no test raises or expects, by class or by code."""
    told = "\n".join(texts)
    return [
        f"no test meets {kind.__name__} ({kind.code})"
        for kind in kinds
        if not re.search(rf"\b(?:{kind.__name__}|{kind.code})\b", told)
    ]


def unused(kinds: list[type], texts: list[str]) -> list[str]:
    """List the refusals that no code raises."""
    told = "\n".join(texts)
    return [
        f"nothing refuses with {kind.__name__}"
        for kind in kinds
        if not re.search(rf"\b{kind.__name__}\b", told)
    ]


def _tests() -> list[str]:
    found = [source.text for source in sources("tests") if "/house/" not in source.path]
    return found + [source.text for source in sources("tests/stories", ending=".yaml")]


def test_every_code_is_stable_text_and_stands_for_one_refusal():
    kinds = [TimebankError, *every_refusal()]
    codes = [kind.code for kind in kinds]
    assert sorted(set(codes)) == sorted(codes)
    nothing([code for code in codes if not CODE_SHAPE.fullmatch(code)])


def test_every_refusal_has_a_sentence_in_both_languages():
    english = {str(message.id) for message in catalogue("web") if message.string}
    assert subjects()  # So that every refusal is known, also if this file runs alone.
    nothing(words_faults([TimebankError, *every_refusal()], set(refusals()), english))


def test_every_refusal_has_a_status_that_blames_nobody_else():
    nothing([kind.code for kind in every_refusal() if not 400 <= kind.status < 500])


def test_every_refusal_is_met_by_a_test():
    nothing(unmet(list(every_refusal()), _tests()))


def test_every_refusal_is_raised_somewhere():
    code = [
        s.text for s in sources("timebank", "web", "kiosk") if not s.path.endswith("/refusals.py")
    ]
    nothing(unused(list(every_refusal()), code))


def test_every_last_sentence_needs_no_fact():
    """A refusal with fewer facts than usual must still have a sentence."""
    with Flask("words", root_path=str(ROOT)).app_context():
        nothing([code for code, words in refusals().items() if "%(" in _source(words.why[-1])])


class Forgotten:
    """A planted refusal; a real subclass would stay registered for the other tests."""

    code = "FORGOTTEN"


def test_a_refusal_without_words_is_found():
    assert words_faults([Forgotten], {"NOT_FOUND"}, set())[0].startswith("FORGOTTEN has no words")


def test_a_refusal_without_english_is_found():
    kinds = [kind for kind in every_refusal() if kind.code == "NOT_FOUND"]
    assert "has no English" in words_faults(kinds, {"NOT_FOUND"}, set())[0]


def test_a_refusal_that_no_test_meets_is_found():
    assert unmet([Forgotten], ["with pytest.raises(NotFound):"])
    assert not unmet([Forgotten], ['assert told.code == "FORGOTTEN"'])


def test_a_refusal_that_nothing_raises_is_found():
    assert unused([Forgotten], ["raise NotFound()"])
    assert not unused([Forgotten], ["raise Forgotten()"])
