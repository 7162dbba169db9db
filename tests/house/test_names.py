"""One class name has one meaning, wide values are built by name, vague words live shortly."""

import ast
from collections import defaultdict
from collections.abc import Iterator

from tests.house.sources import CODE, Source, functions, nothing, sources

SCHEMAS = "web/api/schemas/"  # They repeat the names of the values that they show.
FIELDS = 4  # A value with more is built by name.
VAGUE = {"asked", "done", "found", "kept", "one", "told"}
LINES = 7  # For so many lines a vague name may be remembered.
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def classes(source: Source) -> Iterator[ast.ClassDef]:
    return (node for node in source.nodes if isinstance(node, ast.ClassDef))


def shared_names(files: list[Source]) -> list[str]:
    """The classes that have the name of another class."""
    places = defaultdict(list)
    for source in files:
        if not source.path.startswith(SCHEMAS):
            for node in classes(source):
                places[node.name].append(f"{source.path}:{node.lineno}")
    return [f"{name} names {', '.join(at)}" for name, at in places.items() if len(at) > 1]


def fields_by_class(files: list[Source]) -> dict[str, list[str]]:
    """The fields of each dataclass, NamedTuple and Struct, with those that it inherits."""
    own = [source for source in files if not source.path.startswith(SCHEMAS)]
    nodes = {node.name: node for source in own for node in classes(source)}
    return {name: _fields(node, nodes) for name, node in nodes.items() if _is_value(node, nodes)}


def _is_value(node: ast.ClassDef, nodes: dict[str, ast.ClassDef]) -> bool:
    bases = _bases(node)
    return (
        any("dataclass" in ast.unparse(decorator) for decorator in node.decorator_list)
        or not {"NamedTuple", "Struct"}.isdisjoint(bases)
        or any(base in nodes and _is_value(nodes[base], nodes) for base in bases)
    )


def _bases(node: ast.ClassDef) -> list[str]:
    """The names of its bases; ``class Meta(Form.Meta)`` is not based on itself."""
    return [name for name in map(_last_name, node.bases) if name != node.name]


def _fields(node: ast.ClassDef, nodes: dict[str, ast.ClassDef]) -> list[str]:
    bases = [nodes[name] for name in _bases(node) if name in nodes]
    inherited = [name for base in bases for name in _fields(base, nodes)]
    return inherited + [
        line.target.id
        for line in node.body
        if isinstance(line, ast.AnnAssign)
        and isinstance(line.target, ast.Name)
        and "ClassVar" not in ast.unparse(line.annotation)
    ]


def _last_name(node: ast.expr) -> str:
    """``Gift`` of ``Gift``, ``queries.Gift`` and ``Gift[int]``."""
    while isinstance(node, ast.Subscript):
        node = node.value
    return node.attr if isinstance(node, ast.Attribute) else ast.unparse(node)


def positional_values(source: Source, fields: dict[str, list[str]]) -> list[str]:
    """The constructions of wide values that tell their fields by position."""
    foreign = _names_from_elsewhere(source)
    found = []
    for node in source.nodes:
        if not isinstance(node, ast.Call) or ast.unparse(node.func).split(".")[0] in foreign:
            continue
        name = _last_name(node.func)
        is_spread = any(isinstance(argument, ast.Starred) for argument in node.args)
        if len(fields.get(name, ())) > FIELDS and (is_spread or len(node.args) > 1):
            found.append(f"{source.path}:{node.lineno} {name} is built by position")
    return found


def _names_from_elsewhere(source: Source) -> set[str]:
    """What a file imports from other projects: ``Column`` of SQLAlchemy is not ours."""
    return {
        (name.asname or name.name).split(".")[0]
        for node in source.nodes
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in node.names
        if (getattr(node, "module", None) or name.name).split(".")[0] not in CODE
    }


def long_vague_names(source: Source) -> list[str]:
    """The vague variables and parameters that a reader must remember for long."""
    found = []
    for function in functions(source):
        lines = defaultdict(list)
        bound = set()
        for node in _own_nodes(function):
            name = node.arg if isinstance(node, ast.arg) else node.id
            lines[name].append(node.lineno)
            if isinstance(node, ast.arg) or isinstance(node.ctx, ast.Store):
                bound.add(name)
        found += [
            f"{source.path}:{min(lines[name])} {name} lives for {life} lines in {function.name}"
            for name in sorted(bound & VAGUE)
            if (life := max(lines[name]) - min(lines[name])) > LINES
        ]
    return found


def _own_nodes(
    function: ast.AST, hidden: frozenset[str] = frozenset()
) -> Iterator[ast.Name | ast.arg]:
    """The names and parameters in a function; those that a comprehension binds are its own."""
    for node in ast.iter_child_nodes(function):
        if isinstance(node, ast.arg) or (isinstance(node, ast.Name) and node.id not in hidden):
            yield node
        elif isinstance(node, COMPREHENSIONS):
            targets = [n for part in node.generators for n in ast.walk(part.target)]
            yield from _own_nodes(node, hidden | {n.id for n in targets if isinstance(n, ast.Name)})
        elif not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield from _own_nodes(node, hidden)


def planted(text: str, path: str = "timebank/goods/planted.py") -> Source:
    return Source(path, text)


WIDE = """
class Gift(NamedTuple):
    TABLE: ClassVar[str] = "gift"
    id: int
    name: str
    pieces: int
    thanks: str

class NamedGift(Gift):
    donor: str
"""


def test_no_two_classes_share_a_name():
    nothing(shared_names(sources(*CODE)))


def test_wide_values_are_built_by_name():
    files = sources(*CODE)
    fields = fields_by_class(files)
    nothing([fault for source in files for fault in positional_values(source, fields)])


def test_vague_names_live_shortly():
    nothing([fault for source in sources(*CODE) for fault in long_vague_names(source)])


def test_a_shared_name_is_found():
    here, there = (
        planted("class Line:\n    pass\n"),
        planted("class Line:\n    pass\n", "kiosk/a.py"),
    )
    assert shared_names([here]) == []
    assert shared_names([here, there]) == ["Line names timebank/goods/planted.py:1, kiosk/a.py:1"]
    assert shared_names([here, planted(there.text, f"{SCHEMAS}goods.py")]) == []


def test_a_wide_value_built_by_position_is_found():
    fields = fields_by_class([planted(WIDE)])
    assert fields["NamedGift"] == ["id", "name", "pieces", "thanks", "donor"]
    for call in (
        "NamedGift(*row)",
        "values.NamedGift(1, 'rice')",
        "NamedGift(1, 'rice', pieces=2)",
    ):
        assert len(positional_values(planted(call), fields)) == 1, call
    for call in ("NamedGift(1, name='rice')", "NamedGift(**row)", "Gift(1, 'rice', 2, '')"):
        assert positional_values(planted(call), fields) == [], call
    imported = "from elsewhere import NamedGift\nNamedGift(*row)"
    assert positional_values(planted(imported), fields) == []


def test_a_vague_name_that_lives_long_is_found():
    body = "\n".join("    pass" for _ in range(LINES))
    for head in (
        "def f():\n    told = 1",
        "def f(told):\n    pass",
        "def f():\n    for told in x: pass",
    ):
        assert len(long_vague_names(planted(f"{head}\n{body}\n    print(told)\n"))) == 1, head
    for text in (
        f"def f():\n{body}\n    told = 1\n    print(told)\n",
        f"def f():\n    x = [told for told in y]\n{body}\n    x = [told for told in y]\n",
        f"def f():\n    claims = 1\n{body}\n    print(claims)\n",
    ):
        assert long_vague_names(planted(text)) == [], text
