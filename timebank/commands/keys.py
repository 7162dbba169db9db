"""``timebank rotate-key``: replace the key of the sealed columns."""

import os

import click

from timebank.commands.opening import clear_sentences, keyring_of
from timebank.config import Settings, read_settings
from timebank.db import Database, check_engine
from timebank.keyring import Rotated, give_up_key, rotate
from timebank.schema import require_current
from timebank.vault.cipher import KEY_VARIABLE

MOST = 5


@click.command("rotate-key")
@click.option("--lost", is_flag=True, help="The old key is lost for good: go on with a new one.")
@clear_sentences
def rotate_key_command(lost: bool) -> None:
    """Replace the key of the sealed columns: seal everything again, remove the old key.

    The server may run meanwhile. Interrupted, it goes on where it stopped: run it again.
    """
    settings = read_settings(os.environ)
    database = Database(settings.database_url)
    try:
        check_engine(database.engine)
        require_current(database.engine)
        if lost:
            _give_up(database, settings)
            return
        rotated = rotate(database, keyring_of(settings), report=_progress)
    finally:
        database.close()
    _tell(rotated, settings)


def _progress(values: int) -> None:
    click.echo(f"{values} values sealed again", err=True)


def _give_up(database: Database, settings: Settings) -> None:
    click.confirm(
        "All id numbers, phones, doors, contacts, notes and card codes become unreadable. Is there"
        " really no copy of the key?",
        abort=True,
    )
    key_id = give_up_key(database, keyring_of(settings))
    click.echo(f"{settings.key_file} holds the new key {key_id}. Copy it to a safe place now.")
    click.echo("Issue new cards, enter phones and papers again, and pair every kiosk again.")


def _tell(rotated: Rotated, settings: Settings) -> None:
    for row in rotated.unreadable[:MOST]:
        click.echo(f"! Cannot be read, and stays as it is: {row}")
    if (more := len(rotated.unreadable) - MOST) > 0:
        click.echo(f"! and {more} more; see `timebank check`")
    before = ", ".join(rotated.before)
    click.echo(
        f"{rotated.values} values sealed again by key {rotated.key_id}; {before} is removed."
    )
    if keyring_of(settings).is_file:
        click.echo(f"Copy {settings.key_file} to a safe place now, and restart the server.")
    else:
        click.echo(f"Take {before} out of {KEY_VARIABLE} now, and restart the server.")
    click.echo(f"Backups made before need key {before}: keep its copy as long as you keep them.")
