"""Read the CREATE TABLE statement that SQLite keeps of each table, part by part.

SQLite has no catalogue of constraints: its statement is all there is. A column that was added
later carries its CHECK behind it, in a new table the CHECK stands below the columns; here both
read the same. Not here: what is compared with what (see ``catalogue.py``).
"""

import re
from collections.abc import Iterator

_TOKEN = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|[(),]|[^\s'\"(),]+|['\"]")
_UNNAMED = ("CHECK", "FOREIGN", "PRIMARY", "UNIQUE")


def parts_of_table(table: str, statement: str) -> Iterator[tuple[str, str]]:
    """Name the table, each column and each constraint, with how it reads."""
    head, body, tail = _split(_TOKEN.findall(statement))
    words = [_plain(word) if _plain(word) == table else word for word in head]
    yield f"table {table}", " ".join([*words, *tail])
    for part in body:
        yield from _parts_of_column(table, part)


def _split(tokens: list[str]) -> tuple[list[str], list[list[str]], list[str]]:
    """Part what stands before the first bracket, between the commas inside it, and after it."""
    depth = 0
    head: list[str] = []
    body: list[list[str]] = []
    for at, token in enumerate(tokens):
        depth -= token == ")"
        if depth == 0 and token == ")":
            return head, body, tokens[at + 1 :]
        if depth == 0 and token != "(":
            head.append(token)
        elif (depth == 1 and token == ",") or depth == 0:
            body.append([])
        else:
            body[-1].append(token)
        depth += token == "("
    return head, body, []


def _parts_of_column(table: str, tokens: list[str]) -> Iterator[tuple[str, str]]:
    first, *rest = tokens or [""]
    if first == "CONSTRAINT" and rest:
        yield f"constraint {_plain(rest[0])} of {table}", " ".join(rest[1:])
        return
    if first in _UNNAMED:
        yield f"constraint without a name of {table}", " ".join(tokens)
        return
    end = _checks_begin(rest)
    yield f"column {table}.{_plain(first)}", " ".join(rest[:end])
    while end < len(rest):
        begin, end = end, end + 1 + _checks_begin(rest[end + 1 :])
        yield f"constraint {_plain(rest[begin + 1])} of {table}", " ".join(rest[begin + 2 : end])


def _checks_begin(tokens: list[str]) -> int:
    """Find the first named CHECK after a column; without one, the end of the statement."""
    depth = 0
    for at, token in enumerate(tokens):
        depth += (token == "(") - (token == ")")
        if depth == 0 and token == "CONSTRAINT" and tokens[at + 2 : at + 3] == ["CHECK"]:
            return at
    return len(tokens)


def _plain(name: str) -> str:
    return name.strip('"')
