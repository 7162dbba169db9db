"""What every command does first: open the database and its vault, and report faults clearly."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

import click
from sqlalchemy.exc import DatabaseError

from timebank import launch
from timebank.backups.outside import info_of
from timebank.checking.reading import reason
from timebank.clock import ClockWrong
from timebank.config import Settings
from timebank.db import Database, EngineUnfit, check_engine
from timebank.deeds.queries import Community, communities, community_by_code
from timebank.errors import BadInput
from timebank.keyfile import KeyUnfit
from timebank.keyring import Keyring, open_vault
from timebank.schema import require_current


def clear_sentences(command: Callable[..., None]) -> Callable[..., None]:
    """Report faults that an operator can fix as one sentence, without a traceback."""

    @wraps(command)
    def told(*words: Any, **options: Any) -> None:
        try:
            command(*words, **options)
        except (EngineUnfit, KeyUnfit, ClockWrong, launch.CannotStart) as why:
            raise click.ClickException(str(why)) from why
        except BadInput as why:
            field, value = why.facts["field"], why.facts.get("value", "")
            raise click.ClickException(f"{field}={value} is not a valid value.") from why
        except DatabaseError as why:
            raise click.ClickException(f"The database cannot be used: {reason(why)}.") from why
        except BrokenPipeError:
            raise  # The reader of our output has closed the pipe; click exits quietly.
        except OSError as why:
            where = f"{why.filename}: " if why.filename else ""
            raise click.ClickException(f"{where}{why.strerror or why}.") from why
        except UnicodeError as why:
            raise click.ClickException(f"A file is not valid text: {why}.") from why

    return told


def keyring_of(settings: Settings) -> Keyring:
    """The key of the sealed columns, as this process finds it."""
    return Keyring(os.environ, settings.key_file)


@contextmanager
def open_database(settings: Settings, **info: Any) -> Iterator[Database]:
    """Open the database and its vault. Refuse an unfit engine and an outdated schema.

    If there is no database, create nothing: not even a key.
    """
    database = Database(settings.database_url, info=info_of(settings) | info)
    try:
        check_engine(database.engine)
        require_current(database.engine)
        database.info["vault"] = open_vault(database, keyring_of(settings))
        yield database
    finally:
        database.close()


def the_community(database: Database, code: str) -> Community:
    """The community that a command works for: the one with a code, or the only one."""
    with database.reading() as session:
        if code:
            named = community_by_code(session, code)
            known = [named] if named else []
        else:
            known = communities(session)
    if not known and not code:
        raise click.ClickException(
            "There is no community yet. Found one with `timebank found FILE.toml`:"
            " see docs/founding.md."
        )
    if len(known) != 1:
        raise click.ClickException(
            f"{len(known)} communities: set TIMEBANK_COMMUNITY to the code of one."
        )
    return known[0]
