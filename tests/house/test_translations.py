"""Every sentence has a complete English translation with the same placeholders."""

import ast
import io
import re
import tomllib
from collections.abc import Iterable, Iterator

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po

from tests.house.sources import ROOT, Source, nothing, sources
from timebank.policy.rules.texts import SENTENCES
from web.words.gathering import rule_texts

CHINESE = re.compile(r"[\u3400-\u9fff]")
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]|\{(\w*)\}")
JINJA = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)
HTML_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
KEYWORDS = {
    "_": None, "_l": None, "say": None, "gettext": None, "lazy_gettext": None, "ngettext": (1, 2),
    "lazy_ngettext": (1, 2), "pgettext": ((1, "c"), 2), "lazy_pgettext": ((1, "c"), 2),
}  # fmt: skip
# Each language has its own name in its own language, and the proper name stays.
SAID_AS_IS = ("中文", "简体中文", "公益ATM · 社区互助", "公益ATM", "社区互助")
# These files contain units, dates or one page in both languages, or sample data.
WRITES_BOTH = ("web/formats.py", "kiosk/formats.py", "kiosk/faults.py", "web/gallery/")


def sentences(part: str) -> dict[str, str]:
    """Every sentence that pages and code of a part mark for translation, and its position."""
    found: dict[str, str] = {}
    for ending, method in ((".py", "python"), (".html", "jinja2")):
        for source in sources(part, ending=ending):
            for message, line in _messages(source, method):
                found.setdefault(message, f"{source.path}:{line}")
    return found


def _messages(source: Source, method: str) -> Iterator[tuple[str, int]]:
    file = io.BytesIO(source.text.encode())
    options = {"trimmed": "true"} if method == "jinja2" else {}
    for line, message, _, _ in extract(method, file, keywords=KEYWORDS, options=options):
        yield (message if isinstance(message, str) else message[0]), line


def catalogue_faults(asked: dict[str, str], catalogue: Catalog) -> list[str]:
    """List missing and fuzzy translations, and those with other placeholders."""
    found = []
    for sentence, where in asked.items():
        message = catalogue.get(sentence)
        if message is None or not _is_whole(message.string):
            found.append(f"{where} not translated: {sentence}")
        elif message.fuzzy:
            found.append(f"{where} fuzzy: {sentence}")
        else:
            found += [f"{where} {why}" for why in _text_faults(sentence, message.string)]
    return found


def _is_whole(string: str | Iterable[str]) -> bool:
    return bool(string) if isinstance(string, str) else all(string)


def _text_faults(sentence: str, told: str | Iterable[str]) -> Iterator[str]:
    for text in (told,) if isinstance(told, str) else told:
        names = set(PLACEHOLDER.findall(sentence))
        if set(PLACEHOLDER.findall(text)) - names or (isinstance(told, str) and
                names - set(PLACEHOLDER.findall(text))):  # fmt: skip
            yield f"other placeholders: {sentence} → {text}"
        half = len(text) // 2
        if len(text) > 8 and text[:half] == text[half:]:  # As a merge of two catalogues leaves it.
            yield f"English that says everything twice: {text}"
        left = text
        for name in SAID_AS_IS:
            left = left.replace(name, "")
        if CHINESE.search(left):
            yield f"English that is not English: {text}"


def untold(source: Source) -> list[str]:
    """Find Chinese text that is not marked for translation, so that English readers see Chinese."""
    if source.path.endswith(".html"):
        bare = HTML_COMMENT.sub(_blank, JINJA.sub(_blank, source.text))
        lines = enumerate(bare.splitlines(), 1)
        found = [(number, line.strip()) for number, line in lines]
    else:
        found = list(_bare_strings(source))
    return [
        f"{source.path}:{number} not asked to be translated: {text}"
        for number, text in found
        if CHINESE.search(_without_names(text))
    ]


def _without_names(text: str) -> str:
    for name in SAID_AS_IS:
        text = text.replace(name, "")
    return text


def _blank(match: re.Match[str]) -> str:
    return "\n" * match.group().count("\n")


