"""The ``timebank`` command: migrate, serve, kiosk, demo, play, check.

It stands above everything and wires it together; each command imports what it starts.
What the processes do is theirs, how they are watched is in ``launch.py``.
"""

import os
import signal
import sys
import threading
from pathlib import Path

import click
from sqlalchemy import text

from timebank import __version__, clockwork, launch, schema
from timebank.commands import sealing
from timebank.commands.checking import check_books_command, verify_receipt_command
from timebank.commands.exporting import export_command
from timebank.commands.opening import clear_sentences, open_database
from timebank.commands.saving import backup_command, drill_command
from timebank.config import Settings, read_settings
from timebank.db import Database
from timebank.values import to_us


def _migrate(settings: Settings) -> None:
    settings.data.mkdir(parents=True, exist_ok=True)
    schema.migrate(settings.database_url)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def main() -> None:
    """公益ATM · 社区互助: a community time bank and public-welfare ATM.

    The data lies in TIMEBANK_DATA (./data); TIMEBANK_DATABASE names another database.
    """


@main.command()
@clear_sentences
def migrate() -> None:
    """Bring the database to the newest schema."""
    settings = read_settings(os.environ)
    _migrate(settings)
    click.echo(f"The database stands at {schema.newest_revision()}.")


@main.command()
@clear_sentences
def check() -> None:
    """Check that engine, schema and books are fit for service."""
    settings = read_settings(os.environ)
    with open_database(settings) as database:
        engine = database.engine
        _say("engine", f"{engine.dialect.name} {_engine_version(database)}")
        if not schema.is_current(settings.database_url):
            raise launch.CannotStart("The schema is not the newest: run `timebank migrate`.")
        _say("schema", str(schema.newest_revision()))
        _say("key", "opens")
        for code, commodities in _sums(database).items():
            _say(f"books of {code}", f"{commodities} commodities, each sums to zero")
        for code, count in _sheets(database).items():
            _say(f"sheets of {code}", f"{count} signed, each as the books hold it")
        for code, told in _sealing(database).items():
            _say(f"log of {code}", told)


def _say(what: str, found: str) -> None:
    click.echo(f"{click.style('✓', fg='green')} {what}: {found}")


def _engine_version(database: Database) -> str:
    asked = {"sqlite": "SELECT sqlite_version()", "postgresql": "SHOW server_version"}
    with database.reading() as session:
        return str(session.scalar(text(asked[database.engine.dialect.name])))


def _sums(database: Database) -> dict[str, int]:
    """Count the commodities of each community; a sum that is not zero ends the check."""
    from timebank.ledger.queries import sums_by_commodity
    from timebank.people.queries import communities

    found: dict[str, int] = {}
    with database.reading() as session:
        for community in communities(session):
            sums = sums_by_commodity(session, community.id)
            if wrong := sorted(code for code, sum_ in sums.items() if sum_ != (0, 0)):
                raise launch.CannotStart(
                    f"The books of {community.code} do not sum to zero: {wrong}"
                )
            found[community.code] = len(sums)
    return found


def _sheets(database: Database) -> dict[str, int]:
    """Count the signed sheets of each community; one that is not proved ends the check."""
    from timebank.closing.queries import sheet_faults, sheets_signed
    from timebank.people.queries import communities

    found: dict[str, int] = {}
    with database.reading() as session:
        for one in communities(session):
            for fault in sheet_faults(session, one.id):
                day = "" if fault.no is None else f", sheet {fault.no}"
                raise launch.CannotStart(
                    f"The days of {one.code}: store {fault.store_id}{day}: {fault.what}."
                )
            found[one.code] = sheets_signed(session, one.id).total()
    return found


def _sealing(database: Database) -> dict[str, str]:
    """Tell how far each community's books are sealed; an entry too few ends the check."""
    from timebank.people.queries import communities
    from timebank.sealing.queries import sealing_state

    found: dict[str, str] = {}
    with database.reading() as session:
        for one in communities(session):
            state = sealing_state(session, one.id)
            if not state.is_whole:
                raise launch.CannotStart(
                    f"The log of {one.code} holds {state.sealed} entries and {state.waiting} wait, "
                    f"but the books have {state.entries}."
                )
            age = (to_us(database.clock()) - (state.oldest_us or 0)) // 1_000_000
            since = f", the oldest for {age} s" if state.waiting else ""
            found[one.code] = f"{state.sealed} entries sealed, {state.waiting} wait{since}"
    return found


