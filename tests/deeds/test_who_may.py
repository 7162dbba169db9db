"""Every deed that begins by asking for a right, tried by every role against the docs."""

import ast
import importlib
import inspect
import pkgutil
import re
from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Any

import pytest

import timebank
from tests.conftest import only_on
from tests.factories import make_by
from tests.house.sources import ROOT, nothing
from tests.web.test_who_may import table_of
from timebank.deeds.deed import Deed
from timebank.errors import NotAllowed
from timebank.people.rules import ROLE_NAMES

ASKS = re.compile(r"may\.(\w+)\.require")
VALUES = {"int": 1, "str": "x", "bool": True, "date": date(2025, 6, 10), "Mapping": {}}


def deeds_that_ask() -> Iterator[tuple[str, Callable[..., Any]]]:
    """Yield the right and the action, for each action whose first statement asks for a right."""
    for found in pkgutil.walk_packages(timebank.__path__, "timebank."):
        if ".actions." not in found.name and found.name != "timebank.desk.shortfalls":
            continue
        module = importlib.import_module(found.name)
        for name, value in vars(module).items():
            if inspect.isfunction(value) and value.__module__ == module.__name__ and name[0] != "_":
                right = ASKS.match(first_statement(value))
                if right:
                    yield getattr(module.may, right.group(1)).name, value


def first_statement(action: Callable[..., Any]) -> str:
    """The first statement of an action, after its docstring."""
    (function,) = ast.parse(inspect.getsource(action)).body
    assert isinstance(function, ast.FunctionDef)
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return ast.unparse(body[0]) if body else ""


def content_of(action: Callable[..., Any], now: datetime) -> dict[str, Any]:
    """Make up the arguments that an action needs; none of them names anything that exists."""
    made = {}
    for name, wanted in inspect.signature(action).parameters.items():
        kind = str(wanted.annotation).split("[")[0].split(" |")[0]
        if name != "deed" and wanted.default is inspect.Parameter.empty:
            made[name] = now if kind == "datetime" else VALUES.get(kind, ())
    return made


def is_refused(action: Callable[..., Any], deed: Deed, content: dict[str, Any]) -> bool:
    """Tell whether the role alone is refused; whatever else goes wrong comes after that."""
    with deed.session.begin_nested() as savepoint:
        try:
            action(deed, **content)
        except NotAllowed:
            return True
        except Exception:
            return False
        finally:
            if savepoint.is_active:
                savepoint.rollback()
    return False


@only_on("sqlite")
@pytest.mark.parametrize("role", sorted(ROLE_NAMES))
def test_a_deed_is_open_to_the_roles_that_the_table_names(session, now, role):
    table = table_of((ROOT / "docs/who-may.md").read_text("utf-8"))
    # What takes two people asks for a person; the first values of a community, for a machine.
    deeds = [Deed(session, by, now, "matrix") for by in (make_by(role), make_by(role, person_id=1))]
    faults = [
        f"{role} {action.__name__} ({right})"
        for right, action in deeds_that_ask()
        if all(is_refused(action, deed, content_of(action, now)) for deed in deeds)
        == (role in table[right])
    ]
    nothing(faults)


def test_most_rights_are_asked_by_a_deed():
    assert len({right for right, _action in deeds_that_ask()}) > 25
