"""Imports point down: a subject imports what it declares to stand on, and modules below it."""

import ast
import sys
from collections.abc import Iterable, Iterator, Mapping

from tests.house.sources import CODE, ROOT, Source, nothing, sources
from timebank.subjects import subjects

SUBJECTS = "…"
# The floors of ``timebank``, the lowest first. A module may import those on lower lines only.
# The subjects share one line: among them, each imports what its declaration stands on.
FLOORS = (
    ("values", "errors", "private_files", "typed", "json_keys"),
    ("sheets",),
    ("db", "config", "keyfile"),
    ("rights",),
    ("subject",),
    ("deeds",),
    ("stories",),
    (SUBJECTS,),
    ("subjects",),
    ("schema", "checking", "dictionary"),
    ("launch", "jobs", "sealer", "catalogue", "fitness", "keyring", "clock", "clear_text"),
    ("backups",),
    ("demo",),
    ("demo_server",),
    ("commands",),
    ("cli",),
)
FLOOR = {name: floor for floor, names in enumerate(FLOORS) for name in names}
# These wire the whole house together, and may see all of it.
WIRING = ("timebank.demo_server", "timebank.cli", "timebank.commands")
LAYERS = {"rules": 0, "tables": 1, "queries": 2, "actions": 3}
# Every other file of a subject obeys the rule for actions.
USUAL_LAYER = "actions"
# Pure modules beside a subject's rules: a rule may use them as it uses rules.
PURE = ("rules", "refusals", "may", "working_days", "opening")
# The community leads every key; whoever founds it or looks it up sees its one table.
SHARED = {("timebank.deeds.tables", "community")}
# Sealing reads the rows of the books as they are: it puts them under the log's hashes.
READS_TABLES = {"sealing": ("ledger",)}
# The checker must not repeat a mistake of the books, so it shares no code with them.
CHECKER, CHECKER_MAY_SEE = "timebank.checking", ("db", "config")
NO_RULE_IMPORTS = ("sqlalchemy", "flask", "alembic", "psycopg", "requests", "urllib")
Stands = Mapping[str, frozenset[str]]


def declared() -> Stands:
    """What each subject declares to stand on."""
    return {subject.name: frozenset(subject.stands_on) for subject in subjects()}


def imports(source: Source, *, shared: bool = False) -> Iterator[tuple[int, str]]:
    """Every module that a file imports, with its line; ``SHARED`` only where ``shared`` says so."""
    for node in source.nodes:
        if isinstance(node, ast.Import):
            for name in node.names:
                yield node.lineno, name.name
        elif isinstance(node, ast.ImportFrom):
            base = _base(source, node)
            for name in node.names:
                if shared or (base, name.name) not in SHARED or source.module.startswith(CHECKER):
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


def faults_of(source: Source, stands: Stands) -> list[str]:
    """Say which imports of a file point the wrong way."""
    top = source.module.split(".")[0]
    found = []
    for line, module in sorted(set(imports(source))):
        if top == "timebank":
            why = _timebank_fault(source.module, module, stands)
        else:
            why = {"web": _web_fault, "kiosk": _kiosk_fault}[top](source.module, module)
        if why:
            found.append(f"{source.path}:{line} imports {module}: {why}")
    return found


def _timebank_fault(own: str, module: str, stands: Stands) -> str | None:
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
    return _floor_fault(parts[1], target[1], stands) or _layer_fault(parts, target, stands)


def _floor_fault(own: str, target: str, stands: Stands) -> str | None:
    if own in stands and target in stands:
        return None if target in stands[own] else f"{own} does not declare to stand on {target}"
    heights = [
        FLOOR.get(name, FLOOR[SUBJECTS] if name in stands else None) for name in (own, target)
    ]
    if None in heights:
        return "it has no floor: declare a subject, or see FLOORS"
    return f"{target} is not below {own}" if heights[1] >= heights[0] else None


def _inward_fault(parts: list[str], target: list[str]) -> str | None:
    own, other = (".".join(names[2:3]) for names in (parts, target))
    if own in LAYERS and other in LAYERS and LAYERS[other] > LAYERS[own]:
        return f"{own} stand further in than {other}"
    if own == "rules" and other == "vault":
        return "a rule is pure"
    return None


