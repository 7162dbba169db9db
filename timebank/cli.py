"""The ``timebank`` command: migrate, serve, kiosk, demo, play, check and more.

This is the top floor: it wires the parts together. Each command imports what it starts.
``launch.py`` starts and watches child processes.
"""

import os
import signal
import sys
import threading
from pathlib import Path

import click

from timebank import __version__, jobs, launch, sealer
from timebank.clock import require_plausible
from timebank.commands import sealing
from timebank.commands.calendar import calendar_command
from timebank.commands.checking import check_books_command, verify_receipt_command
from timebank.commands.drills import drills
from timebank.commands.exporting import export_command
from timebank.commands.fitness import check, recount
from timebank.commands.founding import found_command, print_set_up_code, set_up_code_command
from timebank.commands.keys import rotate_key_command
from timebank.commands.migrating import migrate_command
from timebank.commands.opening import clear_sentences, open_database
from timebank.commands.rights import who_may_command
from timebank.commands.saving import backup_command, drill_command, open_backup_command
from timebank.commands.second_factor import forget_factor_command
from timebank.commands.unlocking import unlock_command
from timebank.config import read_settings
from timebank.private_files import InUse, close_folder


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def main() -> None:
    """公益ATM · 社区互助: a community time bank and public-welfare ATM.

    Data is stored in TIMEBANK_DATA (default ./data); TIMEBANK_DATABASE selects another database.
    """


_end_with_stdin = click.option("--end-with-stdin", is_flag=True, hidden=True)


def _begin_service(end_with_stdin: bool) -> None:
    """Exit cleanly on SIGTERM, and when the parent process ends."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    if end_with_stdin:
        threading.Thread(target=launch.end_with_stdin, daemon=True).start()


@main.command()
@clear_sentences
def tidy() -> None:
    """Run the periodic jobs once: expire reservations, announcements, holds and lots.

    It may run at any time, and several times at once.
    """
    settings = read_settings(os.environ)
    with open_database(settings) as database:
        require_plausible(database, database.clock(), is_told_right=settings.is_clock_right)
        try:
            click.echo(f"{jobs.run_jobs(database)} jobs run.")
        except ExceptionGroup as group:
            faults = [
                f"{', '.join(exception.__notes__)}: {exception!r}" for exception in group.exceptions
            ]
            raise click.ClickException("\n".join(["Some jobs failed:", *faults])) from group


@main.command()
@click.option("--host", default=launch.LOOPBACK, show_default=True)
@click.option("--threads", type=int, help="By default 2 on SQLite, 8 on PostgreSQL.")
@_end_with_stdin
@clear_sentences
def serve(host: str, threads: int | None, end_with_stdin: bool) -> None:
    """Serve the web at PORT (8000)."""
    from web.app import create_app
    from web.server import make_server

    settings = read_settings(os.environ)
    launch.require_free_port(settings.port, "PORT")
    _begin_service(end_with_stdin)
    close_folder(settings.data)
    with launch.holding_database(settings.database_url):
        app = create_app()
        stopped = threading.Event()
        clock = (app.config["DATABASE"], stopped)
        threading.Thread(target=jobs.keep_running, args=clock, daemon=True).start()
        sealed = (app.config["DATABASE"], app.config["SIGNER"], stopped)
        threading.Thread(target=sealer.keep_sealing, args=sealed, daemon=True).start()
        threads = threads or settings.threads
        server = make_server(
            app, host=host, port=settings.port, threads=threads, has_proxies=bool(settings.proxies)
        )
        address = f"http://{host}:{settings.port}"
        click.echo(f"Serving at {address}")
        print_set_up_code(app.config["DATABASE"], address)
        server.run()


@main.command()
@click.option("--pair", "code", metavar="CODE", help="First join a shop with a one-time code.")
@_end_with_stdin
@clear_sentences
def kiosk(code: str | None, end_with_stdin: bool) -> None:
    """Run the agent of a kiosk at KIOSK_PORT (8100), on this machine only."""
    from kiosk import app
    from kiosk.config import read_config
    from kiosk.store import DiskUnfit

    config = read_config(os.environ)
    launch.require_free_port(config.port, "KIOSK_PORT")
    _begin_service(end_with_stdin)
    try:
        if code:
            app.pair(config, code)
        click.echo(f"Kiosk at http://{launch.LOOPBACK}:{config.port}")
        app.run(config)
    except (DiskUnfit, InUse) as why:
        raise launch.CannotStart(str(why)) from why


@main.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--twice", is_flag=True, help="Send every request twice; the second changes nothing.")
@click.option(
    "--database",
    "server_url",
    metavar="URL",
    help="Play on this server: each file on a new database beside the named one.",
)
@clear_sentences
def play(files: tuple[Path, ...], twice: bool, server_url: str | None) -> None:
    """Play worked scenarios (YAML) on a fresh database; see docs/scenarios.md."""
    from timebank.demo.player import play as play_files

    raise SystemExit(0 if play_files(list(files), twice=twice, server_url=server_url) else 1)


@main.command()
@click.option("--fresh", is_flag=True, help="Start over with new data.")
@click.option("--data-only", is_flag=True, help="Create the data; start no server.")
@clear_sentences
def demo(fresh: bool, data_only: bool) -> None:
    """Create and serve the sample community: data, web and kiosk, on this machine only."""
    from timebank.demo_server import prepare, show, stopping_on_signals

    settings = read_settings(os.environ)
    if not data_only:
        launch.require_free_port(settings.port, "PORT")
        launch.require_free_port(settings.kiosk_port, "KIOSK_PORT")
    with stopping_on_signals():
        prepare(settings, fresh=fresh)
        if not data_only:
            show(settings)


main.add_command(migrate_command)
main.add_command(found_command)
main.add_command(set_up_code_command)
main.add_command(check)
main.add_command(recount)
main.add_command(sealing.seal)
main.add_command(sealing.seal_key)
main.add_command(check_books_command)
main.add_command(export_command)
main.add_command(verify_receipt_command)
main.add_command(backup_command)
main.add_command(open_backup_command)
main.add_command(drill_command)
main.add_command(drills)
main.add_command(rotate_key_command)
main.add_command(who_may_command)
main.add_command(forget_factor_command)
main.add_command(unlock_command)
main.add_command(calendar_command)


if __name__ == "__main__":
    main(prog_name="timebank")
