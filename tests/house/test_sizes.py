"""Files, functions, templates and style sheets stay within their size limits."""

import ast

from tests.house.sources import CODE, EVERYTHING, Source, functions, nothing, sources

FILE, FUNCTION, PAGE, POSITIONAL = 400, 50, 150, 3
PRIVATE_POSITIONAL = 4  # Its few callers stand in the same file and are read beside it.
# The context of a function is not counted as a parameter.
GROUND = {"self", "cls", "deed", "session", "database", "connection"}


def file_faults(source: Source, limit: int = FILE) -> list[str]:
    count = len(source.lines)
    return [f"{source.path} has {count} lines, at most {limit}"] if count > limit else []


def function_faults(source: Source) -> list[str]:
    found = []
    for node in functions(source):
        count = (node.end_lineno or node.lineno) - node.lineno + 1
        if count > FUNCTION:
            found.append(f"{source.path}:{node.lineno} {node.name} has {count} lines")
    return found


def parameter_faults(source: Source) -> list[str]:
    found = []
    for node in functions(source):
        told = [*node.args.posonlyargs, *node.args.args]
        counted = [argument.arg for argument in told if argument.arg not in GROUND]
        limit = PRIVATE_POSITIONAL if node.name.startswith("_") else POSITIONAL
        if len(counted) > limit and not _is_private_listener(node):
            found.append(f"{source.path}:{node.lineno} {node.name} takes {counted} by position")
    return found


def _is_private_listener(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """SQLAlchemy calls its listeners by position; the last of them takes ``*rest``."""
    return node.args.vararg is not None and node.args.vararg.arg == "rest"


def test_no_file_is_too_long():
    found = [fault for source in sources(*EVERYTHING) for fault in file_faults(source)]
    found += [f for s in sources("web", "kiosk", ending=".js") for f in file_faults(s)]
    nothing(found)


def test_no_template_or_style_sheet_is_too_long():
    pages = sources("web", "kiosk", ending=".html") + sources("web", "kiosk", ending=".css")
    nothing([fault for page in pages for fault in file_faults(page, PAGE)])


def test_no_function_is_too_long():
    nothing([fault for source in sources(*EVERYTHING) for fault in function_faults(source)])


def test_no_function_takes_more_than_three_things_by_position():
    nothing([fault for source in sources(*CODE) for fault in parameter_faults(source)])


def test_a_long_file_is_found():
    assert file_faults(Source("web/long.py", "pass\n" * 401))
    assert not file_faults(Source("web/fits.py", "pass\n" * 400))


def test_a_long_function_is_found():
    body = "    pass\n"
    assert function_faults(Source("web/long.py", "def long():\n" + body * 50))
    assert not function_faults(Source("web/fits.py", "def fits():\n" + body * 49))


def test_too_many_positional_parameters_are_found():
    assert parameter_faults(Source("web/many.py", "def many(session, a, b, c, d): pass\n"))
    assert not parameter_faults(Source("web/fits.py", "def fits(session, a, b, c, *, d): pass\n"))
    assert parameter_faults(Source("web/many.py", "def _many(a, b, c, d, e): pass\n"))
    assert not parameter_faults(Source("web/fits.py", "def _fits(a, b, c, d): pass\n"))
