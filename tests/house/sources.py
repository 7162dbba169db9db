"""The source files of the project, read and parsed once a run, and planted samples of them."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CODE = ("timebank", "web", "kiosk")
EVERYTHING = (*CODE, "tests", "migrations", "bench")


@dataclass(frozen=True)
class Source:
    """One file: its path from the root of the repository, and its text."""

    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, self.path)

    @cached_property
    def nodes(self) -> list[ast.AST]:
        """Every node of the tree, in the order of ``ast.walk``."""
        return list(ast.walk(self.tree))

    @cached_property
    def lines(self) -> list[str]:
        return self.text.splitlines()

    @property
    def module(self) -> str:
        """The dotted name, for a Python file."""
        parts = Path(self.path).with_suffix("").parts
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    @property
    def is_package(self) -> bool:
        return self.path.endswith("__init__.py")


def sources(*folders: str, ending: str = ".py") -> list[Source]:
    """Read the files of some folders; a missing folder has no files."""
    return list(_read(folders, ending))


def _read(folders: tuple[str, ...], ending: str) -> Iterator[Source]:
    for folder in folders:
        for path in sorted((ROOT / folder).rglob(f"*{ending}")):
            yield _file(path)


@cache
def _file(path: Path) -> Source:
    """Read a file once: many tests ask for the same files, and parsing them costs most."""
    return Source(path.relative_to(ROOT).as_posix(), path.read_text("utf-8"))


def functions(source: Source) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function and method of a file."""
    for node in source.nodes:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


MOST = 60


def nothing(faults: list[str]) -> None:
    """Fail with one fault per line."""
    told = faults[:MOST] + ([f"… and {len(faults) - MOST} more"] if len(faults) > MOST else [])
    assert not faults, "\n" + "\n".join(told)
