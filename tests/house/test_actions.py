"""Every action has a stable name of its own, and a receipt that is read for ever."""

import ast
import importlib
import inspect
from collections import Counter
from collections.abc import Iterator
from types import FunctionType
from typing import Any

from tests.deeds.actions import RECEIPTS, every_action
from tests.house.sources import Source, functions, nothing, sources
from timebank.deeds.deed import Deed


def test_no_two_actions_share_a_name():
    counts = Counter(name for name, _ in every_action())
    nothing([f"{count} actions are called {name}" for name, count in counts.items() if count > 1])


def test_the_names_of_actions_never_change():
    """A name is in the books of every community. ``receipts.json`` holds the frozen names."""
    names = {name for name, _ in every_action()}
    nothing(
        [f"{name}: put a receipt into tests/deeds/receipts.json" for name in names - set(RECEIPTS)]
        + [f"{name}: no action has this name any more" for name in set(RECEIPTS) - names]
    )


def handed_over(source: Source) -> list[str]:
    """Find functions that take a deed and are handed over, as to ``perform``, without a name."""
    named, called = _imported(source), _called(source)
    faults = []
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Name | ast.Attribute) and id(node) not in called:
            found = _resolve(node, named)
            if _takes_a_deed(found) and not hasattr(found, "action_name"):
                faults.append(f"{source.path}:{node.lineno} {found.__name__} is no action")
    return faults


def _called(source: Source) -> set[int]:
    return {id(node.func) for node in ast.walk(source.tree) if isinstance(node, ast.Call)}


def _imported(source: Source) -> dict[str, Any]:
    """Resolve what a file imports from ``timebank``."""
    found: dict[str, Any] = {}
    for node in ast.walk(source.tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("timebank"):
            module = importlib.import_module(str(node.module))
            found |= {name.asname or name.name: _member(module, name.name) for name in node.names}
    return found


def _member(module: Any, name: str) -> Any:
    if hasattr(module, name):
        return getattr(module, name)
    return importlib.import_module(f"{module.__name__}.{name}")


def _resolve(node: ast.expr, named: dict[str, Any]) -> Any:
    if isinstance(node, ast.Name):
        return named.get(node.id)
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return getattr(named.get(node.value.id), node.attr, None)
    return None


def _takes_a_deed(found: Any) -> bool:
    if not isinstance(found, FunctionType):
        return False
    parameters: Iterator[inspect.Parameter] = iter(inspect.signature(found).parameters.values())
    first = next(parameters, None)
    return first is not None and first.annotation in (Deed, "Deed")


def test_what_is_handed_over_to_be_performed_is_an_action():
    nothing([fault for source in sources("timebank", "web") for fault in handed_over(source)])


def test_a_helper_that_is_handed_over_is_found():
    text = "from timebank.goods.actions import dispose_lots\nperform(database, dispose_lots)\n"
    assert "dispose_lots is no action" in handed_over(Source("web/goods/views.py", text))[0]
    text = "from timebank.goods import actions\nDEEDS = {'dispose': actions.dispose_lots}\n"
    assert "dispose_lots is no action" in handed_over(Source("web/goods/views.py", text))[0]


def test_an_action_that_is_handed_over_is_none_of_these():
    text = "from timebank.goods.actions import sign_cleaning\nperform(database, sign_cleaning)\n"
    assert not handed_over(Source("web/goods/views.py", text))


def audit_faults(source: Source) -> list[str]:
    """Find actions that write their audit line under another name than their own."""
    faults = []
    for function in functions(source):
        own = _own_name(function)
        for node in ast.walk(function) if own else ():
            if isinstance(node, ast.Call) and ast.unparse(node.func).strip("_") == "audit":
                written = [word.value for word in node.keywords if word.arg == "name"]
                if any(isinstance(name, ast.Constant) and name.value != own for name in written):
                    faults.append(f"{source.path}:{node.lineno} the audit line of {own}")
    return faults


def _own_name(function: ast.FunctionDef | ast.AsyncFunctionDef) -> str | None:
    for decorator in function.decorator_list:
        if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "action":
            return str(ast.literal_eval(decorator.args[0]))
    return None


def test_an_audit_line_has_the_name_of_its_action():
    nothing([fault for source in sources("timebank") for fault in audit_faults(source)])


def test_an_audit_line_of_another_name_is_found():
    text = '@action("open_day")\ndef open_day(deed):\n    audit(deed, name="close_day")\n'
    assert "open_day" in audit_faults(Source("timebank/closing/actions/counting.py", text))[0]
