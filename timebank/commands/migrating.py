"""``timebank migrate``: a backup, then the newest schema in one transaction."""

import os
from functools import partial
from pathlib import Path

import click
from sqlalchemy.exc import DatabaseError

from timebank import schema
from timebank.checking.backups import CannotSave, backup
from timebank.checking.reading import reason
from timebank.clear_text import has_clear_text, seal_clear_text
from timebank.commands.opening import clear_sentences, keyring_of
from timebank.config import Settings, read_settings
from timebank.db import Database, utc_now
from timebank.keyring import open_vault
from timebank.private_files import private_folder


@click.command("migrate")
@click.option(
    "--backup-to",
    "folder",
    type=click.Path(path_type=Path),
    help="Folder of the backup; else data/backups.",
)
@click.option("--no-backup", is_flag=True, help="You have made a backup yourself.")
@clear_sentences
def migrate_command(folder: Path | None, no_backup: bool) -> None:
    """Bring the database to the newest schema, after a backup of it.

    A new database needs no backup, and where the schema is the newest nothing happens. When it is
    interrupted, the old schema stays: run it again. What older versions stored in clear text is
    sealed row by row before its columns are dropped; interrupted there, run it again too.
    """
    settings = read_settings(os.environ)
    private_folder(settings.data)
    before = None if no_backup else lambda: _back_up(settings, folder)
    try:
        is_changed = schema.migrate(
            settings.database_url, before=before, seal=partial(_seal, settings)
        )
    except DatabaseError as why:
        raise click.ClickException(
            f"The migration failed and nothing was lost: {reason(why)}."
        ) from why
    state = "now" if is_changed else "already"
    click.echo(f"The database has the newest schema {state}: {schema.newest_revision()}.")


def _back_up(settings: Settings, folder: Path | None) -> None:
    try:
        made, _ = backup(settings.database_url, folder or settings.data / "backups", now=utc_now())
    except CannotSave as why:
        raise click.ClickException(
            f"No backup could be made, so nothing was changed: {why}. Make one in another way and"
            " run `timebank migrate --no-backup`."
        ) from why
    click.echo(f"Backup: {made}")


def _seal(settings: Settings) -> None:
    """Seal what older versions stored in clear text; a database without such text needs no key."""
    database = Database(settings.database_url)
    try:
        if not has_clear_text(database):
            return
        database.info["vault"] = open_vault(database, keyring_of(settings))
        values = seal_clear_text(database, report=_progress)
    finally:
        database.close()
    click.echo(
        f"{values} values that stood in clear text are sealed. They still stand in every backup"
        " made before: lock these away, and delete them when you no longer need them."
    )


def _progress(values: int) -> None:
    click.echo(f"{values} values sealed", err=True)
