"""Write the next revision of the schema: ``make migration NAME=add_something``.

It compares the schema that the migrations make with the one that the models describe, on both
engines, writes the statements for the difference, and runs them once to see that they lead there.
Nothing is written where there is no difference. A renamed thing looks like one that is dropped
and one that is new: edit the statements by hand, and the tests compare the result with the models.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import click
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData
from sqlalchemy.exc import DBAPIError

from migrations.differences import Difference, compare, in_order
from migrations.statements import CannotWrite, statements
from migrations.wanted import read_models
from timebank.catalogue import describe, empty_place
from timebank.db import EngineUnfit
from timebank.db.revisions import run_statement
from timebank.schema import MIGRATIONS, every_table, lay

_NAME = re.compile(r"[a-z][a-z0-9_]{2,50}")
_NUMBER = re.compile(r"(\d{4})_")
_TEMPLATE = '''"""{title}.

Follows {before}. The statements are in ``{stem}/``, one file for each engine.
"""

from alembic import op

from timebank.db.revisions import run_revision

revision = "{number}"
down_revision = "{before}"
{unconfirmed}

def upgrade() -> None:
    run_revision(op.get_bind(), __file__{argument})


def downgrade() -> None:
    raise NotImplementedError("A migration is never taken back: restore the backup made before it.")
'''
_UNCONFIRMED = """
# The statements drop these for good, with all data in them, and old code may still use them. Read
# the statements, then empty the list; until then the revision refuses to run.
UNCONFIRMED = (
{lines}
)
"""


@dataclass
class Revision:
    """What a revision does on each engine, what it drops, and what differs even after it."""

    statements: dict[str, list[str]] = field(default_factory=dict)
    dropped: set[str] = field(default_factory=set)
    remaining: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return any(self.statements.values()) or bool(self.remaining)


def plan(metadata: MetaData, urls: Mapping[str, str]) -> Revision:
    """Work out the next revision, with a database of each engine to try it in.

    **Refuses**: ``CannotWrite`` where the difference cannot be written, or does not run.
    """
    found = Revision()
    for engine_name, url in urls.items():
        with empty_place(url) as connection:
            metadata.create_all(connection)
            after = describe(connection)
        with empty_place(url) as connection:
            lay(connection)
            difference = compare(describe(connection), after)
            wanted = read_models(metadata, engine_name)
            lines = statements(difference, wanted) if difference else []
            found.statements[engine_name] = lines
            found.dropped |= {str(thing) for thing in difference.gone}
            _try(connection, lines)
            rest = compare(describe(connection), after)
            found.remaining += [f"{engine_name}: {thing}" for thing in _remaining(rest)]
    return found


def _try(connection: Connection, lines: list[str]) -> None:
    for line in lines:
        try:
            run_statement(connection, line)
        except DBAPIError as fault:
            raise CannotWrite(f"This statement does not run: {line}\n{fault.orig}") from fault


def _remaining(difference: Difference) -> Iterator[str]:
    for thing in in_order(difference.before ^ difference.after | difference.changed):
        yield str(thing)


def write(name: str, revision: Revision, folder: Path) -> Path:
    """Write the files of a revision after the newest one; gives the Python file."""
    _require_name(name)
    versions = folder / "versions"
    config = Config()
    config.set_main_option("script_location", str(folder))
    before = ScriptDirectory.from_config(config).get_current_head()
    numbers = [int(found[1]) for p in versions.glob("*.py") if (found := _NUMBER.match(p.name))]
    number = f"{max(numbers, default=0) + 1:04}"
    file = versions / f"{number}_{name}.py"
    listed = "\n".join(f'    "{thing}",' for thing in sorted(revision.dropped))
    file.with_suffix("").mkdir()
    for engine_name, lines in revision.statements.items():
        written = file.with_suffix("") / f"{engine_name}.sql"
        written.write_text("\n\n".join(lines) + "\n", "utf-8")
    file.write_text(
        _TEMPLATE.format(
            title=name.replace("_", " ").capitalize(), before=before, number=number,
            stem=file.stem, unconfirmed=_UNCONFIRMED.format(lines=listed) if listed else "",
            argument=", UNCONFIRMED" if listed else "",
        ),
        "utf-8",
    )  # fmt: skip
    return file


def _require_name(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise CannotWrite(
            f"NAME={name} is not a valid name of a revision: use small letters, digits and _, as in"
            " `make migration NAME=add_phone`."
        )


def report(file: Path, revision: Revision) -> Iterator[str]:
    """Say what was written, and what is left for the author."""
    yield f"Written: {file} and the statements in {file.with_suffix('').name}/. Review them."
    for thing in sorted(revision.dropped):
        yield f"To confirm: {thing} is dropped."
    for thing in revision.remaining:
        yield f"To write by hand: {thing} still differs from the models."


@click.command()
@click.argument("name", default="")
def main(name: str) -> None:
    """Write the next revision of the schema, called NAME."""
    from tests.databases import NoServer, postgres_server  # The server that the tests use.

    try:
        _require_name(name)
        with postgres_server() as server:
            revision = plan(every_table(), {"sqlite": "sqlite://", "postgresql": server})
        if not revision:
            click.echo("Models and migrations describe the same schema: nothing to write.")
            return
        file = write(name, revision, MIGRATIONS)
    except (CannotWrite, EngineUnfit, NoServer) as why:
        raise click.ClickException(str(why)) from why
    for line in report(file.relative_to(Path.cwd()), revision):
        click.echo(line)


if __name__ == "__main__":
    main()
