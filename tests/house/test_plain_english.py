"""Comments, docstrings, documents and messages use short sentences and standard terms.

Each pattern is a phrase that had to be rewritten because readers had to guess its meaning. The
house style explains what to write instead. Identifiers in backticks are not prose.
"""

import ast
import io
import re
import tokenize
from collections.abc import Iterator

import pytest

from tests.house.sources import CODE, EVERYTHING, ROOT, Source, nothing, sources

# Phrase, what to write instead.
FORBIDDEN = {
    r"\b(?:is|are|was|were) (?-i:none)\b(?! of)": "name what is missing or invalid",
    r"\bnone (?:that )?there is\b": "unknown",
    r"\b(?:that|which) (?:is|are|was|were) no (?!longer\b|more\b|part\b)": "that is not a …",
    r"\bthose between\b": "name the noun",
    r"\bneeds? not(?=[.;:,]|$)": "say what happens",
    r"\bc(?:omes|ame) second\b": "the second request, if it exists already …",
    r"\b(?:laid|lays)\b": "created, ran, sorted, spread",
    r"\btold\b": "reported, sent, given, expected; a person is *asked* or *shown*",
    r"\bhung\b|\bhangs? (?:up|at|on|in)\b": "appended, pending, depends on",
    r"\bthe (?:same )?door\b|\bthe cellar\b": "sign-in, route, login; lower layer",
    r"\banew\b": "again",
    r"\blet(?:s|ting)? go of\b": "release",
    r"\bslips? of the (?:finger|pen)\b": "typing error",
    r"\bin the place of it\b|\bby its shape\b": "give the reason and an example",
    r"\ba word why\b": "a reason",
    r"\b(?:thereof|whereof|thence|hither|whither)\b": "use the noun",
    r"\bm(?:icro|illi)-seconds?\b": "microseconds, milliseconds",
    r"^(?:<{7}|>{7}) ": "resolve the conflict",
    r"(?:^|[.:;] )(?-i:Gone|Kept|Left|Taken|Lost|Forbidden|Refused) (?:is|are)\b": "subject first",
}
PERSON = {r"\b(?:he|him|his|himself|she|her|hers|herself)\b": "they, or the role of the person"}
PATTERNS = [
    (re.compile(pattern.replace(" ", r"\s+"), re.IGNORECASE | re.MULTILINE), advice)
    for pattern, advice in (FORBIDDEN | PERSON).items()
]
CODE_IN_PROSE = re.compile(r"``.*?``|`[^`]*`|https?://\S+", re.DOTALL)
# This file plants what it forbids.
OWN = "tests/house/test_plain_english.py"
# Their strings are messages for an operator.
MESSAGES = (
    *("timebank/cli.py", "timebank/commands/", "timebank/launch.py", "timebank/fitness.py"),
    *("timebank/checking/", "timebank/sealing/", "timebank/db/", "timebank/schema.py"),
    *("timebank/demo", "timebank/stories/", "timebank/keyfile.py", "migrations/"),
)
CHINESE = ("docs/guide.zh-CN.md",)
# Comments of templates, style sheets and scripts.
COMMENT = re.compile(r"\{#.*?#\}|<!--.*?-->|/\*.*?\*/|^\s*//.*?$", re.DOTALL | re.MULTILINE)
DOCUMENTS = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "Makefile")


def prose(source: Source) -> Iterator[tuple[int, str]]:
    """Yield the text for readers with its first line: docstrings, comments, documents."""
    if source.path.endswith((".html", ".css", ".js")):
        for match in COMMENT.finditer(source.text):
            yield 1 + source.text.count("\n", 0, match.start()), match.group()
        return
    if not source.path.endswith(".py"):
        yield 1, source.text
        return
    yield from _docstrings(source)
    yield from _comments(source)
    if source.path.startswith(MESSAGES):
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.lineno, node.value


def _docstrings(source: Source) -> Iterator[tuple[int, str]]:
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            text = ast.get_docstring(node, clean=False)
            if text is not None:
                yield node.body[0].lineno, text


def _comments(source: Source) -> Iterator[tuple[int, str]]:
    """Yield comments; those on consecutive lines are one text, as a reader reads them."""
    first, texts, last = 0, [], -1
    for token in tokenize.generate_tokens(io.StringIO(source.text).readline):
        if token.type != tokenize.COMMENT:
            continue
        number = token.start[0]
        if number != last + 1 and texts:
            yield first, "\n".join(texts)
            texts = []
        if not texts:
            first = number
        texts.append(token.string.lstrip("# "))
        last = number
    if texts:
        yield first, "\n".join(texts)


