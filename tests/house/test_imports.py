"""Imports point down the picture of the house, and inwards within a subject."""

import ast
import sys
from collections.abc import Iterable, Iterator

from tests.house.sources import CODE, ROOT, Source, nothing, sources

# What stands on a line may import the lines above it, never its neighbours: the picture of
# the house turned over. policy stands above people, because its decisions are audited there.
PICTURE = (
    ("values", "errors"),
    ("db", "config", "keyfile"),
    ("subject",),
    ("deeds",),
    ("ledger",),
    ("stories",),
    ("sealing",),
    ("people",),
    ("policy",),
    ("goods", "hours", "funds"),
    ("aid",),
    ("desk", "kiosks", "figures", "closing"),
    ("schema", "checking", "subjects"),
    ("launch", "clockwork", "catalogue", "fitness"),
    ("demo",),
    ("demo_server",),
    ("commands",),
    ("cli",),
)
# These wire the whole house together, and may see all of it.
WIRING = ("timebank.demo_server", "timebank.cli", "timebank.commands")
HEIGHT = {name: height for height, names in enumerate(PICTURE) for name in names}
LAYERS = {"rules": 0, "tables": 1, "queries": 2, "actions": 3}
# Their queries look over all subjects at once, so that a worklist or a statistic is one statement
# whatever the amount of data; they write nothing there.
OVERLOOKERS = ("desk", "figures")
# Pure modules beside a subject's rules: a rule may use them as it uses rules.
PURE = ("timebank.policy.working_days",)
# The community leads every key; whoever founds it or looks it up sees its one table.
SHARED = {("timebank.ledger.tables", "community")}
# Whoever wrote a mistake into the books must not check them with the same line.
CHECKER, CHECKER_MAY_SEE = "timebank.checking", ("db", "config")
NO_RULE_IMPORTS = ("sqlalchemy", "flask", "alembic", "psycopg", "requests", "urllib")


