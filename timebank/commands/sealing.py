"""``timebank seal`` seals what waits; ``timebank seal-key`` prints the verifier key."""

import os

import click

from timebank import sealer
from timebank.commands.opening import clear_sentences, open_database
from timebank.config import Settings, read_settings
from timebank.db import Database
from timebank.deeds.queries import communities
from timebank.sealing.actions import SealingStopped
from timebank.sealing.keys import Signer
from timebank.sealing.notes import origin_of
from timebank.sealing.queries import checkpoint_latest


def _signer(database: Database, settings: Settings) -> Signer:
    with database.reading() as session:
        return Signer.load(session, os.environ, settings.seal_key_file)


@click.command()
@clear_sentences
def seal() -> None:
    """Seal everything that waits, and print the newest checkpoint of each community."""
    settings = read_settings(os.environ)
    with open_database(settings) as database:
        try:
            sealer.seal_all(database, _signer(database, settings))
        except SealingStopped as why:
            raise click.ClickException(f"Sealing stopped: {why}") from why
        for note in _notes(database):
            click.echo(note)


def _notes(database: Database) -> list[str]:
    with database.reading() as session:
        found = [checkpoint_latest(session, community.id) for community in communities(session)]
    return [checkpoint.note for checkpoint in found if checkpoint is not None]


@click.command("seal-key")
@clear_sentences
def seal_key() -> None:
    """Print the verifier key (C2SP) of each community's log, for auditors."""
    settings = read_settings(os.environ)
    with open_database(settings) as database, database.reading() as session:
        signer = Signer.load(session, os.environ, settings.seal_key_file)
        for community in communities(session):
            click.echo(signer.verifier(origin_of(community.code)))
