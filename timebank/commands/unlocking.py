"""``timebank unlock``: let somebody try again whose sign-in is refused."""

import os

import click

from timebank.commands.opening import clear_sentences, open_database, the_community
from timebank.config import Settings, read_settings
from timebank.people.actions import unlock, unlock_address

_WORDS = {
    "name": "password", "code": "second factor", "card": "PIN with the typed card number",
    "scan": "PIN with the scanned card", "device": "known devices",
}  # fmt: skip


@click.command("unlock")
@click.option("--name", metavar="LOGIN_NAME", help="The person of this login name.")
@click.option("--card", metavar="NUMBER", help="The holder of this card.")
@click.option("--person", type=int, metavar="ID", help="The person of this id.")
@click.option("--address", metavar="IP", help="All strangers at this network address.")
@clear_sentences
def unlock_command(
    *, name: str | None, card: str | None, person: int | None, address: str | None
) -> None:
    """Forget failed sign-ins, so that somebody whose identity you have checked can try again.

    Passwords and PINs stay as they are. A line in the audit trail says what was freed.
    """
    if sum(given is not None for given in (name, card, person, address)) != 1:
        raise click.UsageError("Give one of --name, --card, --person and --address.")
    settings = read_settings(os.environ)
    if address is not None:
        click.echo(_unlock_address(settings, address))
    else:
        click.echo(_unlock_person(settings, name or "", card or "", person))


def _unlock_person(settings: Settings, name: str, card: str, person: int | None) -> str:
    with open_database(settings) as database:
        place = the_community(database, settings.community_code)
        done = unlock(
            database, community_id=place.id, login_name=name, card_no=card, person_id=person
        )
    if done is None:
        raise click.ClickException(f"Nobody of that name, card or id is known in {place.code}.")
    who = done.login_name or f"Person {done.person_id}"
    freed = [f"{_WORDS[kind]} ({count})" for kind, count in done.freed.items() if count]
    if not freed:
        return f"{who} had no failed attempts: nothing to free."
    return f"{who} can try again. Counts of failures that are gone: {', '.join(freed)}."


def _unlock_address(settings: Settings, address: str) -> str:
    from web.network import UNKNOWN, network_of

    source = network_of(address)
    if source == UNKNOWN:
        raise click.ClickException(f"{address} is no network address.")
    with open_database(settings) as database:
        place = the_community(database, settings.community_code)
        freed = unlock_address(database, community_id=place.id, source=source)
    if not freed:
        return f"No failed attempts from {source}: nothing to free."
    return f"Strangers at {source} can try again."