def imports(source: Source) -> Iterator[tuple[int, str]]:
    """Every module that a file imports, wherever the import stands, with its line."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            for name in node.names:
                yield node.lineno, name.name
        elif isinstance(node, ast.ImportFrom):
            base = _base(source, node)
            for name in node.names:
                if (base, name.name) not in SHARED or source.module.startswith(CHECKER):
                    yield node.lineno, _module_of(base, name.name)


def _base(source: Source, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    parts = source.module.split(".")
    keep = len(parts) - node.level + (1 if source.is_package else 0)
    return ".".join([*parts[:keep], *([node.module] if node.module else [])])


def _module_of(base: str, name: str) -> str:
    """``from timebank.goods import actions`` imports a module; of a class, only its home."""
    inside = ROOT / base.replace(".", "/")
    is_module = (inside / f"{name}.py").exists() or (inside / name).is_dir()
    is_layer = base.startswith("timebank.") and base.count(".") == 1 and name in LAYERS
    return f"{base}.{name}" if is_module or is_layer or base == "timebank" else base


def faults_of(source: Source) -> list[str]:
    """Say which imports of a file point the wrong way."""
    judge = {"timebank": _timebank_fault, "web": _web_fault, "kiosk": _kiosk_fault}
    top = source.module.split(".")[0]
    return [
        f"{source.path}:{line} imports {module}: {why}"
        for line, module in sorted(set(imports(source)))
        if (why := judge[top](source.module, module))
    ]


def _timebank_fault(own: str, module: str) -> str | None:
    parts, target = own.split("."), module.split(".")
    if own == "timebank" or any(own == w or own.startswith(f"{w}.") for w in WIRING):
        return None
    if target[0] in ("web", "kiosk", "flask", "flask_babel", "tests"):
        return "the books know no HTTP and no screen"
    if parts[2:3] == ["rules"] and target[0] in NO_RULE_IMPORTS:
        return "a rule is pure"
    if target[0] != "timebank" or len(target) == 1:
        return None
    if parts[1] == target[1]:
        return _inward_fault(parts, target)
    if parts[1] == "checking" and target[1] not in ("checking", *CHECKER_MAY_SEE):
        return "the checker shares no code with what it checks"
    if target[1] not in HEIGHT or parts[1] not in HEIGHT:
        return "it has no place in the picture: see PICTURE"
    if HEIGHT[target[1]] >= HEIGHT[parts[1]]:
        return f"{target[1]} does not stand below {parts[1]}"
    return _layer_fault(parts, target)


def _inward_fault(parts: list[str], target: list[str]) -> str | None:
    own, other = (".".join(names[2:3]) for names in (parts, target))
    if own in LAYERS and other in LAYERS and LAYERS[other] > LAYERS[own]:
        return f"{own} stand further in than {other}"
    if own == "rules" and other == "vault":
        return "a rule is pure"
    return None


def _layer_fault(parts: list[str], target: list[str]) -> str | None:
    """Check an import from a lower subject."""
    own, other = (".".join(names[2:3]) for names in (parts, target))
    is_subject = target[1] not in (
        "values",
        "errors",
        "db",
        "config",
        "keyfile",
        "schema",
        "launch",
    )
    is_pure = other == "rules" or ".".join(target) in PURE
    if own == "rules" and (target[1] == "db" or (is_subject and not is_pure)):
        return "a rule sees only rules, values and errors"
    if own == "tables" and is_subject and other not in ("tables", "rules"):
        return "tables see only tables and rules below"
    if own == "queries" and other == "actions":
        return "a query changes nothing"
    overlooks = own == "queries" and parts[1] in OVERLOOKERS
    if own in ("queries", "actions") and other == "tables" and not overlooks:
        return "another subject's tables are its own: ask its queries, act through its actions"
    return None


def _web_fault(own: str, module: str) -> str | None:
    target = module.split(".")
    if target[0] in ("kiosk", "tests"):
        return "the web and the kiosk are strangers: they share the wire format only"
    if target[0] == "timebank" and target[2:3] == ["tables"]:
        return "a view never sees a table"
    if target[:3] == ["timebank", "ledger", "actions"]:
        return "a view never posts: it calls an action of a subject"
    if target[:2] in (["timebank", "cli"], ["timebank", "demo"], ["timebank", "launch"]):
        return "it stands above the web"
    return None


def _kiosk_fault(own: str, module: str) -> str | None:
    target = module.split(".")
    if target[0] in ("web", "flask_login", "sqlalchemy", "tests"):
        return "the kiosk lives without the server"
    if target[0] != "timebank":
        return None
    is_pure = target[1:2] in (["values"], ["errors"], ["config"]) or target[2:3] == ["rules"]
    if is_pure or target[:3] == ["timebank", "kiosks", "wire"] or len(target) == 1:
        return None
    return "a kiosk sees the wire format, rules, values and errors"


def cycles(files: Iterable[Source]) -> list[str]:
    """List the groups of modules that import each other."""
    known = {source.module: source for source in files}
    arrows = {
        name: {m for _, m in imports(source) if m in known and m != name}
        for name, source in known.items()
    }
    reach = {name: _reachable(name, arrows) for name in arrows}
    rings = {
        tuple(sorted({name, *(m for m in reach[name] if name in reach[m])}))
        for name in arrows
        if name in reach[name]
    }
    return [" ⇄ ".join(ring) for ring in sorted(rings)]


def _reachable(start: str, arrows: dict[str, set[str]]) -> set[str]:
    seen: set[str] = set()
    open_ = list(arrows[start])
    while open_:
        name = open_.pop()
        if name not in seen:
            seen.add(name)
            open_.extend(arrows[name])
    return seen


def test_imports_point_down_the_picture():
    nothing([fault for source in sources(*CODE) for fault in faults_of(source)])


def test_no_modules_import_each_other():
    nothing(cycles(sources(*CODE)))


def test_every_subject_has_its_place_in_the_picture():
    here = {source.module.split(".")[1] for source in sources("timebank") if "." in source.module}
    nothing(sorted(here - set(HEIGHT)))


def _planted(path: str, text: str) -> list[str]:
    return faults_of(Source(path, text))


def test_an_import_upwards_is_found_even_inside_a_function():
    text = "def late():\n    from timebank.aid import actions\n"
    assert "aid does not stand below goods" in _planted("timebank/goods/actions.py", text)[0]


def test_neighbours_do_not_import_each_other():
    assert _planted("timebank/goods/queries.py", "import timebank.hours.queries\n")


def test_an_import_outwards_within_a_subject_is_found():
    assert _planted("timebank/goods/rules.py", "from timebank.goods.tables import lot\n")
    assert _planted("timebank/goods/queries.py", "from .actions import receive\n")


def test_a_rule_with_a_database_is_found():
    assert _planted("timebank/goods/rules.py", "from sqlalchemy import select\n")
    assert _planted("timebank/goods/rules.py", "from timebank.db import Instant\n")


def test_a_query_on_the_tables_of_another_subject_is_found():
    assert _planted("timebank/aid/queries.py", "from timebank.goods.tables import lot\n")
    assert not _planted("timebank/desk/queries.py", "from timebank.goods.tables import lot\n")
    assert _planted("timebank/desk/actions.py", "from timebank.goods.tables import lot\n")


def test_the_books_know_no_http():
    assert _planted("timebank/goods/actions.py", "from flask import g\n")
    assert _planted("timebank/goods/actions.py", "import web.app\n")


def test_a_view_with_a_table_is_found():
    assert _planted("web/goods/views.py", "from timebank.goods.tables import lot\n")
    assert _planted("web/goods/views.py", "from timebank.goods import tables\n")
    assert _planted("web/goods/views.py", "from timebank.ledger.actions import post\n")


def test_a_kiosk_with_actions_is_found():
    assert _planted("kiosk/visit.py", "from timebank.goods.actions import receive_deposit\n")
    assert not _planted("kiosk/visit.py", "from timebank.hours.rules import credited\n")


def test_a_checker_that_shares_code_with_the_books_is_found():
    for shared in ("timebank.ledger.leaves", "timebank.sealing.rules", "timebank.goods.queries"):
        assert "shares no code" in _planted("timebank/checking/books.py", f"import {shared}\n")[0]
    assert _planted("timebank/checking/tree.py", "from timebank.ledger.tables import community\n")
    assert not _planted("timebank/checking/reading.py", "from timebank.db import make_engine\n")


def test_a_ring_is_found():
    ring = [Source("web/a.py", "import web.b\n"), Source("web/b.py", "import web.a\n")]
    assert cycles(ring) == ["web.a ⇄ web.b"]


def test_the_standard_library_is_always_welcome():
    assert "datetime" in sys.stdlib_module_names
    assert not _planted("timebank/goods/rules.py", "import datetime\n")