_end_with_stdin = click.option("--end-with-stdin", is_flag=True, hidden=True)


def _begin_service(end_with_stdin: bool) -> None:
    """Stop in order on SIGTERM too, and with the process that started us."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    if end_with_stdin:
        threading.Thread(target=launch.end_with_stdin, daemon=True).start()


@main.command()
@clear_sentences
def tidy() -> None:
    """Let go what ran out: reservations, announcements, expired lots. Safe at any time."""
    with open_database(read_settings(os.environ)) as database:
        try:
            click.echo(f"{clockwork.tick(database)} deeds looked after.")
        except ExceptionGroup as group:
            told = [f"{', '.join(one.__notes__)}: {one!r}" for one in group.exceptions]
            raise click.ClickException("\n".join(["Not all could be done.", *told])) from group


@main.command()
@click.option("--host", default=launch.LOOPBACK, show_default=True)
@click.option("--threads", default=8, show_default=True)
@_end_with_stdin
@clear_sentences
def serve(host: str, threads: int, end_with_stdin: bool) -> None:
    """Serve the web at PORT (8000)."""
    from waitress import serve as wait_upon

    from web.app import create_app

    settings = read_settings(os.environ)
    launch.require_free_port(settings.port, "PORT")
    _begin_service(end_with_stdin)
    app = create_app()
    stopped = threading.Event()
    clock = (app.config["DATABASE"], stopped)
    threading.Thread(target=clockwork.keep_ticking, args=clock, daemon=True).start()
    sealed = (app.config["DATABASE"], app.config["SIGNER"], stopped)
    threading.Thread(target=clockwork.keep_sealing, args=sealed, daemon=True).start()
    click.echo(f"Serving at http://{host}:{settings.port}")
    wait_upon(app, host=host, port=settings.port, threads=threads, ident=None)


@main.command()
@click.option("--pair", "code", metavar="CODE", help="Join a shop by its one-time code first.")
@_end_with_stdin
@clear_sentences
def kiosk(code: str | None, end_with_stdin: bool) -> None:
    """Run the agent of a touch screen at KIOSK_PORT (8100), on this machine only."""
    from kiosk import app
    from kiosk.config import read_config

    config = read_config(os.environ)
    launch.require_free_port(config.port, "KIOSK_PORT")
    _begin_service(end_with_stdin)
    if code:
        app.pair(config, code)
    click.echo(f"The kiosk answers at http://{launch.LOOPBACK}:{config.port}")
    app.run(config)


@main.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--twice", is_flag=True, help="Send every request twice: nothing may change.")
@clear_sentences
def play(files: tuple[Path, ...], twice: bool) -> None:
    """Play worked scenarios (YAML) against a fresh database; see docs/scenarios.md."""
    from timebank.demo.player import play as play_files

    raise SystemExit(0 if play_files(list(files), twice=twice) else 1)


@main.command()
@click.option("--fresh", is_flag=True, help="Start over with new data.")
@click.option("--data-only", is_flag=True, help="Make the data, start nothing.")
@clear_sentences
def demo(fresh: bool, data_only: bool) -> None:
    """Show the sample community: its data, the web and a kiosk, on this machine only."""
    from timebank.showing import prepare, show

    settings = read_settings(os.environ)
    if not data_only:
        launch.require_free_port(settings.port, "PORT")
        launch.require_free_port(settings.kiosk_port, "KIOSK_PORT")
    prepare(settings, fresh=fresh)
    if not data_only:
        show(settings)


main.add_command(sealing.seal)
main.add_command(sealing.seal_key)
main.add_command(check_books_command)
main.add_command(export_command)
main.add_command(verify_receipt_command)
main.add_command(backup_command)
main.add_command(drill_command)


if __name__ == "__main__":
    main(prog_name="timebank")
