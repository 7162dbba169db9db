"""Compile each template once a run, not once for every application that a test makes.

Compiling the templates cost half of the time of the tests of pages. Not here: anything that
changes what a page says; a template with other text is another key.
"""

from collections.abc import Iterator
from types import CodeType
from typing import Any

import pytest
from flask.templating import Environment


def _language(environment: Environment) -> str:
    """The language that a set of templates speaks: the web has one set for each."""
    is_spoken = getattr(environment, "is_spoken", False)
    return str(environment.globals["html_lang"]()) if is_spoken else ""  # type: ignore[operator]


@pytest.fixture(scope="session", autouse=True)
def templates_once() -> Iterator[None]:
    """Keep the compiled code of every template by what it was made from."""
    compiled: dict[tuple[object, ...], CodeType] = {}
    compile_anew = Environment.compile

    def compile_once(
        self: Environment, source: Any, name: str | None = None, *rest: Any, **how: Any
    ) -> Any:
        if not isinstance(source, str) or rest[1:] or how:
            return compile_anew(self, source, name, *rest, **how)
        key = (type(self), _language(self), source, name, *rest)
        if key not in compiled:
            compiled[key] = compile_anew(self, source, name, *rest)
        return compiled[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Environment, "compile", compile_once)
        yield
