"""``timebank forget-factor``: for somebody who lost both their phone and their recovery codes."""

import os

import click

from timebank.commands.opening import clear_sentences, open_database, the_community
from timebank.config import read_settings
from timebank.people.actions import forget_second_factor


@click.command("forget-factor")
@click.argument("login_name")
@clear_sentences
def forget_factor_command(login_name: str) -> None:
    """Take off the second factor of LOGIN_NAME, whose identity card you have seen.

    Their visits end, and a line in the audit trail says so. A role that needs a second factor sets
    up a new one at the next sign-in.
    """
    settings = read_settings(os.environ)
    with open_database(settings) as database:
        place = the_community(database, settings.community_code)
        is_done = forget_second_factor(database, community_id=place.id, login_name=login_name)
    if not is_done:
        raise click.ClickException(f"{login_name} has no second factor in {place.code}.")
    click.echo(f"The second factor of {login_name} is off, and their visits have ended.")