def faults_of(source: Source) -> list[str]:
    """Name each forbidden phrase with its line and what to write instead."""
    return [
        f"{source.path}:{first + text.count(chr(10), 0, match.start())} “{_words(match)}”: {advice}"
        for first, raw in prose(source)
        for text in [CODE_IN_PROSE.sub(_blank, raw)]
        for pattern, advice in PATTERNS
        for match in pattern.finditer(text)
    ]


def _words(match: re.Match[str]) -> str:
    return " ".join(match.group().split())


def _blank(match: re.Match[str]) -> str:
    return "\n" * match.group().count("\n")


def _documents() -> list[Source]:
    named = [Source(name, (ROOT / name).read_text("utf-8")) for name in DOCUMENTS]
    return named + [s for s in sources("docs", ending=".md") if s.path not in CHINESE]


def test_code_comments_and_messages_are_plain():
    files = [source for source in sources(*EVERYTHING) if source.path != OWN]
    files += [s for ending in (".html", ".css", ".js") for s in sources(*CODE, ending=ending)]
    nothing([fault for source in files for fault in faults_of(source)])


def test_documents_are_plain():
    nothing([fault for source in _documents() for fault in faults_of(source)])


@pytest.mark.parametrize(
    "text",
    [
        "Every whole key; one cut off while written is none.",
        "A claim that lapsed here and was handed over all the same is none.",
        "Nobody would read the answer, so what has not begun need not.",
        "`is_up` are those between, which would stand again.",
        "Whoever comes second to a name gets what the first one opened.",
        "Two desks that drew one code, or opened the door to one person.",
        "each key is told to be missing on the checkpoints of the other",
        "status or mode is none that there is",
        "with the line that is none, or is missing",
        "Forbids by its shape: an id number in the place of it.",
        "Not the newest of those there are; unknown is none there is.",
        "A key that is no text.",
        "The schema as it was laid.",
        "Leaves are hung into a tree.",
        "What hangs at a kiosk.",
        "It came from the cellar.",
        "Write the books anew.",
        "Let go of what was set aside.",
        "A digit too many is a slip of the finger.",
        "Nothing is refused without a word why.",
        "The first thereof.",
        "Micro-seconds are counted: 5 micro-seconds.",
        "Kept are the first ten.",
        "<<<<<<< HEAD",
        "The keeper signs what he counted.",
        "Her card, or his.",
    ],
)
def test_a_phrase_to_guess_is_found(text):
    assert faults_of(Source("docs/planted.md", text))
    assert faults_of(Source("web/planted.py", f'"""A module.\n\n{text}\n"""\n'))
    assert faults_of(Source("web/planted.py", f"x = 1  # {text}\n"))


def test_every_pattern_is_planted_once():
    planted = next(mark.args[1] for mark in test_a_phrase_to_guess_is_found.pytestmark if mark.args)
    nothing([p.pattern for p, _ in PATTERNS if not any(p.search(text) for text in planted)])


def test_a_message_to_guess_is_found():
    message = 'raise ClickException("The file is none.")\n'
    assert faults_of(Source("timebank/commands/planted.py", message))
    assert not faults_of(Source("timebank/goods/rules.py", message))


def test_a_comment_of_a_template_a_style_sheet_or_a_script_is_found():
    for name, comment in (
        ("a.html", "{# his card #}"),
        ("a.html", "<!-- his card -->"),
        ("a.css", "/* his card */"),
        ("a.js", "  // his card"),
    ):
        [fault] = faults_of(Source(f"web/{name}", f"\n{comment}\n"))
        assert fault.startswith(f"web/{name}:2 “his”")
    assert not faults_of(Source("web/a.js", "const told = 1;\n"))


def test_a_phrase_over_two_comment_lines_is_found_with_its_line():
    assert "web/a.py:2 “is none”" in faults_of(Source("web/a.py", "x = 1\n# what is\n# none\n"))[0]


def test_plain_sentences_and_identifiers_pass():
    for text in (
        "If the account exists already, return it unchanged.",
        "``told`` is the text that was signed; none of them is missing.",
        "A claim that is no longer ready.",
    ):
        assert not faults_of(Source("docs/planted.md", text))
