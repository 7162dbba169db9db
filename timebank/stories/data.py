"""Read the data files of the sample community: TOML with one repeated table."""

import tomllib
from pathlib import Path
from typing import Any


def read_rows(path: Path) -> list[dict[str, Any]]:
    """Read the entries of a file that holds one list, such as ``items.toml``."""
    (rows,) = tomllib.loads(path.read_text("utf-8")).values()
    return list(rows)
