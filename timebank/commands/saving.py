"""``timebank backup`` and ``timebank restore-drill``."""

import os
import sys
from pathlib import Path

import click

from timebank.checking.backups import CannotSave, backup, newest
from timebank.checking.reading import NotReadable
from timebank.checking.restore_drill import drill
from timebank.commands.checking import key_option, keys_told
from timebank.commands.opening import clear_sentences
from timebank.config import read_settings
from timebank.db import utc_now


@click.command("backup")
@click.option("--to", "folder", type=click.Path(path_type=Path), help="Default: data/backups.")
@clear_sentences
def backup_command(folder: Path | None) -> None:
    """Copy the live database into a new file, and write a manifest beside it."""
    settings = read_settings(os.environ)
    try:
        made, manifest = backup(
            settings.database_url, folder or settings.data / "backups", now=utc_now()
        )
    except CannotSave as why:
        raise click.ClickException(f"{why}.") from why
    click.echo(f"{made}: {manifest.size} bytes, {len(manifest.checkpoints)} checkpoints")
    click.echo("Store the keys elsewhere: without them the personal data cannot be decrypted.")


@click.command("restore-drill")
@click.argument("file", required=False, type=click.Path(exists=True, path_type=Path))
@key_option
@clear_sentences
def drill_command(file: Path | None, verifiers: tuple[str, ...]) -> None:
    """Restore a backup into a temporary database and prove that its books match the live ones.

    Without FILE it takes the newest one in data/backups. Exit status 1 if a check fails.
    """
    settings = read_settings(os.environ)
    keys = keys_told(verifiers, settings)
    try:
        chosen = file or newest(settings.data / "backups")
        lines, is_good = drill(settings.database_url, chosen, keys)
    except (CannotSave, NotReadable) as why:
        raise click.ClickException(f"{why}.") from why
    for line in lines:
        click.echo(line)
    sys.exit(0 if is_good else 1)