def _bare_strings(source: Source) -> Iterator[tuple[int, str]]:
    asked = {
        id(argument)
        for node in source.nodes
        if isinstance(node, ast.Call) and _called(node) in KEYWORDS
        for argument in ast.walk(node)
    }
    said = {id(node.value) for node in source.nodes if isinstance(node, ast.Expr)}
    for node in source.nodes:
        is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
        if is_text and id(node) not in asked | said:
            yield node.lineno, node.value


def _called(node: ast.Call) -> str:
    return getattr(node.func, "id", getattr(node.func, "attr", ""))


def catalogue(part: str) -> Catalog:
    """The English catalogue of a part; it is empty if the part has none yet."""
    path = ROOT / part / "translations" / "en" / "LC_MESSAGES" / "messages.po"
    if not path.exists():
        return Catalog(locale="en")
    with path.open("rb") as file:
        return read_po(file, locale="en")


@pytest.mark.parametrize("part", ["web", "kiosk"])
def test_every_sentence_is_there_in_english(part):
    nothing(catalogue_faults(sentences(part), catalogue(part)))


@pytest.mark.parametrize("part", ["web", "kiosk"])
def test_no_sentence_is_kept_from_the_readers_of_english(part):
    pages = sources(part, ending=".html") + sources(part)
    asked = [page for page in pages if not page.path.startswith(WRITES_BOTH)]
    nothing([fault for page in asked for fault in untold(page)])


@pytest.mark.parametrize("part", ["web", "kiosk"])
def test_no_sentence_stands_twice_in_a_catalogue(part):
    path = ROOT / part / "translations" / "en" / "LC_MESSAGES" / "messages.po"
    text = path.read_text("utf-8") if path.exists() else ""
    nothing(twice(text))


def twice(text: str) -> list[str]:
    """List the sentences that occur more than once in a catalogue."""
    asked = re.findall(r"^msgid ((?:\"[^\n]*\"\n?)+)", text, re.MULTILINE)
    return sorted({message for message in asked if asked.count(message) > 1})


def test_the_words_are_gathered_as_they_are_checked():
    mappings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["babel"]
    methods = [one["method"] for one in mappings["mappings"]]
    assert methods == ["web.words.gathering:rule_texts", "python", "jinja2"]


def test_the_sentences_of_the_rules_are_gathered_too():
    gathered = {text for _line, _name, text, _notes in rule_texts(None, (), (), options={})}
    assert set(SENTENCES.values()) <= gathered


def _english(**messages: str) -> Catalog:
    made = Catalog(locale="en")
    for sentence, told in messages.items():
        made.add(sentence, told)
    return made


def test_a_missing_a_fuzzy_and_a_wrong_translation_are_found():
    assert catalogue_faults({"今天": "a:1"}, _english())
    assert catalogue_faults({"今天": "a:1"}, _english(今天=""))
    fuzzy = _english()
    fuzzy.add("今天", "Today", flags=["fuzzy"])
    assert catalogue_faults({"今天": "a:1"}, fuzzy)
    assert catalogue_faults({"%(n)s件": "a:1"}, _english(**{"%(n)s件": "%(m)s pieces"}))
    assert catalogue_faults({"今天": "a:1"}, _english(今天="今天"))
    assert catalogue_faults({"今天": "a:1"}, _english(今天="It is today.It is today."))
    assert not catalogue_faults({"%(n)s件": "a:1"}, _english(**{"%(n)s件": "%(n)s pieces"}))


def test_chinese_outside_the_catalogue_is_found():
    assert untold(Source("web/templates/a.html", "<p>{{ _('你好') }}</p>\n<p>再见</p>"))
    assert untold(Source("web/a.py", 'flash("再见")\n'))
    assert not untold(Source("web/a.py", '"""说明"""\nflash(_("再见"))\n'))
    assert not untold(Source("web/templates/a.html", "{# 说明 #}<p>{{ _('再见') }}</p>"))


def test_a_sentence_that_stands_twice_is_found():
    assert twice('msgid "一"\nmsgstr "One"\n\nmsgid "一"\nmsgstr "1"\n')
    assert not twice('msgid "一"\nmsgstr "One"\n\nmsgid "二"\nmsgstr "Two"\n')
