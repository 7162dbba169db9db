"""``timebank drill``: rehearse a disaster on a copy, and end in GOOD or BAD.

Each drill yields its findings line by line: ``✓`` holds, ``✗`` does not, ``!`` is worth knowing.
Not here: ``restore-drill``, the rehearsal of a lost database (``saving.py``).
"""

import logging
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from timebank.backups.notes import LOST_KEY, STOLEN_KIOSK, WRONG_CLOCK, note_drill
from timebank.checking.backups import CannotSave
from timebank.commands.opening import clear_sentences, keyring_of
from timebank.config import Settings, read_settings
from timebank.db import utc_now
from timebank.keyfile import parse_keys


@click.group("drill")
def drills() -> None:
    """Rehearse a disaster on a copy of the database; each drill ends in GOOD or BAD."""


@drills.command("lost-key")
@click.option(
    "--copy",
    "copy",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The copy of the key that you keep elsewhere. Default: the key of this server.",
)
@clear_sentences
def lost_key_command(copy: Path | None) -> None:
    """Lose the key on a copy of the database: does the copy of the key bring everything back?

    Nothing of the running community is changed. Exit status 1 if a check fails.
    """
    from timebank.commands.drills.lost_key import lines_of

    settings = read_settings(os.environ)
    keys = parse_keys(copy.read_bytes(), copy.name) if copy else keyring_of(settings).read()
    whose = "the copy of the key" if copy else "the server's own key"
    _report(settings, LOST_KEY, lines_of(settings, keys, is_own=copy is None), whose)


@drills.command("stolen-kiosk")
@clear_sentences
def stolen_kiosk_command() -> None:
    """Steal a kiosk of a copy of the database: what do its files give away, what do they open?

    Nothing of the running community or its kiosks is changed. Exit status 1 if a check fails.
    """
    from timebank.commands.drills.stolen_kiosk import lines_of

    settings = read_settings(os.environ)
    _report(settings, STOLEN_KIOSK, lines_of(settings), "a stolen kiosk")


@drills.command("wrong-clock")
@clear_sentences
def wrong_clock_command() -> None:
    """Set the clocks of kiosk and server ten years wrong, on a copy of the database.

    Nothing of the running community is changed. Exit status 1 if a check fails.
    """
    from timebank.commands.drills.wrong_clock import lines_of

    settings = read_settings(os.environ)
    _report(settings, WRONG_CLOCK, lines_of(settings), "a wrong clock")


def _report(settings: Settings, name: str, lines: Iterator[str], what: str) -> None:
    """Print the findings as they come, note the outcome, and end with the verdict."""
    is_good = True
    logging.getLogger().addHandler(logging.NullHandler())  # The findings say what was noticed.
    try:
        for line in lines:
            click.echo(line)
            is_good = is_good and not line.startswith("✗")
    except CannotSave as why:
        raise click.ClickException(f"{why}.") from why
    note_drill(settings.data, name, at=utc_now(), is_good=is_good)
    click.echo(f"{'GOOD' if is_good else 'BAD'}: {what}.")
    sys.exit(0 if is_good else 1)
