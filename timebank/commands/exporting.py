"""``timebank export``: the complete books in a format for other tools."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TextIO

import click

from timebank.checking.export_writer import jsonl
from timebank.checking.plain_text import beancount
from timebank.checking.reading import NotReadable, reading_database
from timebank.commands.opening import clear_sentences
from timebank.config import read_settings


@click.command("export")
@click.option(
    "--format",
    "shape",
    type=click.Choice(["jsonl", "beancount"]),
    required=True,
    help="jsonl: every row, for auditors and check-books; beancount: for bean-check and fava.",
)
@click.option("--community", default="", help="Code of the community (beancount, if several).")
@click.option("--to", "target", type=click.Path(path_type=Path), help="New file; default stdout.")
@clear_sentences
def export_command(shape: str, community: str, target: Path | None) -> None:
    """Export the complete books as they stand at one moment."""
    settings = read_settings(os.environ)
    try:
        with (
            reading_database(settings.database_url) as books,
            _new_file(target) if target else nullcontext(sys.stdout) as out,
        ):
            lines = jsonl(books) if shape == "jsonl" else beancount(books, community)
            for line in lines:
                out.write(f"{line}\n")
    except NotReadable as why:
        raise click.ClickException(f"{why}.") from why


@contextmanager
def _new_file(target: Path) -> Iterator[TextIO]:
    """Yield a draft that is renamed to ``target`` only after all of it is flushed to disk."""
    if target.exists():
        raise click.ClickException(f"{target} exists already: choose another name.")
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        with draft.open("x", encoding="utf-8") as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
        draft.rename(target)
    finally:
        draft.unlink(missing_ok=True)
