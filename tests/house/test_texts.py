"""Docstrings exist where needed, and no loose ends are left in comments."""

import ast
import re

from tests.house.sources import CODE, EVERYTHING, ROOT, Source, nothing, sources

LOOSE_END = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b(?!\s*\(#\d+\))")
PRINT = re.compile(r"^\s*(print|breakpoint)\(")
SPEAKS_FOR_ITSELF_LINES = 8  # A short accessor with a clear name needs no docstring.


def docstring_faults(source: Source) -> list[str]:
    """List modules, public functions and classes without a docstring."""
    found = []
    if source.text.strip() and not ast.get_docstring(source.tree):
        found.append(f"{source.path} has no docstring")
    for node in source.tree.body:
        if not isinstance(node, ast.FunctionDef | ast.ClassDef) or node.name.startswith("_"):
            continue
        count = (node.end_lineno or node.lineno) - node.lineno + 1
        if count > SPEAKS_FOR_ITSELF_LINES and not ast.get_docstring(node):
            found.append(f"{source.path}:{node.lineno} {node.name} has no docstring")
    return found


def loose_ends(source: Source) -> list[str]:
    """List TODO and similar marks. With the number of an issue they may stay: ``TODO (#12)``."""
    return [
        f"{source.path}:{number} {line.strip()}"
        for number, line in enumerate(source.lines, 1)
        if LOOSE_END.search(line) or (source.path.endswith(".py") and PRINT.match(line))
    ]


def _all_texts() -> list[Source]:
    endings = (".py", ".html", ".css", ".js", ".toml", ".yaml", ".md")
    return [s for ending in endings for s in sources(*CODE, "migrations", "docs", ending=ending)]


def test_what_is_public_says_what_it_does():
    nothing([fault for source in sources(*CODE) for fault in docstring_faults(source)])


def test_every_test_file_says_what_it_is_about():
    found = [s.path for s in sources(*EVERYTHING) if s.text.strip()]
    said = [s.path for s in sources(*EVERYTHING) if s.text.strip() and ast.get_docstring(s.tree)]
    nothing(sorted(set(found) - set(said)))


def test_nothing_is_left_to_do_without_an_issue():
    nothing([end for source in _all_texts() for end in loose_ends(source)])


def test_the_locks_hold_hashes_and_no_address():
    for name in ("run", "dev"):
        text = (ROOT / "requirements" / f"{name}.txt").read_text("utf-8")
        assert lock_faults(text) == []


def lock_faults(text: str) -> list[str]:
    """A lock file lists packages with hashes, without the address of an index."""
    found = [line for line in text.splitlines() if "://" in line or line.startswith("-")]
    names = re.findall(r"^([A-Za-z0-9_.\[\]-]+)==", text, re.MULTILINE)
    wanted = len(names) if names else 1
    if text.count("==") < wanted or len(re.findall(r" \\\n    --hash=", text)) < wanted:
        found.append("a package without a hash")
    return found


def test_a_public_function_without_a_docstring_is_found():
    body = "    x = 1\n" * 8
    assert docstring_faults(Source("web/a.py", f'"""A."""\n\ndef run():\n{body}'))
    assert docstring_faults(Source("web/a.py", "x = 1\n"))
    assert not docstring_faults(Source("web/a.py", f'"""A."""\n\ndef _run():\n{body}'))


def test_a_loose_end_is_found():
    assert loose_ends(Source("web/a.py", "# TODO" + " later\n"))
    assert loose_ends(Source("web/a.py", "    print(1)\n"))
    assert not loose_ends(Source("web/a.py", "# TODO (#12) when desks exist\n"))


def test_a_lock_with_an_address_or_without_a_hash_is_found():
    assert lock_faults("flask==3.1.3 \\\n    --hash=sha256:00\n--index-url https://x\n")
    assert lock_faults("flask==3.1.3\n")
    assert not lock_faults("flask==3.1.3 \\\n    --hash=sha256:00\n")
