"""What every command begins with: the database with its vault, and faults in one sentence."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Any

import click
from sqlalchemy.engine import make_url

from timebank import launch
from timebank.config import Settings
from timebank.db import Database, EngineUnfit, check_engine
from timebank.errors import BadInput
from timebank.people.vault import Vault, VaultUnfit


def clear_sentences(command: Callable[..., None]) -> Callable[..., None]:
    """Tell what an operator can mend as one sentence, without a traceback."""

    @wraps(command)
    def told(*words: Any, **options: Any) -> None:
        try:
            command(*words, **options)
        except (EngineUnfit, VaultUnfit, launch.CannotStart) as why:
            raise click.ClickException(str(why)) from why
        except BadInput as why:
            field, value = why.facts["field"], why.facts.get("value", "")
            raise click.ClickException(f"{field}={value} makes no sense here.") from why

    return told


@contextmanager
def open_database(settings: Settings, **info: Any) -> Iterator[Database]:
    """Open the database with its vault; nothing is made where there is none.

    **Refuses**: ``CannotStart``; ``EngineUnfit`` for an engine that cannot carry the books.
    """
    _require_database(settings.database_url)
    settings.data.mkdir(parents=True, exist_ok=True)
    vault = Vault.load(os.environ, settings.key_file)
    database = Database(settings.database_url, info={"vault": vault, **info})
    try:
        check_engine(database.engine)
        yield database
    finally:
        database.close()


def _require_database(url: str) -> None:
    """SQLite would make an empty one: whoever lost his books would be told that they are new."""
    told = make_url(url)
    path = Path(told.database or "")
    if told.get_backend_name() == "sqlite" and not path.is_file():
        raise launch.CannotStart(
            f"There is no database {path}. Put it back there, from a backup if need be; for a new"
            " community run `timebank migrate`."
        )
