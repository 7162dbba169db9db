"""``timebank check-books`` and ``verify-receipt``: checks that share no code with the ledger."""

import os
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path

import click

from timebank.checking.books import check_books, report
from timebank.checking.export_reader import reading_export
from timebank.checking.kept_checkpoints import KeptCheckpoint, read_kept
from timebank.checking.notes import Keys, Unfit, read_keys
from timebank.checking.reading import Books, NotReadable, reading_database
from timebank.checking.receipts import (
    BROKEN,
    MISSING,
    SEALED,
    ReceiptStanding,
    check_bundle,
    find_receipt,
    read_bundle,
    read_receipt,
)
from timebank.commands.opening import clear_sentences
from timebank.config import Settings, read_settings

key_option = click.option(
    "--key",
    "verifiers",
    multiple=True,
    metavar="VERIFIER",
    help="Verifier key of a log (name+id+key), or a file with it. Default: the server's own key.",
)
export_option = click.option(
    "--export",
    "exported",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Check this file of `timebank export --format jsonl` instead of the database.",
)


def keys_told(verifiers: tuple[str, ...], settings: Settings) -> Keys:
    """Read the verifier keys of the command line; without any, the public part of the server's
    key.
    """
    lines: list[str] = []
    for verifier in verifiers:
        is_file = "+" not in verifier or Path(verifier).is_file()
        try:
            lines_given = Path(verifier).read_text().split() if is_file else [verifier]
        except OSError as fault:
            raise click.ClickException(f"{verifier}: {fault.strerror}.") from fault
        except UnicodeError as fault:
            raise click.ClickException(
                f"{verifier} holds no verifier key: it is not text."
            ) from fault
        if not lines_given:
            raise click.ClickException(f"{verifier} is empty: a verifier key is expected in it.")
        lines += lines_given
    try:
        return read_keys(lines, os.environ, settings.seal_key_file)
    except Unfit as why:
        raise click.ClickException(f"{why}.") from why
    except UnicodeError as fault:
        source = "the verifier key" if lines else settings.seal_key_file
        raise click.ClickException(f"{source} is not a key: it is not text.") from fault


def opened(exported: Path | None, settings: Settings) -> AbstractContextManager[Books]:
    """Open the export file if one is given, otherwise the database."""
    return reading_export(exported) if exported else reading_database(settings.database_url)


def kept_in(files: tuple[Path, ...]) -> list[KeptCheckpoint]:
    """Read the checkpoints of each file."""
    kept: list[KeptCheckpoint] = []
    for file in files:
        try:
            kept += read_kept(file.read_text("utf-8", errors="replace"))
        except Unfit as why:
            raise click.ClickException(f"{file}: {why}.") from why
    return kept


@click.command("check-books")
@export_option
@key_option
@click.option(
    "--checkpoint",
    "witnesses",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Checkpoint kept elsewhere that the log must extend; may be repeated.",
)
@clear_sentences
def check_books_command(
    exported: Path | None, verifiers: tuple[str, ...], witnesses: tuple[Path, ...]
) -> None:
    """Recompute the books from their rows and report every wrong row.

    Exit status 0: no fault; 1: a fault; 2: no fault, but there was no key to verify the signatures
    with.
    """
    settings = read_settings(os.environ)
    keys, kept = keys_told(verifiers, settings), kept_in(witnesses)
    try:
        with opened(exported, settings) as books:
            found = check_books(books, keys, kept)
    except NotReadable as why:
        raise click.ClickException(f"{why}.") from why
    lines, is_whole = report(found)
    for line in lines:
        click.echo(line)
    sys.exit(1 if not is_whole else 2 if any(finding.is_unproved for finding in found) else 0)


@click.command("verify-receipt")
@click.argument("code", metavar="QR")
@click.option(
    "--proof",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Check this proof file; the books are not read.",
)
@export_option
@key_option
@clear_sentences
def verify_receipt_command(
    code: str, *, proof: Path | None, exported: Path | None, verifiers: tuple[str, ...]
) -> None:
    """Prove that one receipt is in the books, from the text of its QR code.

    Exit status 0: it is under a signed checkpoint; 1: it is not in the books, or the books
    contradict their seal; 2: it is not sealed yet, or there is no key to verify the signature
    with.
    """
    settings = read_settings(os.environ)
    keys = keys_told(verifiers, settings)
    try:
        receipt = read_receipt(code)
        if proof:
            standing = check_bundle(receipt, read_bundle(proof.read_bytes()), keys)
        else:
            with opened(exported, settings) as books:
                standing = find_receipt(books, receipt, keys)
    except (Unfit, NotReadable) as why:
        raise click.ClickException(f"{why}.") from why
    for line in _told(standing):
        click.echo(line)
    is_proved = standing.state == SEALED and standing.is_signed
    sys.exit(1 if standing.state in (MISSING, BROKEN) else 0 if is_proved else 2)


def _told(standing: ReceiptStanding) -> Iterator[str]:
    """Describe the state of a receipt in plain words."""
    if standing.state == MISSING:
        yield f"NOT in the books: {standing.why}."
        return
    if standing.state == BROKEN:
        yield f"NOT proved: {standing.why}."
        return
    yield f"The receipt says: {standing.kind}, posted at {_at(standing.posted_us)}"
    for line in standing.lines:
        yield f"  {line.quantity} of commodity {line.commodity_id}"
    if standing.checkpoint is None:
        yield "In the books, but not sealed yet: try again in a few minutes."
        return
    checkpoint = standing.checkpoint
    yield f"In the books, under checkpoint {checkpoint.size} of {checkpoint.origin},"
    yield f"  signed at {_at(checkpoint.signed_us)}."
    if standing.is_signed:
        yield "  The signature is valid."
    else:
        yield f"  The signature was not checked: pass the key of {checkpoint.origin} with --key."


def _at(us: int) -> str:
    return datetime.fromtimestamp(us // 1_000_000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
