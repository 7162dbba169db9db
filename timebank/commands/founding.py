"""``timebank found``: create a community from a description, all of it or nothing."""

import os
from dataclasses import replace
from functools import partial
from pathlib import Path

import click
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from timebank.commands.opening import clear_sentences, open_database
from timebank.config import read_settings
from timebank.db import Database
from timebank.errors import BadInput, WrongState
from timebank.founding.entering import FirstSlip, found_with_slips
from timebank.founding.files import PlanUnfit, read_file
from timebank.founding.set_up import make_code
from timebank.launch import LOOPBACK
from timebank.values import local_day


@click.command("found")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--database", "url", metavar="URL", help="By default TIMEBANK_DATABASE.")
@click.option("--check", "is_trial", is_flag=True, help="Only look for faults; found nothing.")
@clear_sentences
def found_command(file: Path, url: str | None, is_trial: bool) -> None:
    """Found a community from FILE (TOML); see docs/founding.md.

    Every fault of the file is named with its table, field and line. The community is founded
    whole or not at all, and a code that is in use is refused.
    """
    settings = read_settings(os.environ)
    if url:
        _require_url(url)
        settings = replace(settings, database_url=url)
    with open_database(settings) as database:
        try:
            plan = read_file(file, today=local_day(database.clock()))
            if is_trial:
                click.echo(f"{file.name} has no fault: {plan.name_zh} ({plan.code}).")
                return
            work = partial(found_with_slips, plan=plan)
            founded, slips = database.write(work, at_most_once=True)
        except PlanUnfit as why:
            raise click.ClickException(str(why)) from why
        except WrongState as why:
            sentence = (
                f"there is a community with the code {plan.code} already: nothing was changed."
            )
            raise click.ClickException(f"{file.name}: {sentence}") from why
        except BadInput as why:
            raise click.ClickException(f"{file.name}: {why}: nothing was changed.") from why
        database.learn_sizes()
    click.echo(
        f"{plan.name_zh} ({plan.code}) is founded: {len(founded.grid_ids)} grids,"
        f" {len(founded.building_ids)} buildings, {len(founded.store_ids)} shops and points,"
        f" {len(founded.item_ids)} items, {len(founded.service_ids)} services."
    )
    _tell(slips)


@click.command("set-up-code")
@clear_sentences
def set_up_code_command() -> None:
    """Print a new one-time code that opens the set-up pages of an empty database."""
    settings = read_settings(os.environ)
    with open_database(settings) as database:
        if not print_set_up_code(database, f"http://{LOOPBACK}:{settings.port}"):
            raise click.ClickException("There is a community already: the set-up is over.")


def print_set_up_code(database: Database, address: str) -> bool:
    """Print a code and where to type it; False if there is a community already."""
    code = make_code(database)
    if code is not None:
        click.echo(f"There is no community yet. Open {address}/set-up and type the code {code}")
    return code is not None


def _require_url(url: str) -> None:
    try:
        make_url(url)
    except ArgumentError:
        raise click.ClickException("--database: expected an address like sqlite:///… .") from None


def _tell(slips: tuple[FirstSlip, ...]) -> None:
    click.echo("Hand each of these people their own code; it is not shown again:")
    for slip in slips:
        click.echo(f"  {slip.name}  {slip.code}")
    click.echo("With it they choose their user name and password at /first, within 30 days.")
