"""``timebank check``: check that engine, schema and books are fit for service."""

import os
from collections.abc import Callable
from datetime import datetime

import click
from sqlalchemy import Table, text
from sqlalchemy.orm import Session

from timebank import catalogue, fitness, keyring, launch, schema
from timebank.closing.queries import sheet_faults, sheets_signed
from timebank.commands.opening import clear_sentences, open_database
from timebank.config import read_settings
from timebank.db import Database, kept_totals
from timebank.deeds.queries import communities, working_days
from timebank.ledger.queries import sums_by_commodity
from timebank.sealing.queries import sealing_state
from timebank.values import local_day, to_us
from timebank.vault.sealed import Sampled

MOST = 5  # Report at most so many changes of the schema.


@click.command()
@clear_sentences
def check() -> None:
    """Check that engine, schema and books are fit for service."""
    settings = read_settings(os.environ)
    with open_database(settings) as database:
        engine = database.engine
        _say("engine", f"{engine.dialect.name} {_engine_version(database)}")
        _check_schema(database)
        _say("schema", f"{schema.newest_revision()}, as migrated")
        _say("key", _key(database))
        _check_rows(database)
        _say("rows", "every foreign key refers to an existing row")
        _say("totals", f"{_check_totals(database)}, each equals the sum of its rows")
        for code, commodities in _sums(database).items():
            _say(f"books of {code}", f"{commodities} commodities, each sums to zero")
        for code, count in _sheets(database).items():
            _say(f"sheets of {code}", f"{count} signed, each matches the books")
        for code, checkpoint in _sealing(database).items():
            _say(f"log of {code}", checkpoint)
        _check_calendars(database)


def _say(what: str, found: str) -> None:
    click.echo(f"{click.style('✓', fg='green')} {what}: {found}")


def _warn(what: str, found: str) -> None:
    click.echo(f"{click.style('!', fg='yellow')} {what}: {found}")


def _check_calendars(database: Database) -> None:
    """Say how far each calendar reaches; warn before it ends, since deadlines then are guesses."""
    today = local_day(database.clock())
    with database.reading() as session:
        for community in communities(session):
            calendar = working_days(session, community.id)
            known = f"working days are known until {calendar.known_until_on}"
            if calendar.ends_soon(today):
                _warn(
                    f"calendar of {community.code}",
                    f"{known}; later deadlines are provisional. Import the days of"
                    f" {calendar.known_until_on.year + 1} with `timebank calendar import`.",
                )
            else:
                _say(f"calendar of {community.code}", known)


def _engine_version(database: Database) -> str:
    asked = {"sqlite": "SELECT sqlite_version()", "postgresql": "SHOW server_version"}
    with database.reading() as session:
        return str(session.scalar(text(asked[database.engine.dialect.name])))


def _check_schema(database: Database) -> None:
    """Fail if the schema differs from the migrations, since the rows are then unprotected."""
    url = database.engine.url.render_as_string(hide_password=False)
    with database.reading() as session:
        found = catalogue.strangers(session.connection(), url)
    if found:
        more = f"; and {len(found) - MOST} more" if len(found) > MOST else ""
        raise launch.CannotStart(
            f"The schema was changed: {'; '.join(found[:MOST])}{more}. The rows there are not"
            " protected. Run `timebank check-books`, find out who changed it, and restore it"
            " with the statements in migrations/versions."
        )


def _key(database: Database) -> str:
    """Open samples of every sealed column. Fail if a value cannot be read."""
    sampled = keyring.samples(database)
    spoilt = [sample for sample in sampled if sample.unreadable]
    if spoilt:
        raise launch.CannotStart(
            f"Sealed values cannot be read: {'; '.join(map(_unreadable, spoilt))}. They were"
            " changed, or sealed by another key. Pages show each as unreadable; restore the rows"
            " from a backup, or enter them again."
        )
    opened, values = (
        sum(sample.opened for sample in sampled),
        sum(sample.values for sample in sampled),
    )
    return f"right; {opened} of {values} sealed values were opened, from {len(sampled)} columns"


def _unreadable(found: Sampled) -> str:
    rows = found.unreadable
    more = f" and {len(rows) - MOST} more" if len(rows) > MOST else ""
    return f"{found.name} in {', '.join(rows[:MOST])}{more}"


def _check_rows(database: Database) -> None:
    """Fail if a foreign key refers to a row that does not exist."""
    with database.reading() as session:
        if found := list(fitness.dangling(session.connection())):
            raise launch.CannotStart(
                f"Rows are missing: {'; '.join(found)}. Restore a backup that has them."
            )


def _check_totals(database: Database) -> int:
    """Count the kept totals. Fail if one is not the sum of its rows."""
    with database.reading() as session:
        if found := list(fitness.wrong_totals(session.connection())):
            raise launch.CannotStart(
                f"Kept totals are wrong: {'; '.join(found)}. Pages show wrong figures; the books"
                " are not concerned. Run `timebank recount`, and find out who wrote there."
            )
    return len(fitness.kept_totals())


@click.command()
@clear_sentences
def recount() -> None:
    """Sum the kept totals again, if `timebank check` finds one wrong."""
    with open_database(read_settings(os.environ)) as database:
        for total in fitness.kept_totals():
            database.write(_recounting(total))
            click.echo(f"{total.name}: summed again")


def _recounting(total: Table) -> Callable[[Session, datetime], None]:
    return lambda session, now: kept_totals.recount(session.connection(), total)


def _sums(database: Database) -> dict[str, int]:
    """Count the commodities of each community. Fail if the sum of one is not zero."""
    counts: dict[str, int] = {}
    with database.reading() as session:
        for community in communities(session):
            sums = sums_by_commodity(session, community.id)
            if wrong := sorted(code for code, sum_ in sums.items() if sum_ != (0, 0)):
                raise launch.CannotStart(
                    f"The books of {community.code} do not sum to zero: {wrong}"
                )
            counts[community.code] = len(sums)
    return counts


def _sheets(database: Database) -> dict[str, int]:
    """Count the signed day sheets of each community. Fail if one does not match the books."""
    counts: dict[str, int] = {}
    with database.reading() as session:
        for community in communities(session):
            for fault in sheet_faults(session, community.id):
                day = "" if fault.no is None else f", sheet {fault.no}"
                raise launch.CannotStart(
                    f"A sheet of {community.code} is wrong:"
                    f" store {fault.store_id}{day}: {fault.what}."
                )
            counts[community.code] = sheets_signed(session, community.id).total()
    return counts


def _sealing(database: Database) -> dict[str, str]:
    """Report how far the books of each community are sealed. Fail if an entry is missing."""
    report: dict[str, str] = {}
    with database.reading() as session:
        for community in communities(session):
            state = sealing_state(session, community.id)
            if not state.is_whole:
                raise launch.CannotStart(
                    f"The log of {community.code} has {state.sealed} sealed and {state.waiting}"
                    f" waiting entries, but the books have {state.entries}."
                )
            age = (to_us(database.clock()) - (state.oldest_us or 0)) // 1_000_000
            since = f", the oldest for {age} s" if state.waiting else ""
            report[community.code] = f"{state.sealed} entries sealed, {state.waiting} wait{since}"
    return report
