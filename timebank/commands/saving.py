"""``timebank backup``, ``open-backup`` and ``restore-drill``."""

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

import click
from sqlalchemy.exc import DBAPIError

from timebank.backups.bundle import DATABASE, UNFIT, BundleUnfit, unpack
from timebank.backups.keeping import remove_outdated
from timebank.backups.making import Source
from timebank.backups.notes import RESTORE, note_drill
from timebank.checking.backups import CannotSave, backup, newest, note_made
from timebank.checking.reading import NotReadable
from timebank.checking.restore_drill import drill
from timebank.commands.checking import key_option, keys_told
from timebank.commands.drills.lost_key import opened
from timebank.commands.opening import clear_sentences, keyring_of
from timebank.config import Settings, read_settings
from timebank.db import Database, utc_now
from timebank.keyfile import KeyUnfit, as_text, parse_keys
from timebank.keyring import Keyring
from timebank.schema import every_table
from timebank.vault.cipher import KEY_VARIABLE
from timebank.vault.sealed import is_any_sealed, sealed_columns


@click.command("backup")
@click.option("--to", "folder", type=click.Path(path_type=Path), help="Default: data/backups.")
@clear_sentences
def backup_command(folder: Path | None) -> None:
    """Copy the live database into a new file, and write a manifest beside it.

    In the usual folder old backups are removed: all of two weeks stay, one a week of three months,
    one a month of two years, and one of each year before.
    """
    settings = read_settings(os.environ)
    try:
        made, manifest = backup(
            settings.database_url, folder or settings.data / "backups", now=utc_now()
        )
    except CannotSave as why:
        raise click.ClickException(f"{why}.") from why
    note_made(settings.data, made)
    if folder is None:
        remove_outdated(Source(settings.database_url, settings.data), utc_now())
    click.echo(f"{made}: {manifest.size} bytes, {len(manifest.checkpoints)} checkpoints")
    click.echo("Store the keys elsewhere: without them the personal data cannot be decrypted.")


@click.command("restore-drill")
@click.argument("file", required=False, type=click.Path(exists=True, path_type=Path))
@click.option(
    "--copy",
    "copy",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The copy of the key that you keep elsewhere. Default: the key of this server.",
)
@key_option
@clear_sentences
def drill_command(file: Path | None, copy: Path | None, verifiers: tuple[str, ...]) -> None:
    """Restore a backup into a temporary database and prove that its books match the live ones.

    The key must open the personal data in it. Without FILE it takes the newest one in data/backups.
    Exit status 1 if a check fails.
    """
    settings = read_settings(os.environ)
    keys = keys_told(verifiers, settings)
    try:
        chosen = file or newest(settings.data / "backups")
        lines, is_good = drill(
            settings.database_url, chosen, keys, opens=partial(_opened, settings, copy)
        )
    except (CannotSave, NotReadable) as why:
        raise click.ClickException(f"{why}.") from why
    note_drill(settings.data, RESTORE, at=utc_now(), is_good=is_good)
    for line in lines:
        click.echo(line)
    sys.exit(0 if is_good else 1)


@click.command("open-backup")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--to", "folder", required=True, type=click.Path(path_type=Path))
@clear_sentences
def open_backup_command(file: Path, folder: Path) -> None:
    """Decrypt a backup that was made by a page into a new folder: *database*, and its files.

    The pass is read from the terminal or from standard input. `pg_restore` reads the database of
    PostgreSQL; that of SQLite can be put in place of a stopped server's.
    """
    typed = click.prompt("Pass", hide_input=sys.stdin.isatty())
    folder.mkdir(mode=0o700)
    try:
        header = unpack(file, folder, typed=typed, most_bytes=shutil.disk_usage(folder).free)
    except BaseException as fault:
        shutil.rmtree(folder)
        if isinstance(fault, BundleUnfit):
            why = f"{file.name} cannot be opened: {UNFIT[fault.why]}."
            raise click.ClickException(why) from fault
        raise
    click.echo(f"{folder / DATABASE}: {header.engine} of {header.made_at}")


def _opened(settings: Settings, copy: Path | None, beside: str) -> Iterator[str]:
    """Open the restored samples with the key: without it a backup of personal data is worthless."""
    keyring = keyring_of(settings)
    if copy is not None:
        keys = parse_keys(copy.read_bytes(), copy.name)
        keyring = Keyring({KEY_VARIABLE: ",".join(map(as_text, keys))}, keyring.path)
    with closing(Database(beside)) as database:
        try:
            yield _opened_by(database, keyring)
        except KeyUnfit as why:
            yield f"✗ {why}"
        except DBAPIError:
            yield "! its schema is older: nothing sealed was opened, so make a new backup"


def _opened_by(database: Database, keyring: Keyring) -> str:
    if keyring.read():
        return opened(database, keyring, "the key opens")
    with database.reading() as session:
        is_filled = is_any_sealed(session, sealed_columns(every_table()))
    if is_filled:
        return f"✗ there is no key in {keyring.place}: the personal data in it stays closed"
    return "! nothing is sealed in it yet, so no key was tried"
