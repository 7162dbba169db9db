"""The books as lines of JSON, for auditors: each row with the name of its table, by its key.

No name of a person and no note is in it; whose an account is stands there as a bare number.
"""

import json
from collections.abc import Iterator
from typing import Any

from timebank.checking.columns import NOT_EXPORTED, SHAPES, select_all
from timebank.checking.reading import Books

FORMAT = "timebank-books-1"


def jsonl(books: Books) -> Iterator[str]:
    """Write the whole of the books, line by line. Bytes are hexadecimal."""
    tables = [name for name in SHAPES if name not in NOT_EXPORTED]
    yield _dumped({"table": "export", "format": FORMAT, "tables": tables})
    for name in tables:
        for row in books.rows(select_all(name)):
            told = {"table": name}
            told |= {key: _plain(value) for key, value in row._mapping.items()}
            yield _dumped(told)


def _plain(value: Any) -> Any:
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    return int(value) if isinstance(value, bool) else value


def _dumped(told: dict[str, Any]) -> str:
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"))
