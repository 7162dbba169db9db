"""``timebank calendar``: show the table of working days, and bring it up to date."""

import os
import secrets
import tomllib
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import click

from timebank.commands.opening import clear_sentences, open_database, the_community
from timebank.config import read_settings
from timebank.deeds.deed import Deed
from timebank.deeds.queries import working_days
from timebank.deeds.working_days import CalendarYear
from timebank.desk.calendar import take_calendar
from timebank.errors import BadInput
from timebank.subjects import work_kinds
from timebank.values import By, local_day


@click.group("calendar")
def calendar_command() -> None:
    """Show the table of working days, or bring it up to date."""


@calendar_command.command("show")
@clear_sentences
def show() -> None:
    """Say how far the table of working days reaches."""
    settings = read_settings(os.environ)
    with open_database(settings) as database:
        place = the_community(database, settings.community_code)
        with database.reading() as session:
            calendar = working_days(session, place.id)
    own = ", ".join(map(str, sorted(calendar.years))) or "none"
    click.echo(f"Known until {calendar.known_until_on}. Own years: {own}.")


@calendar_command.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@clear_sentences
def import_(file: Path) -> None:
    """Take the working days of a year from a TOML FILE; see docs/calendar.md.

    Open deadlines are computed again, and each change is recorded.
    """
    settings, new = read_settings(os.environ), read_year(file)
    with open_database(settings) as database:
        place = the_community(database, settings.community_code)
        by = By(community_id=place.id, client="cli:calendar", channel="job")
        key = secrets.token_urlsafe(16)
        try:
            taken = database.write(
                lambda session, now: take_calendar(
                    Deed(session, by, now, key), new=new, kinds=work_kinds()
                )
            )
        except BadInput as fault:
            raise click.ClickException(
                f"{file}: {fault.facts['field']} is not right ({fault.facts['why']})."
            ) from fault
        today = local_day(database.clock())
        with database.reading() as session:
            calendar = working_days(session, place.id)
    click.echo(f"Working days of {taken.year} are in force: {taken.changed} open deadlines moved.")
    click.echo(f"The table reaches to {calendar.known_until_on}.")
    if calendar.ends_soon(today):
        click.echo("It ends soon: import the next year too.")


def read_year(file: Path) -> CalendarYear:
    """Read the file of a year; a fault is one sentence with the file and the word."""
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeError) as fault:
        raise click.ClickException(f"{file}: {fault}.") from fault
    unknown = sorted(set(content) - {"year", "source", "rests", "works"})
    if unknown:
        raise click.ClickException(f"{file}: {unknown[0]} is no word of this file.")
    year, source = content.get("year"), content.get("source")
    if type(year) is not int or not isinstance(source, str):
        raise click.ClickException(f"{file}: a year and a source are needed.")
    rests, works = (tuple(_days(file, name, content.get(name, []))) for name in ("rests", "works"))
    return CalendarYear(year, source, rests, works)


def _days(file: Path, name: str, listed: Any) -> Iterator[date]:
    """Read single days, and spans such as ``2027-02-05/2027-02-11``."""
    for written in listed if isinstance(listed, list) else [listed]:
        first, _, last = str(written).partition("/")
        try:
            day, end = date.fromisoformat(first), date.fromisoformat(last or first)
        except ValueError as fault:
            raise click.ClickException(f"{file}: {name}: {written} is no day.") from fault
        if not day <= end <= day + timedelta(days=366):
            raise click.ClickException(f"{file}: {name}: {written} is no span of days.")
        while day <= end:
            yield day
            day += timedelta(days=1)