def _layer_fault(parts: list[str], target: list[str], stands: Stands) -> str | None:
    """Judge an import from a subject below, by the layer of the file that imports it."""
    own, other = (".".join(names[2:3]) for names in (parts, target))
    layer = own if own in LAYERS else USUAL_LAYER
    is_subject = target[1] in stands
    if layer == "rules" and (target[1] == "db" or (is_subject and other not in PURE)):
        return "a rule sees only rules, values and errors"
    if layer == "tables" and is_subject and other not in ("tables", *PURE):
        return "tables see only tables and rules below"
    if layer == "queries" and other == "actions":
        return "a query changes nothing"
    if layer in ("queries", "actions") and is_subject and other == "tables":
        if target[1] in READS_TABLES.get(parts[1], ()):
            return None
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
    lowest = (["values"], ["errors"], ["private_files"], ["config"], ["typed"], ["json_keys"])
    is_pure = target[1:2] in lowest or target[2:3] in (["rules"], ["refusals"])
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


def test_imports_point_down():
    stands = declared()
    nothing([fault for source in sources(*CODE) for fault in faults_of(source, stands)])


def test_no_modules_import_each_other():
    nothing(cycles(sources(*CODE)))


def unused(files: Iterable[Source], stands: Stands) -> list[str]:
    """Name what a subject declares to stand on, and no file of it imports."""
    used: dict[str, set[str]] = {}
    for source in files:
        parts = source.module.split(".")
        if len(parts) > 1 and parts[1] in stands:
            found = {
                module.split(".")[1] for _, module in imports(source, shared=True) if "." in module
            }
            used.setdefault(parts[1], set()).update(found)
    return [
        f"{name} declares to stand on {below}, and imports nothing of it"
        for name in sorted(stands)
        for below in sorted(stands[name] - used.get(name, set()))
    ]


def test_a_subject_imports_all_that_it_declares_to_stand_on():
    nothing(unused(sources("timebank"), declared()))


def test_a_subject_that_stands_on_what_it_never_imports_is_found():
    files = [Source("timebank/a/rules.py", "import timebank.b.rules\n")]
    stands = {"a": frozenset({"b", "c"}), "b": frozenset(), "c": frozenset()}
    assert unused(files, stands) == ["a declares to stand on c, and imports nothing of it"]


def _planted(path: str, text: str) -> list[str]:
    return faults_of(Source(path, text), declared())


def test_an_import_upwards_is_found_even_inside_a_function():
    text = "def late():\n    from timebank.aid import actions\n"
    fault = _planted("timebank/goods/actions.py", text)[0]
    assert "goods does not declare to stand on aid" in fault
    assert (
        "subjects is not below goods"
        in _planted("timebank/goods/actions.py", "import timebank.subjects\n")[0]
    )


def test_neighbours_do_not_import_each_other():
    assert _planted("timebank/goods/queries.py", "import timebank.hours.queries\n")


def test_a_folder_without_a_declaration_has_no_floor():
    assert "has no floor" in _planted("timebank/other/rules.py", "import timebank.values\n")[0]


def test_an_import_outwards_within_a_subject_is_found():
    assert _planted("timebank/goods/rules.py", "from timebank.goods.tables import lot\n")
    assert _planted("timebank/goods/queries.py", "from .actions import receive\n")


def test_a_rule_with_a_database_is_found():
    assert _planted("timebank/goods/rules.py", "from sqlalchemy import select\n")
    assert _planted("timebank/goods/rules.py", "from timebank.db import Instant\n")


def test_the_tables_of_another_subject_are_seen_from_no_file():
    for name in ("queries", "actions", "verbs", "sample", "moving"):
        found = _planted(f"timebank/aid/{name}.py", "from timebank.goods.tables import lot\n")
        assert "tables are its own" in found[0], name


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
    assert _planted("timebank/checking/tree.py", "from timebank.deeds.tables import community\n")
    assert not _planted("timebank/checking/reading.py", "from timebank.db import make_engine\n")


def test_a_ring_is_found():
    ring = [Source("web/a.py", "import web.b\n"), Source("web/b.py", "import web.a\n")]
    assert cycles(ring) == ["web.a ⇄ web.b"]


def test_the_standard_library_is_always_welcome():
    assert "datetime" in sys.stdlib_module_names
    assert not _planted("timebank/goods/rules.py", "import datetime\n")
