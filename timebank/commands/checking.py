"""``timebank check-books``: the books checked by a program that shares nothing with them."""

import os
import sys
from contextlib import AbstractContextManager
from pathlib import Path

import click

from timebank.checking.books import check_books, told
from timebank.checking.notes import Keys, Unfit, read_keys
from timebank.checking.reading import Books, NotReadable, reading_database, reading_export
from timebank.commands.opening import clear_sentences
from timebank.config import Settings, read_settings

key_option = click.option(
    "--key",
    "verifiers",
    multiple=True,
    metavar="VERIFIER",
    help="Verifier key of a log (name+id+key), or a file that holds it; else that of this house.",
)
export_option = click.option(
    "--export",
    "exported",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Check this file of `timebank export --format jsonl` instead of the database.",
)


def keys_told(verifiers: tuple[str, ...], settings: Settings) -> Keys:
    """Read the verifier keys of the command line, else take the public part of our own key."""
    lines: list[str] = []
    for one in verifiers:
        is_file = "+" not in one or Path(one).is_file()
        try:
            lines += Path(one).read_text().split() if is_file else [one]
        except OSError as fault:
            raise click.ClickException(f"{one}: {fault.strerror}") from fault
    try:
        return read_keys(lines, os.environ, settings.data / "seal.key")
    except Unfit as why:
        raise click.ClickException(f"{why}.") from why


def opened(exported: Path | None, settings: Settings) -> AbstractContextManager[Books]:
    """Open the export that was named, else the database."""
    return reading_export(exported) if exported else reading_database(settings.database_url)


@click.command("check-books")
@export_option
@key_option
@clear_sentences
def check_books_command(exported: Path | None, verifiers: tuple[str, ...]) -> None:
    """Recompute the books from their rows and name every row that does not fit.

    Exit status 1 where anything is wrong.
    """
    settings = read_settings(os.environ)
    keys = keys_told(verifiers, settings)
    try:
        with opened(exported, settings) as books:
            lines, is_whole = told(check_books(books, keys))
    except NotReadable as why:
        raise click.ClickException(f"{why}.") from why
    for line in lines:
        click.echo(line)
    sys.exit(0 if is_whole else 1)
