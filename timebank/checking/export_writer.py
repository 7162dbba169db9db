"""Writing the books as lines of JSON, for auditors: one row per line, ordered by key.

The export contains no name of a person and no note. The owner of an account is a number.
"""

import json
from collections.abc import Iterator
from typing import Any

from timebank.checking.columns import EXPORTED, select_all
from timebank.checking.reading import Books

FORMAT = "timebank-books-2"
END = "end"


def first_line() -> dict[str, Any]:
    """The first line: format and tables of the file."""
    return {"table": "export", "format": FORMAT, "tables": list(EXPORTED)}


def jsonl(books: Books) -> Iterator[str]:
    """Write all books, line by line. Bytes are hexadecimal.

    The last line contains the number of rows: without it, a truncated file would pass.
    """
    yield _dumped(first_line())
    counts = dict.fromkeys(EXPORTED, 0)
    for name in EXPORTED:
        for row in books.rows(select_all(name)):
            fields = {"table": name}
            fields |= {key: _plain(value) for key, value in row._mapping.items()}
            counts[name] += 1
            yield _dumped(fields)
    yield _dumped({"table": END, "rows": counts})


def _plain(value: Any) -> Any:
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    return int(value) if isinstance(value, bool) else value


def _dumped(fields: dict[str, Any]) -> str:
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":"))
