"""Write the first migration from the models as they stand: ``make first-migration``.

Only until the first release. From then on communities have run it, and a change is a new
revision: ``make migration NAME=…``.
"""

from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Dialect
from sqlalchemy.schema import CreateIndex, CreateTable

from migrations.wanted import dialect_of, tidy
from timebank.schema import MIGRATIONS, every_table

FOLDER = MIGRATIONS / "versions" / "0001_first"


def statements(dialect: Dialect) -> Iterator[str]:
    """Write each table with its indexes, and the triggers that refuse what it may not become."""
    written: set[str] = set()
    for table in every_table().sorted_tables:
        yield str(CreateTable(table).compile(dialect=dialect))
        for index in sorted(table.indexes, key=lambda index: str(index.name)):
            yield str(CreateIndex(index).compile(dialect=dialect))
        for statement in table.info.get("ddl", {}).get(dialect.name, ()):
            if statement not in written:
                written.add(statement)
                yield statement


def write(folder: Path) -> None:
    """Write one file for each engine."""
    folder.mkdir(exist_ok=True)
    for dialect in map(dialect_of, ("sqlite", "postgresql")):
        text = "\n\n".join(tidy(statement) for statement in statements(dialect))
        (folder / f"{dialect.name}.sql").write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    write(FOLDER)
