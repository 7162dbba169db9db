"""``timebank migrate``: a backup, then the newest schema in one transaction."""

import os
from pathlib import Path

import click
from sqlalchemy.exc import DatabaseError

from timebank import schema
from timebank.checking.backups import CannotSave, backup
from timebank.checking.reading import reason
from timebank.commands.opening import clear_sentences
from timebank.config import Settings, read_settings
from timebank.db import utc_now
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
    interrupted, the old schema stays: run it again.
    """
    settings = read_settings(os.environ)
    private_folder(settings.data)
    before = None if no_backup else lambda: _back_up(settings, folder)
    try:
        is_changed = schema.migrate(settings.database_url, before=before)
    except DatabaseError as why:
        raise click.ClickException(
            f"The migration failed and nothing was changed: {reason(why)}."
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
